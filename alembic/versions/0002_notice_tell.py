"""Whom a step of a clock concerns, and when they are to hear of it.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
import sqlmodel  # noqa: F401

import triagebot.store.columns
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tell', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('tell_at', triagebot.store.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_notice_tell', ['tell_at'], unique=False, sqlite_where=sa.text('tell_at IS NOT NULL'), postgresql_where=sa.text('tell_at IS NOT NULL'))


def downgrade() -> None:
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_tell', sqlite_where=sa.text('tell_at IS NOT NULL'), postgresql_where=sa.text('tell_at IS NOT NULL'))
        batch_op.drop_column('tell_at')
        batch_op.drop_column('tell')
