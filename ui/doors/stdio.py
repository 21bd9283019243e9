"""MCP over standard input and output, for an assistant on this machine that starts `clippings mcp` itself."""

from __future__ import annotations

from importlib.util import find_spec

from index.errors import CannotRun
from rag import Chatbot


def serve(chatbot: Chatbot) -> None:
    """Serve until the assistant closes standard input. CannotRun if the package for it is not installed."""
    if find_spec("mcp") is None:
        raise CannotRun("MCP needs another package. Install it with: pip install 'clippings[mcp]'")
    from ui.doors.desk import Desk
    from ui.doors.mcp_tools import server
    from ui.doors.shelf import Shelf

    server(Desk(chatbot), Shelf(chatbot.index, private_addresses=True)).run("stdio")
