"""Dead letters are found without looking through everything that ever came and went.

Revision: 0005, after 0004
"""

import sqlalchemy as sa

from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

DEAD = sa.text("state = 'dead'")


def upgrade() -> None:
    op.create_index('ix_inbox_dead', 'inbox', ['done_at'], sqlite_where=DEAD, postgresql_where=DEAD)
    op.create_index('ix_outbox_dead', 'outbox', ['sent_at'], sqlite_where=DEAD, postgresql_where=DEAD)


def downgrade() -> None:
    op.drop_index('ix_outbox_dead', 'outbox')
    op.drop_index('ix_inbox_dead', 'inbox')
