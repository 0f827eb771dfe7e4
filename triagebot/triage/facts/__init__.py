"""What people tell beside their problem. Nothing here trains: a change needs no new model."""
