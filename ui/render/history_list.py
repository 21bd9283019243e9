"""Renders the list of stored conversations as HTML. Pure functions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from index.updates.report import several
from ui.conversations.history import Entry
from ui.render.export import FORMATS
from ui.render.markup import day, join

_NAMES = {"md": "Markdown", "html": "HTML", "json": "JSON"}

_ENTRY = Markup(
    '<li class="entry{current}"><h3><button type="button" class="title" data-do="open" data-id="{id}" dir="auto">'
    '{title}</button></h3><p class="byline"><span>{count}</span> <time datetime="{used}">{day}</time>{here}</p>'
    '<p class="doings"><button type="button" class="link" data-do="rename" data-id="{id}" aria-label="Rename {title}">'
    'rename</button><span class="save">save as {exports}</span>'
    '<button type="button" class="link" data-do="remove" data-id="{id}" aria-label="Delete {title}">delete</button></p>'
    "</li>"
)

_EXPORT = Markup(
    '<button type="button" class="link" data-do="export" data-id="{id}" data-form="{form}" '
    'aria-label="Save {title} as {name}">{name}</button>'
)


def entries(shown: Sequence[Entry], words: str, current: str = "") -> Markup:
    """Returns the list; `words` is what was searched for, `current` the id of the open conversation."""
    if not shown:
        nothing = f"No conversation holds “{words.strip()}”." if words.strip() else "Nothing has been asked yet."
        return Markup('<p class="nothing">{}</p>').format(nothing)
    items = join(_entry(entry, current=entry.id == current) for entry in shown)
    return Markup('<ul class="entries" aria-label="Conversations">{}</ul>').format(items)


def download(name: str, text: str) -> Markup:
    """Returns a hidden element with a file, which the script saves; by the nonce it recognises a new one."""
    return Markup('<pre class="unseen" aria-hidden="true" data-name="{}" data-nonce="{}">{}</pre>').format(
        name, secrets.token_hex(4), text
    )


def _entry(entry: Entry, *, current: bool) -> Markup:
    return _ENTRY.format(
        id=entry.id,
        title=entry.title,
        current=" current" if current else "",
        count=several(entry.turns, "question"),
        used=entry.used,
        day=day(datetime.fromisoformat(entry.used).astimezone().date()),
        here=Markup(" <span>open now</span>") if current else "",
        exports=join(_EXPORT.format(id=entry.id, form=form, title=entry.title, name=_NAMES[form]) for form in FORMATS),
    )
