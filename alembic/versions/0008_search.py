"""Full text search over what was said at tickets: the index, filled from the log. The board reads one index only.

Revision: 0008, after 0007
"""

from alembic import op
from triagebot.desk.finding import indexing
from triagebot.store import passages


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def board(*columns) -> None:
    op.drop_index('ix_ticket_board', 'ticket')
    op.create_index('ix_ticket_board', 'ticket', list(columns))


def upgrade() -> None:
    board('status', 'queue', 'priority', 'due_at')
    passages.create(op.get_bind())
    indexing.fill(op.get_bind())
    passages.filled(op.get_bind())


def downgrade() -> None:
    board('status', 'queue', 'due_at')
    passages.drop(op.get_bind())
