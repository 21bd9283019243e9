"""The interfaces for programs, on the page's port: HTTP (`/api`), OpenAI's protocol (`/v1`), MCP (`/mcp`).

    request -> Access (origin, user) -> Desk -> the one Chatbot -> steps -> the interface's own format

`ui.server.app` routes requests to them before the page. They decide nothing about an answer; that is done in `rag`.
"""
