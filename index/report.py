"""What long work says while it runs, and what it has done at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from index.errors import UnreadableFile


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an update is: `done` of `total` units of the `stage`, and how many articles that was.

    Stages: "reading" (files), "cutting" (articles into passages), "embedding" (passages).
    """

    stage: str
    done: int
    total: int
    articles: int = 0


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Move:
    """An article that is now found under another uri, with the same content."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Partly:
    """An article of which something could not be read, and what; the rest is indexed."""

    uri: str
    missing: str


@dataclass(slots=True)
class UpdateReport:
    """What an update did, by article uri (for failures, by file or row).

    `gone` are articles whose file is not there any more, and which were kept, because pruning was not asked for;
    `partly` those of the articles read now that could not be read whole. `passed_over` counts files of other formats
    by suffix.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    failed: list[UnreadableFile] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)
    partly: list[Partly] = field(default_factory=list)
    embedded: int = 0
    version: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many articles of each kind."""
        kinds = ("added", "changed", "unchanged", "moved", "removed", "gone", "failed")
        return {kind: len(getattr(self, kind)) for kind in kinds}

    def __str__(self) -> str:
        """One line for people."""
        counts = self.counts
        gone = counts.pop("gone")
        kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        kept = f"; {gone} whose file is gone are kept (--prune removes them)" if gone else ""
        part = f"; {len(self.partly)} read in part" if self.partly else ""
        return f"{kinds}{part}; {several(self.embedded, 'passage')} embedded; index version {self.version}{kept}"


def several(count: int, thing: str) -> str:
    """A number with what it counts: "1 article", "2,000 articles"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
