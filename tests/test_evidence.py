"""Evidence: numbered from 1, best first, of whole sentences that lie in the article."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from making import make_hit, span_of

from index import Hit
from rag.evidence import MAX_QUOTE_SENTENCES, Candidate, choose_evidence, rank_sentences, with_speaker
from rag.relevance import FEATURES, Model

A = make_hit("A one. A two. A three.", uri="/a.txt")
B = make_hit("B one. B two.", uri="/b.txt")
C = make_hit("C one.", uri="/c.txt")

BY_COSINE = Model("hash@1", 0.0, dict.fromkeys(FEATURES, 0.0) | {"cosine": 1.0}, 0.5)


def candidates(*texts: str) -> list[Candidate]:
    hits = {"A": A, "B": B, "C": C}
    return [Candidate(hits[t[0]], span_of(hits[t[0]], t), 1 / (n + 2)) for n, t in enumerate(texts)]


def test_sentences_are_ranked_over_all_hits_and_equal_ones_stay_in_order() -> None:
    one = make_hit("First. Second.", uri="/1", cosines=(0.1, 0.9))
    two = make_hit("Third. Fourth.", uri="/2", cosines=(0.9, 0.5))
    ranked = rank_sentences("What?", [one, two], BY_COSINE, lambda terms: ([0] * len(terms), 2))
    assert [c.text for c in ranked] == ["Second.", "Third.", "Fourth.", "First."]
    assert [c.probability for c in ranked] == pytest.approx([0.7109495, 0.7109495, 0.6224593, 0.5249792])
    assert rank_sentences("What?", [], BY_COSINE, lambda terms: ([0] * len(terms), 0)) == []


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
    shown = [QUOTATION[slice(*with_speaker(hit, span))] for span in hit.chunk.sentences]
    assert shown == [
        "It rained.",
        "Berg said: “The bridge is late.",
        "Berg said: “The bridge is late. It will open in 2025.",
        "Berg said: “The bridge is late. It will open in 2025. We are sorry.”",
        "Nobody laughed.",
    ]
    (evidence,) = choose_evidence([Candidate(hit, hit.chunk.sentences[2], 0.9)], sentences=1)
    assert evidence.sentences == ["Berg said: “The bridge is late. It will open in 2025."]


def test_the_beginning_of_a_quotation_is_not_looked_for_far_away() -> None:
    text = "Berg said: “One. Two. Three. Four. Five. Six.”"
    hit = cut(text, *(part for part in ("Berg said: “One.", "Two.", "Three.", "Four.", "Five.", "Six.”")))
    assert MAX_QUOTE_SENTENCES == 4
    shown = [text[slice(*with_speaker(hit, span))] for span in hit.chunk.sentences[-2:]]
    assert shown == ["Berg said: “One. Two. Three. Four. Five.", "Six.”"]


def test_overlapping_spans_are_shown_once() -> None:
    hit = cut(QUOTATION, "Berg said: “The bridge is late.", "It will open in 2025.", "We are sorry.”")
    (evidence,) = choose_evidence([Candidate(hit, span, 0.9) for span in hit.chunk.sentences], sentences=3)
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
