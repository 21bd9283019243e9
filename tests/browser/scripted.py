"""A chatbot whose every step is written down beforehand, for looking at the page without an index or a model."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from index import Article, Chunk, Filters, Hit, Status
from index.errors import WrongUse
from index.language.sentences import paragraph_spans
from index.storage.browse import Tally
from rag import Answer, Citation, Evidence, Found, Kind, Lead, Outcome, Question, Said, Sentence, Step
from rag.answer import Level, Timings
from ui.conversations.conversation import Turn, after

BRIDGE = Article(
    uri="/articles/2021-03-14-harbour-bridge-cost.md",
    title="Bridge bill climbs to 587 million crowns as builders meet soft clay",
    text=(
        "The Calder Sound Bridge will cost 587 million crowns, 175 million more than agreed, and will not open before "
        "the spring of 2025. The figures are in a confidential letter from the project director, Oskar Bellweather, "
        "to leading councillors, which the Courier has read.\n\n"
        "The letter, dated 2 March, blames the seabed. Beneath piers 6, 7 and 8, in the deepest part of the Sound, "
        "the drilling crews found soft marine clay where they had expected firm gravel. The foundations there will "
        "have to reach 53 metres below the water line instead of 34.\n\n"
        "“No responsible engineer could continue on the original design,” Mr Bellweather writes. Work on the three "
        "piers stopped on 11 January."
    ),
    author="Marit Oldacre",
    source="Port Calder Courier",
    published=date(2021, 3, 14),
    url="https://courier.example/2021/03/14/bridge",
    comments=("It was always going to be clay. Ask anyone with a boat.", "<b onclick=alert(1)>Resign!</b>"),
)
OPENING = Article(
    uri="/articles/2025-09-07-harbour-bridge-opening-northline.md",
    title="Calder Sound Bridge opens two years late",
    text=(
        "The Calder Sound Bridge opened to traffic on Sunday, two years behind schedule, with a procession of "
        "cyclists. The final bill was 602 million crowns, according to the transport ministry.\n\n"
        "The toll for a car is four crowns."
    ),
    source="Northline News Agency",
    published=date(2025, 9, 7),
)
HOSTILE = Article(
    uri="/articles/hostile.html",
    title="<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>",
    text='A perfectly plain sentence. <img src=x onerror="window.hacked = 3"> ${window.hacked = 4} {{value}} ends it.',
    author="\"><svg onload='window.hacked = 5'>",
    source="</span><iframe srcdoc='<script>parent.hacked = 6</script>'>",
    url="javascript:window.hacked=7",
)


def evidence(marker: int, article: Article, paragraph: int, *important: str) -> Evidence:
    """One paragraph of the article as a passage, with the sentences that matter."""
    start, end = paragraph_spans(article.text)[paragraph]
    spans = tuple((article.text.index(text), article.text.index(text) + len(text)) for text in important)
    chunk = Chunk(article.id, paragraph, start, end, ((start, end),))
    return Evidence(marker, Hit(chunk, article, 0.8, 0.5, 0.7, 0.9, (0.7,)), spans or ((start, end),))


def citation(marker: int, article: Article, quote: str) -> Citation:
    """The quote in the article."""
    start = article.text.index(quote)
    facts = (article.author, article.source, article.url)
    return Citation(
        marker, article.id, article.title, article.uri, article.published, *facts, quote, start, start + len(quote), 1.0
    )


COST = "The Calder Sound Bridge will cost 587 million crowns, 175 million more than agreed, and will not open before the spring of 2025."
CLAY = "Beneath piers 6, 7 and 8, in the deepest part of the Sound, the drilling crews found soft marine clay where they had expected firm gravel."
DEPTH = "The foundations there will have to reach 53 metres below the water line instead of 34."
FINAL = "The final bill was 602 million crowns, according to the transport ministry."
PLAIN = "A perfectly plain sentence."


@dataclass
class Script:
    """The answer to one question."""

    passages: tuple[Evidence, ...]
    said: tuple[Said, ...] = ()
    outcome: Outcome = Outcome.ANSWERED
    lead: str = ""
    listed: bool = False
    suggestions: tuple[str, ...] = ()
    kind: Kind = Kind.FACT
    leans_on: tuple[str, ...] = ()
    corrected: str = ""
    raw: str = ""
    replaced: tuple[str, ...] = ()


def quoted(marker: int, article: Article, text: str, *, dated: bool = False) -> Said:
    """A sentence that is the clipping's own; `dated` with the day of its article."""
    as_of = article.published if dated else None
    return Said(Sentence(text, (marker,), Level.QUOTED, as_of), (citation(marker, article, text),))


def written(text: str, *citations: Citation) -> Said:
    """A sentence of the model."""
    return Said(Sentence(text, tuple(c.marker for c in citations), Level.SUPPORTED), citations)


