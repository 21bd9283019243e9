"""Splits a text with many articles, as databases export them, and reads the facts above and below each.

What comes back tells where an article begins: "2 of 17 DOCUMENTS" before each, "End of Document" or a document's code
after each, a row of dashes or the end of a page between them, the same labels in each, or the same lines above each
text (a title, who wrote it, the day). A text without any of these is one article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning.byline import facts_line
from index.cleaning.paragraphs import check_lines
from index.formats.exports.head import Piece, Recurring, dated_line, ends_article, named_facts, read_piece
from index.formats.exports.highlights import split_clippings, split_excerpts
from index.formats.exports.labels import code_of, field_of, field_of_code, known_label, recurring_labels

UNSPLIT = "looks like several articles, which could not be told apart"
"""The reason given for a text that has the marks of several articles but is read as one."""

_WORD = (
    r"(?:do[ck]ument(?:s|e|en|o|os|i)?|articles?|artikel|art[ií]culos?|articol[oi]|records?|stor(?:y|ies)|item|result)"
)
_NUMBERED = re.compile(
    rf"\s*\W*(?P<before>{_WORD}\s+)?#?(?P<number>\d{{1,6}}) (?:of|von|de|sur|di|van|av|из) (?P<total>\d{{1,6}})"
    rf"(?P<after>\s+{_WORD})?\W*",
    re.I,
)
_END = re.compile(
    r"\s*(?:end of (?:document|article|record)|ende des (?:dokuments|artikels)|fin d[eu]l? (?:document|art[ií]cul)o?|"
    r"fine del(?:l['’])? ?(?:documento|articolo)|einde van (?:het )?document|"
    # Factiva's code: of the source, of the day, and of the article.
    r"(?-i:Do[ck]ument[oe]? [A-Z][A-Z0-9]{3,9}\d{8}[A-Za-z0-9]{4,20}))\s*",
    re.I,
)
_ROW = re.compile(r"\s*(?P<mark>[-_*=~#─—])(?:[ \t]?(?P=mark)){2,}\s*")
_FIRST_ENTRY = re.compile(r"\s*1\.\s+(?P<title>\S.*)")
_LISTED = re.compile(r"\s*(?:documents|dokumente)\s*\(\d+\)\s*", re.I)
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
# Lines at the beginning of an article among which those that come back in others are no title.
_TOP = 12
_MOST_ABOVE_DAY = 4
_LONGEST_TITLE = 200
_FEWEST_WORDS = 8
# Labels and codes, in the order of the text, of which each is tried as the first of an article.
_MOST_MARKS = 3


def split_articles(text: str) -> list[Piece]:
    """Returns the articles in a text that has marks of several; [] if it is to be read as one article.

    Raises ValueError, with a message for users, above `MOST_LINES` lines, of which each takes up to 0.1 ms.
    """
    lines = _lines(text)
    check_lines(len(lines))
    if found := _numbered(lines):
        cover, *blocks = found
        return with_cover(cover, _pieces(blocks, numbered=True))
    if found := _ended(lines):
        start = _cover(found[0])
        return with_cover(found[0][:start], _pieces([found[0][start:], *found[1:]]))
    return split_clippings(text) or split_excerpts(text) or _between_rows(lines) or _labelled(lines) or _headed(lines)


def marks_of_many(text: str) -> str:
    """Returns what in a text that cannot be split looks like several articles; "" if nothing does."""
    lines = _lines(text)
    numbered = [line.strip() for line in lines if _number(line)]
    if len(numbered) > 1:
        return ", ".join(numbered[:3])
    blocks = _blocks(lines)
    dated = sum("date" in piece.facts or "author" in piece.facts for piece in _pieces(blocks))
    return f"{len(blocks) - 1} rows of dashes or the like" if len(blocks) > 2 and dated > 1 else ""


def _lines(text: str) -> list[str]:
    """Returns the lines of a text, with a row of dashes in place of the end of a page."""
    return text.replace("\f", "\n---\n").splitlines()


def _pieces(blocks: Sequence[Sequence[str]], *, numbered: bool = False) -> list[Piece]:
    """Reads the articles in blocks of lines; what comes back in several blocks is no title and no text."""
    kept = [[line for line in block if not _ROW.fullmatch(line)] for block in blocks if any(map(str.strip, block))]
    tops = Counter(line for block in kept for line in _top(block))
    recurring = Recurring(recurring_labels(kept), {line for line, count in tops.items() if count > 1})
    read = [read_piece(block, source_first=numbered, recurring=recurring) for block in kept]
    if numbered:
        return read
    # If most of them name their source first, the others do, too.
    turned = [read_piece(block, source_first=True, recurring=recurring) for block in kept]
    same = sum(bool(a.facts.get("source")) and a.facts == b.facts for a, b in zip(read, turned, strict=True))
    return turned if 2 * same > len(read) else read


def _top(block: Sequence[str]) -> set[str]:
    filled = (joined for line in block if (joined := " ".join(line.split())))
    return {line for _, line in zip(range(_TOP), filled, strict=False)}


def with_cover(cover: Sequence[str], pieces: Sequence[Piece]) -> list[Piece]:
    """Returns the articles, the first with the lines that stand before all of them as left out."""
    if not pieces:
        return []
    lines = tuple(line.strip() for line in cover if line.strip() and not _ROW.fullmatch(line))
    return [replace(pieces[0], dropped=(*lines, *pieces[0].dropped)), *pieces[1:]]


def _number(line: str) -> tuple[int, int] | None:
    """Returns the number of a document and that of all, if a line consists of these."""
    match = _NUMBERED.fullmatch(line) if len(line) < 200 else None
    if match is None or not (match["before"] or match["after"]):
        return None
    return int(match["number"]), int(match["total"])


def _numbered(lines: Sequence[str]) -> list[Sequence[str]]:
    """Returns what stands before the first line like "2 of 17 DOCUMENTS", and the blocks below, if they count up."""
    places = [(place, found) for place, line in enumerate(lines) if (found := _number(line))]
    numbers = [number for _, (number, _) in places]
    totals = {total for _, (_, total) in places}
    if not places or numbers != sorted(set(numbers)) or len(totals) > 1 or numbers[-1] > max(totals):
        return []
    starts = [place for place, _ in places]
    blocks = [
        [line for line in lines[start + 1 : end] if not _END.fullmatch(line)]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    return [lines[: starts[0]], *blocks]


def _ended(lines: Sequence[str]) -> list[Sequence[str]]:
    """Returns the blocks above lines like "End of Document"."""
    ends = [place for place, line in enumerate(lines) if len(line) < 200 and _END.fullmatch(line)]
    if not ends:
        return []
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [lines[start:end] for start, end in zip(starts, ends, strict=True)]


def _cover(block: Sequence[str]) -> int:
    """Returns where the first article begins, below a list of all titles ("Documents (17)"); 0 without such a list."""
    listed = next((place for place, line in enumerate(block) if _LISTED.fullmatch(line)), None)
    if listed is None:
        return 0
    entries = (match["title"].strip() for line in block[listed:] if (match := _FIRST_ENTRY.fullmatch(line)))
    title = next(entries, None)
    return max((place for place, line in enumerate(block) if place > listed and line.strip() == title), default=0)


def _between_rows(lines: Sequence[str]) -> list[Piece]:
    """Returns the articles between rows of dashes; what has no facts of its own continues the article before it."""
    blocks = _blocks(lines)
    joined: list[list[str]] = []
    cover: list[str] = []
    for block, piece in zip(blocks, _pieces(blocks), strict=True):
        if piece.facts.get("date") and piece.facts.get("title") and piece.text:
            joined.append(block)
        elif joined:
            joined[-1] += block
        else:
            cover += block
    return with_cover(cover, _pieces(joined)) if len(joined) > 1 else []


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Returns the blocks between rows of dashes that are not empty."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if len(line) < 400 and _ROW.fullmatch(line):
            blocks.append([])
        else:
            blocks[-1].append(line)
    return [block for block in blocks if any(map(str.strip, block))]


def _labelled(lines: Sequence[str]) -> list[Piece]:
    """Returns the blocks that begin with the label or code that comes back first, if each has a title and other facts.

    A line without a label right above it is the title.
    """
    marks = [(place, mark) for place, line in enumerate(lines) if (mark := _mark(line))]
    counts = Counter(mark for _, mark in marks)
    most: list[Piece] = []
    for first in [mark for mark, count in counts.items() if count > 1][:_MOST_MARKS]:
        starts = [_titled(lines, place) for place, mark in marks if mark == first]
        pieces = _pieces(_cut(lines, starts)) if len(starts) > len(most) else []
        if all(one.facts.get("title") and len(one.facts) > 2 and one.text for one in pieces) and _are_others(pieces):
            most = with_cover(lines[: starts[0]], pieces) or most
    return most


def _mark(line: str) -> str:
    """Returns the field that the label or code of a line names, or else the label or code; "" if it has neither."""
    label, _ = known_label(line)
    code = code_of(line) if not label else ""
    return field_of(label) or label or field_of_code(code) or code


def _titled(lines: Sequence[str], place: int) -> int:
    """Returns where the title and other lines right above a labelled line begin; the line's own if none."""
    if _mark(lines[place]) == "title":
        return place
    start = place
    for n in range(place - 1, max(-1, place - 2 - _MOST_ABOVE_DAY), -1):
        if not lines[n].strip() and start == place == n + 1:
            continue  # one blank line
        if not lines[n].strip() or not _may_be_head(lines[n]):
            break
        start = n
    return start


