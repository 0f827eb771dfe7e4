"""Incidents have a story, a beginning and parts; silences; what the detector has learned; who wants to hear of what.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from triagebot.store.columns import UtcDateTime


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TEXT = sqlmodel.sql.sqltypes.AutoString()
ALERT = sa.text('alert_at IS NOT NULL')
NEXT = sa.text('next_at IS NOT NULL')
REPORTED = sa.text("type IN ('opened', 'classified', 'category_changed')")


def id_():
    return sa.Column('id', BIG, primary_key=True, autoincrement=True, nullable=False)


def words(name):
    return sa.Column(name, TEXT, nullable=False)


def when(name, nullable=False):
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table('incident', schema=None) as batch:
        for name in ('signature', 'app_version'):
            batch.add_column(sa.Column(name, TEXT, nullable=False, server_default=''))
        for name in ('since', 'calm_at', 'alert_at'):
            batch.add_column(when(name, True))
        batch.add_column(sa.Column('covered_by', BIG, nullable=True))
        batch.add_column(sa.Column('alerts', sa.Integer(), nullable=False, server_default='0'))
        batch.create_foreign_key('fk_incident_covered_by', 'incident', ['covered_by'], ['id'])
        batch.create_index('ix_incident_covered_by', ['covered_by'])
        batch.create_index('ix_incident_alert', ['alert_at'], sqlite_where=ALERT, postgresql_where=ALERT)
    op.create_table(
        'incident_event', id_(), sa.Column('incident_id', BIG, sa.ForeignKey('incident.id'), nullable=False), when('at'),
        words('type'), words('actor'), sa.Column('data', sa.JSON(), nullable=False))
    op.create_index('ix_incident_event', 'incident_event', ['incident_id', 'id'])
    op.create_table(
        'silence', id_(), words('category'), words('platform'), words('reason'), words('by'), when('at'), when('until'),
        when('ended_at', True))
    op.create_index('ix_silence_until', 'silence', ['until'])
    op.create_table(
        'series_state', sa.Column('key', TEXT, primary_key=True, nullable=False), when('at'),
        sa.Column('data', sa.JSON(), nullable=False))
    op.create_table(
        'watch', id_(), sa.Column('conversation_id', BIG, sa.ForeignKey('conversation.id'), nullable=False), words('kind'),
        words('platform'), sa.Column('months', sa.Integer(), nullable=False), words('state'), when('next_at', True),
        sa.Column('incident_id', BIG, sa.ForeignKey('incident.id'), nullable=True),
        sa.Column('heard', sa.Boolean(), nullable=False), when('told_at', True), when('created_at'),
        sa.UniqueConstraint('conversation_id', 'kind', 'platform'))
    for name in ('conversation_id', 'incident_id'):
        op.create_index(f'ix_watch_{name}', 'watch', [name])
    op.create_index('ix_watch_next', 'watch', ['next_at'], sqlite_where=NEXT, postgresql_where=NEXT)
    op.create_index('ix_event_reports', 'event', ['at'], sqlite_where=REPORTED, postgresql_where=REPORTED)


def downgrade() -> None:
    op.drop_index('ix_event_reports', 'event')
    for table in ('watch', 'series_state', 'silence', 'incident_event'):
        op.drop_table(table)
    with op.batch_alter_table('incident', schema=None) as batch:
        batch.drop_index('ix_incident_alert')
        batch.drop_index('ix_incident_covered_by')
        batch.drop_constraint('fk_incident_covered_by', type_='foreignkey')
        for name in ('alerts', 'covered_by', 'alert_at', 'calm_at', 'since', 'app_version', 'signature'):
            batch.drop_column(name)
