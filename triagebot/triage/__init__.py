"""The brain: what a person said -> what it is about, how sure that is, and what to do. Pure; no store, no network."""
