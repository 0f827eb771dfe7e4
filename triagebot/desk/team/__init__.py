"""The people who work at the desk: who they are, who has room, who is called, who looks at what."""
