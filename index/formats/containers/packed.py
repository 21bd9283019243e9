"""Reads the articles in the files of an archive, whatever has packed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from index.formats.containers.leftovers import leftover_kinds
from index.formats.containers.members import Task, read_member
from index.formats.documents.document import LARGEST_TEXT, Failed, Item, Skipped, kind_of

MOST_MEMBERS = 200_000
"""Largest number of files in an archive."""

_LARGEST_MEMBER = 4 * LARGEST_TEXT
# Folders that Medium puts beside that with the posts.
_OF_ACCOUNT = frozenset(
    "blocks bookmarks claps highlights interests ips lists partner-program profile pubs-following sessions "
    "topics-following twitter users-following".split()
)
_FEWEST_FOLDERS = 2
_TABLES = (".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class Packed:
    """A file in an archive: its name, its size in bytes, how it is read, and why it is not ("" or None if it is)."""

    name: str
    size: int
    read: Callable[[], bytes]
    wrong: str | None = None


def read_packed(members: Sequence[Packed], task: Task) -> Iterator[Item]:
    """Yields the articles of every file that has a known suffix, and counts the others by suffix.

    Tables come first, since they may name the authors and days of the texts in the files beside them.
    """
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"holds {len(members):,} files, more than {MOST_MEMBERS:,}; unpack it")
    leftovers = leftover_kinds([member.name for member in members])
    others = _of_an_account([member.name for member in members])
    skipped: Counter[str] = Counter()
    for member in sorted(members, key=lambda member: kind_of(member.name)[0] not in _TABLES):
        if kind := leftovers.get(member.name) or others.get(member.name):
            skipped[kind] += 1
        elif _is_hidden(member.name):
            continue
        elif not task.reads(member.name):
            skipped[PurePosixPath(member.name).suffix.lower() or "no suffix"] += 1
        else:
            yield from _read(member, task)
    if skipped and sum(skipped.values()) == len(members):
        raise ValueError(f"holds no article; its files are: {', '.join(f'{k} {n}' for k, n in skipped.items())}")
    yield from (Skipped(kind, count) for kind, count in skipped.items())


def _read(member: Packed, task: Task) -> Iterator[Item]:
    if reason := member.wrong or _wrong(member):
        yield Failed(member.name, reason)
        return
    try:
        task.take(member.size)
        data = member.read()
    except ValueError as error:
        yield Failed(member.name, str(error))
        return
    yield from read_member(member.name, data, task)


def _wrong(member: Packed) -> str | None:
    if member.name.startswith(("/", "\\")) or ".." in member.name.replace("\\", "/").split("/"):
        return "has a name that leads out of the archive"
    if member.size > _LARGEST_MEMBER:
        return f"is larger than {_LARGEST_MEMBER / 1e6:,.0f} MB; unpack it"
    return None


def _of_an_account(names: Sequence[str]) -> dict[str, str]:
    """Returns the pages of an account on Medium that are no posts, such as lists of bookmarks and sessions."""
    folders = {PurePosixPath(name).parent.name for name in names}
    if "posts" not in folders or len(folders & _OF_ACCOUNT) < _FEWEST_FOLDERS:
        return {}
    pages = (name for name in names if kind_of(name)[0] == ".html" and PurePosixPath(name).parent.name != "posts")
    return dict.fromkeys(pages, "page of the account beside the posts")


def _is_hidden(name: str) -> bool:
    """Returns whether a file is hidden, or one of those that macOS adds to archives."""
    parts = name.removeprefix("./").split("/")
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts)
