"""Splits raw text into normalised paragraphs.

Characters are normalised to NFC and plain spaces, and invisible ones removed. Hard-wrapped lines are joined; every
other line is a paragraph of its own. The layout of each paragraph (indentation, blank lines before it) is kept, because
it helps to distinguish readers' comments from the article. The content of paragraphs is not interpreted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from index.cleaning.broken_words import BrokenWords, broken_word

# Controls, zero-width and bidirectional marks, soft hyphen, invisible operators and fillers, variation
# selectors, tag characters, surrogates, noncharacters: each has been used to hide prompt injections. Also the
# replacement character, which marks bytes that could not be decoded.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffd-\uffff\ud800-\udfff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACE = re.compile("[\x1f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")

# A line that starts a list item: a bullet, "1.", "1)" or "(1)".
_ITEM = re.compile(r"(?:[-*+•‣◦·▪●○–—]|(?P<number>\d{1,3})[.)]|\((?P<bracketed>\d{1,3})\))\s+(?=\S)")
_ENDED = re.compile(r"[.!?…:;][\"'”’)\]]*$")
_DATELINE = re.compile(r"[A-Z][A-Z .,'/-]{2,30},? .{0,30}[-–—] ")
# The agency's name below a wire report, which is never joined to the line above it.
_SIGNED_OFF = re.compile(r" *reuters?\W*(?-i:[A-Z]{0,3})", re.I)

LONGEST_LINE = 1_000
"""Largest number of characters of a title, a name and the like; the longest titles of papers have 500."""

MOST_LINES = 200_000
"""Largest number of lines of an article; the longest books have 100,000. A million lines of one word took 7 s and
370 MB."""

# Length above which a line is not hard-wrapped; wire reports and mail wrap at 64 to 80, some editors at 100.
_LONGEST_WRAPPED = 110

# Numbers of lines with a broken word, and of lines that go on in small letters, that show that lines end anywhere.
_RAGGED = 2
_SPOKEN = 10
# A soft hyphen, or the mark that programs for character recognition set where a word was broken.
_LINE_BREAK_MARK = re.compile("[\u00ad\u00ac](?=[ \t]*[\r\n])")


class Paragraph(NamedTuple):
    """A paragraph as one line of text, with its indentation in columns and the number of blank lines before it."""

    text: str
    indent: int = 0
    gap: int = 1


class Item(NamedTuple):
    """A paragraph that is a list item; `number` is None for a bullet."""

    number: int | None
    text: str


def plain(raw: str) -> str:
    """Returns `raw` in NFC, with newlines as `\\n`, plain spaces, and no invisible or undecodable characters."""
    if raw.replace("\n", " ").replace("\t", " ").isprintable():  # so there are no other newlines and spaces
        return raw if raw.isascii() else unicodedata.normalize("NFC", _INVISIBLE.sub("", raw))
    text = _NEWLINE.sub("\n", raw)
    text = _INVISIBLE.sub("", text)
    if text.isascii():
        return text.replace("\x1f", " ")
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text))


def one_line(raw: str) -> str:
    """Returns `raw` normalised and on one line, for a title or a name."""
    return " ".join(plain(raw).split())


def cut(line: str) -> str:
    """Returns a title or name shortened to `LONGEST_LINE` characters, so that pages that show it do not get huge."""
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1].rstrip() + "…"


def as_item(text: str) -> Item | None:
    """Returns the paragraph as a list item, or None if it is none."""
    if not (match := _ITEM.match(text)):
        return None
    number = match["number"] or match["bracketed"]
    return Item(int(number) if number else None, text[match.end() :])


def paragraphs(raw: str, *, titled: bool = False) -> list[Paragraph]:
    """Returns the paragraphs of plain text, in order.

    `titled`: the headline is known, so a short first line is the start of the text and no headline, as in wire reports
    from which the dateline was removed. Raises ValueError, with a message for users, above `MOST_LINES` lines.
    """
    marked = raw if raw.isascii() else _LINE_BREAK_MARK.sub("-", raw)
    lines = plain(marked).expandtabs(4).split("\n")
    check_lines(sum(not line.isspace() for line in lines if line))
    wrap = _Wrap.of(lines)
    words = BrokenWords([line for line in lines if line.strip()], fewest=_RAGGED)
    found: list[Paragraph] = []
    open_lines: list[str] = []
    gap = 0

    def close() -> None:
        if open_lines:
            found.append(Paragraph(words.join(open_lines), _indent(open_lines[0]), gap))

    for line in lines:
        if not line.strip():
            close()
            gap = 1 if open_lines else gap + 1
            open_lines = []
        elif open_lines and wrap.joins(open_lines, line, first=not found and not titled):
            open_lines.append(line)
        else:
            close()
            gap = 0 if open_lines else gap
            open_lines = [line]
    close()
    return found


def check_lines(count: int) -> None:
    """Raises ValueError, with a message for users, if an article has more than `MOST_LINES` lines."""
    if count > MOST_LINES:
        raise ValueError(f"has {count:,} lines, more than the {MOST_LINES:,} of one article; split it")


class _Wrap(NamedTuple):
    """How a text is hard-wrapped: its width in columns (0 if it is not), and whether first lines are indented.

    `ragged`: lines end anywhere, as in the columns of old papers with broken words, or in subtitles of speech.
    """

    width: int
    indented: bool
    ragged: bool = False

    @classmethod
    def of(cls, lines: Sequence[str]) -> _Wrap:
        lengths = [len(line) for line in lines if line.strip()]
        wrapped = [length for length in lengths if length <= _LONGEST_WRAPPED]
        if len(wrapped) < 0.9 * len(lengths) or not wrapped:
            return cls(0, False)
        full = continued = indents = broken = lowered = pairs = 0
        for line, following in pairwise(lines):
            if not line.strip() or not following.strip():
                continue
            goes_on = following[0].islower() and not _ENDED.search(line)
            pairs += 1
            lowered += goes_on
            full += len(line) >= 55
            continued += len(line) >= 35 and goes_on
            broken += goes_on and broken_word(line, following) is not None
            indents += line[0] != " " and following.startswith("  ") and not _ITEM.match(following.lstrip())
        ragged = broken >= _RAGGED or lowered >= max(_SPOKEN, 0.6 * pairs)
        return cls(max(wrapped), indents > 0, ragged) if continued or full >= 3 or broken or ragged else cls(0, False)

    def joins(self, open_lines: Sequence[str], line: str, *, first: bool) -> bool:
        """Returns whether `line` continues the paragraph of `open_lines`; `first`: these may be the headline."""
        if not self.width or (len(line) < 20 and _SIGNED_OFF.fullmatch(line)):
            return False
        last, indent = open_lines[-1], _indent(line)
        starts_item = _ITEM.match(line.lstrip())
        in_item = _ITEM.match(open_lines[0].lstrip())
        # "in May\n5. The" is a wrapped sentence: a marker starts an item only after an ended line, in a list, or
        # if it is indented.
        if starts_item and (indent or in_item or _ENDED.search(last)):
            return False
        if in_item and indent > _indent(open_lines[0]):
            return True
        if indent > _indent(last) + 1:
            return False
        if line.lstrip()[0].islower() and not _ENDED.search(last):
            return True
        if first and len(open_lines) == 1 and (len(last) < 0.8 * self.width or _DATELINE.match(line)):
            return False
        if self.indented and (indent == 0 or not in_item):
            return indent == 0 and len(last) > 20
        if self.ragged and not _ENDED.search(last) and not (last.isupper() and not line.isupper()):
            return True
        word = line.split(None, 1)[0]
        return self.width >= 50 and len(last) + len(word) + 1 > self.width


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
