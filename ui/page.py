"""The page: its tabs, and what a browser sees first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import platformdirs

from index import Filters
from rag.chatbot import Chatbot
from rag.settings import APP
from ui import archive_tab, ask_tab, history_tab, render, settings_tab
from ui.asking import Asked
from ui.conversation import Conversation
from ui.parts import QUIET, html
from ui.workroom import Workroom


def build(
    chatbot: Asked,
    *,
    examples: Sequence[str] = (),
    filters: Filters = Filters(),  # noqa: B008 (frozen)
    folder: Path | None = None,
    private_addresses: bool = True,
    prefix: str = "",
) -> gr.Blocks:
    """The page over `chatbot`; `filters` are set at the start.

    Conversations and verdicts are kept in `folder`, the user's data folder without one. `prefix` is the path under
    which a proxy shows the page; see `Workroom` for `private_addresses`.
    """
    status = chatbot.index.status()
    room = Workroom(chatbot, folder or Path(platformdirs.user_data_dir(APP)), status.folder, private_addresses)
    with gr.Blocks(title="clippings", analytics_enabled=False, fill_width=True) as page:
        masthead = html(render.masthead(status, chatbot.model_name), "masthead")
        visitor = html("", "visitor")
        with gr.Tabs(selected="ask", elem_id="tabs") as tabs:
            with gr.Tab("Ask", id="ask") as ask:
                asks = ask_tab.lay_out(status.articles, examples, filters)
            with gr.Tab("History", id="history") as history:
                kept = history_tab.lay_out()
            with gr.Tab("Archive", id="archive") as stock:
                archive = archive_tab.lay_out()
            if isinstance(chatbot, Chatbot):
                with gr.Tab("Settings", id="settings") as settings:
                    chosen = settings_tab.lay_out(chatbot)
                settings_tab.wire(chosen, settings, masthead, room, chatbot)
        ask_tab.wire(asks, room)
        archive_tab.wire(archive, stock, masthead, room)
        history_tab.wire(kept, asks, tabs, history, room)

        def invite() -> str:
            now = room.status()
            return str(render.welcome(bool(examples), now.articles if now else 0))

        def load(asked: Conversation, request: gr.Request) -> dict[Any, Any]:
            name = dict(request.query_params).get("c", "")
            # Whoever was quick has asked already.
            shown = ask_tab.opened(asks, room, name, request) if name and not asked.turns else {}
            return shown | {
                masthead: str(render.masthead(room.status(), chatbot.model_name)),
                visitor: str(render.visitor(request.username, prefix)),
                asks.invitation: invite(),
            }

        shown = [masthead, visitor, asks.invitation, asks.conversation, *asks.changing]
        page.load(load, asks.conversation, shown, **QUIET)

        def look() -> dict[Any, Any]:
            """What may have changed since: by somebody else, or beside the page."""
            return {masthead: str(render.masthead(room.status(), chatbot.model_name)), asks.invitation: invite()}

        gr.on([ask.select, history.select, stock.select], look, None, [masthead, asks.invitation], queue=False, **QUIET)
    return page
