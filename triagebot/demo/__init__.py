"""A believable week, made up: people, colleagues and one incident, played through the real functions on an injected clock."""
