"""Reads the articles in a ZIP archive, file by file, without writing any to disk."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from index.decoding.archives import GREATEST_RATIO, SUSPICIOUS, member, read_archive
from index.formats.containers.leftovers import leftover_kinds
from index.formats.containers.members import Task, read_member
from index.formats.documents.document import LARGEST_TEXT, Failed, Item, Skipped

MOST_MEMBERS = 200_000
"""Largest number of files in an archive."""

_LARGEST_MEMBER = 4 * LARGEST_TEXT
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800


def read_zip(file: BinaryIO, task: Task) -> Iterator[Item]:
    """Yields the articles of every file in it that has a known suffix, and counts the others by suffix."""
    with read_archive(file) as archive:
        members = [(_name(info), info) for info in archive.infolist() if not info.is_dir()]
        if len(members) > MOST_MEMBERS:
            raise ValueError(f"holds {len(members):,} files, more than {MOST_MEMBERS:,}; unpack it")
        leftovers = leftover_kinds([name for name, _ in members])
        skipped: Counter[str] = Counter()
        for name, info in members:
            if kind := leftovers.get(name):
                skipped[kind] += 1
            elif _is_hidden(name):
                continue
            elif not task.reads(name):
                skipped[PurePosixPath(name).suffix.lower() or "no suffix"] += 1
            else:
                yield from _member(archive, name, info, task)
        if skipped and sum(skipped.values()) == len(members):
            raise ValueError(f"holds no article; its files are: {', '.join(f'{k} {n}' for k, n in skipped.items())}")
        yield from (Skipped(kind, count) for kind, count in skipped.items())


def _member(archive: ZipFile, name: str, info: ZipInfo, task: Task) -> Iterator[Item]:
    if reason := _wrong(name, info):
        yield Failed(name, reason)
        return
    try:
        task.take(info.file_size)
        data = member(archive, info) or b""
    except ValueError as error:
        yield Failed(name, str(error))
        return
    yield from read_member(name, data, task)


def _wrong(name: str, info: ZipInfo) -> str | None:
    """Returns why a member is not read at all; None if it is."""
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        return "has a name that leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link"
    if info.flag_bits & _ENCRYPTED:
        return "is protected by a password; save it without one"
    if info.file_size > SUSPICIOUS and info.file_size > GREATEST_RATIO * info.compress_size:
        return f"would unpack to {info.file_size / 1e6:,.0f} MB, as a zip bomb does"
    if info.file_size > _LARGEST_MEMBER:
        return f"is larger than {_LARGEST_MEMBER / 1e6:,.0f} MB; unpack it"
    return None


def _is_hidden(name: str) -> bool:
    """Returns whether a file is hidden, or one of those that macOS adds to archives."""
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in name.split("/"))


def _name(info: ZipInfo) -> str:
    """Returns a member's name; many programs write UTF-8 without saying so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename
