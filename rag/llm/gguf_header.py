"""Read metadata from the header of a GGUF file, without loading the model.

A file begins with "GGUF", a version, the number of tensors and the number of key-value pairs, followed by the pairs.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Size in bytes of a value, by the number of its type; type 8 is a string and 9 an array, of variable size."""

_STRING, _ARRAY, _UINT32 = 8, 9, 4

_LONGEST = 100_000_000
"""Limit of bytes of a string and of items of an array; longer ones occur in no model, so the file is damaged."""


def file_type(path: Path) -> int | None:
    """Returns `general.file_type`, llama.cpp's number for the type of most weights; None if it is missing.

    Raises OSError if the file cannot be read.
    """
    value = _value(path, b"general.file_type", _UINT32)
    return value if isinstance(value, int) else None


def text(path: Path, key: str) -> str | None:
    """Returns the string stored under `key`; None if there is none. Raises OSError if the file cannot be read."""
    value = _value(path, key.encode(), _STRING)
    return value if isinstance(value, str) else None


def _value(path: Path, wanted: bytes, of_kind: int) -> int | str | None:
    with path.open("rb") as file:
        try:
            if file.read(4) != b"GGUF":
                return None
            _, _, pairs = struct.unpack("<IQQ", file.read(20))
            for _ in range(pairs):
                key = file.read(_length(file))
                kind = _number(file)
                if key == wanted and kind == of_kind:
                    return _number(file) if kind == _UINT32 else file.read(_length(file)).decode()
                _skip(file, kind)
        except (struct.error, KeyError, ValueError):
            return None  # the file is truncated, or has a value of an unknown type
    return None


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        file.seek(_length(file), 1)
    elif kind == _ARRAY:
        of = _number(file)
        count = _length(file)
        if of in _SIZES:
            file.seek(count * _SIZES[of], 1)
        else:
            for _ in range(count):
                _skip(file, of)
    else:
        file.seek(_SIZES[kind], 1)


def _number(file: BinaryIO) -> int:
    return int(struct.unpack("<I", file.read(4))[0])


def _length(file: BinaryIO) -> int:
    length = int(struct.unpack("<Q", file.read(8))[0])
    if length > _LONGEST:
        raise ValueError(length)
    return length
