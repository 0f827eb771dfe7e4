"""The arithmetic of promises, pure: durations, calendars, policies, clocks. No database, no clock of its own."""
