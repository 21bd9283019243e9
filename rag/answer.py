"""Data types of an Answer: its Outcome, Evidence, Citations and Sentences, and their conversion to JSON values.

An Answer contains the quoted text, so it stays readable after the index has changed. These types only hold data;
`chatbot` creates them, and the chat page and the command line show them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from index import AlsoIn, Hit
from index.language.sentences import Span
from index.plural import several
from rag.question.question import Question


class Outcome(Enum):
    """How a question was resolved: answered, answered in part, refused for some reason, or small talk."""

    ANSWERED = "answered"
    PARTLY = "said in part"
    """The articles contain a part of what was asked for."""
    NOT_SAID = "not said"
    """The articles are about the topic, but do not contain what was asked for."""
    NOT_COVERED = "not covered"
    """No article is about the topic."""
    OUTSIDE_LIMITS = "outside the limits"
    """No article passes the filters."""
    NOTHING_INDEXED = "nothing indexed"
    TALK = "talk"
    """A greeting, or a question about the archive or the conversation: answered without a clipping."""

    @property
    def refused(self) -> bool:
        """Whether this outcome means that the question was not answered."""
        return self in _REFUSED


_REFUSED = (Outcome.NOT_SAID, Outcome.NOT_COVERED, Outcome.OUTSIDE_LIMITS, Outcome.NOTHING_INDEXED)


class Level(Enum):
    """How well a sentence of an answer is backed by the clippings; every sentence has exactly one level."""

    QUOTED = "quoted"
    """A sentence of the cited clipping, word for word."""
    SUPPORTED = "supported"
    """Written by the language model, and the verifier is sure that the cited clippings support it."""
    OWN_WORDS = "in the model's words"
    """Written by the model; its names and numbers above twelve occur in the cited passages; the verifier is unsure."""

    @classmethod
    def _missing_(cls, value: object) -> Level | None:
        """Maps the values of earlier versions, which occur in stored conversations, to today's levels."""
        return {"clipping": cls.QUOTED, "model": cls.SUPPORTED}.get(str(value))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A retrieved passage with its relevant sentences.

    `marker` is the number of the passage, from 1 in the order shown. `spans` are the sentences that the model may read,
    as offsets into `hit.article.text`, in the order of the text, never empty.
    """

    marker: int
    hit: Hit
    spans: tuple[Span, ...]

    @property
    def sentences(self) -> list[str]:
        """The text of each span."""
        return [self.hit.article.text[start:end] for start, end in self.spans]


@dataclass(frozen=True, slots=True)
class Citation:
    """The quotation from an article that a sentence cites: `article.text[start:end] == quote`.

    `support` is the probability in [0, 1] that the cited clippings support the sentence; 1 for a quotation.
    `answer` is the span within the quote, as offsets into the article, that the reader marked as the answer itself.
    `also_in` lists other articles that contain the same passage.
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
"""Prefix, in plain text output, of a sentence of level OWN_WORDS: written by the model, and the verifier is unsure."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without its citation markers, with its level of support.

    `as_of` is the publication date of the report, set where it matters: reports disagree, or the answer tells a
    sequence of events. `counted_by` is who gave the figure, in the report's words, where sources differ. `strange` are
    the spans of words that have no counterpart in the cited clippings; only sentences of level OWN_WORDS have them.
    """

    text: str
    markers: tuple[int, ...]
    level: Level
    as_of: date | None = None
    strange: tuple[Span, ...] = ()
    counted_by: str = ""

    def __str__(self) -> str:
        """Returns the sentence with its markers: "It rained. [1][3]", "3 August 2021: It rained. [1]".

        A sentence of level OWN_WORDS begins with `UNSURE`.
        """
        unsure = f"{UNSURE} " if self.level is Level.OWN_WORDS else ""
        day = f"{self.as_of.day} {self.as_of:%B %Y}: " if self.as_of else ""
        return f"{unsure}{day}{self.text} {''.join(f'[{marker}]' for marker in self.markers)}".strip()


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds from the question to the evidence, the first sentence and the end; None for a step that did not occur."""

    evidence: float | None = None
    first_word: float | None = None
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The complete answer to a question.

    `lead` precedes the sentences and cites nothing: it gives the reason for a refusal, or introduces the answer; for
    small talk it is the whole answer. For a refusal, `sentences` quote related statements of the articles, and
    `passages` are the most similar ones. `suggestions` are up to three questions to go on with. `raw` is
    the model's unchecked output; empty if the model was not called. `model` is the model's name, or None without one.
    `confidence` in [0, 1] is the probability that the articles contain the answer.
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
    """Rejected sentences of the model: they contradict the clippings, or add numbers or names; never shown."""
    confidence: float = 0.0
    undated: int = 0
    """The number of articles that were not searched, because they have no date, and the filters limit the dates."""
    found: str = ""
    """The span that the reader marked as the answer, verbatim from the best sentence; also set for a refusal."""
    read: int = 0
    """The number of passages in the model's prompt; 0 if the model was not called."""
    listed: bool = False
    """Whether the sentences are list items, to be shown one per line."""
    tokens_read: int = 0
    """Tokens of the prompt, including those in the model's cache; 0 if the model was not called."""
    tokens_written: int = 0
    """Tokens of `raw`."""

    @property
    def question(self) -> str:
        """The question as typed."""
        return self.asked.typed

    @property
    def standalone(self) -> str:
        """The question as typed, preceded by the earlier questions that it depends on."""
        return self.asked.standalone

    @property
    def refused(self) -> bool:
        """Whether the question was refused."""
        return self.outcome.refused

    @property
    def reason(self) -> str:
        """The reason for a refusal; empty if the question was answered."""
        return self.lead if self.refused else ""

    @property
    def text(self) -> str:
        """The answer as plain text: the lead, then the sentences with their markers."""
        said = ("\n" if self.listed else " ").join(map(str, self.sentences))
        return ("\n" if self.listed else " ").join(part for part in (self.lead, said) if part)

    def to_json(self) -> dict[str, Any]:
        """Returns all fields as plain values for `json.dumps`."""
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
            "undated": self.undated,
        }


def undated_note(count: int) -> str:
    """Returns that articles without a date were not considered; empty if there is none."""
    return f"{several(count, 'article')} without a date could not be considered" if count else ""


def sentence_to_json(sentence: Sentence) -> dict[str, Any]:
    """Returns a sentence as plain values for `json.dumps`."""
    return {
        "text": sentence.text,
        "markers": list(sentence.markers),
        "level": sentence.level.value,
        "strange": [sentence.text[a:b] for a, b in sentence.strange],
        "as_of": _iso(sentence.as_of),
        "counted_by": sentence.counted_by,
    }


def citation_to_json(citation: Citation) -> dict[str, Any]:
    """Returns a citation as plain values for `json.dumps`."""
    also_in = [also_in_to_json(twin) for twin in citation.also_in]
    return asdict(citation) | {"published": _iso(citation.published), "also_in": also_in}


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """Returns a passage of the evidence as plain values for `json.dumps`."""
    return {"marker": evidence.marker, "spans": list(evidence.spans)} | hit_to_json(evidence.hit)


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """Returns a hit as plain values for `json.dumps`."""
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
    """Returns the description of another article that contains the passage as plain values for `json.dumps`."""
    return asdict(twin) | {"published": _iso(twin.published)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
