"""Rows of all kinds asked and judged one after the other, with a stand-in for the chatbot, and their figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from standins import verifier_by_words
from test_questions import FIVE, made_answer

from index.errors import CannotRun
from rag.answer import Answer
from rag.evaluation import by_kind, by_phenomenon, compare, counts, evaluate, group_table, intervals, summary
from rag.evaluation.dialogues import TurnResult
from rag.evaluation.grading import Reply
from rag.evaluation.pairs import PairResult, judge_pair, judged_by
from rag.evaluation.rows import Dialogue, Label, Nugget, NuggetQuestion, Pair, Turn
from rag.question.question import Question


class ScriptedChatbot:
    """Gives the answers that are scripted, refuses all else, and remembers questions with their histories."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, list[str]]] = []

    def warm(self) -> None:
        """Nothing to load."""

    def ask(self, question: str, *, history: Sequence[str] = ()) -> Answer:
        """The scripted answer."""
        self.asked.append((question, list(history)))
        return self.answers.get(question, replace(made_answer(""), asked=Question(question)))


def answer(text: str, searched: str) -> Answer:
    return replace(made_answer(text), asked=Question(searched))


def turn(text: str, number: int, kind: str = "fact", *, follow_up: bool = False, wants: str = "31") -> Turn:
    nuggets = (Nugget((wants,)),) if wants else ()
    return Turn(NuggetQuestion(text, kind, kind not in ("absent", "nearmiss"), nuggets), follow_up, number)


def measured(taken: Turn, reply: Reply) -> dict[str, float]:
    return TurnResult(taken, reply).measures


GOOD, BAD, REFUSED = Reply("31", False, "Q?"), Reply("32", False, "Q?"), Reply("31", True, "Q?")


@pytest.mark.parametrize(
    ("taken", "reply", "expected"),
    [
        (turn("Q?", 1), GOOD, {"alone_good": 1}),
        (turn("Q?", 1), replace(GOOD, searched="Q? (flood)"), {"alone_good": 1}),  # nothing to be merged with
        (turn("Q?", 2), BAD, {"alone_good": 0, "merged": 0}),
        (turn(" Q \n r?", 2), replace(GOOD, searched="Q r? "), {"alone_good": 1, "merged": 0}),
        (turn("Q?", 3), replace(GOOD, searched="q?"), {"alone_good": 1, "merged": 1}),
        (turn("Q?", 2), replace(REFUSED, searched="Q? (flood)"), {"alone_good": 0, "merged": 1}),
        (turn("Q?", 2, follow_up=True), replace(GOOD, searched="Q? (flood)"), {"followup_good": 1}),
        (turn("Q?", 2, follow_up=True), REFUSED, {"followup_good": 0}),
        (turn("Q?", 2, "absent"), REFUSED, {"alone_good": 1, "merged": 0}),
        (turn("Q?", 2, "nearmiss", follow_up=True), GOOD, {"followup_good": 0}),
        (turn("hi", 2, "smalltalk", wants=""), GOOD, {"chat_answered": 1}),
        (turn("hi", 2, "meta", wants="", follow_up=True), REFUSED, {"chat_answered": 0}),
        (turn("shorter", 2, "command", follow_up=True), GOOD, {"chat_answered": 1}),
        (turn("shorter", 2, "command", follow_up=True), BAD, {"chat_answered": 1}),
        (turn("shorter", 2, "command", follow_up=True), REFUSED, {"chat_answered": 0}),
    ],
)
def test_what_a_turn_counts_for(taken: Turn, reply: Reply, expected: dict[str, float]) -> None:
    assert measured(taken, reply) == expected


def test_a_false_premise_within_a_dialogue() -> None:
    asked = NuggetQuestion("Why?", "false_premise", False, (Nugget(("31",)),))
    for follow_up, name in ((True, "followup_good"), (False, "alone_good")):
        taken = Turn(asked, follow_up, 1)
        assert [measured(taken, reply) for reply in (GOOD, REFUSED, BAD)] == [{name: 1}, {name: 1}, {name: 0}]


