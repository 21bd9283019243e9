"""The progress reports of long operations, and the report on the result of an update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from index.errors import UnreadableFile
from index.plural import several


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an update: `done` of `total` units of the `stage`, and the number of articles that this equals.

    Stages: "reading" (files), "cutting" (articles into passages), "embedding" (passages).
    """

    stage: str
    done: int
    total: int
    articles: int = 0


ProgressCallback = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Ignores progress reports."""


@dataclass(frozen=True, slots=True)
class Move:
    """An article that was found under another uri, with the same content."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Partly:
    """An article of which a part, `missing`, could not be read; the rest is indexed."""

    uri: str
    missing: str


@dataclass(slots=True)
class UpdateReport:
    """The result of an update, by article uri (for failures, by file or row).

    `gone` are articles whose file no longer exists, and which were kept because pruning was not requested; `partly`
    those articles read in this update that could not be read completely. `passed_over` counts files of other formats by
    suffix; `left_out` the paragraphs of the articles read that are not part of their text, by reason. `renamed` are
    uploaded files that are kept under another name, since another article has theirs. `remarks` say how tables
    were read whose columns have unknown names.
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
    left_out: Counter[str] = field(default_factory=Counter)
    renamed: list[Move] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    embedded: int = 0
    version: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Number of articles in each category."""
        kinds = ("added", "changed", "unchanged", "moved", "removed", "gone", "failed")
        return {kind: len(getattr(self, kind)) for kind in kinds}

    def __str__(self) -> str:
        """Summary for users, in one line."""
        counts = self.counts
        gone = counts.pop("gone")
        kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        kept = f"; {gone} whose file is gone are kept (--prune removes them)" if gone else ""
        part = f"; {len(self.partly)} read in part" if self.partly else ""
        return f"{kinds}{part}; {several(self.embedded, 'passage')} embedded; index version {self.version}{kept}"
