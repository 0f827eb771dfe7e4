"""The conversation with a person: a pure step over a table of states, and the one transaction that makes it true."""
