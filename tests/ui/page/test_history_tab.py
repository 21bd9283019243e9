"""What the tab “History” says when the file of conversations cannot be read or written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from browser.scripted import ScriptedChatbot

from ui.conversations.conversation import Conversation
from ui.conversations.history import FILE
from ui.page.build import build

VISITOR = SimpleNamespace(username="ann", cookies={})
CHOSEN = SimpleNamespace(id="some-id")
HISTORY_TAB = "ui.page.history_tab"


@pytest.mark.parametrize(
    ("handler", "arguments"),
    [
        ("rename", [CHOSEN, VISITOR]),
        ("remove", [CHOSEN, VISITOR]),
        ("save", [Conversation(), "some-id", "New name", "", VISITOR]),
        ("delete", [Conversation(), "some-id", "", VISITOR]),
    ],
)
def test_a_damaged_file_is_reported(tmp_path: Path, handler: str, arguments: list[Any]) -> None:
    (tmp_path / FILE).write_text("this is no database, and no conversation is in it")

    # Within a running loop, because Gradio makes one wherever there is none and never closes it.
    async def built() -> gr.Blocks:
        return build(ScriptedChatbot(), folder=tmp_path)

    page = asyncio.run(built())
    (function,) = {
        each.fn for each in page.fns.values() if (each.fn.__module__, each.fn.__name__) == (HISTORY_TAB, handler)
    }
    shown = {part.elem_id: said for part, said in function(*arguments).items()}
    assert f"The conversations in {tmp_path / FILE} cannot be read or written" in shown["history-notice"]
