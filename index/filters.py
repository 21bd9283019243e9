"""Filters: which articles a search may return. Hard limits, applied before ranking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits on articles; None means no limit.

    `after` and `before` are inclusive dates of publication; an article without a date passes neither. `source` and
    `author` match a part of the name, whatever its case.
    """

    after: date | None = None
    before: date | None = None
    source: str | None = None
    author: str | None = None

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