BRIDGE_PASSAGES = (
    evidence(1, BRIDGE, 0, COST),
    evidence(2, BRIDGE, 1, CLAY, DEPTH),
    evidence(3, OPENING, 0, FINAL),
)

SCRIPTS = {
    "What does the bridge cost?": Script(
        BRIDGE_PASSAGES,
        (
            written(
                "The bridge was to cost 587 million crowns, 175 million more than agreed.", citation(1, BRIDGE, COST)
            ),
            written("The foundations have to go down to 53 metres.", citation(2, BRIDGE, DEPTH)),
            quoted(3, OPENING, FINAL),
        ),
        raw="The bridge was to cost 587 million crowns, 175 million more than agreed. [1] The foundations have to go "
        "down to 53 metres. [2] It was the costliest bridge in the world.",
        replaced=("It was the costliest bridge in the world.",),
    ),
    "And why?": Script(
        (evidence(1, BRIDGE, 1, CLAY),),
        (quoted(1, BRIDGE, CLAY),),
        leans_on=("What does the bridge cost?",),
    ),
    "Who won the cup?": Script(
        BRIDGE_PASSAGES[:2],
        outcome=Outcome.NOT_COVERED,
        lead="The articles do not say who won the cup. None of them is about that.",
        suggestions=("What does the bridge cost?", "What happened to the bridge?"),
    ),
    "When does the ferry sail?": Script(
        BRIDGE_PASSAGES,
        (quoted(3, OPENING, FINAL),),
        outcome=Outcome.NOT_SAID,
        lead="The articles do not give an answer to “When does the ferry sail?”. They say:",
    ),
    "What happened to the bridge?": Script(
        BRIDGE_PASSAGES,
        (quoted(1, BRIDGE, COST, dated=True), quoted(3, OPENING, FINAL, dated=True)),
        lead="The reports differ; the latest comes first.",
        listed=True,
        kind=Kind.TIMELINE,
    ),
    "Whta is the toll?": Script(
        BRIDGE_PASSAGES[2:],
        (quoted(3, OPENING, FINAL),),
        outcome=Outcome.PARTLY,
        lead="The articles say nothing about the toll.",
        corrected="What is the toll?",
    ),
    "hi": Script((), outcome=Outcome.TALK, lead="Hello. I answer questions from the 28 articles.", kind=Kind.TALK),
    "Is it safe?": Script(
        (evidence(1, HOSTILE, 0, PLAIN),), (quoted(1, HOSTILE, PLAIN),), raw="<script>hacked=8</script>"
    ),
}


class ScriptedIndex:
    """Counts nothing, and says so."""

    folder = Path("/index")
    version = 1

    def tally(self) -> list[Tally]:
        """Two sources."""
        return [Tally("2021-03", "Port Calder Courier", 2), Tally(None, "Northline News Agency", 1)]

    def status(self) -> Status:
        """As of an index of 28 articles."""
        return Status("/index", 28, 93, 402, "all-MiniLM-L6-v2", 1, 1.2, "2019-05-16", "2025-09-07", 0, 2, ())


@dataclass
class ScriptedChatbot:
    """Answers the questions of `SCRIPTS`; `pause` seconds before each step, `held` stops it before its sentences."""

    pause: float = 0.0
    model_name: str | None = "smollm2-135m"
    index: ScriptedIndex = field(default_factory=ScriptedIndex)
    histories: list[list[str]] = field(default_factory=list)
    filters: list[Filters] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    free: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event | None = None
    openings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.free.set()

    def opening_questions(self) -> tuple[str, ...]:
        """Those given."""
        return self.openings

    def stream(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        filters: Filters = Filters(),
        stop: threading.Event | None = None,
    ) -> Iterator[Step]:
        """The steps of the script; a question without one raises."""
        self.histories.append(list(history))
        self.filters.append(filters)
        self.stop = stop
        try:
            time.sleep(self.pause)
            if len(question) > 100:
                raise WrongUse(f"The question has {len(question)} characters; at most 100 are read.")
            script = SCRIPTS[question]
            asked = Question(question, script.kind, script.leans_on, script.corrected)
            yield Found(asked, script.passages)
            yield Lead(script.lead, script.listed)
            for said in script.said:
                self.free.wait(20)
                time.sleep(self.pause)
                yield said
            yield Answer(
                asked,
                script.outcome,
                tuple(said.sentence for said in script.said),
                tuple(c for said in script.said for c in said.citations),
                script.passages,
                Timings(0.1, 0.2, 0.3),
                self.model_name,
                1,
                lead=script.lead,
                suggestions=script.suggestions,
                raw=script.raw,
                replaced=script.replaced,
                listed=script.listed,
            )
        finally:
            self.closed.set()


def turn_of(question: str, number: int = 1) -> Turn:
    """The question as a finished turn of a conversation."""
    turn = Turn(number, question, asked="2026-11-22T12:00:00+00:00")
    for step in ScriptedChatbot().stream(question):
        turn = after(turn, step)
    return turn
