"""Which reports disagree: by their numbers, or because one corrects the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from making import make_hit, span_of

from rag.question.kinds import Kind
from rag.question.question import Question
from rag.retrieval.conflicts import Report, corrects
from rag.retrieval.conflicts import conflicting as reports_of
from rag.retrieval.evidence import Candidate

QUESTION = Question("How many people died in the flood?")
SHARE = Question("What share does the city pay?")


def conflicting(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The sentences of the reports that disagree."""
    return [report.candidate for report in reports_of(question, ranked)]


def report(text: str, day: int | None, probability: float, *, answer: str = "", title: str = "Flood") -> Candidate:
    """The first sentence of an article of its own, published on that day of July 2021."""
    published = date(2021, 7, day) if day else None
    hit = make_hit(text, title=title, uri=f"/articles/{title}-{day}-{text[:20]}.txt", published=published)
    return Candidate(hit, hit.chunk.sentences[0], probability, span_of(hit, answer) if answer else None)


EARLY = report("At least 14 people died.", 23, 0.6, answer="14 people")
LATE = report("Thirty-one people died in all.", 30, 0.5, answer="Thirty-one people")


def test_two_numbers_the_latest_first() -> None:
    assert conflicting(QUESTION, [EARLY, LATE]) == [LATE, EARLY]


@pytest.mark.parametrize(
    "other",
    [
        report("In all 14 people died.", 30, 0.5, answer="14 people"),
        report("Fourteen people died and 26 were hurt.", 30, 0.5, answer="Fourteen people"),
        report("Some 40 houses fell.", 30, 0.5, answer="40 houses"),
        report("Thirty-one people died.", None, 0.5, answer="Thirty-one people"),
        report("Thirty-one people died.", 30, 0.2, answer="Thirty-one people"),
        report("Thirty-one people died.", 30, 0.5),
        report("Many people died.", 30, 0.5, answer="Many people"),
    ],
    ids=["the same", "in words", "counts something else", "no date", "unlikely", "not read", "no number"],
)
def test_one_report_alone_disagrees_with_nobody(other: Candidate) -> None:
    assert conflicting(QUESTION, [EARLY, other]) == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.FACT])
def test_only_a_question_for_a_fact_has_reports_that_disagree(kind: Kind) -> None:
    assert conflicting(Question("How many died?", kind), [EARLY, LATE]) == []


def test_a_number_that_the_earlier_report_knows_already_is_history_and_no_news() -> None:
    earlier = report(
        "The bridge will cost 587 million crowns, not 412 million crowns.", 14, 0.6, answer="587 million crowns"
    )
    history = report("The contract was for 412 million crowns.", 30, 0.6, answer="412 million crowns")
    price = Question("What does the bridge cost?")
    assert conflicting(price, [history, earlier]) == []
    news = report("The auditors expect 641 million crowns.", 30, 0.6, answer="641 million crowns")
    assert conflicting(price, [news, earlier]) == [news, earlier]


def test_nothing_found_disagrees_with_nothing() -> None:
    assert conflicting(QUESTION, []) == []


def test_where_the_reader_points_at_no_number_none_disagrees() -> None:
    best = report("At least 14 people died.", 23, 0.6, answer="people")
    assert conflicting(QUESTION, [best, LATE]) == []


def test_a_number_of_the_question_is_no_answer() -> None:
    asked = Question("Which of the 14 people died?")
    assert conflicting(asked, [EARLY, LATE]) == []


