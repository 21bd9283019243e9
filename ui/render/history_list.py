"""Renders the list of stored conversations as HTML. Pure functions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from markupsafe import Markup

from ui.conversations.history import Entry
from ui.render.export import FORMATS
from ui.render.markup import rendered


def entries(shown: Sequence[Entry], words: str, current: str = "") -> Markup:
    """Returns the list; `words` is what was searched for, `current` the id of the open conversation."""
    return rendered("conversations.html", entries=shown, words=words.strip(), current=current, formats=FORMATS)


def download(name: str, text: str) -> Markup:
    """Returns a hidden element with a file, which the script saves; by the nonce it recognises a new one."""
    return rendered("download.html", name=name, text=text, nonce=secrets.token_hex(4))
