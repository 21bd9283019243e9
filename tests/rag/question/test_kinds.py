"""The table of kinds, and what the recogniser looks at."""

from __future__ import annotations

import pytest
from standins import ScriptedSorter

from rag.question.kinds import FORMS, LABELS, NUMBER, Kind, Order, Recognised, recognise


def test_kinds_that_no_article_is_searched_for_are_about_the_archive_or_the_conversation() -> None:
    others = {kind for kind in Kind if not kind.about_the_articles}
    assert others == {Kind.ARCHIVE, Kind.TALK, Kind.SHORTER, Kind.MORE, Kind.SOURCE}
    assert set(FORMS) == set(Kind) - others


# DESIGN.md, section 6: the longest answer of each kind in words.
LONGEST = {Kind.FACT: 60, Kind.VERDICT: 60, Kind.QUOTATION: 60}
LONGEST |= {Kind.EXPLANATION: 110, Kind.LATEST: 110, Kind.COMPARISON: 110}
LONGEST |= {Kind.OVERVIEW: 180, Kind.SUMMARY: 180, Kind.LIST: 180, Kind.TIMELINE: 180}


@pytest.mark.parametrize("kind", FORMS)
def test_an_answer_keeps_within_the_words_that_its_kind_may_have(kind: Kind) -> None:
    form = FORMS[kind]
    assert 0 < form.words <= LONGEST[kind]
    assert form.passages >= 1
    assert form.sentences >= 1
    assert 0 < form.floor < 1


def test_time_orders_timelines_and_news_and_a_summary_is_of_one_article() -> None:
    assert FORMS[Kind.TIMELINE].order is Order.OLDEST_FIRST
    assert FORMS[Kind.LATEST].order is Order.NEWEST_FIRST
    assert [kind for kind, form in FORMS.items() if form.one_article] == [Kind.SUMMARY]


class Unsure(ScriptedSorter):
    """Gives each label the probability that it is told."""

    def __init__(self, **shares: float) -> None:
        super().__init__()
        self._shares = shares

    def kinds(self, question: str) -> dict[str, float]:
        """As told."""
        return {label: self._shares.get(label, 0.0) for label in LABELS}


def test_every_kind_has_a_label() -> None:
    assert set(LABELS.values()) == set(Kind)


def test_the_likeliest_kind_is_recognised_and_labels_of_one_kind_count_together() -> None:
    assert recognise(Unsure(why=0.4, how=0.3, overview=0.3), "") == Recognised(Kind.EXPLANATION, 0.0)
    assert recognise(Unsure(fact=0.2, number_or_date=0.7, why=0.1), "") == Recognised(Kind.FACT, 0.7)
    assert NUMBER == "number_or_date"


def test_where_it_is_unsure_the_shorter_answer_is_given() -> None:
    """Too long is worth nothing, too short half: 0.45 + 0.5 * 0.55 is more than 0.55."""
    assert recognise(Unsure(fact=0.45, overview=0.55), "").kind is Kind.FACT
    assert recognise(Unsure(fact=0.2, overview=0.8), "").kind is Kind.OVERVIEW


def test_a_question_about_the_archive_or_the_talk_has_to_be_surely_one() -> None:
    """0.55 - 0.5 * 0.45 is less than 0.45."""
    assert recognise(Unsure(fact=0.45, archive=0.55), "").kind is Kind.FACT
    assert recognise(Unsure(fact=0.2, archive=0.8), "").kind is Kind.ARCHIVE
    assert recognise(Unsure(talk=0.45, archive=0.55), "").kind is Kind.ARCHIVE
