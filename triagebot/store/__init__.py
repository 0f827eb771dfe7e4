"""The database: one door for writing, one for reading, the inbox, the outbox, leases, migrations."""
