"""An Answer as text and as plain values."""

from __future__ import annotations

import json
from datetime import date

import pytest
from making import make_evidence, make_hit, span_of

from rag.answer import Answer, Evidence, Level, Outcome, Sentence, Timings, evidence_to_json
from rag.grounding.citations import citation_of
from rag.question.kinds import Kind
from rag.question.question import Question

HIT = make_hit(
    "It rained. The bridge cost 587 million crowns — too much.",
    title="Bill",
    published=date(2021, 3, 14),
    author="Marit",
    source="Courier",
    url="https://example.org/1",
)
SPAN = span_of(HIT, "The bridge cost 587 million crowns — too much.")
EVIDENCE = Evidence(1, HIT, (SPAN,))


def make_answer(**changes) -> Answer:
    values = {
        "asked": Question("Cost?", leans_on=("The bridge?",), kind=Kind.LIST),
        "outcome": Outcome.ANSWERED,
        "sentences": (
            Sentence("The bridge cost 587 million crowns.", (1, 3), Level.SUPPORTED),
            Sentence("It rained.", (2,), Level.QUOTED),
        ),
        "citations": (citation_of(EVIDENCE, SPAN, support=0.9),),
        "passages": (EVIDENCE,),
        "timings": Timings(0.1, 0.2, 0.3),
        "model": "scripted",
        "index_version": 7,
        "read": 2,
        "raw": "raw [9]",
        "replaced": ("It snowed.",),
    }
    return Answer(**(values | changes))


@pytest.mark.parametrize(
    ("markers", "text"), [((), "It rained."), ((1,), "It rained. [1]"), ((1, 3), "It rained. [1][3]")]
)
def test_a_sentence_with_its_markers(markers: tuple[int, ...], text: str) -> None:
    assert str(Sentence("It rained.", markers, Level.SUPPORTED)) == text


def test_a_sentence_of_a_day() -> None:
    assert str(Sentence("It rained.", (2,), Level.QUOTED, date(2021, 8, 3))) == "3 August 2021: It rained. [2]"


def test_text_is_the_lead_and_the_sentences_with_markers() -> None:
    both = "The bridge cost 587 million crowns. [1][3] It rained. [2]"
    points = "The bridge cost 587 million crowns. [1][3]\nIt rained. [2]"
    assert make_answer().text == both
    assert make_answer(lead="They say:").text == f"They say: {both}"
    assert make_answer(listed=True).text == points
    assert make_answer(listed=True, lead="The reports differ.").text == f"The reports differ.\n{points}"
    assert make_answer(lead="No.", sentences=()).text == "No."
    assert make_answer(sentences=()).text == ""


@pytest.mark.parametrize("outcome", Outcome)
def test_the_lead_of_a_refusal_is_its_reason(outcome: Outcome) -> None:
    refusals = {Outcome.NOT_SAID, Outcome.NOT_COVERED, Outcome.OUTSIDE_LIMITS, Outcome.NOTHING_INDEXED}
    answer = make_answer(outcome=outcome, lead="Because.")
    assert answer.refused is (outcome in refusals)
    assert answer.reason == ("Because." if outcome in refusals else "")


def test_the_question_is_as_typed_and_as_searched() -> None:
    assert (make_answer().question, make_answer().standalone) == ("Cost?", "The bridge? Cost?")


def test_evidence_gives_its_sentences() -> None:
    assert EVIDENCE.sentences == ["The bridge cost 587 million crowns — too much."]
    assert make_evidence("One. Two.")[0].sentences == ["One.", "Two."]


def test_the_whole_answer_as_json() -> None:
    article = {
        "article_id": HIT.article.id,
        "uri": "/articles/one.txt",
        "title": "Bill",
        "published": "2021-03-14",
        "author": "Marit",
        "source": "Courier",
        "url": "https://example.org/1",
    }
    assert json.loads(json.dumps(make_answer().to_json())) == {
        "question": "Cost?",
        "standalone": "The bridge? Cost?",
        "kind": "list",
        "leans_on": ["The bridge?"],
        "outcome": "answered",
        "lead": "",
        "suggestions": [],
        "text": "The bridge cost 587 million crowns. [1][3] It rained. [2]",
        "sentences": [
            {
                "text": "The bridge cost 587 million crowns.",
                "markers": [1, 3],
                "level": "supported",
                "strange": [],
                "as_of": None,
                "counted_by": "",
            },
            {"text": "It rained.", "markers": [2], "level": "quoted", "strange": [], "as_of": None, "counted_by": ""},
        ],
        "citations": [
            article
            | {"marker": 1, "quote": EVIDENCE.sentences[0], "start": SPAN[0], "end": SPAN[1], "support": 0.9}
            | {"answer": None, "also_in": []}
        ],
        "refused": False,
        "reason": "",
        "passages": [
            article
            | {
                "marker": 1,
                "spans": [list(SPAN)],
                "text": HIT.article.text,
                "start": 0,
                "end": len(HIT.article.text),
                "score": 0.5,
                "dense": 0.5,
                "sentence": 0.5,
                "lexical": 0.5,
                "also_in": [],
            }
        ],
        "tokens_read": 0,
        "tokens_written": 0,
        "timings": {"evidence": 0.1, "first_word": 0.2, "total": 0.3},
        "model": "scripted",
        "index_version": 7,
        "confidence": 0.0,
        "found": "",
        "listed": False,
        "read": 2,
        "raw": "raw [9]",
        "replaced": ["It snowed."],
        "undated": 0,
    }


def test_scores_are_rounded_and_missing_facts_are_null() -> None:
    row = evidence_to_json(Evidence(2, make_hit("It rained.", score=0.123456), ((0, 10),)))
    assert row["score"] == 0.1235
    assert [row[name] for name in ("published", "author", "source", "url")] == [None] * 4
