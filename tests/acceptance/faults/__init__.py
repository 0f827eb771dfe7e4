"""What may go wrong, on purpose, by name, with real processes and real databases. The table of what was seen is docs/reliability.md."""
