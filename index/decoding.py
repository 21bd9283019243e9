"""Bytes -> text, for files of unknown encoding.

A byte-order mark decides, then UTF-8 (which other encodings hardly ever imitate), then what the file
declares, then a guess: the encoding of Latin letters in which it is of one alphabet (`alphabets`), Windows-1252 where
that gives plausible Western text, otherwise charset_normalizer.
UTF-16 without a mark is told by its zeros. Refuses what is not text at all. Does not repair text that was stored
wrongly in the first place.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeVar

from charset_normalizer import from_bytes

from index.alphabets import latin_encoding

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""What stands in decoded text for bytes that are no character; cleaning takes it out, and notes how many there were."""

Text = TypeVar("Text", str, bytes)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The WHATWG's reading of labels: what pages call by the left name is nearly always the right one.
_ALIASES = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
}
# Seven-bit encodings are valid UTF-8 by accident, so for these the label comes first.
_SEVEN_BIT = {"iso-2022-jp", "iso-2022-kr", "hz-gb-2312"}
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
# charset_normalizer reads 50 KB in some 50 ms, and more text does not change its mind.
_GUESSED_FROM = 50_000
# A text with fewer words outside ASCII is English or the like, whatever those are: Polish has a third, Russian all.
_FOREIGN_WORDS = 0.1
# In Western text a mark like "³" or "¿" never stands between two letters; in misread Polish or Czech it does.
_MISREAD = re.compile(r"[A-Za-z][¡-¦¨©«-¶¸¹»-¿×÷†‡‰‹›•€‚„][a-z]")


def decode(data: bytes, *, declared: str | None = None) -> str:
    """The text in `data`, with `UNREADABLE` for what is damaged; `declared` is the encoding that the file itself names.

    Raises ValueError with a reason for people when the bytes are not text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    if wide := _zeros(data):
        return data.decode(wide, errors="replace")
    _refuse_binary(data)
    label = (declared or "").strip().lower()
    if label in _SEVEN_BIT and (text := _try(data, label)) is not None:
        return text
    text = _try(data, "utf-8")
    if text is None and label not in ("", "utf-8", "utf8"):
        text = _try(data, _ALIASES.get(label, label))
    if text is None:
        text = _damaged_utf8(data)
    return text if text is not None else _guess(data)


def text_lines(file: BinaryIO, longest: int) -> Iterator[str | ValueError]:
    """The lines of a file, with their ends, decoded as `decode` does; for one that is no text, the reason.

    A line longer than `longest` bytes is passed over with a ValueError in its place. Lines are read as they are asked
    for, so that a file may be larger than the memory.
    """
    head = file.peek(_GUESSED_FROM)[:_GUESSED_FROM]  # type: ignore[attr-defined]
    for mark, encoding in _MARKS:
        if head.startswith(mark) and encoding != "utf-8":
            wide = io.TextIOWrapper(file, encoding, errors="replace", newline="\n")
            try:
                for number, line in enumerate(_long_lines(wide.readline, longest, "\n")):
                    yield line.removeprefix("\ufeff") if isinstance(line, str) and number == 0 else line
            finally:
                wide.detach()  # else it would close the file, which is its opener's to do
            return
    guess = _encoding(head)
    for raw in _long_lines(file.readline, longest, b"\n"):
        if isinstance(raw, ValueError):
            yield raw
            continue
        try:
            yield decode(raw, declared=guess)
        except ValueError as error:
            yield error


def _long_lines(readline: Callable[[int], Text], longest: int, end: Text) -> Iterator[Text | ValueError]:
    while line := readline(longest + 1):
        if len(line) <= longest:
            yield line
            continue
        while line and not line.endswith(end):
            line = readline(longest)
        yield ValueError(f"is longer than {longest / 1e6:,.0f} MB")


def _encoding(head: bytes) -> str | None:
    """What the first bytes of a file are encoded in, if they are neither ASCII nor UTF-8, which are tried anyway."""
    if head.isascii() or _try(head[: head.rfind(b"\n") + 1] or head, "utf-8") is not None:
        return None
    return _guessed(head)


def _zeros(data: bytes) -> str | None:
    """UTF-16 without a mark, in a language with Latin letters: every other byte is zero, and hardly any other."""
    head = data[: 8192 & ~1]
    half = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    if half >= 8 and min(even, odd) <= 0.01 * half and max(even, odd) >= 0.7 * half:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _refuse_binary(data: bytes) -> None:
    """Raise ValueError for a picture, an archive and the like, judging by the first 8,192 bytes."""
    head = data[:8192]
    if b"\0" in head:
        raise ValueError("is not a text file (it contains NUL bytes)")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    # Random bytes have 10 % of them, text next to none; one may be a printer's leftover.
    if controls > max(1, 0.02 * len(head)):
        raise ValueError(f"is not a text file ({100 * controls // len(head)} % of it are control characters)")


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _damaged_utf8(data: bytes) -> str | None:
    """UTF-8 with a few broken bytes, as a cut download has; None if there are more broken than good ones."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count(UNREADABLE)
    good = sum(character > "\x7f" for character in text) - broken
    return text if good >= 10 * broken else None


def _guess(data: bytes) -> str:
    text = _try(data, _guessed(data))
    return text if text is not None else data.decode("cp1252", errors="replace")


def _guessed(data: bytes) -> str:
    if latin := latin_encoding(data[:_GUESSED_FROM]):
        return latin
    western = _try(data, "cp1252")
    if western is not None:
        foreign = sum(character > "\x7f" and character.isalpha() for character in western)
        if foreign <= 0.15 * len(western) and not _MISREAD.search(western):
            return "cp1252"
    elif _is_nearly_ascii(data):
        return "cp1252"
    best = from_bytes(data[:_GUESSED_FROM]).best()
    return best.encoding if best else "cp1252"


def _is_nearly_ascii(data: bytes) -> bool:
    words = data[:_GUESSED_FROM].split()
    return sum(not word.isascii() for word in words) <= _FOREIGN_WORDS * len(words)