def _may_be_head(line: str) -> bool:
    """Returns whether a line can stand above an article: a title or a fact, but no sentence, and no end of another."""
    text = " ".join(line.split())
    if len(text) > _LONGEST_TITLE or _ROW.fullmatch(text) or ends_article(text):
        return False
    return not _SENTENCE_END.search(text) or facts_line(text) is not None


def _cut(lines: Sequence[str], starts: Sequence[int]) -> list[Sequence[str]]:
    return [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _headed(lines: Sequence[str]) -> list[Piece]:
    """Returns the blocks that begin with a title and lines with a day and a source or an author, the same for each.

    Only if every line that consists of a day is one of those: a timeline has others.
    """
    heads = [_head_above(lines, place) for place, line in enumerate(lines) if _is_dated(line)]
    if len(heads) < 2 or not all(heads):
        return []
    height = min(map(len, heads))  # above the first there may be a heading of them all
    starts = [head[height - 1] for head in heads]
    pieces = _pieces(_cut(lines, starts))
    facts = [piece.facts for piece in pieces]
    whole = all(one.get("date") and one.get("title") and (one.get("author") or one.get("source")) for one in facts)
    return with_cover(lines[: starts[0]], pieces) if whole and _are_others(pieces) else []


def _head_above(lines: Sequence[str], place: int) -> list[int]:
    """Returns the places of the lines that may belong to the head around a line with a day, from it upwards."""
    above: list[int] = []
    for n in range(place - 1, -1, -1):
        if not lines[n].strip():
            continue
        if len(above) == _MOST_ABOVE_DAY or not _may_be_head(lines[n]):
            break
        above.append(n)
    return above


def _is_dated(line: str) -> bool:
    text = " ".join(line.split())
    if not text or len(text) > _LONGEST_TITLE:
        return False
    facts = facts_line(text)
    label, value = known_label(text)
    labelled = field_of(label) == "date" and "date" in named_facts("date", value)
    return labelled or bool((facts and facts.published) or dated_line(text))


def _are_others(pieces: Sequence[Piece]) -> bool:
    """Returns whether articles have different titles, and each more than a line of text."""
    titles = {piece.facts.get("title") for piece in pieces}
    return len(titles) == len(pieces) and all(len(piece.text.split()) >= _FEWEST_WORDS for piece in pieces)
