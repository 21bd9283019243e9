"""The Answer and what it is made of: its Outcome, Evidence shown, Citations that prove, Sentences said.

An Answer carries its quotes, so it stays readable after the index has changed. These types only hold; `chatbot`
makes them and the pages and commands show them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from index import AlsoIn, Hit
from index.sentences import Span
from rag.question.question import Question


class Outcome(Enum):
    """What became of a question."""

    ANSWERED = "answered"
    PARTLY = "said in part"
    """The articles hold a part of what was asked for."""
    NOT_SAID = "not said"
    """The articles are about the topic, and do not give what was asked for."""
    NOT_COVERED = "not covered"
    """No article is about the topic."""
    OUTSIDE_LIMITS = "outside the limits"
    """No article passes the filters."""
    NOTHING_INDEXED = "nothing indexed"
    TALK = "talk"
    """A greeting, or a question about the archive or the conversation: answered without a clipping."""

    @property
    def refused(self) -> bool:
        """Whether the question got no answer."""
        return self in _REFUSED


_REFUSED = (Outcome.NOT_SAID, Outcome.NOT_COVERED, Outcome.OUTSIDE_LIMITS, Outcome.NOTHING_INDEXED)


class Level(Enum):
    """How far a sentence of an answer can be trusted. The three are never mixed up."""

    QUOTED = "quoted"
    """The cited clipping's own sentence, word for word."""
    SUPPORTED = "supported"
    """The language model's words, and the verifier is sure that the cited clippings support them."""
    OWN_WORDS = "in the model's words"
    """The model's words; numbers above twelve and names stand in the cited passages, and the verifier is not sure."""

    @classmethod
    def _missing_(cls, value: object) -> Level | None:
        """The names of before, for conversations that were kept."""
        return {"clipping": cls.QUOTED, "model": cls.SUPPORTED}.get(str(value))


@dataclass(frozen=True, slots=True)
class Evidence:
    """One passage found, with the sentences that matter.

    `marker` counts from 1 in the order shown. `spans` are the sentences that the model may read, as offsets into
    `hit.article.text`, in the order of the text, never empty.
    """

    marker: int
    hit: Hit
    spans: tuple[Span, ...]

    @property
    def sentences(self) -> list[str]:
        """The text of the spans."""
        return [self.hit.article.text[start:end] for start, end in self.spans]


@dataclass(frozen=True, slots=True)
class Citation:
    """The clipping that proves a sentence: `article.text[start:end] == quote`.

    `support` is the probability in [0, 1] that the clippings cited support the sentence; 1 for a quotation.
    `answer` is the span within the quote, as offsets into the article, that the reader takes for the answer itself.
    `also_in` are other articles that hold the passage, too.
    """

    marker: int
    article_id: str
    title: str
    uri: str
    published: date | None
    author: str | None
    source: str | None
    url: str | None
    quote: str
    start: int
    end: int
    support: float
    answer: Span | None = None
    also_in: tuple[AlsoIn, ...] = ()


