"""The HTTP server: routing, limits, health, metrics and the request log."""
