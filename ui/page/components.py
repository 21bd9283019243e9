"""Functions and constants that all parts of the page use."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import gradio as gr

AT_ONCE = 32
"""Maximum number of questions that run at the same time, over all tabs; more wait. Retrieval is fast, the model answers
one at a time."""

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of events: without Gradio's own progress display, and not callable through its API."""


def asset(name: str) -> str:
    """Returns the text of a static file that browsers load: `style.css`, `page.js`."""
    return files("ui.page").joinpath("static", name).read_text(encoding="utf-8")


def html(value: str, name: str, *, scripted: bool = False) -> gr.HTML:
    """Returns HTML of our own, without Gradio's styles; `scripted` if `page.js` is to handle its events."""
    script = asset("page.js") if scripted else None
    return gr.HTML(str(value), elem_id=name, js_on_load=script, apply_default_css=False)


def or_skip(markup: str | None) -> Any:
    """Returns the markup for an output; None leaves the output unchanged."""
    return gr.skip() if markup is None else str(markup)
