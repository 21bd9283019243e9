"""An Answer as text and as plain values."""

from __future__ import annotations

import json
from datetime import date

import pytest
from making import make_evidence, make_hit, span_of

from rag.answer import Answer, Evidence, Origin, Sentence, Timings, evidence_to_json
from rag.citing import citation_of

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
        "question": "Cost?",
        "standalone": "Cost of the bridge?",
        "sentences": (
            Sentence("The bridge cost 587 million crowns.", (1, 3), Origin.MODEL),
            Sentence("It rained.", (2,), Origin.CLIPPING),
        ),
        "citations": (citation_of(EVIDENCE, SPAN, support=0.9),),
        "refused": False,
        "reason": "",
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
    assert str(Sentence("It rained.", markers, Origin.MODEL)) == text


def test_text_is_the_sentences_with_markers_or_the_reason() -> None:
    assert make_answer().text == "The bridge cost 587 million crowns. [1][3] It rained. [2]"
    assert make_answer(refused=True, reason="No.", sentences=()).text == "No."
    assert make_answer(sentences=()).text == ""


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
        "standalone": "Cost of the bridge?",
        "text": "The bridge cost 587 million crowns. [1][3] It rained. [2]",
        "sentences": [
            {"text": "The bridge cost 587 million crowns.", "markers": [1, 3], "origin": "model", "as_of": None},
            {"text": "It rained.", "markers": [2], "origin": "clipping", "as_of": None},
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
    }


def test_scores_are_rounded_and_missing_facts_are_null() -> None:
    row = evidence_to_json(Evidence(2, make_hit("It rained.", score=0.123456), ((0, 10),)))
    assert row["score"] == 0.1235
    assert [row[name] for name in ("published", "author", "source", "url")] == [None] * 4
