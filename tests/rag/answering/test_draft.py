"""An answer in the making: the model's sentences judged, clippings quoted, nothing said twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from making import make_candidates, make_hit, span_of
from standins import verifier_by_words

from index import Hit
from index.language.sentences import Span
from rag.answer import Level
from rag.answering.draft import DATED, Draft
from rag.answering.selection import Chosen, choose
from rag.answering.steps import Lead
from rag.question.kinds import FORMS, Kind
from rag.question.question import Question
from rag.retrieval.conflicts import Report
from rag.retrieval.evidence import Candidate, choose_evidence

COST = "The Calder bridge cost 587 million crowns."
OPENED = "The bridge was opened on Monday by the mayor."


def hits(*texts: str, days: Sequence[date | None] = ()) -> list[Hit]:
    """One hit for each text, of articles of their own."""
    published = [*days, *[None] * len(texts)]
    return [make_hit(text, title=f"T{n}", uri=f"/{n}.txt", published=published[n]) for n, text in enumerate(texts)]


def draft_of(
    found: Sequence[Hit],
    kind: Kind = Kind.FACT,
    question: str = "What did the bridge cost?",
    answer: Span | None = None,
) -> tuple[Draft, list[Chosen]]:
    """A draft whose candidates are the first sentences, the likeliest first, and what is chosen of them."""
    ranked = [
        Candidate(hit, hit.chunk.sentences[0], 0.9 - n / 100, answer if n == 0 else None) for n, hit in enumerate(found)
    ]
    draft = Draft(Question(question, kind), ranked, choose_evidence(ranked, sentences=8), 0.75)
    return draft, choose(ranked, FORMS[kind])


def quoted(draft: Draft, chosen: Sequence[Chosen]) -> list[str]:
    return [str(said.sentence) for said in draft.quote(chosen)]


def test_what_is_chosen_is_quoted_with_its_markers_and_kept() -> None:
    draft, chosen = draft_of(hits(COST, OPENED))
    assert quoted(draft, chosen) == [f"{COST} [1]", f"{OPENED} [2]"]
    assert [said.sentence.level for said in draft.said] == [Level.QUOTED] * 2
    assert [said.citations[0].support for said in draft.said] == [1.0, 1.0]


def test_a_clipping_that_the_models_sentence_rests_on_is_not_quoted_again() -> None:
    draft, chosen = draft_of(hits(COST, OPENED))
    (said,) = draft.judge_few_words("587 million crowns [1]", draft.passages, verifier_by_words(), chosen)
    assert (said.sentence.text, said.sentence.level) == ("587 million crowns", Level.SUPPORTED)
    assert quoted(draft, chosen) == [f"{OPENED} [2]"]
    assert len(draft.said) == 2


def test_a_sentence_that_no_chosen_clipping_supports_is_kept_aside() -> None:
    found = hits(COST, OPENED)
    draft, chosen = draft_of(found)
    for written, some in (
        ("It cost 999 million crowns. [1]", chosen),
        (f"{OPENED} [2]", chosen[:1]),  # true, and beside the point
        ("The bridge cost. [1]", chosen),  # says only what was asked
    ):
        assert list(draft.judge_few_words(written, draft.passages, verifier_by_words(), some)) == []
    assert draft.replaced == ["It cost 999 million crowns. [1]", f"{OPENED} [2]", "The bridge cost. [1]"]
    assert draft.said == []


def test_what_was_said_is_not_said_again() -> None:
    draft, chosen = draft_of(hits(COST, OPENED))
    verifier = verifier_by_words()
    assert len(list(draft.judge_few_words(f"{COST} [1]", draft.passages, verifier, chosen))) == 1
    assert list(draft.judge_few_words("The bridge cost 587 million. [1]", draft.passages, verifier, chosen)) == []
    assert (len(draft.said), draft.replaced) == (1, [])


def test_the_reader_has_a_say() -> None:
    (hit,) = hits("The Calder bridge cost 587 million crowns and nine years.")
    draft, chosen = draft_of([hit], answer=span_of(hit, "587 million crowns"))
    assert (draft.found, draft.marked) == ("587 million crowns", "587 million crowns [1]")
    assert list(draft.judge_few_words("nine years [1]", draft.passages, verifier_by_words(), chosen)) == []
    (said,) = draft.judge_few_words("587 million crowns [1]", draft.passages, verifier_by_words(), chosen)
    assert said.citations[0].answer == span_of(hit, "587 million crowns")


def test_the_part_that_answers_is_marked_in_a_quotation() -> None:
    (hit,) = hits(COST)
    answer = span_of(hit, "587 million crowns")
    draft, chosen = draft_of([hit], answer=answer)
    (said,) = draft.quote(chosen)
    assert said.citations[0].answer == answer


EARLY, LATE = date(2021, 3, 1), date(2022, 5, 2)


@pytest.mark.parametrize("kind", FORMS)
def test_sentences_of_several_days_are_dated_where_time_matters(kind: Kind) -> None:
    draft, chosen = draft_of(hits(COST, OPENED, days=(EARLY, LATE)), kind)
    days = {said.sentence.as_of for said in draft.quote(chosen)}
    assert days == ({EARLY, LATE} if kind in DATED else {None})


def test_sentences_of_one_day_are_not_dated() -> None:
    draft, chosen = draft_of(hits(COST, OPENED, days=(EARLY, EARLY)), Kind.TIMELINE)
    assert {said.sentence.as_of for said in draft.quote(chosen)} == {None}


def test_after_the_models_words_only_what_agrees_with_them_is_marked_as_the_answer() -> None:
    cost, opened, again = hits(COST, OPENED, "It cost 587 million, they say.")
    draft, _ = draft_of([cost, opened, again])
    answers = (span_of(cost, "587 million crowns"), span_of(opened, "Monday"), span_of(again, "587 million"))
    ranked = [replace(one, answer=answer) for one, answer in zip(draft.candidates, answers, strict=True)]
    chosen = [Chosen(candidate, candidate.span) for candidate in ranked]
    list(draft.judge_few_words("587 million crowns [1]", draft.passages, verifier_by_words(), chosen[:1]))
    assert [said.citations[0].answer for said in draft.quote(chosen)] == [None, answers[2]]


def test_reports_are_quoted_each_with_its_day() -> None:
    draft, _ = draft_of(hits(COST, OPENED, days=(EARLY, LATE)))
    reports = [Report(candidate, "the police") for candidate in draft.candidates]
    said = [said.sentence for said in draft.quote_reports(reports)]
    assert [str(each) for each in said] == [f"1 March 2021: {COST} [1]", f"2 May 2022: {OPENED} [2]"]
    assert [each.counted_by for each in said] == ["the police", "the police"]


def test_it_begins_with_the_lead() -> None:
    draft, _ = draft_of(hits(COST))
    assert (draft.lead, draft.listed) == ("", False)
    assert draft.begin("They say:", listed=True) == Lead("They say:", listed=True)
    assert (draft.lead, draft.listed) == ("They say:", True)


def test_the_model_reads_the_best_sentences_with_their_evidence() -> None:
    hit = make_hit(f"{COST} {OPENED} It rained.")
    ranked = make_candidates(hit)
    draft = Draft(Question("Q?"), ranked, choose_evidence(ranked, sentences=2), 0.9)
    assert [(item.marker, hit.article.text[slice(*span)]) for item, span in draft.clippings(2)] == [
        (1, COST),
        (1, OPENED),
    ]


def test_a_draft_of_nothing() -> None:
    draft = Draft(Question("Q?"), (), (), 0.0)
    assert (draft.found, draft.passages, list(draft.quote(()))) == ("", (), [])


def test_a_models_sentence_that_rests_on_an_unlikely_clipping_is_left_out() -> None:
    likely, unlikely = hits(COST, "A new kettle in the shop costs 30 crowns today.")
    ranked = [Candidate(likely, likely.chunk.sentences[0], 0.9), Candidate(unlikely, unlikely.chunk.sentences[0], 0.2)]
    draft = Draft(Question("What did the bridge cost?", Kind.FACT), ranked, choose_evidence(ranked, sentences=8), 0.75)
    written = ["The new kettle costs 30 crowns in the shop. [2]", "It cost 587 million crowns. [1]"]
    for one in written:
        list(draft.judge(one, draft.passages, verifier_by_words(), strict=False))
    assert [said.sentence.text for said in draft.said] == ["It cost 587 million crowns."]
    assert draft.replaced == written[:1]
