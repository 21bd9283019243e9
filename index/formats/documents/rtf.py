"""Reads the text of an RTF file with striprtf. Runs in a child process (`sandbox`), like all formats of documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO

from striprtf.striprtf import rtf_to_text  # type: ignore[import-untyped,unused-ignore]

from index.formats.documents.document import COMMENT, Document, stated_author, stated_title
from index.plural import several

_FACT = re.compile(r"\{\\(?P<name>title|author)\s+(?P<value>[^{}]{1,1000})\}")
_COMMENT = re.compile(r"\{\\\*\\annotation\b")
_HEAD = 20_000


def read_rtf(file: BinaryIO) -> Document:
    """Reads an RTF file. Raises ValueError, with a message for users, if it cannot be read."""
    raw = file.read().decode("cp1252", errors="replace").lstrip("\ufeff\x00 \r\n")
    if not raw.startswith("{\\rtf"):
        raise ValueError("is no RTF file: it does not begin with {\\rtf")
    try:
        text = _plain(raw)
    except (LookupError, TypeError, OverflowError) as error:
        raise ValueError(f"is damaged: its RTF cannot be read ({error})") from error
    facts = {match["name"]: _plain("{\\rtf1\\ansi " + match["value"] + "}") for match in _FACT.finditer(raw[:_HEAD])}
    comments = len(_COMMENT.findall(raw))
    return Document(
        tuple(line for line in text.split("\n") if line.strip()),
        {"title": stated_title(facts.get("title", "")), "author": stated_author(facts.get("author", ""))},
        ((several(comments, "comment"), COMMENT),) if comments else (),
    )


def _plain(rtf: str) -> str:
    read: Callable[..., str] = rtf_to_text
    return read(rtf, encoding="cp1252", errors="replace")
