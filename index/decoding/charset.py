"""Decodes bytes of unknown encoding to text.

In this order: a byte-order mark; UTF-16 without one, recognised by its zero bytes; UTF-8, for which text in other
encodings is hardly ever valid; the declared encoding; and the one that chardet recognises. Binary data is rejected.
Text that was already garbled when it was stored is not repaired.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeVar

import chardet

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""Replaces undecodable bytes in decoded text; cleaning removes these characters and reports their number."""

Text = TypeVar("Text", str, bytes)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encoding labels as the WHATWG interprets them: content with a label on the right is nearly always in the
# encoding on the left.
_ALIASES = {
    label: encoding
    for encoding, labels in (
        ("cp1252", "iso-8859-1 iso8859-1 latin1 latin-1 us-ascii ascii"),
        ("cp1254", "iso-8859-9"),
        ("cp874", "iso-8859-11 tis-620 windows-874"),
        ("gb18030", "gb2312 gbk x-gbk"),
        ("cp932", "shift_jis shift-jis x-sjis sjis"),
        ("cp949", "euc-kr ks_c_5601-1987"),
        ("big5hkscs", "big5"),
        ("mac_roman", "x-mac-roman macintosh"),
    )
    for label in labels.split()
}
# Text in seven-bit encodings is also valid UTF-8, so for these the declared encoding is tried first.
_SEVEN_BIT = {"iso-2022-jp", "iso-2022-kr", "hz-gb-2312"}
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
# Bytes from which the encoding is recognised, in about 30 ms.
_EXAMINED = 50_000
# Those of DOS and of mainframes are hardly ever met, and short texts in others are taken for them.
_ENCODINGS = chardet.EncodingEra.ALL & ~chardet.EncodingEra.DOS & ~chardet.EncodingEra.MAINFRAME
# Confidence below which chardet only guesses, from a few words: Windows-1252 is more frequent than all that it guesses.
_SURE = 0.12
# What is no quotation mark, dash or the like: English with only those is mistaken by chardet in 2 of 100 short texts.
# Between two letters such a character, other than an apostrophe, is a letter of another encoding.
_LETTER = re.compile(r"(?=[^\x00-\x7f’½])(?:\w|(?<=[A-Za-z])\W(?=[A-Za-z]))")


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Returns the text in `data`, with `UNREADABLE` for undecodable bytes; `declared` is the encoding declared for it.

    Raises ValueError, with a message for users, if the bytes are not text.
    """
    if marked := _marked(data):
        return data.decode(marked, errors="replace")
    _refuse_binary(data)
    label = (declared or "").strip().lower()
    if label in _SEVEN_BIT and (text := _try(data, label)) is not None:
        return text
    text = _try(data, "utf-8")
    if text is None and label not in ("", "utf-8", "utf8"):
        text = _try(data, _ALIASES.get(label, label))
    if text is None:
        text = _damaged_utf8(data)
    return text if text is not None else data.decode(_recognised(data), errors="replace")


def text_lines(file: BinaryIO, longest: int) -> Iterator[str | ValueError]:
    """Yields the lines of a file, with their line ends, decoded as by `decode`.

    For a line that is not text, or is longer than `longest` bytes, a ValueError is yielded (not raised) in its place.
    Lines are read lazily, so the file may be larger than the memory.
    """
    head = file.peek(_EXAMINED)[:_EXAMINED]  # type: ignore[attr-defined]
    marked = _marked(head)
    if marked and marked != "utf-8-sig":
        wide = io.TextIOWrapper(file, marked, errors="replace", newline="\n")
        try:
            yield from _long_lines(wide.readline, longest, "\n")
        finally:
            wide.detach()  # otherwise it would close the file, which the caller opened
        return
    guess = _encoding(head)
    for raw in _long_lines(file.readline, longest, b"\n"):
        if isinstance(raw, ValueError):
            yield raw
            continue
        if guess is None and (text := _ordinary(raw)) is not None:
            yield text
            continue
        try:
            yield decode(raw, declared=guess)
        except ValueError as error:
            yield error


def _ordinary(line: bytes) -> str | None:
    """Returns the text of a line of UTF-8 without control characters and byte-order mark; None for any other."""
    if line.startswith(codecs.BOM_UTF8) or len(line.translate(None, _CONTROLS)) != len(line):
        return None
    return _try(line, "utf-8")


def _long_lines(readline: Callable[[int], Text], longest: int, end: Text) -> Iterator[Text | ValueError]:
    while line := readline(longest + 1):
        if len(line) <= longest:
            yield line
            continue
        while line and not line.endswith(end):
            line = readline(longest)
        yield ValueError(f"is longer than {longest / 1e6:,.0f} MB")


def _encoding(head: bytes) -> str | None:
    """Guesses the encoding of a file from its first bytes; None for ASCII and UTF-8, which are tried anyway."""
    if head.isascii() or _try(head[: head.rfind(b"\n") + 1] or head, "utf-8") is not None:
        return None
    return _recognised(head)


def _marked(data: bytes) -> str | None:
    """Returns the encoding if it is recognised by a byte-order mark, or by the zero bytes of UTF-16."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None) or _zeros(data)


def _zeros(data: bytes) -> str | None:
    """Recognises UTF-16 without a byte-order mark, in Latin script: nearly all zero bytes are at every other place.

    Not left to chardet, which takes 7 of 100 binary files of a kilobyte for UTF-16.
    """
    head = data[: 8192 & ~1]
    half = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    if half >= 8 and min(even, odd) <= 0.01 * half and max(even, odd) >= 0.7 * half:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _refuse_binary(data: bytes) -> None:
    """Raises ValueError for an image, an archive or other binary data, judging by the first 8,192 bytes."""
    head = data[:8192]
    if b"\0" in head:
        raise ValueError("is not a text file (it contains NUL bytes)")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    # 10 % of random bytes are control characters, in text hardly any; a single one may be left over from printing.
    if controls > max(1, 0.02 * len(head)):
        raise ValueError(f"is not a text file ({100 * controls // len(head)} % of it are control characters)")


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _damaged_utf8(data: bytes) -> str | None:
    """Decodes UTF-8 with a few broken bytes, as after a truncated download.

    None unless the valid non-ASCII characters are at least ten times as many as the broken ones.
    """
    text = data.decode("utf-8", errors="replace")
    broken = text.count(UNREADABLE)
    good = sum(character > "\x7f" for character in text) - broken
    return text if good >= 10 * broken else None


def _recognised(data: bytes) -> str:
    """Returns the encoding of text that is not UTF-8."""
    western = _try(data, "cp1252")
    if western is not None and not _LETTER.search(western):
        return "cp1252"
    found = chardet.detect(data, encoding_era=_ENCODINGS, max_bytes=_EXAMINED)
    if found["encoding"] is None or (western is not None and found["confidence"] < _SURE):
        return "cp1252"
    encoding = found["encoding"].lower()
    return _ALIASES.get(encoding, encoding)
