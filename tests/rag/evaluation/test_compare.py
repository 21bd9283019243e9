"""Two evaluations compared question by question, with changes and intervals worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from index.errors import WrongUse
from rag.evaluation.compare import Change, compare, load_results


def row(question: str, **measures: float) -> dict[str, Any]:
    return {"question": question, "measures": measures}


def test_changes_by_hand() -> None:
    before = [row("A?", mrr=0.5, accuracy=0.0), row("B?", mrr=0.25, accuracy=1.0), row("Only before?", mrr=1.0)]
    after = [row("Only after?", mrr=0.0), row("B?", mrr=0.0, accuracy=1.0), row("A?", mrr=0.25, accuracy=1.0)]
    # Of two questions, the resampled means are one change, the other, or their half; the ends are the two changes.
    assert compare(before, after) == [
        Change("mrr", 2, -0.25, (-0.25, -0.25)),
        Change("accuracy", 2, 0.5, (0.0, 1.0)),
    ]


def test_a_change_is_clear_if_its_interval_leaves_out_nothing_changed() -> None:
    intervals = [(0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1), (0.0, 1.0), (-1.0, 0.0), (0.0, 0.0)]
    assert [Change("mrr", 9, 0.1, interval).is_clear for interval in intervals] == [True, True] + [False] * 4


def test_a_question_asked_twice_is_compared_turn_by_turn() -> None:
    before = [row("Why?", f1=0.0), row("A?", f1=0.5), row("Why?", f1=1.0)]
    after = [row("Why?", f1=0.25), row("Why?", f1=1.25), row("A?", f1=0.75)]
    assert compare(before, after) == [Change("f1", 3, 0.25, (0.25, 0.25))]
    assert compare(before, after[:1]) == [Change("f1", 1, 0.25, (0.25, 0.25))]


def test_measures_of_only_one_run_are_left_out() -> None:
    before = [row("A?", mrr=1.0, accuracy=1.0), row("B?", mrr=1.0, f1=0.5)]
    after = [row("A?", mrr=0.5, citation_accuracy=1.0), row("B?", mrr=0.5, f1=1.0, accuracy=1.0)]
    # accuracy counts A before and B after: no question has it twice.
    assert compare(before, after) == [Change("mrr", 2, -0.5, (-0.5, -0.5)), Change("f1", 1, 0.5, (0.5, 0.5))]
    assert compare(before, [row("A?", recall=1.0)]) == []


@pytest.mark.parametrize("after", [[], [row("C?", mrr=1.0)]])
def test_runs_without_a_shared_question_cannot_be_compared(after: list[dict[str, Any]]) -> None:
    with pytest.raises(WrongUse, match="share no question"):
        compare([row("A?", mrr=1.0)], after)


def test_results_are_read_back(tmp_path: Path) -> None:
    rows = [row("Wie teuer ist die Brücke?", mrr=0.5) | {"rank": 2}, row("B?")]
    path = tmp_path / "results.jsonl"
    path.write_text("\n\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n", encoding="utf-8")
    assert load_results(path) == rows


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n \n",
        b"A shopping list\n",
        b"\xff\xfe\x00",
        b"5\n",
        b"null\n",
        b'["question", "measures"]\n',
        b'"question measures"\n',
        b'{"question": "A?", "answers": ["12"]}\n',  # the questions instead of the results
        b'{"question": "A?", "measures": 5}\n',
        b'{"question": ["A?"], "measures": {}}\n',
        b'{"question": "A?", "measures": {"mrr": "high"}}\n',
        b'{"question": "A?", "measures": {"mrr": 1.0}}\n{"question": "B?"}\n',
        b'{"question": "A?", "measures": {"mrr": 1.0}}\n{"question": "B',
        None,
    ],
)
def test_a_file_that_holds_no_results_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WrongUse) as caught:
        load_results(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
