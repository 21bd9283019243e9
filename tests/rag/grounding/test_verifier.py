"""Verdicts: what is quoted, supported, in the model's words, or not to be shown; with a network that follows a script."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from making import make_evidence
from standins import ScriptedReader

from index import Hit
from rag.answer import Evidence, Level
from rag.grounding.verifier import Model, Verifier
from rag.reader.reader import Reading

COST = "The Calder bridge will cost 587 million crowns. It will open in 2025."
FLOOD = "On Wednesday, thirty-one people drowned in Hollin."
MINE = "The court halted the Grey Fell mine."
MODEL = Model(scale=1.0, bias=0.0, supported=0.8, contradicted=0.2)


class Odds:
    """Gives the same log odds to every claim."""

    def __init__(self, odds: float) -> None:
        self.odds = odds

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        raise NotImplementedError

    def judge(self, claim: str, question: str, clippings: Sequence[str]) -> list[float]:
        return [self.odds] * len(clippings)


def quotes(verdict: object) -> list[str]:
    return [item.hit.article.text[a:b] for item, (a, b) in verdict.spans]  # type: ignore[attr-defined]


@pytest.mark.parametrize("marked", [[], [1], [2], [0], [99], [-1]])
def test_the_sentence_that_supports_is_found_whatever_the_marker(marked: list[int]) -> None:
    verifier = Verifier(ScriptedReader("x"), MODEL)
    verdict = verifier.verdict(
        "587 million crowns the Calder bridge will cost.", "", make_evidence(FLOOD, COST), marked
    )
    assert verdict is not None
    assert (verdict.level, quotes(verdict)) == (Level.SUPPORTED, ["The Calder bridge will cost 587 million crowns."])
    assert verdict.probability == pytest.approx(1 / (1 + 2.718281828**-5))


def test_of_sentences_that_support_together_the_nearest_comes_first() -> None:
    class Together(Odds):
        def judge(self, claim: str, question: str, clippings: Sequence[str]) -> list[float]:
            return [5.0 if "opened" in text and "leads" in text else 0.0 for text in clippings]

    evidence = make_evidence("The inquiry opened on Tuesday. Judge Maren Halloway leads it.")
    verdict = Verifier(Together(0.0), MODEL).verdict("Judge Maren Halloway", "Who leads the inquiry?", evidence, [])
    assert verdict is not None
    assert quotes(verdict) == ["Judge Maren Halloway leads it.", "The inquiry opened on Tuesday."]


@pytest.mark.parametrize(
    ("odds", "level"), [(3.0, Level.SUPPORTED), (0.0, Level.OWN_WORDS), (-1.0, Level.OWN_WORDS), (-3.0, None)]
)
def test_levels_follow_the_thresholds(odds: float, level: Level | None) -> None:
    verdict = Verifier(Odds(odds), MODEL).verdict(
        "A court has stopped the Grey Fell mine.", "", make_evidence(MINE), []
    )
    assert verdict is not None
    assert verdict.level is level
    assert quotes(verdict) == [MINE]


@pytest.mark.parametrize(
    "claim", [MINE, "the court halted the Grey Fell mine", "“The court halted the Grey Fell mine.”"]
)
def test_what_stands_there_word_for_word_is_a_quotation_and_not_judged(claim: str) -> None:
    verdict = Verifier(Odds(-9.0), MODEL).verdict(claim, "", make_evidence(COST, MINE), [])
    assert verdict is not None
    assert (verdict.level, verdict.probability, quotes(verdict)) == (Level.QUOTED, 1.0, [MINE])


@pytest.mark.parametrize(
    "claim", ["The Calder bridge will cost 588 million crowns.", "The Norrick bridge will cost 587 million crowns."]
)
def test_numbers_and_names_of_its_own_are_never_shown(claim: str) -> None:
    verdict = Verifier(Odds(9.0), MODEL).verdict(claim, "", make_evidence(COST), [])
    assert verdict is not None
    assert (verdict.level, quotes(verdict)) == (None, ["The Calder bridge will cost 587 million crowns."])


def test_nothing_stands_in_for_what_is_about_something_else() -> None:
    verdict = Verifier(Odds(9.0), MODEL).verdict("The capital of France is Paris.", "", make_evidence(COST, MINE), [])
    assert verdict is not None
    assert (verdict.level, verdict.spans) == (None, ())


@pytest.mark.parametrize(
    ("claim", "judged"),
    [
        ("587 million crowns.", ("587 million crowns", "What will it cost?")),
        ("The Calder bridge is going to cost 587 million crowns.", ("", "")),
        ("No, the Calder bridge is going to cost 587 million crowns.", ("", "What will it cost?")),
    ],
)
def test_what_does_not_stand_for_itself_is_judged_with_its_question(claim: str, judged: tuple[str, str]) -> None:
    reader = ScriptedReader("x")
    Verifier(reader, MODEL).verdict(claim, "What will it cost?", make_evidence(COST), [])
    assert reader.judged == [(judged[0] or claim, judged[1])]


def test_two_sentences_can_support_one_claim_together() -> None:
    claim = "The Calder bridge, which will open in 2025, will cost 587 million crowns."
    verdict = Verifier(ScriptedReader("x"), MODEL).verdict(claim, "", make_evidence(COST, MINE), [])
    assert verdict is not None
    assert (verdict.level, sorted(quotes(verdict))) == (
        Level.SUPPORTED,
        ["It will open in 2025.", "The Calder bridge will cost 587 million crowns."],
    )


def test_only_the_spans_of_the_evidence_are_cited() -> None:
    (item,) = make_evidence(COST)
    shown = Evidence(1, item.hit, (item.hit.chunk.sentences[1],))
    verdict = Verifier(ScriptedReader("x"), MODEL).verdict("In 2025 it will open.", "", [shown], [])
    assert verdict is not None
    assert quotes(verdict) == ["It will open in 2025."]


def test_without_evidence_there_is_no_verdict() -> None:
    assert Verifier(Odds(9.0), MODEL).verdict("It rained.", "", [], [1]) is None


def test_without_a_network_nothing_is_surely_supported() -> None:
    verdict = Verifier(None, MODEL).verdict("A court has stopped the Grey Fell mine.", "", make_evidence(MINE), [])
    assert verdict is not None
    assert verdict.level is Level.OWN_WORDS


def test_pairs_pass_at_the_threshold() -> None:
    assert Verifier(Odds(2.0), MODEL).passes("It rained a lot.", "", "It rained.") == (
        True,
        pytest.approx(0.8808, abs=1e-4),
    )
    assert Verifier(Odds(1.0), MODEL).passes("It rained a lot.", "", "It rained.")[0] is False
    assert Verifier(Odds(9.0), MODEL).passes("It rained 30 times.", "", "It rained.") == (False, 0.0)
