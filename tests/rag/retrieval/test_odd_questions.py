"""Questions as people type them: capitals, marks, FTS5 syntax, typos, other languages. Never an error, same passages."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index as index_package
from index import Hit, Index
from index.search.search import question_terms
from rag import Chatbot
from rag.evaluation import contains
from rag.question.question import Question
from rag.retrieval.passages import plain

SAMPLES = Path(index_package.__file__).parent / "sample_articles" / "questions.jsonl"
DEMO: list[dict[str, Any]] = [
    row for row in map(json.loads, SAMPLES.read_text("utf-8").splitlines()) if row.get("answers")
]
SEVERAL = [
    json.loads(line)["question"]
    for line in (Path(__file__).parents[2] / "data" / "several.jsonl").read_text("utf-8").splitlines()
]
TOP_K = 5

Finder = Callable[[str], list[Hit]]


@pytest.fixture(scope="module")
def find(samples: Index) -> Finder:
    chatbot = Chatbot(samples, None)
    return functools.cache(lambda question: chatbot.search(question, top_k=TOP_K))


def passages(hits: list[Hit]) -> list[tuple[str, int, float]]:
    return [(hit.article.uri, hit.chunk.ordinal, hit.score) for hit in hits]


QUESTIONS = [
    "How many people died in the Arle flood?",
    "Which company won the contract to build the bridge in Port Calder?",
    "What profit did Skerry Air make in 2023?",
    "By how many votes did Lena Ostrow win in january 2024?",
    "What did both Wilma Tansley and Hedda Lorne say about the bridge?",
    "Who got more votes, Lena Ostrow or Gerard Pell?",
    "How did the cost of the bridge change between 2019 and 2023?",
    "When did the Kelvora trial begin, and who leads it?",
]
SAME: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "small letters": str.lower,
    "more marks": lambda q: f"…{q}?!?!",
    "no marks at the end": lambda q: q.rstrip("?"),
    "quoted": lambda q: f'"{q}"',
    "every word quoted": lambda q: " ".join(f'"{word}"' for word in q.split()),
    "prefixes": lambda q: " ".join(f"{word}*" for word in q.split()),
    "brackets": lambda q: f"({q}) []",
    "column and caret": lambda q: f"{{}} : ^{q} :",
    "minus and plus": lambda q: f"-{q} +",
    "spaces": lambda q: f"\t{q.replace(' ', '   ')}\n",
    "emoji": lambda q: f"{q} 🌉",
}


@pytest.mark.models
@pytest.mark.parametrize("way", SAME)
@pytest.mark.parametrize("question", QUESTIONS)
def test_marks_and_capitals_find_the_same_passages(find: Finder, question: str, way: str) -> None:
    expected = passages(find(question))
    assert len(expected) == TOP_K
    assert passages(find(SAME[way](question))) == expected


@pytest.mark.models
@pytest.mark.parametrize(
    ("syntax", "words"),
    [
        ("bridge AND toll", "bridge and toll"),
        ("bridge OR toll NOT flood", "bridge or toll not flood"),
        ("NEAR(bridge toll)", "near bridge toll"),
        ("title:bridge toll", "title bridge toll"),
        ('bridge" OR "toll', "bridge OR toll"),
    ],
)
def test_operators_are_only_words(find: Finder, syntax: str, words: str) -> None:
    assert passages(find(syntax)) == passages(find(words))


MARKS = '"*^()[]{}|~`+“”…'


@settings(deadline=None)
@given(st.sampled_from([row["question"] for row in DEMO] + SEVERAL), st.randoms(use_true_random=False))
def test_what_is_searched_for_depends_on_neither_capitals_nor_marks(question: str, chance: random.Random) -> None:
    words = [f"{chance.choice(MARKS)}{word}{chance.choice(MARKS)}" for word in question.split()]
    odd = "".join(chance.choice((letter.upper(), letter.lower())) for letter in " ".join(words))
    assert plain(odd) == plain(question)


@pytest.mark.models
@settings(deadline=None, max_examples=30)
@given(question=st.text(min_size=1, max_size=60).filter(str.strip))
def test_no_text_is_an_error(find: Finder, question: str) -> None:
    assert len(find(question)) == TOP_K


@pytest.mark.models
@pytest.mark.parametrize(
    "question",
    [
        "?!…",
        '"',
        "NEAR(",
        "AND",
        "* ^ : -",
        "🌉🌊",
        "bridge",
        "Wie viele Menschen starben bei der Flut?",
        "桥多少钱？",
        "Сколько стоит мост?",
        " ".join(f"{n} and what did the mayor say about the bridge, or was it the toll?" for n in range(22)),
        "the bridge " * 150,
    ],
)
def test_no_question_is_an_error(find: Finder, question: str) -> None:
    assert len(find(question)) == TOP_K


def mistyped(question: str, chance: random.Random) -> str:
    """The question with one slip in one word of meaning: a letter lost, doubled, exchanged with the next, or wrong."""
    terms = [word for word in question_terms(question) if len(word) > 3 and word.isalpha()]
    word = chance.choice(terms)
    at = chance.randrange(1, len(word) - 1)
    slip = chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
        )
    )
    return question.lower().replace(word, slip)


@pytest.mark.models
def test_a_typo_hardly_matters(find: Finder) -> None:
    def searched(row: dict[str, Any]) -> str:
        return Question(row["question"], leans_on=tuple(row.get("history", []))).searched

    def share(change: Callable[[str], str]) -> float:
        found = [any(contains(hit.text, row["answers"]) for hit in find(change(searched(row)))) for row in DEMO]
        return sum(found) / len(found)

    chance = random.Random(1)
    assert len(DEMO) == 36
    right, wrong = share(str), share(lambda question: mistyped(question, chance))
    # Measured: all 36, right and wrong alike.
    assert right >= 0.97
    assert wrong >= right - 0.06
