"""Finds files and reads Articles from them.

    folder -> find_files -> read_drafts -> articles, failures

A file is one article, except in the formats of `tables`, where every row is one, in those of `containers`, and where
`exports` finds many in one text. Bad content is reported instead of raised, so that one file cannot stop the others.
This module selects the reader for each format; the text is cleaned by the package `cleaning`, and web pages by
`webpage`.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from index.cleaning.byline import is_outlet
from index.cleaning.clean import Cleaned
from index.cleaning.dates import before_date, date_in_name
from index.cleaning.metadata import NO_COLUMNS, Columns, has_keys
from index.decoding.archives import unpacked
from index.errors import UnreadableFile, WrongUse
from index.formats import tables
from index.formats.containers.leftovers import leftover_kinds
from index.formats.containers.members import SUFFIXES as SANDBOXED
from index.formats.documents.document import LARGEST_TEXT, Failed, Item, Member, Remark, Row, Skipped, kind_of
from index.formats.listing import LISTED, Listing, has_files, row_beside
from index.formats.parsed import Draft, NoArticle, Outcome
from index.formats.sandbox import Interrupted, read_in_sandbox
from index.formats.subtitles import title_in_name
from index.formats.text_files import READERS, clean_item, is_table, joined

LARGEST_ARTICLE = LARGEST_TEXT
"""Largest size in bytes of a plain-text file that is one article, and of a row of a table."""

LARGEST_DOCUMENT = 500_000_000
"""Largest size in bytes of a file that is read in the sandbox; most of a document may be images."""

LARGEST_CONTAINER = 4_000_000_000
"""Largest size in bytes of a file with many articles, which is read piece by piece."""

_CONTAINERS = (".mbox", ".warc", ".zip", ".tar", ".xml", ".enex")

_EVALUATION_SETS = ("questions.jsonl", "dialogues.jsonl")


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Returns the absolute paths of all files with articles under `paths`, sorted and without duplicates.

    Folders are searched recursively for files with known suffixes. Links are followed only if they lead to something
    under `paths`; `leading_out` returns the others. Hidden files and folders are skipped, and so are files named
    `questions.jsonl` or `dialogues.jsonl` inside a folder: they are evaluation sets (`clippings eval`), whose questions
    would be retrieved as answers; and so are `leftovers`, as the folder that a browser saves beside a page. A file
    named in `paths` is always included, so that `read_drafts` reports what is wrong with it; so is a folder that cannot
    be opened. Raises WrongUse if a path does not exist.
    """
    found: set[str] = set()
    for path in paths:
        # abspath, not resolve: an article linked into a folder is named by the path of the link, and if the link
        # is changed to another target, it stays the same article with new content.
        start = os.path.abspath(path)
        if not os.path.exists(start):
            raise WrongUse(f"{path}: there is no such file or folder.")
        found.update(_article_files(start, _roots(paths)) if os.path.isdir(start) else [start])
    return [Path(name) for name in sorted(found)]


def _article_files(folder: str, roots: Sequence[str]) -> Iterator[str]:
    names = [*_walk(folder, roots)]
    leftovers = leftover_kinds(names)
    return (name for name in names if name not in leftovers and _is_article_file(name))


def leading_out(paths: Sequence[Path]) -> list[Path]:
    """Returns the links in the folders of `paths` that lead to a folder or article file outside of all `paths`."""
    roots = _roots(paths)
    links = {name for path in paths if os.path.isdir(path) for name in _links_out(os.path.abspath(path), roots)}
    return [Path(name) for name in sorted(links)]


