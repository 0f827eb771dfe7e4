"""Scheduled reports, once each.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
import sqlmodel  # noqa: F401

import triagebot.store.columns
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('report_sent',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('audience', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', triagebot.store.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('at', triagebot.store.columns.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('audience', 'until')
    )


def downgrade() -> None:
    op.drop_table('report_sent')
