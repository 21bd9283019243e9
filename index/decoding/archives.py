"""Unpacks compressed files within limits, as protection against zip bombs (kilobytes that unpack to terabytes).

`.gz`, `.bz2` and `.xz` files are unpacked as they are read, ZIP archives (such as `.docx` and `.epub` files) member by
member. Nothing is written to disk.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

LARGEST_UNPACKED = 1_000_000_000
"""Bytes that a ZIP archive may unpack to; a compressed file may also unpack to `GREATEST_RATIO` times its size."""

SUSPICIOUS = 20_000_000
"""Unpacked size in bytes above which the compression ratio of a ZIP archive is limited, too."""

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

GREATEST_RATIO = 200
"""Largest compression ratio. Text is compressed by factors of 3 to 30, zeros by a factor of a thousand."""


def unpacked(file: BinaryIO, size: int) -> BinaryIO:
    """Returns the content of an open `.gz`, `.bz2` or `.xz` file of `size` bytes.

    Reading raises ValueError, with a message for users, if it is damaged or too large.
    """
    return io.BufferedReader(_Unpacked(file, max(LARGEST_UNPACKED, GREATEST_RATIO * size)), 1 << 16)


def _gzip(file: BinaryIO) -> gzip.GzipFile:
    return gzip.GzipFile(fileobj=file)


# By the first bytes of a file; anything else is read as `.gz`, and reported as damaged.
_STREAMS: dict[bytes, Callable[[BinaryIO], Any]] = {b"BZh": bz2.BZ2File, b"\xfd7zXZ\0": lzma.LZMAFile}


class _Unpacked(io.RawIOBase):
    """A compressed stream that raises ValueError where it is damaged, or after more than `limit` bytes."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        start = file.read(6)
        file.seek(-len(start), os.SEEK_CUR)
        opened = next((opened for mark, opened in _STREAMS.items() if start.startswith(mark)), _gzip)
        self._stream = opened(file)
        self._left = limit
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data: bytes = self._stream.read(len(buffer))
        except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
            raise ValueError(f"is damaged: its compression is not valid ({error})") from error
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"unpacks to more than {self._limit / 1e6:,.0f} MB; unpack it yourself if it is no trap")
        buffer[: len(data)] = data
        return len(data)


def open_archive(file: BinaryIO) -> ZipFile:
    """Opens the ZIP archive of one document. Raises ValueError if it is damaged, or its members together too large.

    The sizes are those that the archive declares; `zipfile` never returns more of a member than its declared size.
    """
    archive = read_archive(file)
    members = archive.infolist()
    size, packed = (sum(getattr(m, name) for m in members) for name in ("file_size", "compress_size"))
    if size > LARGEST_UNPACKED or (size > SUSPICIOUS and size > GREATEST_RATIO * packed):
        raise ValueError(f"would unpack to {size / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB, as a zip bomb does")
    return archive


def read_archive(file: BinaryIO) -> ZipFile:
    """Opens a ZIP archive, of any size. Raises ValueError, with a message for users, if it is damaged."""
    head = file.read(len(_OLD_OFFICE))
    file.seek(0)
    if head == _OLD_OFFICE:
        raise ValueError(
            "is a file of an older Office (.doc) under another name, or is protected by a password; save it anew, "
            "without one"
        )
    try:
        return ZipFile(file)
    except (BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise ValueError(f"is damaged: it is no ZIP archive that can be read ({error})") from error


def member(archive: ZipFile, name: str | ZipInfo) -> bytes | None:
    """Returns the content of a member; None if there is none. Raises ValueError if it is damaged or encrypted."""
    try:
        return archive.read(name)
    except KeyError:
        return None
    except RuntimeError as error:
        raise ValueError("is protected by a password; save it without one") from error
    except (BadZipFile, EOFError, zlib.error, NotImplementedError, OSError) as error:
        named = name.filename if isinstance(name, ZipInfo) else name
        raise ValueError(f"is damaged: {named} cannot be unpacked ({error})") from error
