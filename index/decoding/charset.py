"""Decodes bytes of unknown encoding to text.

In this order: a byte-order mark; UTF-16 without one, recognised by its zero bytes; UTF-8, for which text in other
encodings is hardly ever valid; the declared encoding; and a guess: the single-byte encoding in which the text uses the
alphabet of one language (`latin_alphabets`), Windows-1252 if that gives plausible Western text, otherwise the result of
charset_normalizer. Binary data is rejected. Text that was already garbled when it was stored is not repaired.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeVar

from charset_normalizer import from_bytes

from index.decoding.latin_alphabets import latin_encoding

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""Replaces undecodable bytes in decoded text; cleaning removes these characters and reports their number."""

Text = TypeVar("Text", str, bytes)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encoding labels as the WHATWG interprets them: content labelled as on the left is nearly always as on the right.
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
# Text in seven-bit encodings is also valid UTF-8, so for these the declared encoding is tried first.
_SEVEN_BIT = {"iso-2022-jp", "iso-2022-kr", "hz-gb-2312"}
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
# Bytes from which the encoding is guessed. charset_normalizer takes about 50 ms; more text does not change its result.
_GUESSED_FROM = 50_000
# Share of words with non-ASCII characters below which a text is taken for English or similar, where such words are
# rare: in Polish they are a third, in Russian all.
_FOREIGN_WORDS = 0.1
# In Western text, a character like "³" or "¿" is never between two letters; in wrongly decoded Polish or Czech it is.
_MISREAD = re.compile(r"[A-Za-z][¡-¦¨©«-¶¸¹»-¿×÷†‡‰‹›•€‚„][a-z]")


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Returns the text in `data`, with `UNREADABLE` for undecodable bytes; `declared` is the encoding declared for it.

    Raises ValueError, with a message for users, if the bytes are not text.
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
    """Yields the lines of a file, with their line ends, decoded as by `decode`.

    For a line that is not text, or is longer than `longest` bytes, a ValueError is yielded (not raised) in its place.
    Lines are read lazily, so the file may be larger than the memory.
    """
    head = file.peek(_GUESSED_FROM)[:_GUESSED_FROM]  # type: ignore[attr-defined]
    for mark, encoding in _MARKS:
        if head.startswith(mark) and encoding != "utf-8":
            wide = io.TextIOWrapper(file, encoding, errors="replace", newline="\n")
            try:
                for number, line in enumerate(_long_lines(wide.readline, longest, "\n")):
                    yield line.removeprefix("\ufeff") if isinstance(line, str) and number == 0 else line
            finally:
                wide.detach()  # otherwise it would close the file, which the caller opened
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
    """Guesses the encoding of a file from its first bytes; None for ASCII and UTF-8, which are tried anyway."""
    if head.isascii() or _try(head[: head.rfind(b"\n") + 1] or head, "utf-8") is not None:
        return None
    return _guessed(head)


def _zeros(data: bytes) -> str | None:
    """Recognises UTF-16 without a byte-order mark, in Latin script: nearly all zero bytes are at every other place."""
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
