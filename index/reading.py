"""Files -> Articles.

    folder -> find_files -> read_file -> Reading (articles, failures)

One file is one article, but for `.jsonl`, where every row is one. Bad content is never raised but reported,
so that one file cannot stop the others. Knows the formats and their encodings; how text is cleaned is decided
in `cleaning` and `webpage`.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from index.article import Article
from index.cleaning import Cleaned, clean
from index.decoding import decode
from index.errors import UnreadableFile, WrongUse
from index.fields import Fields, read_fields
from index.markdown import read_markdown
from index.paragraphs import paragraphs
from index.webpage import clean_page

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".jsonl")
"""What a file of articles may end with, in any case."""

LARGEST_ARTICLE = 50_000_000
"""Bytes of one article or row. The largest books have a tenth of it, and it is held in memory."""

_EVALUATION_SET = "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of one file: every article in it, and what could not be read of it and why."""

    articles: tuple[Article, ...]
    failures: tuple[UnreadableFile, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A cleaned article with its `uri`, and with the comments and refuse that were taken out of it."""

    uri: str
    cleaned: Cleaned

    def article(self) -> Article:
        """The article as it is indexed."""
        c = self.cleaned
        return Article(self.uri, c.title, c.text, c.author, c.source, c.published, c.url, c.comments)


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Every file of articles under `paths`, absolute, sorted, each once.

    Folders are searched to any depth, through links too, for the known suffixes. Left out are hidden files
    and folders, and a `questions.jsonl` inside a folder, which is an evaluation set (`clippings eval`) and
    would put questions among the answers. A file named in `paths` is always listed, so that `read_file` says
    what is wrong with it; so is a folder that cannot be opened. Raises WrongUse for a path that does not
    exist.
    """
    found: set[str] = set()
    for path in paths:
        # abspath, not resolve: an article linked into two folders keeps the name under which its owner put it
        # there, and a link that is pointed elsewhere stays the same article, with new content.
        start = os.path.abspath(path)
        if not os.path.exists(start):
            raise WrongUse(f"{path}: there is no such file or folder.")
        found.update(_walk(start) if os.path.isdir(start) else [start])
    return [Path(name) for name in sorted(found)]


def read_file(path: Path) -> Reading:
    """Read one file. Never raises for what is in it or for not being able to open it; see `Reading.failures`.

    The uri of an article is the file's absolute path, and `path#id` for a row of a `.jsonl` file. The uri of
    a failed row is `path:line`.
    """
    found = list(stream_file(path))
    return Reading(
        tuple(outcome for outcome in found if isinstance(outcome, Article)),
        tuple(outcome for outcome in found if isinstance(outcome, UnreadableFile)),
    )


def stream_file(path: Path) -> Iterator[Article | UnreadableFile]:
    """Like `read_file`, one article or failure after the other, so that a large file need not fit in memory."""
    for outcome in _read(path):
        yield outcome if isinstance(outcome, UnreadableFile) else outcome.article()


def preview(path: Path, *, limit: int = 3) -> tuple[Draft | UnreadableFile, ...]:
    """What `read_file` would make of a file, with everything it throws away; for `.jsonl`, of the first rows.

    `limit` is the largest number of rows. Like `read_file`, it returns failures and does not raise them.
    """
    return tuple(islice(_read(path), limit))


def _walk(folder: str) -> Iterator[str]:
    """The files of articles below `folder`; a folder that cannot be opened is given as itself."""
    unopened: list[str] = []
    seen: set[tuple[int, int]] = set()
    for parent, folders, names in os.walk(folder, followlinks=True, onerror=lambda e: unopened.append(str(e.filename))):
        status = os.stat(parent)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if name.lower().endswith(SUFFIXES) and not name.startswith(".") and name.lower() != _EVALUATION_SET:
                yield os.path.join(parent, name)
    yield from unopened


def _read(path: Path) -> Iterator[Draft | UnreadableFile]:
    """The articles of a file, one by one, and its failures where they occur."""
    uri = os.path.abspath(path)
    try:
        yield from _read_open(uri)
    except UnreadableFile as failure:
        yield failure
    except OSError as error:
        yield UnreadableFile(uri, f"cannot be read: {(error.strerror or str(error)).lower()}")


def _read_open(uri: str) -> Iterator[Draft | UnreadableFile]:
    if not uri.isascii() and any("\ud800" <= character <= "\udfff" for character in uri):
        raise UnreadableFile(uri.encode("utf-8", "backslashreplace").decode(), "its name is not valid text; rename it")
    status = os.stat(uri)
    # Opening a pipe would wait for its writer, for ever.
    if not stat.S_ISREG(status.st_mode):
        os.scandir(uri).close() if stat.S_ISDIR(status.st_mode) else None
        kind = "is a folder" if stat.S_ISDIR(status.st_mode) else "is no ordinary file"
        raise UnreadableFile(uri, kind)
    suffix = os.path.splitext(uri)[1].lower()
    if suffix == ".jsonl":
        with open(uri, "rb") as file:
            yield from _rows(uri, file)
        return
    if suffix not in _READERS:
        raise UnreadableFile(uri, f"its suffix is none of {' '.join(SUFFIXES)}")
    if status.st_size > LARGEST_ARTICLE:
        size = f"{status.st_size / 1e6:,.0f} MB is more than the {LARGEST_ARTICLE / 1e6:,.0f} MB of one article"
        raise UnreadableFile(uri, f"{size}; split it, or make it a .jsonl file with one article a row")
    try:
        cleaned = _READERS[suffix](Path(uri).read_bytes())
    except ValueError as error:
        raise UnreadableFile(uri, str(error)) from error
    if not cleaned.text:
        raise UnreadableFile(uri, "has no article text in it")
    yield Draft(uri, cleaned)


def _read_text(data: bytes) -> Cleaned:
    text = decode(data)
    # Pages get saved under the wrong name.
    return clean_page(data) if text[:200].lstrip().lower().startswith(("<!doctype html", "<html")) else clean(text)


def _read_markdown(data: bytes) -> Cleaned:
    markdown = read_markdown(decode(data))
    fields = read_fields(markdown.facts)
    cleaned = clean(markdown.text, title=fields.title or markdown.heading or None)
    return _with_fields(cleaned, fields)


_READERS: dict[str, Callable[[bytes], Cleaned]] = {
    ".txt": _read_text,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": clean_page,
    ".htm": clean_page,
}


def _with_fields(cleaned: Cleaned, fields: Fields) -> Cleaned:
    """`cleaned`, with what was said outside the text taking precedence over what was found in it."""
    given = ["\n\n".join(p.text for p in paragraphs(comment)) for comment in fields.comments]
    return replace(
        cleaned,
        author=fields.author or cleaned.author,
        source=fields.source or cleaned.source,
        published=fields.published or cleaned.published,
        url=fields.url or cleaned.url,
        comments=(*(comment for comment in given if comment), *cleaned.comments),
    )


def _rows(uri: str, file: BinaryIO) -> Iterator[Draft | UnreadableFile]:
    """The rows of an open `.jsonl` file: every line that is not empty is an article or a failure."""
    lines: dict[str, int] = {}
    number = 0
    while line := file.readline(LARGEST_ARTICLE + 1):
        number += 1
        if len(line) > LARGEST_ARTICLE:
            yield UnreadableFile(f"{uri}:{number}", f"line {number} is longer than {LARGEST_ARTICLE / 1e6:,.0f} MB")
            return
        try:
            fields = _row(line)
        except ValueError as error:
            yield UnreadableFile(f"{uri}:{number}", f"line {number} {error}")
            continue
        if fields is None:
            continue
        name = fields.id or str(number)
        first = lines.setdefault(name, number)
        cleaned = clean(fields.text or "", title=fields.title)
        if first != number:
            yield UnreadableFile(f"{uri}:{number}", f"line {number} has the id {name!r} of line {first}")
        elif not cleaned.text:
            yield UnreadableFile(f"{uri}:{number}", f"line {number} has no text (looked for: text, body, content)")
        else:
            yield Draft(f"{uri}#{name}", _with_fields(cleaned, fields))
    if not number:
        yield UnreadableFile(uri, "is empty")


def _row(line: bytes) -> Fields | None:
    """The fields of a row, None for an empty line; ValueError says what is wrong with it."""
    if not line.strip():
        return None
    try:
        row: Any = json.loads(decode(line))
    except (json.JSONDecodeError, RecursionError) as error:
        where = f": {error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"is not valid JSON{where}") from error
    if not isinstance(row, dict):
        raise ValueError(f"is a JSON {type(row).__name__}, not an object")
    return read_fields(row)
