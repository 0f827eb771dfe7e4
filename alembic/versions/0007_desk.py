"""The desk: what is due and when, tags, putting off, incidents, being on call, who looks at what, signing in, the audit log.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
import sqlmodel

from alembic import op
from triagebot.store.columns import UtcDateTime


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TEXT = sqlmodel.sql.sqltypes.AutoString()
WEB = sa.text("channel = 'web'")
WAITING = sa.text("state = 'waiting'")
SNOOZED = sa.text('snoozed_until IS NOT NULL')


def id_():
    return sa.Column('id', BIG, primary_key=True, autoincrement=True, nullable=False)


def to(table, nullable=False):
    return sa.Column(f'{table}_id', BIG, sa.ForeignKey(f'{table}.id'), nullable=nullable)


def words(name):
    return sa.Column(name, TEXT, nullable=False)


def when(name, nullable=False):
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def json(name):
    return sa.Column(name, sa.JSON(), nullable=False)


def upgrade() -> None:
    op.create_table(
        'incident', id_(), words('title'), words('category'), words('platform'), words('state'), words('status_text'),
        words('opened_by'), words('resolved_by'), when('opened_at'), when('acknowledged_at', True), when('resolved_at', True))
    op.create_index('ix_incident_state', 'incident', ['state', 'opened_at'])
    op.add_column('agent', sa.Column('available', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('agent', when('assigned_at', True))
    with op.batch_alter_table('ticket', schema=None) as batch:
        batch.add_column(when('due_at', True))
        batch.add_column(sa.Column('due_metric', TEXT, nullable=False, server_default=''))
        batch.add_column(sa.Column('tags', TEXT, nullable=False, server_default=''))
        batch.add_column(when('snoozed_until', True))
        batch.add_column(sa.Column('incident_id', BIG, nullable=True))
        batch.create_foreign_key('fk_ticket_incident', 'incident', ['incident_id'], ['id'])
        batch.create_index('ix_ticket_incident_id', ['incident_id'])
        batch.create_index('ix_ticket_board', ['status', 'queue', 'due_at'])
        batch.create_index('ix_ticket_snoozed', ['snoozed_until'], sqlite_where=SNOOZED, postgresql_where=SNOOZED)
    # The next sweep looks at each of them and writes down what is due.
    op.execute("UPDATE ticket SET next_due_at = updated_at WHERE status IN ('queued', 'assigned', 'pending', 'on_hold')")
    op.create_index('ix_inbox_web', 'inbox', ['chat', 'id'], sqlite_where=WEB, postgresql_where=WEB)
    op.create_index('ix_outbox_web', 'outbox', ['chat', 'id'], sqlite_where=WEB, postgresql_where=WEB)
    op.create_table(
        'page', id_(), to('ticket'), to('agent'), sa.Column('round', sa.Integer(), nullable=False),
        sa.Column('step', sa.Integer(), nullable=False), words('state'), when('at'), when('until'),
        sa.UniqueConstraint('ticket_id', 'round', 'step'))
    op.create_index('ix_page_waiting', 'page', ['until'], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table(
        'presence', id_(), to('ticket'), to('agent'), when('seen_at'), words('draft'), when('draft_at', True),
        sa.UniqueConstraint('ticket_id', 'agent_id'))
    op.create_index('ix_presence_ticket_id', 'presence', ['ticket_id'])
    op.create_table(
        'one_time_link', id_(), words('purpose'), words('token_hash'), to('agent', True), json('data'), words('created_by'),
        when('created_at'), when('expires_at'), when('used_at', True), sa.UniqueConstraint('token_hash'))
    op.create_table(
        'web_session', id_(), words('key_hash'), to('agent'), words('csrf'), when('created_at'), when('seen_at'),
        when('expires_at'), sa.UniqueConstraint('key_hash'))
    op.create_index('ix_web_session_agent_id', 'web_session', ['agent_id'])
    op.create_table(
        'audit', sa.Column('id', BIG, primary_key=True, autoincrement=False), when('at'), words('actor'), words('action'),
        words('target'), words('outcome'), json('data'), words('previous'), words('hash'))
    op.create_table(
        'audit_head', sa.Column('id', sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column('last', BIG, nullable=False), words('hash'))
    append_only()


def append_only() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for change in ('UPDATE', 'DELETE'):
            op.execute(f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit BEGIN "
                       "SELECT RAISE(ABORT, 'the audit log is append only'); END")
        return
    op.execute("CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
               "BEGIN RAISE EXCEPTION 'the audit log is append only'; END $$")
    op.execute('CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit '
               'FOR EACH ROW EXECUTE FUNCTION audit_append_only()')


def downgrade() -> None:
    op.drop_table('audit_head')
    op.drop_table('audit')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION audit_append_only()')
    for table in ('web_session', 'one_time_link', 'presence', 'page'):
        op.drop_table(table)
    op.drop_index('ix_outbox_web', 'outbox')
    op.drop_index('ix_inbox_web', 'inbox')
    with op.batch_alter_table('ticket', schema=None) as batch:
        for index in ('ix_ticket_snoozed', 'ix_ticket_board', 'ix_ticket_incident_id'):
            batch.drop_index(index)
        batch.drop_constraint('fk_ticket_incident', type_='foreignkey')
        for column in ('incident_id', 'snoozed_until', 'tags', 'due_metric', 'due_at'):
            batch.drop_column(column)
    with op.batch_alter_table('agent', schema=None) as batch:
        batch.drop_column('assigned_at')
        batch.drop_column('available')
    op.drop_table('incident')
