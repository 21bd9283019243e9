"""Renders the sentences of an answer as HTML, in the form that its kind of question asks for.

Sentences of one article that follow each other are one clipping. An overview, a timeline, the latest news, and reports
that disagree are a dossier: clippings under their dates and titles. A comparison has a column a side. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup

from index import Article
from rag.answer import Citation, Level, Outcome, Sentence
from rag.answering.selection import side_of
from rag.answering.steps import Said
from rag.question.kinds import Kind
from ui.conversations.conversation import Turn
from ui.render.markup import known, one_line, quote_name, rendered

_MARKS = frozenset('"“”„«»')

_DATED = (Kind.OVERVIEW, Kind.TIMELINE, Kind.LATEST)

UPDATED, SOURCES_DIFFER = "updated", "sources differ"
"""Labels of reports that disagree: over time; or by who counted, or by their source on the same day."""


def body(turn: Turn) -> Markup:
    """Returns the sentences of a turn so far."""
    shown = [_shown(turn, said, at) for at, said in enumerate(turn.said)]
    kind = turn.understood.kind if turn.understood else Kind.FACT
    one_by_one = turn.listed and kind is Kind.LIST
    groups = [[each] for each in shown] if one_by_one else _grouped(shown)
    sides = _sides(turn, groups) if kind is Kind.COMPARISON else [("", groups)]
    return rendered(
        "answer.html",
        sides=[(name, [_runs(group) for group in side]) for name, side in sides],
        number=turn.number,
        listed=turn.listed or (kind in _DATED and len(groups) > 1),
        dossier=bool(_label(turn)) or (kind in _DATED and len(groups) > 1),
        label=_label(turn),
        Level=Level,
    )


@dataclass(frozen=True, slots=True)
class _Link:
    """The marker of a passage, with its article and what is quoted from it; `about` is empty without a passage.

    `before` and `after` are the sentences around the quotation. `quote_name` names its marks in the passage, several
    between spaces.
    """

    marker: int
    about: str = ""
    text: str = ""
    quote_name: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A sentence with its citation: `words` are the pieces of the sentence, `quote` those of the quotation.

    Each piece of `words` says whether it has no counterpart in the clippings, each of `quote` whether it answers the
    question. Nested quotation marks are hard to read, so a quotation that has some gets no more.
    """

    at: int
    sentence: Sentence
    citation: Citation
    words: list[tuple[str, bool]]
    quote: list[tuple[str, bool]]
    has_marks: bool
    links: list[_Link]

    @property
    def source(self) -> str:
        """The citation's source and date, without a date that is shown above."""
        published = self.citation.published
        return known(self.citation.source, None if self.sentence.as_of == published else published)

    @property
    def clipping(self) -> tuple[object, ...]:
        """What is the same for all sentences of one clipping; unique for a sentence that the model wrote."""
        said = self.sentence
        return (self.citation.article_id, said.as_of, said.counted_by) if said.level is Level.QUOTED else (self.at,)


def _grouped(shown: Sequence[_Shown]) -> list[list[_Shown]]:
    """Returns the sentences of one clipping together, where they follow each other."""
    return [list(group) for _, group in groupby(shown, key=lambda each: each.clipping)]


def _runs(group: Sequence[_Shown]) -> list[_Shown]:
    """Returns the sentences of a clipping with those that stand next to each other in the article joined to one."""
    runs: list[_Shown] = []
    for each in group:
        if runs and (joined := _joined(runs[-1], each)):
            runs[-1] = joined
        else:
            runs.append(each)
    return runs


def _joined(one: _Shown, other: _Shown) -> _Shown | None:
    """Returns two quotations of a passage as one; None if something stands between them but a space."""
    first, second = one.citation, other.citation
    if first.marker != second.marker or not 0 <= second.start - first.end <= 1 or len(one.links) != 1:
        return None
    (link,), (next_link,) = one.links, other.links
    return replace(
        one,
        citation=replace(first, quote=f"{first.quote} {second.quote}", end=second.end),
        quote=[*one.quote, (" ", False), *other.quote],
        has_marks=one.has_marks or other.has_marks,
        links=[
            replace(
                link,
                text=f"{link.text} {next_link.text}",
                quote_name=f"{link.quote_name} {next_link.quote_name}",
                after=next_link.after,
            )
        ],
    )


def _label(turn: Turn) -> str:
    """Returns what reports that disagree have in common; empty for other answers. Only they are dated for a fact."""
    if not turn.understood or turn.understood.kind in _DATED or turn.stage.running:
        return ""
    dated = [said for said in turn.said if said.sentence.as_of]
    if len(dated) < 2 or (turn.answer and turn.answer.outcome is not Outcome.ANSWERED):
        return ""
    counted = any(said.sentence.counted_by for said in dated)
    if not counted and len({said.sentence.as_of for said in dated}) > 1:
        return UPDATED
    return SOURCES_DIFFER if counted or len({said.citations[0].source for said in dated}) > 1 else ""


def _sides(turn: Turn, groups: list[list[_Shown]]) -> list[tuple[str, list[list[_Shown]]]]:
    """Returns the groups of each side of a comparison under its name; all under an empty name if there are no sides."""
    named: dict[str, list[list[_Shown]]] = {}
    for group in groups:
        text = " ".join(f"{each.citation.title}. {each.sentence.text}" for each in group)
        named.setdefault(side_of(turn.understood, text) if turn.understood else "", []).append(group)
    both = [name for name in named if name]
    return sorted(named.items(), key=lambda side: not side[0]) if len(both) == 2 else [("", groups)]


def _shown(turn: Turn, said: Said, at: int) -> _Shown:
    citation = said.citations[0]
    return _Shown(
        at,
        said.sentence,
        citation,
        _strange_marked(said.sentence),
        _answer_marked(citation),
        not _MARKS.isdisjoint(citation.quote),
        [_link(turn, said, marker) for marker in said.sentence.markers],
    )


def _strange_marked(sentence: Sentence) -> list[tuple[str, bool]]:
    pieces, at = [], 0
    for start, end in sentence.strange:
        pieces += [(sentence.text[at:start], False), (sentence.text[start:end], True)]
        at = end
    return [*pieces, (sentence.text[at:], False)]


def _answer_marked(citation: Citation) -> list[tuple[str, bool]]:
    text, answer = one_line(citation.quote), ""
    if citation.answer:
        answer = one_line(citation.quote[citation.answer[0] - citation.start : citation.answer[1] - citation.start])
    before, found, after = text.partition(answer or "\0")
    return [(before, False), (found, True), (after, False)] if found else [(text, False)]


def _link(turn: Turn, said: Said, marker: int) -> _Link:
    passage = turn.passage(marker)
    if passage is None:
        return _Link(marker)
    citation = next((c for c in said.citations if c.marker == marker), None)
    article = passage.hit.article
    start, end = (citation.start, citation.end) if citation else passage.spans[0]
    spans = passage.hit.chunk.sentences
    return _Link(
        marker,
        known(article.title, article.source, article.published),
        one_line(citation.quote if citation else passage.sentences[0]),
        quote_name(start, end) if citation else "",
        _sentence(article, [span for span in spans if span[1] <= start][-1:]),
        _sentence(article, [span for span in spans if span[0] >= end][:1]),
    )


def _sentence(article: Article, spans: Sequence[tuple[int, int]]) -> str:
    return one_line(" ".join(article.text[start:end] for start, end in spans))