DIALOGUE = Dialogue(
    (
        turn("hi", 1, "smalltalk", wants=""),
        turn("How many drowned?", 2),
        Turn(
            NuggetQuestion("And where?", "fact", True, (Nugget(("Hollin",)),), (), ("hi", "How many drowned?")), True, 3
        ),
        turn("Who won?", 4, "why"),
    )
)
QUESTIONS = [
    NuggetQuestion("How many drowned?", "fact", True, (Nugget(("31",)), Nugget(("Hollin",), False))),
    NuggetQuestion("Where?", "fact", True, (Nugget(("Hollin",)), Nugget(("Arle",)))),
    NuggetQuestion("Why?", "why", True, (Nugget(("relay",)),)),
    NuggetQuestion("Is it so?", None, False),
]
PAIRS = [
    Pair("It rained.", "a", Label.SUPPORTED, None, "weather"),
    Pair("It rained.", "b", Label.SUPPORTED, "Q?", "weather"),
    Pair("It rained.", "c", Label.UNSUPPORTED, None, "weather"),
    Pair("It rained.", "d", Label.UNSUPPORTED),
]
ANSWERS = {
    "How many drowned?": answer("31 drowned.", "How many drowned?"),
    "And where?": answer("In Hollin.", "Where did they drown?"),
    "Where?": answer("In Hollin on the river.", "Where?"),
    "Who won?": answer("Anna.", "Who won (the flood)?"),
}
SCORES = {"a": (True, 0.9), "b": (False, 0.4), "c": (False, 0.1), "d": (True, 0.6)}


def judge(clipping: str, claim: str, question: str | None) -> tuple[bool, float]:
    assert clipping == "It rained."
    assert (question is None) is (claim != "b")
    return SCORES[claim]


def run(rows: Sequence[Any]) -> list[Any]:
    return evaluate(ScriptedChatbot(ANSWERS), rows, judge=judge)  # type: ignore[arg-type]


def test_turns_are_asked_with_what_was_typed_before() -> None:
    typed = ["hi", "How many drowned?", "And where?", "Who won?"]
    turns = tuple(
        replace(t, question=replace(t.question, history=tuple(typed[:n]))) for n, t in enumerate(DIALOGUE.turns)
    )
    chatbot, seen = ScriptedChatbot(ANSWERS), []
    evaluate(chatbot, [Dialogue(turns)], progress=lambda: seen.append(1))  # type: ignore[arg-type]
    assert chatbot.asked == [(question, typed[:n]) for n, question in enumerate(typed)]
    assert len(seen) == 4


def test_figures_of_questions_with_nuggets() -> None:
    results = run(QUESTIONS)
    figures = summary(results)
    assert {name: figures[name] for name in figures if not name.endswith("_s")} == {
        "n": 4,
        "good": 0.5,  # the first, and the refusal of the last
        "vital": 0.5,  # 1, 1/2, 0
        "all": round((1 / 2 + 1 / 2 + 0) / 3, 4),
        "refused_answerable": round(1 / 3, 4),
        "refused_unanswerable": 1.0,
        "words": 3.5,  # of the two that were given: 2 and 5
    }
    assert (figures["total_p50_s"], figures["first_token_p50_s"]) == (1.0, 0.5)
    assert counts(results) == {"good": 4, "vital": 3, "all": 3, "refused_answerable": 3, "refused_unanswerable": 1}
    assert intervals(results)["good"] == (0.0, 1.0)
    kinds = by_kind(results)
    assert list(kinds) == ["fact", "other", "why"]
    assert kinds["fact"] == {
        "n": 2,
        "good": 0.5,
        "vital": 0.75,
        "all": 0.5,
        "refused_answerable": 0.0,
        "words": 3.5,
        "confidence": {"good": (0.0, 1.0), "vital": (0.5, 1.0), "all": (0.5, 0.5), "refused_answerable": (0.0, 0.0)},
    }
    assert kinds["other"] == {
        "n": 1,
        "good": 1.0,
        "refused_unanswerable": 1.0,
        "confidence": {"good": (1.0, 1.0), "refused_unanswerable": (1.0, 1.0)},
    }


def test_figures_of_dialogues() -> None:
    results = run([DIALOGUE])
    figures = summary(results)
    assert {name: figures[name] for name in figures if not name.endswith("_s")} == {
        "n": 4,
        "chat_answered": 0.0,
        "alone_good": 0.5,
        "merged": 0.5,
        "followup_good": 1.0,
    }
    assert counts(results) == {"chat_answered": 1, "alone_good": 2, "merged": 2, "followup_good": 1}
    assert {kind: (row["n"], row.get("alone_good")) for kind, row in by_kind(results).items()} == {
        "fact": (2, 1.0),
        "smalltalk": (1, None),
        "why": (1, 0.0),
    }


