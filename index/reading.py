"""Files -> Articles.

    folder -> find_files -> read_file -> Reading (articles, failures)

One file is one article, but for the formats of `rows`, where every row is one. Bad content is never raised but
reported, so that one file cannot stop the others. Knows which module reads which format; how text is cleaned is
decided in `cleaning` and `webpage`.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index import rows
from index.article import Article
from index.cleaning import Cleaned, clean
from index.confined import SUFFIXES as DOCUMENTS
from index.confined import read_confined
from index.decoding import decode
from index.document import LARGEST_TEXT
from index.draft import Draft, clean_document, with_fields
from index.errors import UnreadableFile, WrongUse
from index.fields import NO_COLUMNS, Columns, read_fields
from index.markdown import read_markdown
from index.unpacking import unpacked
from index.webpage import clean_page

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", *DOCUMENTS, *rows.SUFFIXES)
"""What a file of articles may end with, in any case; ".gz" may follow."""

LARGEST_ARTICLE = LARGEST_TEXT
"""Bytes of a file of plain text that is one article, and of a row."""

LARGEST_DOCUMENT = 500_000_000
"""Bytes of a PDF, Word or EPUB file, most of which may be pictures."""

_EVALUATION_SETS = ("questions.jsonl", "dialogues.jsonl")


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of one file: every article in it, and what could not be read of it and why."""

    articles: tuple[Article, ...]
    failures: tuple[UnreadableFile, ...]


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Every file of articles under `paths`, absolute, sorted, each once.

    Folders are searched to any depth, for the known suffixes, through links that stay within what is named in `paths`;
    `leading_out` has the others. Left out are hidden files and folders, and a `questions.jsonl` or `dialogues.jsonl`
    inside a folder, which are evaluation sets (`clippings eval`) and would put questions among the answers. A file
    named in `paths` is always listed, so that `read_file` says what is wrong with it; so is a folder that cannot be
    opened. Raises WrongUse for a path that does not exist.
    """
    found: set[str] = set()
    for path in paths:
        # abspath, not resolve: an article linked into two folders keeps the name under which its owner put it
        # there, and a link that is pointed elsewhere stays the same article, with new content.
        start = os.path.abspath(path)
        if not os.path.exists(start):
            raise WrongUse(f"{path}: there is no such file or folder.")
        found.update(filter(_is_article_file, _walk(start, _roots(paths))) if os.path.isdir(start) else [start])
    return [Path(name) for name in sorted(found)]


def leading_out(paths: Sequence[Path]) -> list[Path]:
    """The links below the folders among `paths` that lead to a folder or a file of articles outside of all `paths`."""
    roots = _roots(paths)
    links = {name for path in paths if os.path.isdir(path) for name in _links_out(os.path.abspath(path), roots)}
    return [Path(name) for name in sorted(links)]


def _roots(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(os.path.realpath(path) for path in paths)


def _leads_out(path: str, roots: Sequence[str]) -> bool:
    """Whether a path is a link to what was not named: anyone who writes to a folder could make it show any file."""
    if not os.path.islink(path):
        return False
    target = os.path.realpath(path)
    return not any(target == root or target.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _links_out(folder: str, roots: Sequence[str]) -> Iterator[str]:
    for parent, folders, names in _opened_folders(folder, roots):
        found = [os.path.join(parent, name) for name in (*folders, *names) if not name.startswith(".")]
        yield from (path for path in found if _leads_out(path, roots) and _is_article_file(path))


def other_formats(paths: Sequence[Path], *, ignored: Path) -> dict[str, int]:
    """How many files `find_files` passes over below the folders among `paths`, by suffix, the commonest first.

    What lies in the folder `ignored`, which is the index's own, does not count.
    """
    folders = [os.path.abspath(path) for path in paths if os.path.isdir(path)]
    files = {name for folder in folders for name in _walk(folder, _roots(paths))}
    suffixes = Counter(
        os.path.splitext(name)[1].lower() or "no suffix"
        for name in files
        if not _is_article_file(name)
        and os.path.basename(name).lower() not in _EVALUATION_SETS
        and not Path(name).is_relative_to(ignored)
    )
    return dict(sorted(suffixes.items(), key=lambda item: (-item[1], item[0])))


def read_file(path: Path, columns: Columns = NO_COLUMNS) -> Reading:
    """Read one file. Never raises for what is in it or for not being able to open it; see `Reading.failures`.

    The uri of an article is the file's absolute path, and `path#id` for a row of a table, whose fields `columns` finds.
    The uri of a failed row is `path:line`. A file that changes or vanishes while it is read is a failure.
    """
    articles: list[Article] = []
    failures: list[UnreadableFile] = []
    for outcome in read_drafts(path, columns):
        if isinstance(outcome, UnreadableFile):
            failures.append(outcome)
        else:
            articles.append(outcome.article())
    return Reading(tuple(articles), tuple(failures))


def _walk(folder: str, roots: Sequence[str]) -> Iterator[str]:
    """The files below `folder` that are not hidden; a folder that cannot be opened is given as itself."""
    unopened: list[str] = []
    for parent, _, names in _opened_folders(folder, roots, unopened):
        found = (os.path.join(parent, name) for name in names if not name.startswith("."))
        yield from (path for path in found if not _leads_out(path, roots))
    yield from unopened


def _opened_folders(
    folder: str, roots: Sequence[str], unopened: list[str] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """As `os.walk`, each folder once, without hidden ones; a link that leads out is listed and not entered."""
    failed = unopened if unopened is not None else []
    seen: set[tuple[int, int]] = set()
    for parent, folders, names in os.walk(folder, followlinks=True, onerror=lambda e: failed.append(str(e.filename))):
        status = os.stat(parent)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        visible = sorted(name for name in folders if not name.startswith("."))
        yield parent, visible, names
        folders[:] = [name for name in visible if not _leads_out(os.path.join(parent, name), roots)]


def _is_article_file(path: str) -> bool:
    name = os.path.basename(path).lower()
    return (kind_of(name)[0] in SUFFIXES and name not in _EVALUATION_SETS) or os.path.isdir(path)


def read_drafts(path: Path, columns: Columns = NO_COLUMNS) -> Iterator[Draft | UnreadableFile]:
    """The articles of a file, one by one, and its failures where they occur."""
    uri = os.path.abspath(path)
    try:
        yield from _read_open(uri, columns)
    except UnreadableFile as failure:
        yield failure
    except OSError as error:
        yield UnreadableFile.of_system(uri, error)
    except ValueError as error:
        yield UnreadableFile(uri, str(error))


def has_fields(path: Path, columns: Columns) -> bool:
    """Whether the file is a table, or has objects, with all of `columns`; False for one that cannot be read."""
    suffix, compressed = kind_of(path.name)
    if suffix not in rows.SUFFIXES or not path.is_file():
        return False
    try:
        with open(path, "rb") as opened:
            file: BinaryIO = unpacked(opened, os.fstat(opened.fileno()).st_size) if compressed else opened
            return rows.has_fields(file, suffix, columns)
    except (OSError, ValueError):
        return False


def kind_of(name: str) -> tuple[str, bool]:
    """The suffix that tells a file's format, in lower case, and whether the file is gzipped as well."""
    stem, suffix = os.path.splitext(name.lower())
    return (os.path.splitext(stem)[1], True) if suffix == ".gz" else (suffix, False)


