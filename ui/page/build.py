"""Builds the page from its tabs, and fills in what a browser sees first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import platformdirs

from index import Filters
from rag.chatbot import Chatbot
from rag.settings import APP
from ui.conversations.conversation import Conversation
from ui.page import archive_tab, ask_tab, history_tab, settings_tab
from ui.page.ask_flow import Asked
from ui.page.components import QUIET, html
from ui.page.context import Workroom
from ui.render import turns


def build(
    chatbot: Asked,
    *,
    examples: Sequence[str] = (),
    filters: Filters = Filters(),  # noqa: B008 (frozen)
    folder: Path | None = None,
    private_addresses: bool = True,
    prefix: str = "",
) -> gr.Blocks:
    """Returns the page for `chatbot`; `filters` are the limits set at the start.

    Conversations and verdicts are stored in `folder`, by default the user's data folder. `prefix` is the path under
    which a proxy serves the page; see `Workroom` for `private_addresses`.
    """
    status = chatbot.index.status()
    room = Workroom(chatbot, folder or Path(platformdirs.user_data_dir(APP)), status.folder, private_addresses)
    with gr.Blocks(title="clippings", analytics_enabled=False, fill_width=True) as page:
        masthead = html(turns.masthead(status, chatbot.model_name), "masthead")
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
            return str(turns.welcome(bool(examples), now.articles if now else 0))

        def load(asked: Conversation, request: gr.Request) -> dict[Any, Any]:
            name = dict(request.query_params).get("c", "")
            # A quick visitor may have asked already.
            shown = ask_tab.opened(asks, room, name, request) if name and not asked.turns else {}
            return shown | {
                masthead: str(turns.masthead(room.status(), chatbot.model_name)),
                visitor: str(turns.visitor(request.username, prefix)),
                asks.invitation: invite(),
            }

        shown = [masthead, visitor, asks.invitation, asks.conversation, *asks.changing]
        page.load(load, asks.conversation, shown, **QUIET)

        def look() -> dict[Any, Any]:
            """Returns what may have changed meanwhile, by other users or outside of the page."""
            return {masthead: str(turns.masthead(room.status(), chatbot.model_name)), asks.invitation: invite()}

        gr.on([ask.select, history.select, stock.select], look, None, [masthead, asks.invitation], queue=False, **QUIET)
    return page
