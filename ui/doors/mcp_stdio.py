"""MCP over standard input and output, for an assistant on this machine that starts `clippings mcp` itself."""

from __future__ import annotations

from importlib.util import find_spec

from index.errors import CannotRun
from rag import Chatbot


def serve(chatbot: Chatbot) -> None:
    """Serve until the assistant closes standard input. Raises CannotRun if the package `mcp` is not installed."""
    if find_spec("mcp") is None:
        raise CannotRun("MCP needs another package. Install it with: pip install 'clippings[mcp]'")
    from ui.doors.articles import Shelf
    from ui.doors.mcp_server import server
    from ui.doors.questions import Desk

    server(Desk(chatbot), Shelf(chatbot.index, private_addresses=True)).run("stdio")
