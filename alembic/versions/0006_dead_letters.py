"""Dead letters are found and counted without looking at everything that was ever handled.

Revision: 0006, after 0004
"""

import sqlalchemy as sa

from alembic import op


revision = '0006'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for box in ('inbox', 'outbox'):
        dead = sa.text("state = 'dead'")
        op.create_index(f'ix_{box}_dead', box, ['id'], unique=False, sqlite_where=dead, postgresql_where=dead)


def downgrade() -> None:
    for box in ('outbox', 'inbox'):
        op.drop_index(f'ix_{box}_dead', table_name=box)
