"""Filters: which articles a search may return. Hard constraints, applied before ranking."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from index.cleaning.paragraphs import one_line
from index.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Filters:
    """Constraints on articles; None means no constraint.

    `after` and `before` are inclusive publication dates; an article without a date matches neither. `source` and
    `author` match a substring of the name, ignoring case. `sources` are whole names, of which one must be the
    article's; none means no constraint. A `datetime` is reduced to its date; an empty name means no constraint. Raises
    WrongUse for values of any other type.
    """

    after: date | None = None
    before: date | None = None
    source: str | None = None
    author: str | None = None
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("after", "before"):
            object.__setattr__(self, name, _day(name, getattr(self, name)))
        for name in ("source", "author"):
            object.__setattr__(self, name, _name(name, getattr(self, name)))
        if not isinstance(self.sources, tuple):
            raise WrongUse(f"The limit 'sources' takes a tuple of names, not {self.sources!r}.")
        object.__setattr__(self, "sources", tuple(filter(None, (_name("sources", name) for name in self.sources))))

    def sql(self) -> tuple[str, tuple[str, ...]]:
        """Returns an SQL condition on the `article` table and its parameters; an empty condition matches every article.

        It uses the SQL function `casefold`, which `connection` registers.
        """
        parts: list[tuple[str, str]] = []
        if self.after:
            parts.append(("article.published >= ?", self.after.isoformat()))
        if self.before:
            parts.append(("article.published <= ?", self.before.isoformat()))
        if self.source:
            parts.append(("instr(casefold(article.source), casefold(?)) > 0", self.source))
        if self.author:
            parts.append(("instr(casefold(article.author), casefold(?)) > 0", self.author))
        if self.sources:
            parts.append(("article.source IN (SELECT value FROM json_each(?))", json.dumps(self.sources)))
        return " AND ".join(condition for condition, _ in parts), tuple(value for _, value in parts)

    def __str__(self) -> str:
        """Description for users: "published from 2020-01-01, source Reuters"; empty without constraints."""
        parts = [
            f"published from {self.after}" if self.after else "",
            f"published until {self.before}" if self.before else "",
            f"source {self.source}" if self.source else "",
            f"author {self.author}" if self.author else "",
            f"source {' or '.join(self.sources)}" if self.sources else "",
        ]
        return ", ".join(part for part in parts if part)


def _day(name: str, value: object) -> date | None:
    if isinstance(value, datetime):  # is a date too, but would exclude the articles of its own day
        return value.date()
    if value is None or isinstance(value, date):
        return value
    raise WrongUse(f"The limit {name!r} takes a datetime.date, not {value!r}.")


def _name(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise WrongUse(f"The limit {name!r} takes a name, not {value!r}.")
    return one_line(value) or None  # normalised like the names in articles