def test_figures_of_pairs_need_no_chatbot() -> None:
    results = evaluate(None, PAIRS, judge=judge)
    # Of four couples, supported before unsupported: a before c and d, b before c, but not before d.
    assert summary(results) == {"n": 4, "supported_passed": 0.5, "unsupported_passed": 0.5, "auc": 0.75}
    assert counts(results) == {"supported_passed": 2, "unsupported_passed": 2}
    kinds = by_phenomenon(results)
    assert {name: {k: v for k, v in row.items() if k != "confidence"} for name, row in kinds.items()} == {
        "other": {"n": 1, "unsupported_passed": 1.0},
        "weather": {"n": 3, "supported_passed": 0.5, "unsupported_passed": 0.0, "auc": 1.0},
    }
    assert by_kind(results) == {}


def test_questions_need_a_chatbot() -> None:
    with pytest.raises(CannotRun, match="need an index"):
        evaluate(None, QUESTIONS)


def test_kinds_are_mixed_without_mixing_their_figures() -> None:
    results = [*FIVE, *run([*QUESTIONS, DIALOGUE, *PAIRS])]
    figures = summary(results)
    assert figures["n"] == 5 + 4 + 4 + 4
    assert (figures["auc"], figures["support_auc"]) == (0.5, 0.75)
    for alone in (summary(FIVE), summary(run([DIALOGUE]))):
        shared = {"n", "refused_answerable", "refused_unanswerable", "first_token_p50_s", "total_p50_s"}
        assert {k: v for k, v in alone.items() if k not in shared}.items() <= figures.items()
    assert figures["refused_answerable"] == round((1 + 1) / (4 + 3), 4)
    assert by_kind(results)["fact"]["n"] == 4
    assert counts(results)["accuracy"] == 4


def test_questions_with_answers_alone_have_no_counts_and_no_kinds() -> None:
    assert (counts(FIVE), by_kind(FIVE), by_phenomenon(FIVE)) == ({}, {}, {})


def test_a_turn_and_a_pair_as_plain_values() -> None:
    row = run([DIALOGUE])[2].to_json()
    assert (row["question"], row["history"]) == ("And where?", ["hi", "How many drowned?"])
    assert (row["turn"], row["follow_up"], row["standalone"]) == (3, True, "Where did they drown?")
    assert row["measures"] == {"followup_good": 1.0}
    assert judge_pair(PAIRS[1], judge).to_json() == {
        "clipping": "It rained.",
        "claim": "b",
        "question": "Q?",
        "label": "supported",
        "phenomenon": "weather",
        "measures": {"supported_passed": 0.0},
        "passed": False,
        "score": 0.4,
    }


def test_runs_of_all_kinds_are_compared() -> None:
    rows = [json.loads(json.dumps(one.to_json())) for one in [*FIVE, *run([*QUESTIONS, DIALOGUE, *PAIRS])]]
    same = compare(rows, rows)
    assert {change.measure for change in same} > {"accuracy", "good", "merged", "chat_answered", "supported_passed"}
    assert {change.change for change in same} == {0.0}
    worse = [row | {"measures": dict.fromkeys(row["measures"], 0.0)} for row in reversed(rows) if "claim" in row]
    found = {change.measure: (change.questions, change.change) for change in compare(rows, worse)}
    assert found == {"supported_passed": (2, -0.5), "unsupported_passed": (2, -0.5)}


def test_turns_are_compared_with_the_same_turn_of_the_same_dialogue() -> None:
    first, other = (
        {"question": "Why?", "history": [typed], "measures": {"merged": share}}
        for typed, share in (("A?", 0.0), ("B?", 1.0))
    )
    assert compare([first, other], [other])[0].change == 0.0


def test_the_judge_in_use() -> None:
    clipping = "The Calder bridge will cost 587 million crowns."
    judge = judged_by(verifier_by_words())
    sure = pytest.approx(0.9933, abs=1e-4)
    assert judge(clipping, "The bridge will cost 587 million crowns.", None) == (True, sure)
    assert judge(clipping, "The bridge will cost 612 million crowns.", None) == (False, 0.0)
    assert judge(clipping, "587 million crowns", "What will the bridge cost?") == (True, sure)
    pair = Pair(clipping, "Rain fell in Hollin.", Label.UNSUPPORTED)
    assert judge_pair(pair, judge) == PairResult(pair, False, 0.0)


def test_pairs_need_a_judge() -> None:
    with pytest.raises(CannotRun, match="judge"):
        evaluate(None, [Pair("It rained.", "It rained.", Label.SUPPORTED)])


def test_the_table_by_kind() -> None:
    assert group_table("by kind", {}) == ""
    lines = group_table("by kind", by_kind(run(QUESTIONS[:3]))).splitlines()
    assert lines == [
        "by kind         n      good     vital       all  refused_answerable     words",
        "fact            2     0.500     0.750     0.500               0.000       3.5",
        "why             1     0.000     0.000     0.000               1.000         -",
    ]
