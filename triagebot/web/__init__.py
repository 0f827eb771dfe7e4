"""One ASGI app: what networks post to us, health, metrics."""
