"""Unpack what is compressed, within limits: a file of kilobytes can be made that unpacks to terabytes.

`.gz` files are unpacked as they are read, ZIP archives (which `.docx` and `.epub` are) member by member. Nothing is
ever written to disk.
"""

from __future__ import annotations

import gzip
import io
import zlib
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

LARGEST_UNPACKED = 1_000_000_000
"""Bytes that an archive may unpack to, and any `.gz` file may whatever its size."""

SUSPICIOUS = 20_000_000
"""Bytes from which on it is asked how many times its size an archive unpacks to."""

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

GREATEST_RATIO = 200
"""How many times its size a file may unpack to. Text compresses 3 to 30 times, zeros a thousand times."""


def unpacked(file: BinaryIO, size: int) -> BinaryIO:
    """The content of an open `.gz` file of `size` bytes. Reading it raises ValueError if it is damaged or too large."""
    return io.BufferedReader(_Unpacked(file, max(LARGEST_UNPACKED, GREATEST_RATIO * size)), 1 << 16)


class _Unpacked(io.RawIOBase):
    """A gzip stream that ends with a ValueError where it is damaged or too large."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._gzip = gzip.GzipFile(fileobj=file)
        self._left = limit
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._gzip.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"is damaged: its compression is not valid ({error})") from error
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"unpacks to more than {self._limit / 1e6:,.0f} MB; unpack it yourself if it is no trap")
        buffer[: len(data)] = data
        return len(data)


def open_archive(file: BinaryIO) -> ZipFile:
    """Open a ZIP archive whose members together are of a sensible size; ValueError otherwise.

    The sizes are those that the archive states; `zipfile` never gives more of a member than it states.
    """
    head = file.read(len(_OLD_OFFICE))
    file.seek(0)
    if head == _OLD_OFFICE:
        raise ValueError(
            "is a file of an older Office (.doc) under another name, or is protected by a password; save it anew, "
            "without one"
        )
    try:
        archive = ZipFile(file)
    except (BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise ValueError(f"is damaged: it is no ZIP archive that can be read ({error})") from error
    members = archive.infolist()
    size, packed = (sum(getattr(m, name) for m in members) for name in ("file_size", "compress_size"))
    if size > LARGEST_UNPACKED or (size > SUSPICIOUS and size > GREATEST_RATIO * packed):
        raise ValueError(f"would unpack to {size / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB, as a zip bomb does")
    return archive


def member(archive: ZipFile, name: str) -> bytes | None:
    """The content of one member, None where there is none of that name; ValueError for a damaged or encrypted one."""
    try:
        return archive.read(name)
    except KeyError:
        return None
    except RuntimeError as error:
        raise ValueError("is protected by a password; save it without one") from error
    except (BadZipFile, EOFError, zlib.error, NotImplementedError, OSError) as error:
        raise ValueError(f"is damaged: {name} cannot be unpacked ({error})") from error
