"""Separates the plain text of an article into its body, metadata, readers' comments and boilerplate.

    raw text -> paragraphs -> Cleaned (title, text, author, source, published, comments, dropped)

Removes whole paragraphs and never rewrites a sentence. Everything removed is listed with the reason, so that users can
check it. Independent of file formats; the modules of `formats` pass their text to this one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from index.cleaning.boilerplate import boilerplate_kind, boxed, without_wire_tail
from index.cleaning.byline import Facts, closing_line, credit, dateline, facts_line, without_dateline
from index.cleaning.comments import comments_start, gather, is_comment_link
from index.cleaning.paragraphs import Paragraph, as_item, cut, one_line, paragraphs
from index.decoding.charset import UNREADABLE
from index.plural import several

LONGEST_DERIVED_TITLE = 100
"""Largest number of characters, including the ellipsis, of a title derived from the first sentence."""

# A longer first paragraph is no headline; the longest headline in the sample pages has 140 characters.
_LONGEST_HEADLINE = 200
# Articles need two or three passes over the whole text; the limit protects against texts constructed to need many.
_MOST_PASSES = 50
# Number of paragraphs from the top in which bylines, dates and repeated headlines are looked for.
_TOP = 6

_SENTENCE_END = re.compile(r"[.,;:…][\"'”’)\]]*$")
_INITIALS_END = re.compile(r"\b(?:[A-Z]\.){2,}$")
_SITE_SUFFIX = re.compile(r"\s+[|–—·»:-]\s+(?P<site>[^|]{2,40})$")
_TITLE_LINE = re.compile(r"(?:title|headline)\s*:\s*(?P<title>.+)", re.I)
_FACT_LABEL = re.compile(r"(?:(?:first |last )?(?:published|updated|posted)|date|source|authors?|written by)\b", re.I)
_SECTION = re.compile(
    r"(?:breaking(?: news)?|exclusive|news|home|world|politics|business|sports?|opinion|europe|middle east|asia|africa|"
    r"americas|technology|science|health|culture|analysis|international|national|local|latest|live|video|uk|us)"
    r"(?: ?[>»/|›] ?[\w &-]{2,30})*:?|home(?: ?[>»/|›] ?[\w &-]{2,30})+",
    re.I,
)
_SENTENCE = re.compile(
    r".+?(?:(?<!\b[A-Z])(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bSt)[.!?…][\"'”’)\]]*(?=\s+[\"'“‘(]?[^\W_a-z])|[。！？]|$)"
)
_STRAIGHT = str.maketrans("’‘“”–—", "''\"\"--")


NOT_TEXT = "damaged: no text in any encoding"
"""The reason given for characters that could not be decoded."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A paragraph that was removed from both text and comments, with the reason ("share link", "newsletter" …)."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned article. If no article text was found, `text` is empty; otherwise `title` is not.

    `language` is the one that the file declares, if it does.
    """

    title: str
    text: str
    author: str | None = None
    source: str | None = None
    published: date | None = None
    url: str | None = None
    comments: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    language: str | None = None


def clean(raw: str, *, title: str | None = None) -> Cleaned:
    """Cleans the plain text of one article. Any string is accepted, but too many lines raise ValueError.

    A given `title` is kept, and repetitions of it are removed from the text. Otherwise the headline is the first short
    line that does not end like a sentence, or one that is repeated near the top; if there is none, the title is the
    first sentence, shortened, which then also stays in the text. Cleaning is idempotent: cleaning the result again
    with its title changes nothing, except for lines of a few words that happen to equal such a title.
    """
    cleaned = clean_paragraphs(paragraphs(raw, titled=bool(title)), title=title)
    return replace(cleaned, dropped=(*cleaned.dropped, *lost(raw)))


def lost(raw: str) -> tuple[Dropped, ...]:
    """Returns the number of characters that could not be decoded, as an entry for `Cleaned.dropped`; () if none."""
    count = raw.count(UNREADABLE)
    return (Dropped(several(count, "character"), NOT_TEXT),) if count else ()


def clean_paragraphs(found: Sequence[Paragraph], *, title: str | None = None) -> Cleaned:
    """Cleans text that is already split into paragraphs; see `clean`."""
    work = _Work(list(found), cut(one_line(title or "")))
    work.tidy()
    # Removing a paragraph can move another to the top, so this is repeated until nothing changes, which makes cleaning
    # idempotent. Only the first pass uses the layout, which is not stored with the text.
    count = None
    for _ in range(_MOST_PASSES):
        if count == len(work.paragraphs):
            break
        count = len(work.paragraphs)
        work.paragraphs = [Paragraph(p.text) for p in work.paragraphs]
        work.tidy()
    return work.result()


@dataclass(slots=True)
class _Work:
    """The state of cleaning one article: each step moves something from `paragraphs` to the other fields."""

    paragraphs: list[Paragraph]
    title: str
    facts: Facts = field(default_factory=Facts)
    comments: list[str] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    title_in_text: bool = False

    def tidy(self) -> None:
        """Makes one pass: removes everything that is recognised as not belonging to the article text."""
        reasons = self._judge()
        if not self.title:
            self._find_title(reasons)
            self.title_in_text = bool(self.title)
        self._drop({n: reason for n, reason in enumerate(reasons) if reason})
        self._drop_repetitions()
        if self.paragraphs:
            last = self.paragraphs[-1]
            self.paragraphs[-1] = last._replace(text=without_wire_tail(last.text))

    def result(self) -> Cleaned:
        """Returns the remaining paragraphs and the collected facts as the cleaned article."""
        first = self.paragraphs[0].text if self.paragraphs else ""
        facts = self.facts.or_else(dateline(first))
        return Cleaned(
            title=cut(self.title) or _derived_title(first),
            text="\n\n".join(p.text for p in self.paragraphs),
            author=facts.author,
            source=facts.source,
            published=facts.published or facts.updated,
            comments=tuple(self.comments),
            dropped=tuple(self.dropped),
        )

    def _judge(self) -> list[str | None]:
        """Returns for each paragraph the reason to drop it, or None; moves the readers' comments out first."""
        texts = [p.text for p in self.paragraphs]
        reasons = boxed(texts, [boilerplate_kind(text) for text in texts])
        self._split_comments(reasons)
        top, closing = _TOP, _closing(texts, reasons)
        for place, paragraph in enumerate(self.paragraphs):
            text = paragraph.text
            stated = facts_line(text) if place < top or _FACT_LABEL.match(text) else None
            stated = closing_line(text) if stated is None and place >= closing else stated
            if stated is not None:
                reasons[place] = reasons[place] or "byline, source or date"
                self.facts = self.facts.or_else(stated)
            elif reasons[place] is None and is_comment_link(text):
                reasons[place] = "link to the comments"
            top += reasons[place] is not None and place < top
            self.facts = self.facts.or_else(credit(text))
        return reasons

    def _split_comments(self, reasons: list[str | None]) -> None:
        """Moves the readers' comments out of `paragraphs`, and removes their entries from `reasons`."""
        start = comments_start(self.paragraphs, [reason is not None for reason in reasons], self.title)
        tail = list(zip(self.paragraphs[start:], reasons[start:], strict=True))
        del self.paragraphs[start:], reasons[start:]
        comments, refuse = gather([p for p, reason in tail if reason is None])
        self.comments[:0] = comments
        self.dropped += [Dropped(text, "around the comments") for text in refuse]
        self.dropped += [Dropped(p.text, reason) for p, reason in tail if reason is not None]

    def _find_title(self, reasons: list[str | None]) -> None:
        """Sets `title` to the headline, if there is one. Its line is removed later, as a repetition of the title."""
        top = [(n, p.text) for n, p in enumerate(self.paragraphs) if reasons[n] is None][:_TOP]
        keys = [_key(text) for _, text in top]
        for place, text in top[:3]:
            if match := _TITLE_LINE.fullmatch(text):
                # Replaces the labelled line, so that it is removed like any other headline.
                self.title = match["title"]
                self.paragraphs[place] = Paragraph(self.title)
                return
        for (_, text), key in zip(top, keys, strict=True):
            repeated = keys.count(key) > 1 and len(text) <= _LONGEST_HEADLINE
            # A repeated sentence is a headline (with a full stop) only if it is the first two paragraphs.
            if repeated and (_is_headline(text) or keys[:2] == [key, key]):
                self.title = text
                return
        while len(top) > 2 and _SECTION.fullmatch(top[0][1]) and _is_headline(top[1][1]):
            reasons[top.pop(0)[0]] = "name of the section"
        if len(top) > 1:
            (place, text), (_, following) = top[:2]
            bylined = len(text) <= 120 and reasons[place + 1] == "byline, source or date"
            suffix = _SITE_SUFFIX.search(text)
            if suffix and _key(text[: suffix.start()]) == _key(following):
                self.title = following
            elif _is_headline(text) or bylined:
                self.title = text

    def _drop_repetitions(self) -> None:
        """Removes every repetition of the headline, labels above it, and a paragraph that equals the one before it."""
        title = _key(self.title)
        reasons: dict[int, str] = {}
        for place, paragraph in enumerate(self.paragraphs):
            text = paragraph.text
            if abs(len(text) - len(title)) <= 45 and self._is_title(text, title, near_top=place < _TOP):
                reasons[place] = "repeated headline"
            elif place and text == self.paragraphs[place - 1].text and text.count(" ") >= 5:
                reasons[place] = "repeated paragraph"
        headlines = [place for place, reason in reasons.items() if "headline" in reason]
        for place in range(min(headlines, default=0) if min(headlines, default=0) < _TOP else 0):
            text = self.paragraphs[place].text
            if text.count(" ") < 5 and not _SENTENCE_END.search(text):
                reasons[place] = "label above the headline"
        if headlines and len(reasons) == len(self.paragraphs):
            # Only the headline would be removed and nothing left; a text of one line is still an article.
            del reasons[headlines[0]]
        elif headlines and self.title_in_text:
            self._drop({place: reasons.pop(place) for place in [headlines[0]]})
            self.dropped.pop()
            reasons = {place - (place > headlines[0]): reason for place, reason in reasons.items()}
            self.title_in_text = False
        self._drop(reasons)

    def _is_title(self, text: str, title: str, *, near_top: bool) -> bool:
        if not title:
            return False
        if _key(text) == title:
            return True
        suffix = _SITE_SUFFIX.search(text) if near_top else None
        if suffix and _key(text[: suffix.start()]) == title:
            self.facts = self.facts.or_else(Facts(source=suffix["site"]))
            return True
        return False

    def _drop(self, reasons: dict[int, str]) -> None:
        if reasons:
            self.dropped += [Dropped(self.paragraphs[n].text, reason) for n, reason in sorted(reasons.items())]
            self.paragraphs = [p for n, p in enumerate(self.paragraphs) if n not in reasons]


def _closing(texts: Sequence[str], reasons: Sequence[str | None]) -> int:
    """Returns the index of the second to last paragraph, not counting boilerplate and lines that name an agency."""
    kept, place = 0, len(reasons)
    while place and kept < 2:
        place -= 1
        kept += reasons[place] is None and closing_line(texts[place]) is None
    return place


def _key(text: str) -> str:
    return text.translate(_STRAIGHT).casefold()


def _is_headline(text: str) -> bool:
    """Returns whether a first paragraph looks like a headline: short, and not ending like a sentence."""
    if len(text) > _LONGEST_HEADLINE or as_item(text) or without_dateline(text) != text:
        return False
    return not _SENTENCE_END.search(text) or bool(_INITIALS_END.search(text))


def _derived_title(text: str) -> str:
    """Returns the first sentence of `text`, without its final punctuation, cut between words if it is too long."""
    item = as_item(text)
    text = without_dateline(item.text if item else text)
    match = _SENTENCE.match(text)
    sentence = (match[0] if match else text).strip().rstrip(" .,:;。")
    if len(sentence) <= LONGEST_DERIVED_TITLE:
        return sentence or text[:LONGEST_DERIVED_TITLE].strip()
    start = sentence[: LONGEST_DERIVED_TITLE - 1]
    return (start.rsplit(" ", 1)[0] if " " in start else start).rstrip(" ,;:–—-") + "…"