def test_all_reports_are_shown_from_the_latest_to_the_first() -> None:
    again = Candidate(EARLY.hit, EARLY.hit.chunk.sentences[0], 0.55, span_of(EARLY.hit, "14 people"))
    others = [report(f"So {n} people died.", n, 0.5, answer=f"{n} people") for n in (25, 24, 26)]
    assert conflicting(QUESTION, [EARLY, again, *others]) == [others[2], others[0], others[1], EARLY]
    assert {given.counted_by for given in reports_of(QUESTION, [EARLY, again, *others])} == {""}
    repeats = report("It was 24 people who died, and not 14 people.", 29, 0.5, answer="24 people")
    assert conflicting(QUESTION, [EARLY, *others[:2], repeats]) == [others[0], others[1], EARLY]
    looks_back = report("At first 14 people were dead, then 20 people.", 28, 0.5, answer="20 people")
    knows = report("Ministers denied that 20 people died; it is 19 people.", 24, 0.6, answer="19 people")
    assert conflicting(QUESTION, [knows, EARLY, looks_back]) == [knows, EARLY]


MARCH = Question("How many people marched?")


def test_of_one_day_it_is_shown_who_counted() -> None:
    police = report("Some 38,000 people marched, the police said.", 23, 0.6, answer="38,000 people")
    organisers = report("Organisers counted 60,000 people.", 23, 0.5, answer="60,000 people")
    assert reports_of(MARCH, [police, organisers]) == [
        Report(police, "the police"),
        Report(organisers, "Organisers"),
    ]
    later = report("A union spokesman claimed 70,000 people marched.", 25, 0.5, answer="70,000 people")
    assert [given.counted_by for given in reports_of(MARCH, [police, later])] == ["A union spokesman", "the police"]
    unnamed = report("In all 60,000 people marched.", 23, 0.5, answer="60,000 people")
    assert [given.counted_by for given in reports_of(MARCH, [police, unnamed])] == ["", ""]


def test_who_counts_anew_on_a_later_day_updates_the_count() -> None:
    police = report("Police said 14 people died.", 23, 0.6, answer="14 people")
    ministry = report("The ministry said 31 people died.", 30, 0.5, answer="31 people")
    assert reports_of(QUESTION, [police, ministry]) == [Report(ministry), Report(police)]


def test_one_article_differs_with_itself_only_where_it_names_two_who_counted() -> None:
    text = "Some 38,000 people marched, police said. Organisers spoke of 60,000 people. Some said 50,000 people."
    hit = make_hit(text, uri="/march.txt", published=date(2021, 7, 23))
    one, two, three = (
        Candidate(hit, span, probability, span_of(hit, answer))
        for span, probability, answer in zip(
            hit.chunk.sentences, (0.6, 0.5, 0.5), ("38,000 people", "60,000 people", "50,000 people"), strict=True
        )
    )
    assert reports_of(MARCH, [one, two, three]) == [Report(one, "police"), Report(two, "Organisers")]
    assert reports_of(MARCH, [one, three]) == []


def test_the_reader_says_which_number_is_meant() -> None:
    one = report("Of 900 people 14 died.", 23, 0.6, answer="14")
    two = report("Of 900 people 31 died.", 24, 0.5, answer="31")
    same = report("Of 800 people 14 died.", 25, 0.5, answer="14")
    assert conflicting(QUESTION, [one, two]) == [two, one]
    assert conflicting(QUESTION, [one, same]) == []


WRONG = report("The city pays 40 per cent.", 14, 0.6, title="Bridge bill climbs")
CORRECTION = "Our report “Bridge bill climbs” was wrong.\n\nWe wrote 40 per cent. The city pays 60 per cent."


def correction(sentence: int, probability: float) -> Candidate:
    hit = make_hit(CORRECTION, title="Correction: The city pays more", uri="/c.txt", published=date(2021, 7, 18))
    return Candidate(hit, hit.chunk.sentences[sentence], probability)


def test_a_correction_comes_first_with_its_whole_paragraph_then_what_it_corrects() -> None:
    first, second = conflicting(SHARE, [WRONG, correction(2, 0.3)])
    assert first.text == "We wrote 40 per cent. The city pays 60 per cent."
    assert second == WRONG
    ranked = [correction(0, 0.9), correction(1, 0.5), WRONG]
    first, second = conflicting(SHARE, ranked)
    assert (first.text, second) == ("We wrote 40 per cent. The city pays 60 per cent.", WRONG)