def _read_open(uri: str, columns: Columns) -> Iterator[Draft | UnreadableFile]:
    if not uri.isascii() and any("\ud800" <= character <= "\udfff" for character in uri):
        raise UnreadableFile(uri.encode("utf-8", "backslashreplace").decode(), "its name is not valid text; rename it")
    suffix, compressed = kind_of(uri)
    before = _checked(uri, suffix, compressed)
    if suffix in DOCUMENTS:
        document = read_confined(uri, suffix, compressed=compressed, size=before.st_size)
        outcomes: Iterator[Draft | UnreadableFile] = iter([_draft(uri, clean_document(document))])
    else:
        outcomes = _read_plain(uri, suffix, compressed, columns)
    if suffix in rows.SUFFIXES:  # told as they are read, since a file of them can be larger than the memory
        yield from outcomes
        _check_same(uri, before)
    else:
        whole = list(outcomes)
        _check_same(uri, before)
        yield from whole


def _checked(uri: str, suffix: str, compressed: bool) -> os.stat_result:
    """The status of a file that may be opened; UnreadableFile for any other."""
    status = os.stat(uri)
    # Opening a pipe would wait for its writer, for ever.
    if not stat.S_ISREG(status.st_mode):
        os.scandir(uri).close() if stat.S_ISDIR(status.st_mode) else None
        kind = "is a folder; name the files in it" if stat.S_ISDIR(status.st_mode) else "is no ordinary file"
        raise UnreadableFile(uri, kind)
    if not status.st_size:
        raise UnreadableFile(uri, "is empty")
    if suffix not in SUFFIXES:
        raise UnreadableFile(uri, f"its suffix is none of {' '.join(SUFFIXES)}")
    largest = LARGEST_DOCUMENT if suffix in DOCUMENTS else LARGEST_ARTICLE
    if status.st_size > largest and suffix not in rows.SUFFIXES:
        raise UnreadableFile(uri, f"{status.st_size / 1e6:,.0f} MB is {_too_large(largest)}")
    return status


def _too_large(largest: int) -> str:
    limit = f"more than the {largest / 1e6:,.0f} MB of one article"
    return f"{limit}; split it, or make it a .jsonl file with one article a row"


def _check_same(uri: str, before: os.stat_result) -> None:
    """Raise UnreadableFile for a file that is not the one that was opened, or was written to since."""
    try:
        after = os.stat(uri)
    except OSError as error:
        raise UnreadableFile(uri, "vanished while it was read") from error
    names = ("st_dev", "st_ino", "st_size", "st_mtime_ns")
    if any(getattr(before, name) != getattr(after, name) for name in names):
        raise UnreadableFile(uri, "changed while it was read; update again when it is whole")


def _read_plain(uri: str, suffix: str, compressed: bool, columns: Columns) -> Iterator[Draft | UnreadableFile]:
    with open(uri, "rb") as opened:
        file: BinaryIO = unpacked(opened, os.fstat(opened.fileno()).st_size) if compressed else opened
        if suffix in rows.SUFFIXES:
            yield from rows.read_rows(uri, file, suffix, columns, largest=LARGEST_ARTICLE)
            return
        data = file.read(LARGEST_ARTICLE + 1)
    if len(data) > LARGEST_ARTICLE:
        raise UnreadableFile(uri, f"unpacked it is {_too_large(LARGEST_ARTICLE)}")
    yield _draft(uri, _READERS[suffix](data))


def _draft(uri: str, cleaned: Cleaned) -> Draft:
    if not cleaned.text:
        raise UnreadableFile(uri, "has no article text in it")
    return Draft(uri, cleaned)


def _read_text(data: bytes) -> Cleaned:
    text = decode(data)
    # Pages get saved under the wrong name.
    return clean_page(data) if text[:200].lstrip().lower().startswith(("<!doctype html", "<html")) else clean(text)


def _read_markdown(data: bytes) -> Cleaned:
    markdown = read_markdown(decode(data))
    fields = read_fields(markdown.facts)
    return with_fields(clean(markdown.text, title=fields.title or markdown.heading or None), fields)


_READERS: dict[str, Callable[[bytes], Cleaned]] = {
    ".txt": _read_text,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": clean_page,
    ".htm": clean_page,
}