def _roots(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(os.path.realpath(path) for path in paths)


def _leads_out(path: str, roots: Sequence[str]) -> bool:
    """Returns whether a path is a link out of all `roots`: with write access to a folder, one could expose any file."""
    if not os.path.islink(path):
        return False
    target = os.path.realpath(path)
    return not any(target == root or target.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _links_out(folder: str, roots: Sequence[str]) -> Iterator[str]:
    for parent, folders, names in _opened_folders(folder, roots):
        found = [os.path.join(parent, name) for name in (*folders, *names) if not name.startswith(".")]
        yield from (path for path in found if _leads_out(path, roots) and _is_article_file(path))


def other_formats(paths: Sequence[Path], *, ignored: Path) -> dict[str, int]:
    """Returns the number of files by suffix (leftovers: by kind) that `find_files` skips, the commonest first.

    Files in the folder `ignored`, that of the index itself, are not counted.
    """
    folders = [os.path.abspath(path) for path in paths if os.path.isdir(path)]
    files = {name for folder in folders for name in _walk(folder, _roots(paths))}
    leftovers = leftover_kinds(files)
    suffixes = Counter(
        leftovers.get(name) or os.path.splitext(name)[1].lower() or "no suffix"
        for name in files
        if (name in leftovers or not _is_article_file(name))
        and os.path.basename(name).lower() not in _EVALUATION_SETS
        and not Path(name).is_relative_to(ignored)
    )
    return dict(sorted(suffixes.items(), key=lambda item: (-item[1], item[0])))


def _walk(folder: str, roots: Sequence[str]) -> Iterator[str]:
    """Yields the visible files below `folder`, and the folders that cannot be opened."""
    unopened: list[str] = []
    for parent, _, names in _opened_folders(folder, roots, unopened):
        found = (os.path.join(parent, name) for name in names if not name.startswith("."))
        yield from (path for path in found if not _leads_out(path, roots))
    yield from unopened


def _opened_folders(
    folder: str, roots: Sequence[str], unopened: list[str] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Like `os.walk`, but visits each folder once and no hidden ones; links out of `roots` are listed, not followed."""
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


def read_drafts(path: Path, columns: Columns = NO_COLUMNS) -> Iterator[Outcome]:
    """Yields the articles of a file, one by one, its failures where they occur, and what was skipped in it.

    The uri of an article is the file's absolute path, or `path#id` for a row of a table, whose columns are mapped to
    fields by `columns`; that of a failed row is `path:line`. A file that cannot be opened, is bad, or changes while it
    is read is a failure, not an exception.
    """
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
    """Returns whether the file is a table, `.jsonl` or `.json`, with all of `columns`; False if it cannot be read."""
    suffix, compressed = kind_of(path.name)
    if suffix not in (*tables.SUFFIXES, ".json") or not path.is_file():
        return False
    try:
        if suffix == ".json":
            items = _items(str(path), suffix, compressed, path.stat().st_size, columns)
            return any(isinstance(item, Row) and has_keys(item.values, columns) for item in items)
        with open(path, "rb") as opened:
            file: BinaryIO = unpacked(opened, os.fstat(opened.fileno()).st_size) if compressed else opened
            return tables.has_fields(file, suffix, columns)
    except (OSError, ValueError):
        return False


def _read_open(uri: str, columns: Columns) -> Iterator[Outcome]:
    if not uri.isascii() and any("\ud800" <= character <= "\udfff" for character in uri):
        raise UnreadableFile(uri.encode("utf-8", "backslashreplace").decode(), "its name is not valid text; rename it")
    suffix, compressed = kind_of(uri)
    before = _checked(uri, suffix, compressed)
    if suffix in SANDBOXED:
        outcomes = _read_sandboxed(uri, _items(uri, suffix, compressed, before.st_size, columns), columns)
    else:
        outcomes = _read_plain(uri, suffix, compressed, columns)
    if suffix in (*tables.SUFFIXES, *_CONTAINERS):  # yielded while reading: such a file may be larger than the memory
        yield from outcomes
        _check_same(uri, before)
    else:
        whole = list(outcomes)
        _check_same(uri, before)
        yield from whole


def _items(uri: str, suffix: str, compressed: bool, size: int, columns: Columns) -> Iterator[Item]:
    texts = (*READERS, *tables.SUFFIXES)
    return read_in_sandbox(uri, suffix, compressed=compressed, size=size, texts=texts, columns=columns)


def _read_sandboxed(uri: str, items: Iterator[Item], columns: Columns) -> Iterator[Outcome]:
    """Yields the articles of a file that is read in the sandbox; if its end cannot be read, those before it."""
    read = _Items(uri, columns)
    try:
        for item in items:
            yield from read.outcomes(item)
        yield from read.lists()
    except Interrupted as error:
        yield UnreadableFile(uri, str(error))
        return
    except ValueError as error:
        yield UnreadableFile(uri, str(error), table=uri if read.articles else None)
        return
    if not read.articles and not read.reported:
        yield UnreadableFile(uri, "has no article text in it")


class _Items:
    """Makes articles of what is read in the sandbox."""

    def __init__(self, uri: str, columns: Columns) -> None:
        self._uri = uri
        self._columns = columns
        self._names: Counter[str] = Counter()
        self._ids: dict[str, dict[str, int]] = {}
        self._lists: list[Member] = []
        self._listing = Listing()
        self.articles = 0
        """Number of articles so far."""
        self.reported = False
        """Whether there was a failure, or something that was skipped."""

    def outcomes(self, item: Item) -> Iterator[Outcome]:
        """Yields the articles of an item, or why there are none."""
        for outcome in self._outcomes(item):
            if isinstance(outcome, UnreadableFile):
                self.reported = True
                # A failure of a part: the others are read, and need not be read again because of it.
                yield UnreadableFile(outcome.uri, outcome.reason, table=self._uri)
            else:
                self.articles += isinstance(outcome, Draft)
                yield outcome

    def _outcomes(self, item: Item) -> Iterator[Outcome]:
        if isinstance(item, Skipped):
            self.reported = True
            yield item
        elif isinstance(item, Remark):
            yield Remark(f"{self._uri}: {item.text}")
        elif isinstance(item, Row):
            uri = f"{self._uri}#{item.file}" if item.file else self._uri
            yield tables.row_draft(uri, item, self._columns, self._ids.setdefault(uri, {}))
        elif isinstance(item, Failed):
            yield UnreadableFile(self._named(item.name), item.reason)
        elif isinstance(item, Member) and item.suffix in _LISTS and (rows := _listed(item)):
            self._lists.append(item)
            self._listing.add(rows)
        elif isinstance(item, Member) and is_table(item.suffix, item.data):
            yield from self._rows(item)
        else:
            uri = self._named(item.name)
            try:
                found = clean_item(item if item.name else replace(item, name=uri))
                yield from _drafts(uri, joined(found, self._listing.row_of(item.name)))
            except NoArticle as reason:
                self.reported = True
                yield Skipped(reason.kind, 1)
            except UnreadableFile as failure:
                yield failure
            except ValueError as error:
                yield UnreadableFile(uri, str(error))

    def lists(self) -> Iterator[Outcome]:
        """Yields what is to be said of tables without texts: they list the other files, or cannot be read."""
        self.reported = self.reported or bool(self._lists)
        if self._listing.joined:
            yield Skipped(LISTED, self._listing.size)
            return
        for item in self._lists:
            yield from self._rows(item)

    def _rows(self, item: Member) -> Iterator[Outcome]:
        file = io.BufferedReader(io.BytesIO(item.data))
        yield from _table(self._named(item.name), file, item.suffix, self._columns)

    def _named(self, name: str) -> str:
        """Returns the uri of a part of the file, with a number if there were others of its name."""
        if not name:
            return self._uri
        self._names[name] += 1
        return f"{self._uri}#{name}" + (f" ({self._names[name]})" if self._names[name] > 1 else "")


_LISTS = (".csv", ".tsv")


def _listed(item: Member) -> list[Mapping[str, Any]]:
    return tables.listed_rows(io.BufferedReader(io.BytesIO(item.data)), item.suffix)


def _rows_listed_in(table: str) -> list[Mapping[str, Any]]:
    """Returns the rows of a table on the disk that holds no texts; none if it cannot be read."""
    try:
        with open(table, "rb") as file:
            return tables.listed_rows(file, kind_of(table)[0])
    except (OSError, ValueError):
        return []


def _checked(uri: str, suffix: str, compressed: bool) -> os.stat_result:
    """Returns the `os.stat` result of a file that may be opened; raises UnreadableFile for any other."""
    status = os.stat(uri)
    # Opening a named pipe would block until something writes to it.
    if not stat.S_ISREG(status.st_mode):
        os.scandir(uri).close() if stat.S_ISDIR(status.st_mode) else None
        kind = "is a folder; name the files in it" if stat.S_ISDIR(status.st_mode) else "is no ordinary file"
        raise UnreadableFile(uri, kind)
    if not status.st_size:
        raise UnreadableFile(uri, "is empty")
    if suffix not in SUFFIXES:
        raise UnreadableFile(uri, f"its suffix is none of {' '.join(SUFFIXES)}")
    largest = LARGEST_DOCUMENT if suffix in SANDBOXED else LARGEST_ARTICLE
    largest = LARGEST_CONTAINER if suffix in _CONTAINERS else largest
    if status.st_size > largest and suffix not in tables.SUFFIXES:
        raise UnreadableFile(uri, f"{status.st_size / 1e6:,.0f} MB is {_too_large(largest)}")
    return status


def _too_large(largest: int) -> str:
    limit = f"more than the {largest / 1e6:,.0f} MB of one article"
    return f"{limit}; split it, or make it a .jsonl file with one article a row"


def _check_same(uri: str, before: os.stat_result) -> None:
    """Raises UnreadableFile if the file was replaced, changed or deleted since the status `before` was taken."""
    try:
        after = os.stat(uri)
    except OSError as error:
        raise UnreadableFile(uri, "vanished while it was read") from error
    names = ("st_dev", "st_ino", "st_size", "st_mtime_ns")
    if any(getattr(before, name) != getattr(after, name) for name in names):
        raise UnreadableFile(uri, "changed while it was read; update again when it is whole")


def _read_plain(uri: str, suffix: str, compressed: bool, columns: Columns) -> Iterator[Outcome]:
    with open(uri, "rb") as opened:
        file: BinaryIO = unpacked(opened, os.fstat(opened.fileno()).st_size) if compressed else opened
        if suffix in tables.SUFFIXES:
            yield from _read_table(uri, file, suffix, columns)
            return
        data = file.read(LARGEST_ARTICLE + 1)
    if len(data) > LARGEST_ARTICLE:
        raise UnreadableFile(uri, f"unpacked it is {_too_large(LARGEST_ARTICLE)}")
    if is_table(suffix, data):
        yield from _table(uri, io.BufferedReader(io.BytesIO(data)), suffix, columns)
        return
    try:
        row = row_beside(uri, _rows_listed_in) if suffix in (".html", ".htm", ".md", ".markdown", ".txt") else None
        yield from _drafts(uri, joined(READERS[suffix](data, uri), row))
    except NoArticle as reason:
        yield Skipped(reason.kind, 1)


def _read_table(uri: str, file: BinaryIO, suffix: str, columns: Columns) -> Iterator[Outcome]:
    if suffix in _LISTS and not columns:
        listing = Listing()
        listing.add(_rows_listed_in(uri))
        if listing.size and has_files(listing, uri):
            yield Skipped(LISTED, listing.size)
            return
    yield from _table(uri, file, suffix, columns)


def _table(uri: str, file: BinaryIO, suffix: str, columns: Columns) -> Iterator[Outcome]:
    """Yields the articles of a table; one that is a single article is completed by the name of its file."""
    for outcome in tables.read_rows(uri, file, suffix, columns, largest=LARGEST_ARTICLE):
        if isinstance(outcome, Draft) and outcome.uri == uri:
            yield Draft(uri, _with_facts_of_name(outcome.cleaned, uri))
        else:
            yield outcome


def _title(uri: str, cleaned: Cleaned) -> str:
    """Returns the title; for a note without one, which would be named by its first sentence, the name of its file."""
    name = Path(uri)
    derived = cleaned.text.removeprefix("- ").startswith(cleaned.title.rstrip("…"))
    note = name.suffix.lower() in (".md", ".markdown") and _NAME_OF_NOTE.fullmatch(name.stem)
    return name.stem if note and derived else cleaned.title


# Names that a blog's export gives to drafts: "draft_Toll-to-rise-5d7e9a1022aa.html".
_DRAFT = re.compile(r"draft_.+-[0-9a-f]{8,12}\.html?")
_NAME_OF_NOTE = re.compile(r"[^\W\d_].*\s.*[^\W\d_].*")


def _drafts(uri: str, found: Sequence[Cleaned]) -> Iterator[Outcome]:
    """Yields the articles of a text: under the uri itself if it is one, else numbered."""
    if _DRAFT.fullmatch(Path(uri).name):
        yield Skipped("draft", 1)
        return
    if len(found) == 1:
        if not found[0].text:
            raise UnreadableFile(uri, "has no article text in it")
        yield Draft(uri, _with_facts_of_name(found[0], uri))
        return
    for number, cleaned in enumerate(found, 1):
        name = f"{uri}#{number}"
        yield Draft(name, cleaned) if cleaned.text else UnreadableFile(name, "has no article text in it", table=uri)


def _with_facts_of_name(cleaned: Cleaned, uri: str) -> Cleaned:
    """Returns an article with what the name of its file says and the article does not: its day and its paper.

    Text that begins in a small letter is speech, whose first words are a worse title than the name.
    """
    stem = os.path.splitext(PurePath(uri.rpartition("#")[2]).name.removesuffix(".gz"))[0]
    name = stem.replace("_", " ")
    paper = before_date(name)
    spoken = cleaned.title[:1].islower() and cleaned.text.startswith(cleaned.title.rstrip("…"))
    return replace(
        cleaned,
        title=(title_in_name(stem) if spoken and uri.lower().endswith(".txt") else "") or _title(uri, cleaned),
        published=cleaned.published or date_in_name(stem),
        source=cleaned.source or (paper if paper != name and is_outlet(paper) else None),
    )


SUFFIXES = (*READERS, *SANDBOXED, *tables.SUFFIXES)
"""The suffixes of files with articles, in upper or lower case; ".gz", ".bz2" or ".xz" may follow."""
