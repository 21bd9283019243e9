"""Filters: which articles a search may return. Hard limits, applied before ranking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from index.errors import WrongUse
from index.paragraphs import one_line


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits on articles; None means no limit.

    `after` and `before` are inclusive dates of publication; an article without a date passes neither. `source` and
    `author` match a part of the name, whatever its case. A moment (`datetime`) stands for its day, an empty name for no
    limit. Raises WrongUse for anything else.
    """

    after: date | None = None
    before: date | None = None
    source: str | None = None
    author: str | None = None

    def __post_init__(self) -> None:
        for name in ("after", "before"):
            object.__setattr__(self, name, _day(name, getattr(self, name)))
        for name in ("source", "author"):
            object.__setattr__(self, name, _name(name, getattr(self, name)))

    def sql(self) -> tuple[str, tuple[str, ...]]:
        """Condition on the `article` table with its values; an empty condition lets everything through.

        It uses the function `casefold`, which `Store` gives its connections.
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
        return " AND ".join(condition for condition, _ in parts), tuple(value for _, value in parts)

    def __str__(self) -> str:
        """For people: "published from 2020-01-01, source Reuters"; empty without limits."""
        parts = [
            f"published from {self.after}" if self.after else "",
            f"published until {self.before}" if self.before else "",
            f"source {self.source}" if self.source else "",
            f"author {self.author}" if self.author else "",
        ]
        return ", ".join(part for part in parts if part)


def _day(name: str, value: object) -> date | None:
    if isinstance(value, datetime):  # which is a date as well, but would leave out the articles of its own day
        return value.date()
    if value is None or isinstance(value, date):
        return value
    raise WrongUse(f"The limit {name!r} takes a datetime.date, not {value!r}.")


def _name(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise WrongUse(f"The limit {name!r} takes a name, not {value!r}.")
    return one_line(value) or None  # as the names in articles are written
