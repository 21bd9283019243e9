"""Lists the files in a ZIP archive, without writing any to disk."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from index.decoding.archives import GREATEST_RATIO, SUSPICIOUS, member, read_archive
from index.formats.containers.members import Task
from index.formats.containers.packed import Packed, read_packed
from index.formats.documents.document import Item

_ENCRYPTED = 0x1
_UTF8_NAME = 0x800


def read_zip(file: BinaryIO, task: Task) -> Iterator[Item]:
    """Yields the articles of every file in it that has a known suffix, and counts the others by suffix."""
    with read_archive(file) as archive:
        members = [_packed(archive, info) for info in archive.infolist() if not info.is_dir()]
        yield from read_packed(members, task)


def _packed(archive: ZipFile, info: ZipInfo) -> Packed:
    return Packed(_name(info), info.file_size, partial(_content, archive, info), _wrong(info))


def _content(archive: ZipFile, info: ZipInfo) -> bytes:
    return member(archive, info) or b""


def _wrong(info: ZipInfo) -> str | None:
    """Returns why a member is not read at all; None if it is."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link"
    if info.flag_bits & _ENCRYPTED:
        return "is protected by a password; save it without one"
    if info.file_size > SUSPICIOUS and info.file_size > GREATEST_RATIO * info.compress_size:
        return f"would unpack to {info.file_size / 1e6:,.0f} MB, as a zip bomb does"
    return None


def _name(info: ZipInfo) -> str:
    """Returns a member's name; many programs write UTF-8 without saying so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename
