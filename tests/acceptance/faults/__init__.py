"""What may go wrong, on purpose, by name, with real processes and real databases. docs/reliability.md is what was seen."""