UNSURE = "≈"
"""Stands before a sentence in the model's words that the verifier is not sure of, where there is only text."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without its markers, and how far it can be trusted.

    `as_of` is the day of the report, where it matters: reports disagree, or things happened one after the other.
    `strange` are the places of words that have no counterpart in the clippings cited, for a sentence of that level.
    """

    text: str
    markers: tuple[int, ...]
    level: Level
    as_of: date | None = None
    strange: tuple[Span, ...] = ()

    def __str__(self) -> str:
        """The sentence with its markers: "It rained. [1][3]", "3 August 2021: It rained. [1]".

        What is in the model's words alone begins with `UNSURE`.
        """
        unsure = f"{UNSURE} " if self.level is Level.OWN_WORDS else ""
        day = f"{self.as_of.day} {self.as_of:%B %Y}: " if self.as_of else ""
        return f"{unsure}{day}{self.text} {''.join(f'[{marker}]' for marker in self.markers)}".strip()


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked; None for what did not happen."""

    evidence: float | None = None
    first_word: float | None = None
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What clippings says to a question.

    `lead` comes before the sentences and cites nothing: it says why there is no answer, or introduces one; for talk it
    is all there is. Where the outcome is a refusal, `sentences` are what the articles do say, and `passages` the
    nearest ones. `suggestions` are up to three questions that the articles can answer. `raw` is what the model wrote,
    before anything was checked; empty if it was not asked. `model` is None without a model. `confidence` in [0, 1] is
    the probability that the articles hold the answer.
    """

    asked: Question
    outcome: Outcome
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Evidence, ...]
    timings: Timings
    model: str | None
    index_version: int
    lead: str = ""
    suggestions: tuple[str, ...] = ()
    raw: str = ""
    replaced: tuple[str, ...] = field(default=())
    """Sentences of the model that contradict the clippings, or bring their own numbers or names; never shown."""
    confidence: float = 0.0
    found: str = ""
    """What the reader takes for the answer itself, verbatim from the best passage, also of a refused question."""
    read: int = 0
    """Passages that the model was given sentences of; 0 if it was not asked."""
    listed: bool = False
    """Whether the sentences are points, to be shown one a line."""
    tokens_read: int = 0
    """Tokens of the prompt, those included that the model had in its cache; 0 if it was not asked."""
    tokens_written: int = 0
    """Tokens of `raw`."""

    @property
    def question(self) -> str:
        """The question as typed."""
        return self.asked.typed

    @property
    def standalone(self) -> str:
        """The question after what it leans on, as typed."""
        return self.asked.standalone

    @property
    def refused(self) -> bool:
        """Whether there is no answer."""
        return self.outcome.refused

    @property
    def reason(self) -> str:
        """Why there is no answer; empty if there is one."""
        return self.lead if self.refused else ""

    @property
    def text(self) -> str:
        """The answer as it is read: the lead, then the sentences with their markers."""
        said = ("\n" if self.listed else " ").join(map(str, self.sentences))
        return ("\n" if self.listed else " ").join(part for part in (self.lead, said) if part)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values for `json.dumps`."""
        return {
            "question": self.question,
            "standalone": self.standalone,
            "kind": self.asked.kind.value,
            "leans_on": list(self.asked.leans_on),
            "outcome": self.outcome.value,
            "text": self.text,
            "lead": self.lead,
            "sentences": [sentence_to_json(sentence) for sentence in self.sentences],
            "citations": [citation_to_json(citation) for citation in self.citations],
            "refused": self.refused,
            "reason": self.reason,
            "suggestions": list(self.suggestions),
            "passages": [evidence_to_json(evidence) for evidence in self.passages],
            "timings": asdict(self.timings),
            "model": self.model,
            "index_version": self.index_version,
            "confidence": round(self.confidence, 4),
            "found": self.found,
            "listed": self.listed,
            "read": self.read,
            "tokens_read": self.tokens_read,
            "tokens_written": self.tokens_written,
            "raw": self.raw,
            "replaced": list(self.replaced),
        }


def sentence_to_json(sentence: Sentence) -> dict[str, Any]:
    """One sentence as plain values."""
    return {
        "text": sentence.text,
        "markers": list(sentence.markers),
        "level": sentence.level.value,
        "strange": [sentence.text[a:b] for a, b in sentence.strange],
        "as_of": _iso(sentence.as_of),
    }


def citation_to_json(citation: Citation) -> dict[str, Any]:
    """One citation as plain values."""
    also_in = [also_in_to_json(twin) for twin in citation.also_in]
    return asdict(citation) | {"published": _iso(citation.published), "also_in": also_in}


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """One passage as plain values."""
    return {"marker": evidence.marker, "spans": list(evidence.spans)} | hit_to_json(evidence.hit)


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """One hit as plain values."""
    article = hit.article
    return {
        "article_id": article.id,
        "uri": article.uri,
        "title": article.title,
        "published": _iso(article.published),
        "author": article.author,
        "source": article.source,
        "url": article.url,
        "text": hit.text,
        "start": hit.chunk.start,
        "end": hit.chunk.end,
        "score": round(hit.score, 4),
        "dense": round(hit.dense, 4),
        "sentence": round(hit.sentence, 4),
        "lexical": round(hit.lexical, 4),
        "also_in": [also_in_to_json(twin) for twin in hit.also_in],
    }


def also_in_to_json(twin: AlsoIn) -> dict[str, Any]:
    """Another article that holds a passage as plain values."""
    return asdict(twin) | {"published": _iso(twin.published)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
