"""The doors for programs, on the page's port: HTTP (`/api`), OpenAI's protocol (`/v1`), MCP (`/mcp`); and who may pass.

    request -> Access (from here? who is it?) -> Desk -> the one Chatbot -> steps -> that door's own words

`front` puts them before the page. No door decides anything about an answer; that is `rag`.
"""
