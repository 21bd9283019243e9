"""Separates readers' comments below an article from the article text.

Comments begin at a heading ("3 comments", "Leave a reply"), at a signed remark ("Jane says:", "Jane · 3 hours ago"),
or at a list that runs to the end of the page and is worded like comments. A list is the difficult case, since articles
contain lists too: `list_score` adds up the evidence for comments, and in doubt a list stays in the text. Works on
plain text; in web pages, comments are usually marked, and `formats.webpage` uses the marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from index.cleaning.paragraphs import Item, Paragraph, as_item
from index.language.number_words import SMALL

LIST_THRESHOLD = 4
"""Smallest `list_score` of a list of comments. True comment lists in the samples reach 8, and 6 without a notice that
comments are closed. The likeliest false positive, a plan in numbered paragraphs, reaches -2 to 0 if a colon or a
heading introduces it, otherwise 2; so it would be taken for comments only if followed by such a notice."""

_HEADING = re.compile(
    r"(?:(?P<count>\d[\d,.]*) (?:(?:reader|user|public) )?(?:comments?|replies|responses|reactions)"
    r"|(?P<bare>(?:all |latest |recent |top )?comments?(?: section)?)(?: ?\(?(?P<after>\d[\d,.]*)\)?)?"
    r"|(?:reader|user|readers?[’']|your|visitor|viewer)[’']?s? (?:comments?|responses|reactions|opinions|feedback)"
    r"|comments? (?:from|by|of) (?:our )?readers|what (?:our )?readers (?:say|are saying|think)"
    r"|(?:leave|post|add|write|submit|make) (?:a|your|us a) (?:reply|comment|response)s?"
    r"|(?:join|start|view) the (?:discussion|conversation|debate)|have your say|(?:view|show|see|load|read|hide) "
    r"(?:all |more )?(?:\d+ )?comments?|what do you think\?)(?: (?:on|to|for|about) .{2,160})?(?: ?\(\d+\))?[:.!]?",
    re.I,
)
_CLOSING = re.compile(
    r"(?:the )?comments? (?:section )?(?:are|is|have been|has been)? ?(?:now |currently )?(?:closed|disabled)\b.{0,80}"
    r"|(?:leave|post|add|write) (?:a|your) (?:reply|comment).{0,40}|(?:you must |"
    r"please )?(?:be )?log(?:ged)? ?in .{0,60}"
    r"|(?:this|the) (?:thread|discussion|conversation) is (?:now )?closed.{0,40}|(?:load|show|"
    r"view) more comments.{0,20}",
    re.I,
)
_CONTROL = re.compile(
    r"(?:reply|report(?: abuse)?|flag|quote|permalink|edit|delete|like|dislike|upvote|downvote|recommend|respond|"
    r"log in to reply|reply to .{1,40}|\d+ (?:likes?|replies|points?|votes?)|[+-]?\d{1,5}|name|email|website|submit|"
    r"sort by.{0,40}|newest|oldest|best|required fields.{0,60}|your email address will not.{0,80}|"
    r"save my name.{0,120}|post comment|leave a reply|cancel reply|[\W_]+)(?: ?[|·•/] ?(?:reply|report|"
    r"share|like))*\W*",
    re.I,
)
_AGO = r"(?:(?:a|an|\d+) (?:second|minute|min|hour|hr|day|week|month|year)s? ago)"
_STAMP = (
    rf"(?:{_AGO}|.{{0,12}}\b\d{{1,2}},? \d{{4}}\W{{0,3}}(?:at |@ )?\d{{1,2}}[:.]\d{{2}}.{{0,12}}"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\W{1,3}(?:at )?\d{1,2}[:.]\d{2}.{0,12})"
)
_SIGNED = re.compile(
    rf"(?P<says>[^.!?\"“]{{2,50}} (?:says|said|wrote|writes|commented|replied)(?: on)?:?)(?: {_STAMP})?"
    rf"|(?P<stamped>[^.!?\"“:]{{2,40}}?(?: ?[·•|,–-] ?| | on | at ){_STAMP}\W*(?:reply)?)",
    re.I,
)
_STAMP_LINE = re.compile(rf"\W*(?:on |posted )?{_STAMP}\W*(?:reply)?", re.I)
_QUOTED = re.compile(r"[\"“„«][^\"”“»]*[\"”“»]")
_PERSONAL = re.compile(
    r"\b(?:I|I[’']m|I[’']ve|I[’']d|I[’']ll|[Mm]y|[Yy]ou|[Yy]our|[Yy]ours|[Yy]ou[’']re|[Yy]ou[’']ve)\b|(?:^|\s)@\w{2,}"
    r"|\b(?:lol|lmao|rofl|imho|imo|btw|smh|wtf|fyi)\b|!!|\?\?|\b(?:this|the|great|good|nice|excellent|bad) article\b"
    r"|\b(?:[Tt]hanks|[Tt]hank you) (?:for|to the author)\b|\b(?:agree|disagree) with (?:you|this|the author|@)"
)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
# Number of characters in which a sentence's full stop and the quotation marks behind it stand.
_LONGEST_END = 20
_COUNT_WORDS = SMALL[:13]


def comments_start(paragraphs: Sequence[Paragraph], dropped: Sequence[bool], title: str) -> int:
    """Returns the index of the paragraph where the readers' comments begin; `len(paragraphs)` if there are none.

    `dropped` marks the paragraphs already recognised as boilerplate; a list is judged as if they were absent.
    """
    end = len(paragraphs)
    sentences, above, whole = 0, 0, sum(len(p.text) for p in paragraphs)
    for place, paragraph in enumerate(paragraphs):
        length = len(paragraph.text)
        below = whole - above - length
        short = sentences and length <= 200
        if short and (_is_heading(paragraphs, place, sentences, above, below) or _is_signed(paragraphs, place)):
            end = place
            break
        above += length
        sentences += not dropped[place] and _is_sentence(paragraph.text)
    return _trailing_list(paragraphs[:end], dropped, title) if sentences or end else end


def is_comment_link(text: str) -> bool:
    """Returns whether a paragraph is only a heading of, or link to, comments ("12 comments", "Leave a reply")."""
    return len(text) <= 80 and bool(_HEADING.fullmatch(text))


def gather(paragraphs: Sequence[Paragraph]) -> tuple[list[str], list[str]]:
    """Returns the comments in `paragraphs`, and the lines discarded (headings, controls such as "Reply").

    The paragraphs of one comment are separated by a blank line. A numbered item, a bullet or a signature starts a
    comment; if there are none, every paragraph is one comment.
    """
    marked = any(as_item(p.text) or _signature(p.text) for p in paragraphs)
    comments: list[list[str]] = []
    refuse: list[str] = []
    for paragraph in paragraphs:
        text = paragraph.text
        if is_comment_link(text) or _CLOSING.fullmatch(text) or _CONTROL.fullmatch(text):
            refuse.append(text)
            continue
        item = as_item(text)
        if item or not marked or not comments or (_signature(text) and not _STAMP_LINE.fullmatch(text)):
            comments.append([item.text if item else text])
        else:
            comments[-1].append(text)
    return ["\n\n".join(parts) for parts in comments], refuse


def _is_sentence(text: str) -> bool:
    return text.count(" ") >= 5 and bool(_SENTENCE_END.search(text, max(0, len(text) - _LONGEST_END)))


def _is_heading(paragraphs: Sequence[Paragraph], place: int, sentences: int, above: int, below: int) -> bool:
    """Returns whether a paragraph is the heading of the comments, rather than a link at the top of the page.

    `above` and `below` are the numbers of characters of text before and after it, `sentences` the number of paragraphs
    of text before it. A heading such as "Leave a reply" always counts. Others ("3 comments") can be links; but above
    the article there is at most a standfirst, so one counts if two such paragraphs precede it, if signs of readers
    follow it, or if the text below is shorter than twice the text above.
    """
    match = _HEADING.fullmatch(paragraphs[place].text)
    if not match:
        return False
    if sentences >= 2 or not (match["count"] or match["bare"]):
        return True
    following = [p.text for p in paragraphs[place + 1 : place + 5]]
    return below < 2 * above or any(
        _signature(text) or _CONTROL.fullmatch(text) or _is_first_person(text) for text in following
    )


def _signature(text: str) -> bool:
    return len(text) <= 120 and bool(_SIGNED.fullmatch(text) or _STAMP_LINE.fullmatch(text))


def _is_signed(paragraphs: Sequence[Paragraph], place: int) -> bool:
    """Returns whether a paragraph is "NAME says:" with a time stamp in or below it, or "NAME · 3 hours ago"."""
    text = paragraphs[place].text
    match = _SIGNED.fullmatch(text) if len(text) <= 120 else None
    if not match or place + 1 == len(paragraphs):
        return False
    if match["stamped"]:
        # "Updated 3 hours ago" and "Published March 5, 2014 at 3:04 pm" are about the article.
        return not re.match(r"\W*(?:last |first )?(?:updated|published|posted|modified)", text, re.I)
    return bool(re.search(_STAMP, text) or _STAMP_LINE.fullmatch(paragraphs[place + 1].text))


def _trailing_list(paragraphs: Sequence[Paragraph], dropped: Sequence[bool], title: str) -> int:
    """Returns the index where the last list begins, if it runs to the end and looks like comments; else the end."""
    end = len(paragraphs)
    items = [as_item(p.text) for p in paragraphs]
    numbered = [n for n, item in enumerate(items) if item and item.number is not None and not dropped[n]]
    if numbered:
        outer = min(paragraphs[n].indent for n in numbered)
        starts = [n for n in numbered if paragraphs[n].indent == outer and _number(items[n]) == 1]
    else:
        starts = [n for n, item in enumerate(items) if item and not dropped[n]][:1]
    if not starts:
        return end
    start = starts[-1]
    indent = paragraphs[start].indent
    if not all(
        item or p.indent > indent or gone
        for item, p, gone in zip(items[start:], paragraphs[start:], dropped[start:end], strict=True)
    ):
        return end
    return start if list_score(paragraphs, dropped, start, title) >= LIST_THRESHOLD else end


def _number(item: Item | None) -> int | None:
    return item.number if item else None


def list_score(paragraphs: Sequence[Paragraph], dropped: Sequence[bool], start: int, title: str) -> int:
    """Returns a score of how much the list from `start` to the end looks like comments; see LIST_THRESHOLD.

    Added: a notice that comments are closed (2), "I" and "you" in the list but not in the article (2), bulleted
    replies inside numbered items (1), items indented more than the article (1), a wider gap above the list (1), a
    median of 15 words or more (1). Subtracted (4): a colon or heading just before the list, or its number of items
    in the title or in the paragraph before it ("Five things to know").
    """
    before = [p for p, gone in zip(paragraphs[:start], dropped, strict=False) if not gone]
    texts = [p.text for p, gone in zip(paragraphs[start:], dropped[start:], strict=False) if not gone]
    if not before:
        return 0
    entries = [item for text in texts if (item := as_item(text))]
    voices = sum(map(_is_first_person, texts)) >= len(texts) / 3
    reporting_voices = sum(_is_first_person(p.text) for p in before) > len(before) / 10
    replies = entries[0].number is not None and any(e.number is None and len(e.text) > 80 for e in entries)
    score = 2 * any(_CLOSING.fullmatch(p.text) for p in paragraphs[start:])
    score += 2 * (voices and not reporting_voices)
    score += replies
    score += paragraphs[start].indent > median(p.indent for p in before)
    score += paragraphs[start].gap > 1
    score += median(text.count(" ") for text in texts) >= 15
    introduced = before[-1].text.endswith(":") or not _SENTENCE_END.search(before[-1].text)
    outermost = sum(entry.number is not None for entry in entries) or len(entries)
    if introduced or _announces(f"{title} {before[-1].text}", outermost):
        score -= 4
    return score


def _announces(text: str, count: int) -> bool:
    words = {word.strip(".,:;!?()“”\"'") for word in text.lower().split()}
    return count > 1 and (str(count) in words or (count < len(_COUNT_WORDS) and _COUNT_WORDS[count] in words))


def _is_first_person(text: str) -> bool:
    return bool(_PERSONAL.search(_QUOTED.sub(" ", text)))
