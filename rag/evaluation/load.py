"""Read a file for `clippings eval`: one JSON object per line, of one of three kinds, which its fields determine.

    {"question": …, "answers": ["31"], "answerable": true}      a question with accepted answers
    {"question": …, "nuggets": [{"any": ["31"], "vital": true}], "kind": "fact", "answerable": true}
    {"turns": [{"question": …, "nuggets": […], "kind": …, "follow_up": false}, …]}      a dialogue
    {"clipping": …, "claim": …, "label": "supported", "question": null}      a support pair

For any other line, WrongUse is raised, with the names of the file and the line.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from index.errors import WrongUse
from rag.evaluation.measures.matching import normalise
from rag.evaluation.rows import CHAT, NO_ANSWER, Dialogue, Label, Nugget, NuggetQuestion, Pair, Question, Row, Turn

SEED = 7
"""Random seed of the sample that `--limit` takes, so that it has the same rows every time."""

EXPECTED = (
    "Each line is one JSON object: a question (question, answerable, and answers or nuggets), a dialogue (turns), "
    "or a support pair (clipping, claim, label)"
)

Fields = Mapping[str, Any]
AnyRow = TypeVar("AnyRow")


def load_rows(path: Path) -> list[Row]:
    """Returns all rows of a file, in its order. Raises WrongUse, with the number of the line, for an invalid line."""
    try:
        rows = list(_rows(path))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path}: the questions cannot be read: {error}") from error
    if not rows:
        raise WrongUse(f"{path}: there are no questions in it. {EXPECTED}")
    return rows


def load_questions(path: Path) -> list[Question]:
    """Returns the rows of a file that has only questions with answers. Raises WrongUse if it has other rows."""
    rows = load_rows(path)
    questions = [row for row in rows if isinstance(row, Question)]
    if len(questions) < len(rows):
        raise WrongUse(f"{path}: only questions with `answers` can be used here, but it holds other rows.")
    return questions


def sample(rows: Sequence[AnyRow], limit: int | None) -> list[AnyRow]:
    """Returns a random sample of at most `limit` rows, always the same one, in their order; WrongUse for limits < 1."""
    if limit is not None and limit < 1:
        raise WrongUse(f"--limit must be at least 1, not {limit}.")
    if limit is None or limit >= len(rows):
        return list(rows)
    chosen = sorted(random.Random(SEED).sample(range(len(rows)), limit))
    return [rows[i] for i in chosen]


def _rows(path: Path) -> Iterator[Row]:
    # Not `splitlines`, which would split a line at U+2028 within a string.
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            row = _row(path, number, line) if line.strip() else None
            if row is not None:
                yield row


def _row(path: Path, number: int, line: str) -> Row | None:
    """Returns the row of a line; None if its `answerable` is null, which marks a question without a known answer."""
    try:
        return _parse(_object(json.loads(line)))
    except (ValueError, RecursionError) as error:
        raise WrongUse(f"{path}, line {number}: {error}. {EXPECTED}") from error


def _object(value: Any) -> Fields:
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair, which is no character") from None
    return value


def _parse(row: Fields) -> Row | None:
    if not {"answers", "nuggets"} & row.keys():
        if "turns" in row:
            return _dialogue(row)
        if {"clipping", "claim"} & row.keys():
            return _pair(row)
    if "question" not in row:
        raise ValueError("neither a question nor a dialogue nor a support pair")
    if row.get("answerable", False) is None:
        return None
    return _nugget_question(row, _strings(row, "history")) if _has_nuggets(row) else _question(row)


def _has_nuggets(row: Fields) -> bool:
    """Whether a question is one with nuggets rather than answers; an empty list of the other kind may be present."""
    if row.get("answers") and row.get("nuggets"):
        raise ValueError("answers and nuggets, of which a question has one")
    return bool(row.get("nuggets")) or ("nuggets" in row and "answers" not in row)


def _question(row: Fields) -> Question:
    answers = _strings(row, "answers")
    answerable = _truth(row, "answerable", bool(answers))
    article = row.get("article_id") or row.get("article")
    name = str(article) if article else None
    return Question(_text(row, "question"), answers, answerable, name, _strings(row, "history"))


def _nugget_question(row: Fields, history: tuple[str, ...]) -> NuggetQuestion:
    kind, nuggets = _optional_text(row, "kind"), _nuggets(row)
    answerable = _truth(row, "answerable", bool(nuggets))
    if kind in CHAT or kind in NO_ANSWER:
        answerable = kind in CHAT
    if answerable and not nuggets and kind not in CHAT:
        raise ValueError("an answerable question without nuggets; list what its answer must hold")
    return NuggetQuestion(_text(row, "question"), kind, answerable, nuggets, _wordings(row, "forbidden"), history)


def _nuggets(row: Fields) -> tuple[Nugget, ...]:
    return tuple(_nugget(nugget) for nugget in _list(row, "nuggets"))


def _nugget(value: Any) -> Nugget:
    if not isinstance(value, dict):
        raise ValueError('a nugget that is not an object like {"any": ["31", "thirty-one"], "vital": true}')
    wordings = _wordings(value, "any")
    if not wordings:
        raise ValueError("a nugget without `any`, the list of strings that hold it")
    return Nugget(wordings, _truth(value, "vital", True))


def _dialogue(row: Fields) -> Dialogue:
    turns = _list(row, "turns")
    if not turns:
        raise ValueError("a dialogue without turns")
    made: list[Turn] = []
    for number, value in enumerate(turns, 1):
        typed = tuple(turn.question.text for turn in made)
        try:
            made.append(_turn(value, number, typed))
        except ValueError as error:
            raise ValueError(f"turn {number}: {error}") from error
    return Dialogue(tuple(made))


def _turn(value: Any, number: int, typed: tuple[str, ...]) -> Turn:
    if not isinstance(value, dict):
        raise ValueError("not an object with question and nuggets")
    return Turn(_nugget_question(value, typed), _truth(value, "follow_up", False), number)


def _pair(row: Fields) -> Pair:
    clipping, claim = _text(row, "clipping"), _text(row, "claim")
    try:
        label = Label(row.get("label"))
    except ValueError:
        raise ValueError("label is neither supported nor unsupported") from None
    return Pair(clipping, claim, label, _optional_text(row, "question"), _optional_text(row, "phenomenon"))


def _text(row: Fields, name: str) -> str:
    value = row.get(name)
    if not (isinstance(value, str) and value.strip()):
        raise ValueError(f"the {name} is empty or no text")
    return value


def _optional_text(row: Fields, name: str) -> str | None:
    """Returns the string in the field `name`; None if it is missing, null or blank."""
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"the {name} is no text")
    return value if value and value.strip() else None


def _truth(row: Fields, name: str, missing: bool) -> bool:
    value = row.get(name, missing)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


def _list(row: Fields, name: str) -> list[Any]:
    """Returns the list in the field `name`, empty if it is missing or null."""
    value = row.get(name)
    if value is not None and not isinstance(value, list):
        raise ValueError(f"{name} is not a list")
    return value or []


def _strings(row: Fields, name: str) -> tuple[str, ...]:
    """Returns the list in the field `name` as strings, empty if it is missing.

    A single string is rejected, because it would be read as a list of its letters.
    """
    value = row.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list")
    return tuple(map(str, value))


def _wordings(row: Fields, name: str) -> tuple[str, ...]:
    """Returns the strings in the field `name`, to be searched for in answers.

    Strings without a letter or digit are rejected, because they would never be found.
    """
    found = _list(row, name)
    for value in found:
        if not (isinstance(value, str) and normalise(value)):
            raise ValueError(f"{name} holds what is no text with a letter or digit")
    return tuple(found)
