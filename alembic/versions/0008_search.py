"""Full text search over what was said at tickets: the index, filled from the log.

Revision: 0008, after 0007
"""

from alembic import op
from triagebot.desk import indexing
from triagebot.store import passages


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    passages.create(op.get_bind())
    indexing.fill(op.get_bind())
    passages.filled(op.get_bind())


def downgrade() -> None:
    passages.drop(op.get_bind())
