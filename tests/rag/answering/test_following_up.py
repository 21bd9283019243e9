"""Requests about the last answer: shorter, in so many sentences, more, where it stands."""

from __future__ import annotations

import pytest
from making import make_candidates, make_hit

from rag.answer import Outcome
from rag.answering.draft import Draft
from rag.answering.following_up import followed_up
from rag.answering.steps import Lead, Said
from rag.question.kinds import Kind
from rag.question.question import Question
from rag.retrieval.evidence import choose_evidence

ABOUT = "What of the ferry?"
SENTENCES = [
    "Sheep graze on the fell.",
    "Boats left the harbour early.",
    "The court heard a witness.",
    "Nobody bought the old mill.",
    "Snow fell in the night.",
    "A choir sang until dawn.",
    "Trains were late all week.",
    "Five roads stayed closed.",
    "Bakers ran out of flour.",
    "Hens laid hardly an egg.",
    "Monks brewed a dark beer.",
    "Divers raised the old anchor.",
]


def follow(typed: str, kind: Kind, earlier: Kind = Kind.FACT) -> tuple[str, list[str], list[Outcome], bool]:
    """Lead, sentences, outcomes, and whether they are listed, after an answer about twelve sentences."""
    half = len(SENTENCES) // 2
    hits = [
        make_hit(" ".join(SENTENCES[:half]), title="First"),
        make_hit(" ".join(SENTENCES[half:]), title="Second", uri="/2"),
    ]
    ranked = [*make_candidates(hits[0], likeliest=0.9), *make_candidates(hits[1], likeliest=0.8)]
    draft = Draft(Question(ABOUT, earlier), ranked, choose_evidence(ranked, sentences=20), 0.9)
    steps = list(followed_up(Question(typed, kind, (ABOUT,)), draft))
    (lead,) = (step for step in steps if isinstance(step, Lead))
    said = [step.sentence.text for step in steps if isinstance(step, Said)]
    return lead.text, said, [step for step in steps if isinstance(step, Outcome)], lead.listed


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("shorter", 1),
        ("in one sentence please", 1),
        ("in two sentences", 2),
        ("in 3 sentences", 3),
        ("in 50 sentences", 5),
        ("in 0 sentences", 1),
        ("in 2.5 sentences", 1),
    ],
)
def test_a_shorter_answer_has_as_many_sentences_as_were_asked_for(typed: str, count: int) -> None:
    lead, said, outcomes, listed = follow(typed, Kind.SHORTER, Kind.EXPLANATION)
    assert said == SENTENCES[:count]
    assert (lead, outcomes, listed) == ("", [], False)


def test_more_is_what_the_last_answer_left_out() -> None:
    lead, said, outcomes, listed = follow("more", Kind.MORE)
    assert said == SENTENCES[3:6]
    assert (lead, outcomes, listed) == ("", [], False)
    points = follow("more", Kind.MORE, Kind.LIST)
    assert points[1] == SENTENCES[10:]
    assert points[3]


def test_nothing_more_is_said_plainly() -> None:
    hit = make_hit(SENTENCES[0])
    ranked = make_candidates(hit)
    draft = Draft(Question(ABOUT), ranked, choose_evidence(ranked, sentences=2), 0.9)
    outcome, lead = followed_up(Question("more", Kind.MORE, (ABOUT,)), draft)
    assert outcome is Outcome.TALK
    assert lead == Lead("The articles have nothing more about “What of the ferry?”.")


def test_the_source_is_named_once_for_each_article_and_quoted() -> None:
    lead, said, outcomes, listed = follow("source?", Kind.SOURCE, Kind.OVERVIEW)
    assert lead == "The answer to “What of the ferry?” rests on “First”, “Second”."
    assert said == SENTENCES[:10]
    assert (outcomes, listed) == ([], True)
