"""Many people at once: from a stream of reports to surges, and when each began. Pure: no database, no clock, no network."""
