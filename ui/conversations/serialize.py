"""Converts a Turn to plain values for the database, and back.

The articles of its passages are separate, each under a hash of its content, so that a conversation that shows an
article ten times stores it once. Missing fields, which a later version added, get their defaults; unknown ones are
ignored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from index import Article
from rag.answer import Outcome
from ui.conversations.conversation import Turn

Plain = dict[str, Any]


def pack(turn: Turn) -> tuple[Plain, dict[str, Plain]]:
    """Returns the turn, and the articles of its passages by key; both are ready for `json.dumps`."""
    articles: dict[str, Plain] = {}
    return _fields(turn, articles), articles


def unpack(turn: Plain, articles: Mapping[str, Plain]) -> Turn:
    """Returns the turn that `pack` was given. Raises KeyError, ValueError or TypeError for anything else."""
    made: Turn = _made(Turn, _renewed(turn), articles)
    return made


def _renewed(turn: Plain) -> Plain:
    """Converts a turn that an earlier version stored to the form that this version stores.

    The earlier one had the question as searched for as a text, `standalone`, and in the answer a `reason` instead of an
    outcome.
    """
    if "standalone" not in turn:
        return turn
    searched = turn["standalone"]
    understood = {"typed": turn["question"], "corrected": "" if searched == turn["question"] else searched}
    renewed = turn | {"understood": understood if searched else None}
    answer = turn["answer"]
    if answer is None:
        return renewed
    outcome = Outcome.NOT_SAID if answer["refused"] else Outcome.ANSWERED
    lead = {"lead": answer["reason"], "listed": answer.get("listed", False)}
    return renewed | lead | {"answer": answer | lead | {"asked": understood, "outcome": outcome.value}}


def _plain(value: Any, articles: dict[str, Plain]) -> Any:
    if isinstance(value, Article):
        key = hashlib.sha256(f"{value.uri} {value.sha256}".encode()).hexdigest()[:32]
        articles[key] = _fields(value, {})
        return key
    if is_dataclass(value):
        return _fields(value, articles)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(part, articles) for part in value]
    return value


def _fields(value: Any, articles: dict[str, Plain]) -> Plain:
    return {field.name: _plain(getattr(value, field.name), articles) for field in fields(value)}


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


RENAMED = {"origin": "level"}
"""Fields that earlier versions stored under another name, by the earlier name."""


def _made(kind: Any, value: Any, articles: Mapping[str, Plain]) -> Any:
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (option for option in get_args(kind) if option is not type(None))
        return None if value is None else _made(kind, value, articles)
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        kinds = kinds[:1] * len(value) if kinds[-1] is Ellipsis else kinds
        return tuple(_made(each, part, articles) for each, part in zip(kinds, value, strict=True))
    if kind is Article and isinstance(value, str):
        return _made(Article, articles[value], {})
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]  # a class, which can be hashed
        value = {RENAMED.get(name, name): part for name, part in value.items()}
        known = [field.name for field in fields(kind) if field.name in value]
        return kind(**{name: _made(hints[name], value[name], articles) for name in known})  # type: ignore[operator]
    if issubclass(kind, Enum):
        return kind(value)
    return date.fromisoformat(value) if kind is date else value
