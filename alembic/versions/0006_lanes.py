"""People in a conversation come before strangers, and what is next is found without looking at all that waits.

Revision: 0006, after 0005
"""

import sqlalchemy as sa

from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    op.add_column('inbox', sa.Column('lane', sa.Integer(), nullable=False, server_default='0'))
    op.create_index('ix_inbox_next', 'inbox', ['lane', 'id'], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index('ix_outbox_next', 'outbox', ['priority', 'id'], sqlite_where=PENDING, postgresql_where=PENDING)


def downgrade() -> None:
    op.drop_index('ix_outbox_next', 'outbox')
    op.drop_index('ix_inbox_next', 'inbox')
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_column('lane')
