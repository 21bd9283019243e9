"""The paths of the interfaces for programs, without a proxy's prefix."""

API = "/api"
ARTICLES = f"{API}/articles"
DESCRIPTION = f"{API}/openapi.json"
OPENAI = "/v1"
MCP = "/mcp"
METRICS = "/metrics"
ALIVE = "/healthz"
READY = "/readyz"

OPEN = frozenset({ALIVE, READY})
"""Paths that need no account."""
