"""The web desk: where agents and supervisors work all day."""
