"""SLA reports for people: figures from the event log, and the forms in which they are read. Definitions: docs/reports.md."""
