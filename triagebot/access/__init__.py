"""Who may come in, and what was done: one-time links, sessions of browsers, the audit log."""
