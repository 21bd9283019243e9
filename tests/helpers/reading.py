"""Reads a file as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from index import Article
from index.cleaning.metadata import NO_COLUMNS, Columns
from index.errors import UnreadableFile
from index.formats.parsed import Draft
from index.formats.registry import read_drafts


@dataclass(frozen=True, slots=True)
class Reading:
    """The articles of a file, and a failure for each that cannot be read."""

    articles: tuple[Article, ...]
    failures: tuple[UnreadableFile, ...]


def read_file(path: Path, columns: Columns = NO_COLUMNS) -> Reading:
    """Everything that `read_drafts` yields but what was skipped."""
    found = [*read_drafts(path, columns)]
    articles = tuple(one.article() for one in found if isinstance(one, Draft))
    return Reading(articles, tuple(one for one in found if isinstance(one, UnreadableFile)))
