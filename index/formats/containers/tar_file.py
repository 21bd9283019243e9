"""Lists the files in a TAR archive, compressed or not, without writing any to disk."""

from __future__ import annotations

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import BinaryIO

from index.formats.containers.members import Task
from index.formats.containers.packed import MOST_MEMBERS, Packed, read_packed
from index.formats.documents.document import Failed, Item

_DAMAGED = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError)


def read_tar(file: BinaryIO, task: Task) -> Iterator[Item]:
    """Yields the articles of every file in it that has a known suffix, and counts the others by suffix.

    Of an archive that is cut off, the files before the damage are read, and then ValueError is raised.
    """
    try:
        archive = tarfile.open(fileobj=file, mode="r:*")  # noqa: SIM115, closed below
    except _DAMAGED as error:
        raise ValueError(f"is damaged: it is no TAR archive that can be read ({error})") from error
    with archive:
        members, damage = _members(archive)
        cut_off = False
        for item in read_packed([_packed(archive, info) for info in members], task):
            cut_off = cut_off or (isinstance(item, Failed) and item.reason == _CUT_OFF)
            yield item
    if damage and not cut_off:
        raise ValueError(f"is cut off, or damaged ({damage}); what comes before is read")


_CUT_OFF = "is cut off, or damaged"


def _members(archive: tarfile.TarFile) -> tuple[list[tarfile.TarInfo], str]:
    """Returns the files up to the end or to the first damage, and the damage."""
    members: list[tarfile.TarInfo] = []
    try:
        for info in islice(archive, MOST_MEMBERS + 1):
            if not info.isdir():
                members.append(info)
    except _DAMAGED as error:
        return members, str(error)
    return members, ""


def _packed(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Packed:
    wrong = None if info.isreg() else "is a link, or no ordinary file"
    return Packed(info.name.removeprefix("./"), info.size, partial(_content, archive, info), wrong)


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    try:
        opened = archive.extractfile(info)
        data = opened.read() if opened else b""
    except _DAMAGED as error:
        raise ValueError(_CUT_OFF) from error
    if len(data) < info.size:
        raise ValueError(_CUT_OFF)
    return data
