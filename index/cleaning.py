"""Clean the plain text of an article: what is the reporting, what is said about it, what is refuse.

    raw text -> paragraphs -> Cleaned (title, text, author, source, published, comments, dropped)

Takes whole paragraphs out and never rewrites a sentence. Everything taken out is listed with the reason, so
that a person can check it. Knows nothing about files and formats; `webpage` and `reading` bring their text
here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from index.byline import Facts, closing_line, credit, dateline, facts_line, without_dateline
from index.decoding import UNREADABLE
from index.furniture import boxed, furniture, without_wire_tail
from index.paragraphs import Paragraph, as_item, cut, one_line, paragraphs
from index.reader_comments import comments_start, gather, is_comment_link

LONGEST_DERIVED_TITLE = 100
"""Characters, with the ellipsis, of a title that had to be made from the first sentence."""

# A longer first paragraph is no headline; the longest among the sample pages has 140 characters.
_LONGEST_HEADLINE = 200
# Articles need two or three; more only what was made to need them, and every pass looks at everything.
_MOST_PASSES = 50
# Bylines, dates and repeated headlines are looked for in so many paragraphs from the top.
_TOP = 6

_SENTENCE_END = re.compile(r"[.,;:…][\"'”’)\]]*$")
_INITIALS_END = re.compile(r"\b(?:[A-Z]\.){2,}$")
_SITE_SUFFIX = re.compile(r"\s+[|–—·»:-]\s+(?P<site>[^|]{2,40})$")
_TITLE_LINE = re.compile(r"(?:title|headline)\s*:\s*(?P<title>.+)", re.I)
_FACT_LABEL = re.compile(r"(?:(?:first |last )?(?:published|updated|posted)|date|source|authors?|written by)\b", re.I)
_SECTION = re.compile(
    r"(?:breaking(?: news)?|exclusive|news|home|world|politics|business|sports?|opinion|europe|"
    r"middle east|asia|africa|"
    r"americas|technology|science|health|culture|analysis|international|national|local|latest|live|video|"
    r"uk|us)"
    r"(?: ?[>»/|›] ?[\w &-]{2,30})*:?|home(?: ?[>»/|›] ?[\w &-]{2,30})+",
    re.I,
)
_SENTENCE = re.compile(
    r".+?(?:(?<!\b[A-Z])(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bSt)[.!?…][\"'”’)\]]*(?=\s+[\"'“‘(]?[^\W_a-z])|[。！？]|$)"
)
_STRAIGHT = str.maketrans("’‘“”–—", "''\"\"--")


NOT_TEXT = "damaged: no text in any encoding"
"""Why a character was dropped."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A paragraph that is in neither the text nor the comments, and why ("share link", "newsletter" …)."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article taken apart. `text` is empty where nothing is reporting; otherwise there is a `title`.

    `language` is what the file itself says, if it does.
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
    """Take the plain text of one article apart. Any string will do but one of too many lines, a ValueError.

    A known `title` is kept and only its repetitions leave the text. Otherwise the headline is the first short
    line that does not end like a sentence, or one that is repeated near the top; without one, the title is
    the first sentence, shortened, which then stays in the text. Cleaning the text again with its title
    changes nothing, but for lines of a few words that happen to be such a title.
    """
    cleaned = clean_paragraphs(paragraphs(raw, titled=bool(title)), title=title)
    return replace(cleaned, dropped=(*cleaned.dropped, *lost(raw)))


def lost(raw: str) -> tuple[Dropped, ...]:
    """What decoding could not read of a text, for `Cleaned.dropped`."""
    count = raw.count(UNREADABLE)
    return (Dropped(f"{count:,} character" + "s" * (count != 1), NOT_TEXT),) if count else ()


def clean_paragraphs(found: Sequence[Paragraph], *, title: str | None = None) -> Cleaned:
    """`clean`, for paragraphs that were told apart already."""
    work = _Work(list(found), cut(one_line(title or "")))
    work.tidy()
    # Taking a line away can bring another to the top, so repeat until nothing changes, which makes cleaning
    # idempotent. The layout has been judged by then, and is not kept in the text.
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
    """One article while it is taken apart: each step takes from `paragraphs` and adds to the others."""

    paragraphs: list[Paragraph]
    title: str
    facts: Facts = field(default_factory=Facts)
    comments: list[str] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    title_in_text: bool = False

    def tidy(self) -> None:
        """Take out, once, everything that can be told from the reporting."""
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
        """What is left, as the article."""
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
        """Why each paragraph is no reporting, or None; the readers' comments are moved out first."""
        texts = [p.text for p in self.paragraphs]
        reasons = boxed(texts, [furniture(text) for text in texts])
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
        """Move the readers' comments out; `reasons` is cut with the paragraphs."""
        start = comments_start(self.paragraphs, [reason is not None for reason in reasons], self.title)
        tail = list(zip(self.paragraphs[start:], reasons[start:], strict=True))
        del self.paragraphs[start:], reasons[start:]
        comments, refuse = gather([p for p, reason in tail if reason is None])
        self.comments[:0] = comments
        self.dropped += [Dropped(text, "around the comments") for text in refuse]
        self.dropped += [Dropped(p.text, reason) for p, reason in tail if reason is not None]

    def _find_title(self, reasons: list[str | None]) -> None:
        """Choose the headline. Its line is then a repetition of the title, and goes as one."""
        top = [(n, p.text) for n, p in enumerate(self.paragraphs) if reasons[n] is None][:_TOP]
        keys = [_key(text) for _, text in top]
        for place, text in top[:3]:
            if match := _TITLE_LINE.fullmatch(text):
                # Put in its place as any headline stands there.
                self.title = match["title"]
                self.paragraphs[place] = Paragraph(self.title)
                return
        for (_, text), key in zip(top, keys, strict=True):
            repeated = keys.count(key) > 1 and len(text) <= _LONGEST_HEADLINE
            # A sentence can occur twice; only at the very top is that a headline with a full stop.
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
        """Take out the headline wherever it stands, labels above it, and paragraphs doubled in a row."""
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
            # Nothing but the headline: a note of one line is still an article.
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
    """Where the last two paragraphs begin, and what only names an agency behind and between them."""
    kept, place = 0, len(reasons)
    while place and kept < 2:
        place -= 1
        kept += reasons[place] is None and closing_line(texts[place]) is None
    return place


def _key(text: str) -> str:
    return text.translate(_STRAIGHT).casefold()


def _is_headline(text: str) -> bool:
    """Whether a first paragraph has the shape of a headline: short, and not ending like a sentence."""
    if len(text) > _LONGEST_HEADLINE or as_item(text) or without_dateline(text) != text:
        return False
    return not _SENTENCE_END.search(text) or bool(_INITIALS_END.search(text))


def _derived_title(text: str) -> str:
    """The first sentence of `text`, cut at a word if it is long; never the same as a whole paragraph."""
    item = as_item(text)
    text = without_dateline(item.text if item else text)
    match = _SENTENCE.match(text)
    sentence = (match[0] if match else text).strip().rstrip(" .,:;。")
    if len(sentence) <= LONGEST_DERIVED_TITLE:
        return sentence or text[:LONGEST_DERIVED_TITLE].strip()
    start = sentence[: LONGEST_DERIVED_TITLE - 1]
    return (start.rsplit(" ", 1)[0] if " " in start else start).rstrip(" ,;:–—-") + "…"
