"""Which reports disagree: by their numbers, or because one corrects the other."""

from __future__ import annotations

from datetime import date

import pytest
from making import make_hit, span_of

from rag.disagreeing import corrects, disagreeing
from rag.evidence import Candidate

QUESTION = "How many people died in the flood?"


def report(text: str, day: int | None, probability: float, *, answer: str = "", title: str = "Flood") -> Candidate:
    """The first sentence of an article of its own, published on that day of July 2021."""
    published = date(2021, 7, day) if day else None
    hit = make_hit(text, title=title, uri=f"/articles/{title}-{day}-{text[:20]}.txt", published=published)
    return Candidate(hit, hit.chunk.sentences[0], probability, span_of(hit, answer) if answer else None)


EARLY = report("At least 14 people died.", 23, 0.6)
LATE = report("Thirty-one people died in all.", 30, 0.5)


def test_two_numbers_the_latest_first() -> None:
    assert disagreeing(QUESTION, [EARLY, LATE], 0.1) == [LATE, EARLY]


@pytest.mark.parametrize(
    "other",
    [
        report("In all 14 people died.", 30, 0.5),
        report("Fourteen people died and 26 were hurt.", 30, 0.5),
        report("Some 40 houses fell.", 30, 0.5),
        report("Thirty-one people died.", None, 0.5),
        report("Thirty-one people died.", 30, 0.2),
    ],
    ids=["the same", "in words", "counts something else", "no date", "unlikely"],
)
def test_one_report_alone_disagrees_with_nobody(other: Candidate) -> None:
    assert disagreeing(QUESTION, [EARLY, other], 0.1) == []


def test_below_the_threshold_no_report_counts() -> None:
    assert disagreeing(QUESTION, [EARLY, LATE], 0.55) == []


def test_a_question_for_no_number_has_no_numbers_that_disagree() -> None:
    assert disagreeing("Who died in the flood?", [EARLY, LATE], 0.1) == []
    assert disagreeing(QUESTION, [], 0.1) == []


def test_the_reader_says_which_number_is_meant() -> None:
    one = report("Of 900 people 14 died.", 23, 0.6, answer="14")
    two = report("Of 900 people 31 died.", 24, 0.5, answer="31")
    same = report("Of 800 people 14 died.", 25, 0.5, answer="14")
    assert disagreeing(QUESTION, [one, two], 0.1) == [two, one]
    assert disagreeing(QUESTION, [one, same], 0.1) == []


WRONG = report("The city pays 40 per cent.", 14, 0.6, title="Bridge bill climbs")
CORRECTION = "Our report “Bridge bill climbs” was wrong.\n\nWe wrote 40 per cent. The city pays 60 per cent."


def correction(sentence: int, probability: float) -> Candidate:
    hit = make_hit(CORRECTION, title="Correction: The city pays more", uri="/c.txt", published=date(2021, 7, 18))
    return Candidate(hit, hit.chunk.sentences[sentence], probability)


def test_a_correction_comes_first_with_its_whole_paragraph_then_what_it_corrects() -> None:
    first, second = disagreeing("What share does the city pay?", [WRONG, correction(2, 0.3)], 0.1)
    assert first.text == "We wrote 40 per cent. The city pays 60 per cent."
    assert second == WRONG
    ranked = [correction(0, 0.9), correction(1, 0.5), WRONG]
    first, second = disagreeing("What share does the city pay?", ranked, 0.1)
    assert (first.text, second) == ("We wrote 40 per cent. The city pays 60 per cent.", WRONG)


def test_a_correction_that_is_about_something_else_is_left_out() -> None:
    assert disagreeing("What share does the city pay?", [WRONG, correction(2, 0.1)], 0.1) == []
    assert disagreeing("What share does the city pay?", [WRONG, correction(0, 0.5)], 0.1) == []


def test_only_an_article_that_says_it_is_a_correction_and_names_the_other_corrects_it() -> None:
    later, earlier = correction(0, 0.5).hit.article, WRONG.hit.article
    assert corrects(later, earlier)
    assert not corrects(earlier, later)
    assert not corrects(later, EARLY.hit.article)
    mention = make_hit("Our report “Bridge bill climbs” won a prize.", title="A prize").article
    assert not corrects(mention, earlier)


@pytest.mark.parametrize("answer", ["38,000", ""], ids=["read", "not read"])
def test_a_number_of_another_unit_is_no_other_length(answer: str) -> None:
    metres = report("The bridge is 1,840 metres long.", 23, 0.6, answer=answer and "1,840")
    vehicles = report("The bridge carries 38,000 vehicles.", 24, 0.5, answer=answer)
    longer = report("The bridge is 1,900 metres long.", 25, 0.5, answer=answer and "1,900")
    asked = "How long is the bridge?"
    assert disagreeing(asked, [metres, longer], 0.1) == [longer, metres]
    assert disagreeing(asked, [metres, vehicles], 0.1) == []
