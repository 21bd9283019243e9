"""Renders questions and answers as HTML: the masthead, and the turns of a conversation.

Pure functions. `rag` decides whose words a sentence is and what proves it; here it is only shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from markupsafe import Markup

from index import Status
from index.plural import several
from rag.answer import Answer, Level, Outcome, undated_note
from rag.answering.steps import Said
from ui.conversations.conversation import Stage, Turn
from ui.render import answers
from ui.render.export import plain
from ui.render.markup import day, rendered

NO_INDEX = "The index cannot be read; it was removed, or it is damaged. The command clippings doctor says more."

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


def welcome(articles: int) -> Markup:
    """Returns the text in the place of the first answer; `articles` is the number of articles in the archive."""
    return rendered("welcome.html", articles=articles)


def openings(questions: Sequence[str]) -> Markup:
    """Returns questions to begin with; empty without any."""
    return rendered("suggested.html", questions=questions, heading="", label="Questions to begin with")


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
        body=answers.body(shown),
        suggested=_suggested(shown),
        plain=plain(shown) if answer else "",
        undated=undated_note(answer.undated) if answer else "",
        facts=list(_facts(shown, answer)) if answer else [],
        Stage=Stage,
        Outcome=Outcome,
    )


def notice(message: str) -> Markup:
    """Returns a small message, above the input box for instance; empty without one."""
    return rendered("notice.html", message=message)


def _suggested(shown: Turn) -> Markup:
    """Returns the questions to go on with after an answer or a refusal."""
    questions = shown.answer.suggestions if shown.answer else ()
    instead = shown.stage is Stage.REFUSED
    label = "Questions to ask instead" if instead else "Questions to go on with"
    heading = "Ask instead:" if instead else "Go on with:"
    return rendered("suggested.html", questions=questions, heading=heading, label=label)


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
