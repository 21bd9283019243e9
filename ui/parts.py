"""What all parts of the page are made with."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import gradio as gr

AT_ONCE = 32
"""Questions answered at the same time, over all tabs; more wait. Evidence is quick, the model does one by one."""

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Events without Gradio's own progress display, and not callable from outside."""


def asset(name: str) -> str:
    """A file of this package: `style.css`, `page.js`."""
    return files("ui").joinpath(name).read_text(encoding="utf-8")


def html(value: str, name: str, *, scripted: bool = False) -> gr.HTML:
    """HTML of our own, without Gradio's styles; `scripted` if `page.js` has something to do there."""
    script = asset("page.js") if scripted else None
    return gr.HTML(str(value), elem_id=name, js_on_load=script, apply_default_css=False)


def or_skip(markup: str | None) -> Any:
    """The markup for an output; nothing changes for None."""
    return gr.skip() if markup is None else str(markup)
