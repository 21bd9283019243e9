"""The three kinds of rows are told apart by their fields, and anything else is named by file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import WrongUse
from rag.evaluation.load import load_questions, load_rows, sample
from rag.evaluation.rows import (
    Dialogue,
    Label,
    Nugget,
    NuggetQuestion,
    Pair,
    Question,
    Turn,
    count_items,
)

NUGGET = {"any": ["31", "thirty-one"], "vital": True}
FACT = {"question": "How many?", "kind": "fact", "answerable": True, "nuggets": [NUGGET]}
PAIR = {"clipping": "It rained.", "claim": "Rain fell.", "label": "supported"}


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def read_one(tmp_path: Path, row: object) -> Any:
    (found,) = load_rows(write(tmp_path / "rows.jsonl", row))
    return found


def test_a_file_may_mix_the_kinds(tmp_path: Path) -> None:
    answers = {"question": "Who?", "answers": ["Anna"]}
    remark = {"question": "Why?", "answers": [], "answerable": None}
    rows = load_rows(write(tmp_path / "rows.jsonl", PAIR, "", FACT, {"turns": [FACT, FACT]}, remark, answers))
    fact = NuggetQuestion("How many?", "fact", True, (Nugget(("31", "thirty-one")),))
    again = NuggetQuestion("How many?", "fact", True, (Nugget(("31", "thirty-one")),), (), ("How many?",))
    assert rows == [
        Pair("It rained.", "Rain fell.", Label.SUPPORTED),
        fact,
        Dialogue((Turn(fact, False, 1), Turn(again, False, 2))),
        Question("Who?", ("Anna",), True),
    ]
    assert count_items(rows) == 5


def test_every_field_of_a_question_with_nuggets(tmp_path: Path) -> None:
    minor = {"any": ["rain"], "vital": False}
    row = FACT | {
        "nuggets": [NUGGET, minor],
        "forbidden": ["32"],
        "history": ["Before?"],
        "articles": ["x"],
        "evidence": [],
    }
    found = read_one(tmp_path, row)
    assert found == NuggetQuestion(
        "How many?", "fact", True, (Nugget(("31", "thirty-one")), Nugget(("rain",), False)), ("32",), ("Before?",)
    )
    assert found.vital == (Nugget(("31", "thirty-one")),)


@pytest.mark.parametrize(
    ("fields", "answerable"),
    [
        ({"nuggets": [NUGGET]}, True),
        ({"nuggets": []}, False),
        ({"nuggets": None}, False),
        ({"nuggets": [NUGGET], "answerable": False}, False),
        ({"nuggets": [NUGGET], "kind": "false_premise"}, False),
        ({"nuggets": [NUGGET], "kind": "false_premise", "answerable": True}, False),
        ({"nuggets": [], "kind": "absent"}, False),
        ({"nuggets": [], "kind": "nearmiss", "answerable": True}, False),
        ({"nuggets": [], "kind": "smalltalk"}, True),
        ({"nuggets": [], "kind": "meta", "answerable": False}, True),
        ({"nuggets": [], "kind": None, "answerable": False}, False),
    ],
)
def test_what_is_answerable(fields: dict[str, Any], answerable: bool, tmp_path: Path) -> None:
    found = read_one(tmp_path, {"question": "Q?"} | fields)
    assert isinstance(found, NuggetQuestion)
    assert found.answerable is answerable


def test_a_list_that_is_empty_does_not_decide(tmp_path: Path) -> None:
    assert isinstance(read_one(tmp_path, {"question": "Q?", "answers": [], "nuggets": [NUGGET]}), NuggetQuestion)
    assert isinstance(read_one(tmp_path, {"question": "Q?", "answers": ["31"], "nuggets": []}), Question)
    assert read_one(tmp_path, {"question": "Q?", "answers": ["31"], "turns": 3, "claim": "x"}) == Question(
        "Q?", ("31",), True
    )


def test_turns_carry_the_typed_questions_before_them(tmp_path: Path) -> None:
    hello = {"question": " hi ", "kind": "smalltalk", "nuggets": []}
    found = read_one(tmp_path, {"turns": [hello, FACT, FACT | {"question": "And then?", "follow_up": True}]})
    assert [(t.question.history, t.follow_up, t.number) for t in found.turns] == [
        ((), False, 1),
        ((" hi ",), False, 2),
        ((" hi ", "How many?"), True, 3),
    ]


@pytest.mark.parametrize("question", [{}, {"question": None}, {"question": " "}])
def test_a_pair_without_a_question(question: dict[str, Any], tmp_path: Path) -> None:
    found = read_one(tmp_path, PAIR | {"label": "unsupported", "phenomenon": "weather"} | question)
    assert found == Pair("It rained.", "Rain fell.", Label.UNSUPPORTED, None, "weather")


def test_a_pair_with_a_question(tmp_path: Path) -> None:
    assert read_one(tmp_path, PAIR | {"question": "What fell?"}).question == "What fell?"


def test_a_string_may_hold_a_line_separator(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(PAIR | {"clipping": "It\u2028rained.\x85"}, ensure_ascii=False), encoding="utf-8")
    assert load_rows(path) == [Pair("It\u2028rained.\x85", "Rain fell.", Label.SUPPORTED)]


BAD = [
    ("5", "not a JSON object"),
    ("null", "not a JSON object"),
    ("NaN", "not a JSON object"),
    ([FACT], "not a JSON object"),
    ({}, "neither a question nor a dialogue nor a support pair"),
    ({"text": "An article."}, "neither a question nor a dialogue nor a support pair"),
    ("[" * 100_000, "recursion"),
    ("9" * 10_000, "digits"),
    ({"question": "\ud800", "answers": ["a"]}, "surrogate"),
    ({"question": "Q?", "answers": ["a"], "nuggets": [NUGGET]}, "answers and nuggets"),
    (FACT | {"question": 5}, "the question is empty or no text"),
    (FACT | {"question": "\n"}, "the question is empty or no text"),
    (FACT | {"nuggets": []}, "an answerable question without nuggets"),
    (FACT | {"nuggets": None}, "an answerable question without nuggets"),
    (FACT | {"nuggets": "31"}, "nuggets is not a list"),
    (FACT | {"nuggets": ["31"]}, "a nugget that is not an object"),
    (FACT | {"nuggets": [{"vital": True}]}, "a nugget without `any`"),
    (FACT | {"nuggets": [{"any": []}]}, "a nugget without `any`"),
    (FACT | {"nuggets": [{"any": "31"}]}, "any is not a list"),
    (FACT | {"nuggets": [{"any": [31]}]}, "any holds what is no text"),
    (FACT | {"nuggets": [{"any": ["31", "—"]}]}, "any holds what is no text"),
    (FACT | {"nuggets": [{"any": ["31"], "vital": "yes"}]}, "vital is neither true nor false"),
    (FACT | {"answerable": "no"}, "answerable is neither true nor false"),
    (FACT | {"answerable": 1}, "answerable is neither true nor false"),
    (FACT | {"kind": 5}, "the kind is no text"),
    (FACT | {"forbidden": "32"}, "forbidden is not a list"),
    (FACT | {"forbidden": [None]}, "forbidden holds what is no text"),
    (FACT | {"history": "Before?"}, "history is not a list"),
    ({"turns": []}, "a dialogue without turns"),
    ({"turns": None}, "a dialogue without turns"),
    ({"turns": {"question": "Q?"}}, "turns is not a list"),
    ({"turns": [FACT, "hi"]}, "turn 2: not an object"),
    ({"turns": [FACT | {"answerable": None}]}, "turn 1: answerable is neither"),
    ({"turns": [FACT | {"follow_up": "no"}]}, "turn 1: follow_up is neither"),
    ({"turns": [{"kind": "fact"}]}, "turn 1: the question is empty"),
    (PAIR | {"label": "maybe"}, "label is neither supported nor unsupported"),
    (PAIR | {"label": None}, "label is neither supported nor unsupported"),
    (PAIR | {"label": ["supported"]}, "label is neither supported nor unsupported"),
    ({"clipping": "It rained.", "label": "supported"}, "the claim is empty or no text"),
    ({"claim": "It rained.", "label": "supported"}, "the clipping is empty or no text"),
    (PAIR | {"question": 5}, "the question is no text"),
    (PAIR | {"phenomenon": []}, "the phenomenon is no text"),
]


@pytest.mark.parametrize(("row", "problem"), BAD)
def test_what_is_wrong_is_named_with_its_line(row: object, problem: str, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", PAIR, "", row)
    with pytest.raises(WrongUse) as caught:
        load_rows(path)
    said = str(caught.value)
    assert said.startswith(f"{path}, line 3: ")
    assert problem in said
    assert "a question (question, answerable, and answers or nuggets), a dialogue (turns)" in said
    assert "\n" not in said


@given(
    st.binary()
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_are_rows_or_wrong_use(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(content)
    with pytest.raises(WrongUse):
        load_rows(path)


VALUES = st.sampled_from(
    [None, True, 0, -1.5, "", "Q?", "supported", "fact", [], ["a"], {}, [{}], [{"any": ["a"]}], [FACT]]
)
NAMES = (
    "question answers nuggets answerable kind forbidden history turns follow_up clipping claim label article".split()
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_fields_are_a_row_or_wrong_use(tmp_path_factory: pytest.TempPathFactory, row: dict[str, Any]) -> None:
    path = write(tmp_path_factory.getbasetemp() / "fields.jsonl", row)
    try:
        assert len(load_rows(path)) == 1
    except WrongUse as error:
        assert str(path) in str(error)


def test_only_questions_with_answers(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="only questions with `answers`"):
        load_questions(write(tmp_path / "rows.jsonl", {"question": "Who?", "answers": ["Anna"]}, FACT))


def test_dialogues_are_drawn_whole(tmp_path: Path) -> None:
    rows = load_rows(write(tmp_path / "rows.jsonl", *[{"turns": [FACT] * (n + 1)} for n in range(20)]))
    drawn = sample(rows, 5)
    assert len(drawn) == 5
    assert all(row in rows for row in drawn)