def test_a_correction_over_two_paragraphs_is_quoted_as_it_is() -> None:
    both = correction(1, 0.3)
    both = replace(both, span=(both.span[0] - len("wrong.\n\n"), both.span[1]))
    assert conflicting(SHARE, [WRONG, both]) == [both, WRONG]
    assert both.text == "wrong.\n\nWe wrote 40 per cent."


def test_a_correction_that_is_about_something_else_is_left_out() -> None:
    assert conflicting(SHARE, [WRONG, correction(2, 0.1)]) == []
    assert conflicting(SHARE, [WRONG, correction(0, 0.5)]) == []


def test_a_correction_of_other_figures_says_nothing_about_this_one() -> None:
    share = replace(WRONG, answer=span_of(WRONG.hit, "40 per cent"))
    assert conflicting(SHARE, [share, correction(2, 0.3)])[1] == share
    cost = report("The bridge will cost 587 million.", 14, 0.6, answer="587 million", title="Bridge bill climbs")
    assert conflicting(SHARE, [cost, correction(2, 0.3)]) == []
    assert conflicting(SHARE, [correction(2, 0.9), cost]) == []


def test_only_an_article_that_says_it_is_a_correction_and_names_the_other_corrects_it() -> None:
    later, earlier = correction(0, 0.5).hit.article, WRONG.hit.article
    assert corrects(later, earlier)
    assert not corrects(earlier, later)
    assert not corrects(later, EARLY.hit.article)
    mention = make_hit("Our report “Bridge bill climbs” won a prize.", title="A prize").article
    assert not corrects(mention, earlier)


def test_a_number_of_another_unit_is_no_other_length() -> None:
    metres = report("The bridge is 1,840 metres long.", 23, 0.6, answer="1,840")
    vehicles = report("The bridge carries 38,000 vehicles.", 24, 0.5, answer="38,000")
    longer = report("The bridge is 1,900 metres long.", 25, 0.5, answer="1,900 metres")
    asked = Question("How long is the bridge?")
    assert conflicting(asked, [metres, longer]) == [longer, metres]
    assert conflicting(asked, [metres, vehicles]) == []


def test_a_party_counts_differently_even_where_the_reader_is_unsure_of_the_other_figure() -> None:
    organisers = report(
        "Some 60,000 people crossed Calder Bridge, the organisers said.", 23, 0.6, answer="60,000 people"
    )
    unsure = replace(
        report("Calder Bridge opened to a crowd that police put at 38,000.", 23, 0.1, answer="38,000"), says=-7.0
    )
    crossed = Question("How many people crossed the bridge?")
    shown = reports_of(crossed, [organisers, unsure])
    assert [(given.candidate, given.counted_by) for given in shown] == [
        (organisers, "the organisers"),
        (unsure, "police"),
    ]
    elsewhere = replace(report("Police put the crowd at 38,000.", 23, 0.1, answer="38,000"), says=-7.0)
    assert reports_of(crossed, [organisers, elsewhere]) == []
    company = replace(
        report("Calder Bridge earned 900 crowns, its owners said.", 23, 0.1, answer="900 crowns"), says=-7.0
    )
    police = report("Police said 38,000 people crossed Calder Bridge.", 23, 0.6, answer="38,000 people")
    assert reports_of(crossed, [police, company]) == []


def test_a_figure_that_is_almost_sure_joins_others_and_makes_no_report_alone() -> None:
    almost = replace(report("So far 9 people are dead.", 22, 0.5, answer="9 people"), says=-1.5)
    assert conflicting(QUESTION, [EARLY, almost]) == []
    assert conflicting(QUESTION, [EARLY, LATE, almost]) == [LATE, EARLY, almost]
    assert conflicting(QUESTION, [EARLY, LATE, replace(almost, says=-2.5)]) == [LATE, EARLY]
    assert conflicting(QUESTION, [replace(EARLY, says=-0.5), LATE]) == []
