"""Builds the page from its tabs, and fills in what a browser sees first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import platformdirs

from index import Filters
from index.errors import ClippingsError
from rag.chatbot import Chatbot
from rag.settings import APP
from ui.archive.catalogue import Catalogue
from ui.conversations.conversation import Conversation
from ui.page import archive_tab, ask_tab, history_tab, rail, settings_tab
from ui.page.ask_flow import Asked
from ui.page.ask_tab import AskTab
from ui.page.components import QUIET, html
from ui.page.context import Workroom
from ui.page.filter_boxes import Typed, filters_so_far
from ui.page.rail import Rail
from ui.render import limits, turns
from ui.render.markup import rendered


def build(
    chatbot: Asked,
    *,
    filters: Filters = Filters(),
    folder: Path | None = None,
    private_addresses: bool = True,
    prefix: str = "",
) -> gr.Blocks:
    """Returns the page for `chatbot`; `filters` are the limits set at the start.

    Conversations and verdicts are stored in `folder`, by default the user's data folder. `prefix` is the path under
    which a proxy serves the page; see `Workroom` for `private_addresses`.
    """
    status = chatbot.index.status()
    catalogue = Catalogue(chatbot.index)
    room = Workroom(chatbot, folder or Path(platformdirs.user_data_dir(APP)), status.folder, private_addresses)
    with gr.Blocks(title="clippings", analytics_enabled=False, fill_width=True) as page:
        html(rendered("skip.html"), "skip")
        masthead = html(turns.masthead(status, chatbot.model_name), "masthead")
        visitor = html("", "visitor")
        with gr.Row(elem_id="room", equal_height=False):
            side = rail.lay_out(catalogue, filters)
            with gr.Column(elem_id="main", min_width=0), gr.Tabs(selected="ask", elem_id="tabs") as tabs:
                with gr.Tab("Ask", id="ask") as ask:
                    asks = ask_tab.lay_out(status.articles)
                with gr.Tab("History", id="history") as history:
                    kept = history_tab.lay_out()
                with gr.Tab("Archive", id="archive") as stock:
                    archive = archive_tab.lay_out()
                if isinstance(chatbot, Chatbot):
                    with gr.Tab("Settings", id="settings") as settings:
                        chosen = settings_tab.lay_out(chatbot)
                    settings_tab.wire(chosen, settings, masthead, room, chatbot)
        rail.wire(side, [asks.chips, archive.chips])
        ask_tab.wire(asks, side, room)
        archive_tab.wire(archive, stock, masthead, side, room, catalogue)
        history_tab.wire(kept, asks, tabs, history, side, room)
        _wire_loading(page, masthead, visitor, asks, side, room, catalogue, prefix)

        def look() -> dict[Any, Any]:
            """Returns what may have changed meanwhile, by other users or outside of the page."""
            return {masthead: str(turns.masthead(room.status(), chatbot.model_name)), asks.invitation: _invite(room)}

        gr.on([ask.select, history.select, stock.select], look, None, [masthead, asks.invitation], queue=False, **QUIET)
    return page


def _invite(room: Workroom) -> str:
    now = room.status()
    return str(turns.welcome(now.articles if now else 0))


def _wire_loading(
    page: gr.Blocks,
    masthead: gr.HTML,
    visitor: gr.HTML,
    asks: AskTab,
    side: Rail,
    room: Workroom,
    catalogue: Catalogue,
    prefix: str,
) -> None:
    """Fill in what depends on the visitor and on the archive as it is now, once the page is there."""

    def load(asked: Conversation, request: gr.Request, *given: Any) -> dict[Any, Any]:
        name = dict(request.query_params).get("c", "")
        # A quick visitor may have asked already.
        shown = ask_tab.opened(asks, room, name, request) if name and not asked.turns else {}
        return shown | {
            masthead: str(turns.masthead(room.status(), room.chatbot.model_name)),
            visitor: str(turns.visitor(request.username, prefix)),
            asks.invitation: _invite(room),
            asks.chips: str(limits.chips(filters_so_far(Typed.of(*given)))),
        }

    def survey(asked: Conversation, request: gr.Request) -> dict[Any, Any]:
        try:
            shown = rail.refreshed(side, catalogue)
        except ClippingsError:
            shown = {}  # the masthead says that the index cannot be read
        return shown | {side.conversations: rail.latest(room, asked, request)}

    def offer() -> str:
        try:
            return str(turns.openings(room.chatbot.opening_questions()))
        except ClippingsError:
            return ""

    shown = [masthead, visitor, asks.invitation, asks.conversation, asks.chips, *asks.changing]
    page.load(load, [asks.conversation, *side.boxes], shown, **QUIET)
    page.load(survey, asks.conversation, [*side.view, side.conversations], **QUIET)
    gr.on([page.load, asks.invitation.change], offer, None, asks.openings, **QUIET)
