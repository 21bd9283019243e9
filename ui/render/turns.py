"""Renders questions and answers as HTML: the masthead, and the turns of a conversation.

Pure functions. `rag` decides whose words a sentence is and what proves it; here it is only shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from index import Status
from index.plural import several
from rag.answer import Answer, Citation, Level, Outcome, Sentence, undated_note
from rag.answering.steps import Said
from ui.conversations.conversation import Stage, Turn
from ui.render.export import plain
from ui.render.markup import day, known, one_line, quote_name, rendered

NO_INDEX = "The index cannot be read; it was removed, or it is damaged. The command clippings doctor says more."

_MARKS = frozenset('"“”„«»')

NOT_IN_THE_CLIPPINGS = "not in the clippings"

_HEADINGS = {
    Outcome.OUTSIDE_LIMITS: "outside the limits",
    Outcome.NOTHING_INDEXED: "nothing indexed yet",
    Outcome.PARTLY: "only in part in the clippings",
}
"""Headings of answers with these outcomes; every other refusal has `NOT_IN_THE_CLIPPINGS`."""


def masthead(status: Status | None, model: str | None) -> Markup:
    """Returns name, promise, and what is indexed; `status` is None for an index that cannot be read."""
    published = _range(status.first_published, status.last_published) if status else ""
    return rendered("masthead.html", status=status, published=published, model=model, problem=NO_INDEX)


def visitor(name: str | None, prefix: str = "") -> Markup:
    """Returns the name of the logged-in user, with a link to log out; empty without accounts."""
    return rendered("visitor.html", name=name, prefix=prefix)


def welcome(examples: bool, articles: int = 1) -> Markup:
    """Returns the text in the place of the first answer."""
    return rendered("welcome.html", examples=examples, articles=articles)


def turns(shown: Sequence[Turn], conversation: str = "") -> Markup:
    """Returns turns that will not change any more; empty without any."""
    return rendered("turns.html", turns=[turn(each, conversation) for each in shown])


def newest(shown: Sequence[Turn], conversation: str = "") -> Markup:
    """Returns the last turn, whose changes are read out. `conversation` is the id for the address bar."""
    last = shown[-1] if shown else None
    return rendered(
        "newest.html",
        conversation=conversation,
        busy=last is not None and last.stage is Stage.SEARCHING,
        turn=turn(last, conversation) if last else "",
    )


def turn(shown: Turn, conversation: str = "") -> Markup:
    """Returns one question with its status and its answer so far."""
    answer = shown.answer
    return rendered(
        "turn.html",
        turn=shown,
        conversation=conversation,
        queue=f"{_ordinal(shown.place)} in the queue" if shown.place else "",
        passages=_passages(shown),
        heading=_HEADINGS.get(answer.outcome, NOT_IN_THE_CLIPPINGS) if answer else NOT_IN_THE_CLIPPINGS,
        sentences=[_sentence(shown, said, at) for at, said in enumerate(shown.said)],
        plain=plain(shown) if answer else "",
        undated=undated_note(answer.undated) if answer else "",
        facts=list(_facts(shown, answer)) if answer else [],
        Stage=Stage,
        Outcome=Outcome,
    )


def notice(message: str) -> Markup:
    """Returns a small message, above the input box for instance; empty without one."""
    return rendered("notice.html", message=message)


def _range(first: str | None, last: str | None) -> str:
    if not first or not last:
        return ""
    days = dict.fromkeys(day(date.fromisoformat(text[:10])) for text in (first, last))
    return " to ".join(days)


def _passages(shown: Turn) -> str:
    """Returns how many passages were found, and how many of them the model reads, once that is known."""
    passages = several(len(shown.passages), "passage")
    return f"{shown.read} of {passages}" if shown.read else passages


def _ordinal(number: int) -> str:
    """Returns the ordinal number: 1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _sentence(shown: Turn, said: Said, at: int) -> Markup:
    """Returns a quotation, or the model's words with the quotation that proves them below."""
    citation = said.citations[0]
    shown_above = said.sentence.as_of == citation.published
    return rendered(
        "sentence.html",
        sentence=said.sentence,
        words=_strange_marked(said.sentence),
        quote=_answer_marked(citation),
        # Nested quotation marks are hard to read, so a quote that already has some gets no more.
        has_marks=not _MARKS.isdisjoint(citation.quote),
        source=known(citation.source, None if shown_above else citation.published),
        links=[_link(shown, said, marker) for marker in said.sentence.markers],
        number=shown.number,
        at=at,
        Level=Level,
    )


def _strange_marked(sentence: Sentence) -> list[tuple[str, bool]]:
    """Returns the pieces of the sentence, each with whether its words have no counterpart in the clippings."""
    pieces, at = [], 0
    for start, end in sentence.strange:
        pieces += [(sentence.text[at:start], False), (sentence.text[start:end], True)]
        at = end
    return [*pieces, (sentence.text[at:], False)]


def _answer_marked(citation: Citation) -> list[tuple[str, bool]]:
    """Returns the pieces of the quotation, each with whether it answers the question."""
    text, answer = one_line(citation.quote), ""
    if citation.answer:
        answer = one_line(citation.quote[citation.answer[0] - citation.start : citation.answer[1] - citation.start])
    before, found, after = text.partition(answer or "\0")
    return [(before, False), (found, True), (after, False)] if found else [(text, False)]


@dataclass(frozen=True, slots=True)
class _Link:
    """The marker of a passage, with its article and what is quoted from it; `about` is empty without a passage."""

    marker: int
    about: str = ""
    text: str = ""
    quote_name: str = ""


def _link(shown: Turn, said: Said, marker: int) -> _Link:
    passage = shown.passage(marker)
    if passage is None:
        return _Link(marker)
    citation = next((c for c in said.citations if c.marker == marker), None)
    article = passage.hit.article
    return _Link(
        marker,
        known(article.title, article.source, article.published),
        one_line(citation.quote if citation else passage.sentences[0]),
        quote_name(citation.start, citation.end) if citation else "",
    )


def _facts(shown: Turn, answer: Answer) -> Iterator[tuple[str, str]]:
    talk = answer.outcome is Outcome.TALK
    times = answer.timings
    yield "kind of question", answer.asked.kind.value
    if not talk:
        yield "searched for", answer.asked.searched
        yield "in", f"articles {shown.limits}" if shown.limits else "all articles"
    for at, said in enumerate(shown.said, 1):
        yield f"sentence {at}", _support(said)
    if not talk:
        yield "sure that the articles answer it", f"{answer.confidence:.0%}"
    steps = [("passages", times.evidence), ("first sentence", times.first_word)] if not talk else []
    steps.append(("all", times.total))
    yield "time until", ", ".join(f"{name} {seconds:.2f} s" for name, seconds in steps if seconds is not None)
    quoted = "; clippings are quoted" if shown.said else ""
    model = f"{answer.model}, read {_passages(shown)}" if answer.read else f"was not asked{quoted}"
    yield "language model", model if answer.model else f"none{quoted}"
    yield "index version", str(answer.index_version)


def _support(said: Said) -> str:
    if said.sentence.level is Level.QUOTED:
        return "quoted word for word"
    passages = ", ".join(dict.fromkeys(str(citation.marker) for citation in said.citations))
    return f"{said.sentence.level.value}, {said.citations[0].support:.0%} sure that passage {passages} supports it"
