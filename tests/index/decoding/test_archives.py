"""Compressed streams and archives, good, damaged and made to harm."""

from __future__ import annotations

import gzip
import io

import pytest
from documents import archive

from index.decoding import archives as unpacking
from index.decoding.archives import member, open_archive, unpacked


def test_a_gzip_stream_is_read_in_pieces_and_by_line() -> None:
    data = gzip.compress(b"one\ntwo\n") + gzip.compress(b"three")
    file = unpacked(io.BytesIO(data), len(data))
    assert file.readline() == b"one\n"
    assert file.read() == b"two\nthree"


@pytest.mark.parametrize(
    "data",
    [b"plain", gzip.compress(b"one two three" * 99)[:-9], gzip.compress(b"a" * 999)[:30] + b"xx"],
    ids=["plain", "cut off", "other bytes behind"],
)
def test_a_damaged_gzip_stream_is_reported(data: bytes) -> None:
    with pytest.raises(ValueError, match="is damaged: its compression is not valid"):
        unpacked(io.BytesIO(data), len(data)).read()


def test_a_gzip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_UNPACKED", 1_000_000)
    data = gzip.compress(b"\0" * 3_000_000)
    with pytest.raises(ValueError, match=r"unpacks to more than 1 MB; unpack it yourself if it is no trap"):
        unpacked(io.BytesIO(data), len(data)).read()
    assert len(unpacked(io.BytesIO(data), 20_000).read()) == 3_000_000


def test_members_of_an_archive() -> None:
    with open_archive(io.BytesIO(archive({"a.txt": "one"}))) as found:
        assert member(found, "a.txt") == b"one"
        assert member(found, "../a.txt") is None


def test_a_damaged_member_is_reported() -> None:
    data = bytearray(archive({"a.txt": "one two three, one two three, one two three"}))
    data[45] ^= 0xFF
    with open_archive(io.BytesIO(bytes(data))) as found, pytest.raises(ValueError, match=r"a\.txt cannot be unpacked"):
        member(found, "a.txt")


def test_an_archive_that_would_be_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_UNPACKED", 1000)
    with pytest.raises(ValueError, match="as a zip bomb does"):
        open_archive(io.BytesIO(archive({"a": bytes(range(256)) * 4})))
