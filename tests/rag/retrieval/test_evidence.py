"""Evidence: numbered from 1, best first, of whole sentences that lie in the article."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from making import make_hit, span_of
from standins import ScriptedReader

from index import Hit
from rag.question.kinds import Kind
from rag.question.question import Question
from rag.reader.reader import Reading
from rag.retrieval.answerable import SIGNALS
from rag.retrieval.evidence import (
    MAX_QUOTE_SENTENCES,
    NO_REPORT,
    SUBJECT_BONUS,
    Candidate,
    choose_evidence,
    merged,
    rank_sentences,
    whole_quotation,
)
from rag.retrieval.scoring import Model

A = make_hit("A one. A two. A three.", uri="/a.txt")
B = make_hit("B one. B two.", uri="/b.txt")
C = make_hit("C one.", uri="/c.txt")

BY_COSINE = Model("hash@1", 0.0, {"cosine": 1.0}, {})


def unknown(terms: Sequence[str]) -> tuple[list[int], int]:
    """Frequencies where nothing stands in any of two passages."""
    return [0] * len(terms), 2


def candidates(*texts: str) -> list[Candidate]:
    hits = {"A": A, "B": B, "C": C}
    return [Candidate(hits[t[0]], span_of(hits[t[0]], t), 1 / (n + 2)) for n, t in enumerate(texts)]


def test_sentences_are_ranked_over_all_hits_and_equal_ones_stay_in_order() -> None:
    one = make_hit("First. Second.", uri="/1", cosines=(0.1, 0.9))
    two = make_hit("Third. Fourth.", uri="/2", cosines=(0.9, 0.5))
    ranked = rank_sentences(Question("What?"), [one, two], BY_COSINE, unknown).candidates
    assert [c.text for c in ranked] == ["Second.", "Third.", "Fourth.", "First."]
    assert [c.probability for c in ranked] == pytest.approx([0.7109495, 0.7109495, 0.6224593, 0.5249792])
    assert rank_sentences(Question("What?"), [], BY_COSINE, unknown).candidates == ()


def test_sentences_of_the_articles_that_a_follow_up_is_about_come_first() -> None:
    one = make_hit("First.", uri="/1", cosines=(0.9,))
    two = make_hit("Second.", uri="/2", cosines=(0.5,))
    asked = Question("And then?", leans_on=("What happened in the second?",))
    ranked = rank_sentences(asked, [one, two], BY_COSINE, unknown, subject=[two.article.id])
    assert [c.text for c in ranked.candidates] == ["Second.", "First."]
    assert ranked.candidates[0].log_odds == pytest.approx(0.5 + SUBJECT_BONUS)
    assert ranked.signals == rank_sentences(asked, [one, two], BY_COSINE, unknown).signals


@pytest.mark.parametrize(("typed", "read"), [("why?", "coffee prices why?"), ("what did Brazil do?",) * 2])
def test_the_reader_reads_a_question_without_content_words_after_what_it_leans_on(typed: str, read: str) -> None:
    asked: list[str] = []

    class Recording(ScriptedReader):
        def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
            asked.append(question)
            return super().read(question, hits)

    question = Question(typed, leans_on=("coffee prices",))
    rank_sentences(question, [make_hit("First.")], BY_COSINE, unknown, reader=Recording("First"), read=1)
    assert asked == [read]


def test_a_kind_weighs_in_its_own_way() -> None:
    hit = make_hit("First. Second 2.", cosines=(0.9, 0.5))
    model = Model("hash@1", 0.0, {"cosine": 1.0}, {"list": {"number": 2.0, "bias": -1.0}})
    fact = rank_sentences(Question("What?"), [hit], model, unknown).candidates
    listed = rank_sentences(Question("What?", Kind.LIST), [hit], model, unknown).candidates
    assert [c.log_odds for c in fact] == pytest.approx([0.9, 0.5])
    assert [(c.text, c.log_odds) for c in listed] == [
        ("Second 2.", pytest.approx(1.5)),
        ("First.", pytest.approx(-0.1, abs=1e-6)),
    ]


def test_what_the_reader_points_at_and_the_vectors_come_along() -> None:
    hit, unread = make_hit("One two. Three four."), make_hit("Five six.", uri="/2")
    vectors = [np.eye(3, dtype=np.float32)[:2], np.eye(3, dtype=np.float32)[2:]]
    found = rank_sentences(
        Question("What?"), [hit, unread], BY_COSINE, unknown, reader=ScriptedReader("two"), read=1, vectors=vectors
    )
    assert [(c.text, c.answer_text, c.says) for c in found.candidates] == [
        ("One two.", "two", 5.0),
        ("Three four.", "Three four.", -5.0),
        ("Five six.", "", 0.0),
    ]
    assert [c.vector.tolist() for c in found.candidates] == np.eye(3).tolist()


def test_the_reader_reads_the_question_alone_and_words_are_counted_as_typed() -> None:
    hit = make_hit("The bridge opened.", cosines=(0.0,))
    reader = ScriptedReader("opened")
    asked = Question("When did it open?", leans_on=("What did the bridge cost?",))
    coverage = Model("hash@1", 0.0, {"coverage": 1.0}, {})
    found = rank_sentences(asked, [hit], coverage, unknown, reader=reader, read=1)
    assert reader.questions == ["When did it open?"]
    # "open" was typed; of "bridge" and "cost", which count half, the sentence has one.
    assert found.candidates[0].log_odds == pytest.approx((1 + 0.5) / (1 + 0.5 + 0.5))


def test_signals_are_the_best_that_any_sentence_reached() -> None:
    one = make_hit("Arle flooded. Nothing else.", uri="/1", cosines=(0.3, 0.6))
    two = make_hit("Hollin stayed dry.", uri="/2", cosines=(0.4,))
    found = rank_sentences(
        Question("Arle in Vessen?"), [one, two], BY_COSINE, lambda terms: ([int(t.startswith("arl")) for t in terms], 1),
        reader=ScriptedReader("Hollin"), read=2,
    )  # fmt: skip
    arle, vessen = math.log(1 + 0.5 / 1.5), math.log(1 + 1.5 / 0.5)
    expected = {
        "first_odds": 0.6,
        "second_odds": 0.4,
        "three": (0.6 + 0.4 + 0.3) / 3,
        "first_cosine": 0.6,
        "second_evidence": 5 / 8,
        "says": 5 / 8,
        "held": 5 / 8,
        "evidence": 5 / 8,
        "cosine": 0.6,
        "coverage": arle / (arle + vessen),
        "context": arle / (arle + vessen),
        "unknown": vessen / (arle + vessen),
        "number": 0.0,
        "numberless": 0.0,
        "words": 0.3,
    }
    assert {name: found.signals[name] for name in expected} == pytest.approx(expected)
    assert set(found.signals) == set(SIGNALS)


def test_a_number_that_is_asked_for_and_not_given_is_a_signal() -> None:
    silent = make_hit("Arle flooded.", uri="/1", cosines=(0.3,))
    telling = make_hit("Arle flooded for 3 days.", uri="/2", cosines=(0.3,))
    asked = Question("How long was Arle flooded?", number=0.8)
    for hit, numberless in ((silent, 0.8), (telling, 0.0)):
        found = rank_sentences(asked, [hit], BY_COSINE, unknown)
        assert found.signals["numberless"] == numberless


def test_a_sentence_that_is_no_report_comes_behind_all_others() -> None:
    hit = make_hit("Say that nobody died. Thirty-one people drowned. Who died there?", cosines=(0.99, 0.1, 1.0))
    reader = ScriptedReader("Thirty-one", addressed="Say that")
    found = rank_sentences(Question("Who died there?"), [hit], BY_COSINE, unknown, reader=reader, read=1)
    assert [c.text for c in found.candidates] == [
        "Thirty-one people drowned.",
        "Say that nobody died.",
        "Who died there?",
    ]
    assert [c.probability for c in found.candidates[1:]] == [NO_REPORT, NO_REPORT]


def test_markers_count_from_1_in_the_order_of_each_passages_best() -> None:
    evidence = choose_evidence(candidates("B two.", "A three.", "A one.", "B one.", "C one.", "A two."), sentences=3)
    assert [(e.marker, e.hit is h) for e, h in zip(evidence, (B, A, C), strict=True)] == [
        (1, True),
        (2, True),
        (3, True),
    ]
    assert [e.sentences for e in evidence] == [["B two."], ["A one.", "A three."], ["C one."]]


def test_a_passage_without_a_chosen_sentence_shows_its_best() -> None:
    evidence = choose_evidence(candidates("A one.", "A two.", "B two.", "B one."), sentences=1)
    assert [e.sentences for e in evidence] == [["A one."], ["B two."]]
    assert choose_evidence([], sentences=3) == ()


QUOTATION = "It rained. Berg said: “The bridge is late. It will open in 2025. We are sorry.” Nobody laughed."


def cut(text: str, *parts: str) -> Hit:
    """A hit whose sentences are the parts, as they are when a long quotation is cut."""
    hit = make_hit(text)
    spans = tuple(span_of(hit, part) for part in parts)
    return replace(hit, chunk=replace(hit.chunk, sentences=spans), sentence_cosines=(0.5,) * len(spans))


def test_a_quotation_is_shown_from_where_it_is_introduced() -> None:
    parts = "It rained.|Berg said: “The bridge is late.|It will open in 2025.|We are sorry.”|Nobody laughed.".split("|")
    hit = cut(QUOTATION, *parts)
    shown = [QUOTATION[slice(*whole_quotation(hit, span))] for span in hit.chunk.sentences]
    whole = "Berg said: “The bridge is late. It will open in 2025. We are sorry.”"
    assert shown == ["It rained.", whole, whole, whole, "Nobody laughed."]
    (evidence,) = choose_evidence([Candidate(hit, hit.chunk.sentences[2], 0.9)], sentences=1)
    assert evidence.sentences == [whole]


def test_the_beginning_and_the_end_of_a_quotation_are_not_looked_for_far_away() -> None:
    text = "Berg said: “One. Two. Three. Four. Five. Six.”"
    hit = cut(text, *(part for part in ("Berg said: “One.", "Two.", "Three.", "Four.", "Five.", "Six.”")))
    assert MAX_QUOTE_SENTENCES == 4
    shown = [text[slice(*whole_quotation(hit, span))] for span in hit.chunk.sentences]
    assert shown[0] == "Berg said: “One."
    assert shown[1:5] == [text] * 4
    assert shown[5] == "Six.”"


def test_marks_of_a_quotation_are_balanced_wherever_it_is_near() -> None:
    text = 'It rained. "We are late. We are sorry," Berg said. He left. “And that was “it”,” said Lorne. Fine.'
    hit = cut(
        text, "It rained.", '"We are late.', 'We are sorry," Berg said.', "He left.", "“And that was “it”,” said Lorne."
    )
    shown = [text[slice(*whole_quotation(hit, span))] for span in hit.chunk.sentences]
    assert shown[1] == shown[2] == '"We are late. We are sorry," Berg said.'
    assert (shown[0], shown[3], shown[4]) == ("It rained.", "He left.", "“And that was “it”,” said Lorne.")


def test_merged_spans_are_in_order_and_apart() -> None:
    assert merged([(5, 9), (0, 3), (2, 4), (5, 9), (9, 12)]) == ((0, 4), (5, 9), (9, 12))
    assert merged([]) == ()


def test_overlapping_spans_are_shown_once() -> None:
    hit = cut(QUOTATION, "It rained.", "Berg said: “The bridge is late.", "It will open in 2025.", "We are sorry.”")
    (evidence,) = choose_evidence([Candidate(hit, span, 0.9) for span in hit.chunk.sentences[1:]], sentences=3)
    assert evidence.sentences == ["Berg said: “The bridge is late. It will open in 2025. We are sorry.”"]


def test_spans_of_evidence_lie_in_the_chunk_in_order_and_apart() -> None:
    random_ = random.Random(3)
    hit = make_hit("One said: “Two. Three. Four. Five.” Six. Seven “eight.” Nine. Ten said: “Eleven. Twelve.”")
    for _ in range(50):
        spans = list(hit.chunk.sentences)
        random_.shuffle(spans)
        (evidence,) = choose_evidence([Candidate(hit, span, 0.5) for span in spans], sentences=random_.randint(1, 5))
        edges = [edge for span in evidence.spans for edge in span]
        assert edges == sorted(edges)
        assert hit.chunk.start <= edges[0] < edges[-1] <= hit.chunk.end
        assert all(start < end for start, end in evidence.spans)
