"""Questions with answers: their figures computed by hand on five of them, and how their files are read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from making import make_hit
from standins import ScriptedGenerator, ScriptedSorter

from index import Index
from index.errors import WrongUse
from rag.answer import Answer, Evidence, Level, Outcome, Sentence, Timings
from rag.chatbot import Chatbot
from rag.evaluation import Question, Result, evaluate, load_questions, sample, summary
from rag.grounding.citations import citation_of
from rag.question.question import Question as Asked
from rag.question.understanding import Understanding


def made_answer(text: str, *, quote: str = "", first: float | None = 0.5, total: float = 1.0) -> Answer:
    """An answer of one sentence; a refusal without text."""
    hit = make_hit(quote or "Nothing.")
    citations = (citation_of(Evidence(1, hit, hit.chunk.sentences), (0, len(quote)), support=1.0),) if quote else ()
    return Answer(
        asked=Asked("Q?"),
        outcome=Outcome.ANSWERED if text else Outcome.NOT_SAID,
        sentences=(Sentence(text, (1,), Level.SUPPORTED),) if text else (),
        citations=citations,
        lead="" if text else "The articles do not say: 12 crowns.",
        passages=(),
        timings=Timings(0.1, first, total),
        model="scripted",
        index_version=1,
    )


def result(
    answers: tuple[str, ...], *, rank: int | None, words: int | None, seconds: float, answer: Answer | None
) -> Result:
    within = {limit: words is not None and words <= limit for limit in (150, 500, 1000)}
    return Result(Question("Q?", answers, bool(answers)), rank, within, seconds, answer)


FIVE = [
    result(
        ("12 crowns",),
        rank=1,
        words=40,
        seconds=0.010,
        answer=made_answer("It cost 12 crowns.", quote="It cost 12 crowns.", first=0.2, total=1.0),
    ),
    result(
        ("Anna", "Anna Berg"),
        rank=4,
        words=400,
        seconds=0.030,
        answer=made_answer("Berg won.", quote="Anna won.", first=0.4, total=3.0),
    ),
    result(("1999",), rank=8, words=700, seconds=0.020, answer=made_answer("", first=None, total=0.5)),
    result(
        ("Arle",), rank=None, words=None, seconds=0.040, answer=made_answer("Hollin", quote="In Hollin.", total=2.0)
    ),
    result((), rank=None, words=None, seconds=0.060, answer=made_answer("", first=None, total=0.7)),
]


def test_figures_by_hand() -> None:
    assert summary(FIVE) == {
        "n": 5,
        "answer_at_1": 0.25,
        "answer_at_5": 0.5,
        "answer_at_10": 0.75,
        "mrr": round((1 + 1 / 4 + 1 / 8 + 0) / 4, 4),
        "answer_within_150w": 0.25,
        "answer_within_500w": 0.5,
        "answer_within_1000w": 0.75,
        "accuracy": 0.25,
        # "it cost 12 crowns" has both words of two: 2 * 2 / (4 + 2); "berg won" one of "anna berg": 2 * 1 / (2 + 2).
        "f1": round((2 / 3 + 1 / 2 + 0 + 0) / 4, 4),
        "citation_accuracy": round(2 / 3, 4),
        "refused_answerable": 0.25,
        "refused_unanswerable": 1.0,
        "auc": 0.5,  # nobody was confident: all ties
        "retrieve_p50_ms": 30.0,
        "first_token_p50_s": 0.4,
        "total_p50_s": 1.0,
    }


def test_figures_without_anything_to_count_are_left_out() -> None:
    retrieval_only = [replace(r, answer=None) for r in FIVE]
    assert set(summary(FIVE)) - set(summary(retrieval_only)) == {
        "accuracy",
        "f1",
        "citation_accuracy",
        "refused_answerable",
        "refused_unanswerable",
        "auc",
        "first_token_p50_s",
        "total_p50_s",
    }
    assert summary(FIVE[4:]) == {"n": 1, "refused_unanswerable": 1.0, "retrieve_p50_ms": 60.0, "total_p50_s": 0.7}
    assert summary([]) == {"n": 0}


def test_an_answer_to_the_unanswerable_counts_against_refusing_only() -> None:
    bold = result((), rank=None, words=None, seconds=0.01, answer=made_answer("12 crowns", quote="12 crowns"))
    assert summary([bold])["refused_unanswerable"] == 0.0
    assert "citation_accuracy" not in summary([bold])
    assert summary([*FIVE, bold])["citation_accuracy"] == round(2 / 3, 4)


def test_one_result_as_plain_values() -> None:
    assert json.loads(json.dumps(FIVE[1].to_json())) == {
        "question": "Q?",
        "answerable": True,
        "rank": 4,
        "within": {"150": False, "500": True, "1000": True},
        "retrieve_ms": 30.0,
        "measures": {
            "answer_at_1": 0.0,
            "answer_at_5": 1.0,
            "answer_at_10": 1.0,
            "mrr": 0.25,
            "answer_within_150w": 0.0,
            "answer_within_500w": 1.0,
            "answer_within_1000w": 1.0,
            "accuracy": 0.0,
            "f1": 0.5,
            "citation_accuracy": 1.0,
            "refused_answerable": 0.0,
        },
        "accepted": ["Anna", "Anna Berg"],
        "text": "Berg won. [1]",
        "found": "",
        "refused": False,
        "confidence": 0.0,
        "quotes": ["Anna won."],
        "correct": False,
        "total_s": 3.0,
    }
    assert "text" not in replace(FIVE[1], answer=None).to_json()


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_question_files_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q.jsonl",
        {"question": "One?", "answers": ["a", 12], "answerable": True, "article_id": "x"},
        "",
        {"question": "Two?", "answers": [], "article": "y.txt", "history": ["Before?"]},
        {"question": "Three?", "answers": ["b"]},
        {"question": "Four?", "answers": ["guess"], "answerable": False, "article": "z", "article_id": "w"},
    )
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_questions(path) == [
        Question("One?", ("a", "12"), True, "x"),
        Question("Two?", (), False, "y.txt", ("Before?",)),
        Question("Three?", ("b",), True),
        Question("Four?", ("guess",), False, "w"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "{",
        "[]",
        '"text"',
        {},
        {"answers": ["a"]},
        {"question": "Q?", "answers": 5},
        {"question": "Q?", "answers": "12 crowns"},
        {"question": "Q?", "answers": ["a"], "history": "Before?"},
        {"question": "", "answers": ["a"]},
        {"question": None, "answers": ["a"]},
        {"question": "Q?", "answers": ["a"], "answerable": "no"},
    ],
)
def test_a_line_that_is_no_question_is_named(row: object, tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", {"question": "One?", "answers": ["a"]}, "", row)
    with pytest.raises(WrongUse) as caught:
        load_questions(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe\x00", None])
def test_a_file_without_questions_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WrongUse) as caught:
        load_questions(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_sample_is_random_in_order_and_always_the_same() -> None:
    questions = [Question(f"{n}?", (), False) for n in range(100)]
    taken = sample(questions, 10)
    numbers = [int(q.text.rstrip("?")) for q in taken]
    assert sample(questions, 10) == taken
    assert len(set(numbers)) == 10
    assert numbers == sorted(numbers)
    assert numbers != list(range(10))
    assert sample(questions, 100) == sample(questions, 200) == sample(questions, None) == questions


@pytest.mark.parametrize("limit", [0, -1])
def test_a_sample_of_nothing_is_wrong_use(limit: int) -> None:
    with pytest.raises(WrongUse, match=f"--limit must be at least 1, not {limit}"):
        sample([Question("Q?", (), False)], limit)


@pytest.mark.usefixtures("scores")
def test_ranks_and_words_of_real_searches(index: Index) -> None:
    cost, bridge = "What will the Calder bridge cost?", index.find("bridge.md")
    questions = [
        Question(cost, ("587 million",), True),
        Question(cost, ("587 million",), True, "bridge.md"),
        Question(cost, ("587 million",), True, bridge.id),
        Question(cost, ("587 million",), True, bridge.uri),
        Question(cost, ("587 million",), True, "airline"),
        Question(cost, ("Skerry Air filed",), True, "airline"),
        Question(cost, ("588 million",), True),
        Question("And when will it open?", ("spring",), True, None, (cost,)),
        Question("Who won the chess olympiad in Baku?", (), False),
    ]
    asked = []
    generator = ScriptedGenerator(["The Calder bridge will cost 587 million crowns."] * 20)
    leaning = ScriptedSorter(leaning=("And when will it open?",))
    chatbot = Chatbot(index, generator, understanding=Understanding(leaning))
    results = evaluate(chatbot, questions, with_answers=True, progress=lambda: asked.append(1))
    assert len(asked) == len(questions)
    assert [r.rank for r in results[:5]] == [1, 1, 1, 1, None]
    assert results[5].rank in (2, 3, 4)
    assert results[6].rank is None
    assert results[7].rank == 1
    assert [r.within[150] for r in results] == [True] * 6 + [False, True, False]
    assert [r.answer.refused for r in results] == [False] * 8 + [True]
    assert results[7].answer.standalone == f"{cost} And when will it open?"
    assert all(0 < r.retrieve_seconds < 30 for r in results)
    figures = summary(results)
    assert (figures["n"], figures["refused_unanswerable"], figures["accuracy"]) == (9, 1.0, 6 / 8)


@pytest.mark.usefixtures("scores")
def test_retrieval_only_asks_no_model(index: Index) -> None:
    generator = ScriptedGenerator()
    questions = [Question("What will the Calder bridge cost?", ("587 million",), True)]
    (only,) = evaluate(Chatbot(index, generator), questions, with_answers=False, progress=list)
    assert (only.rank, only.answer, generator.prompts) == (1, None, [])


@pytest.mark.usefixtures("scores")
def test_own_words_are_measured_apart(index: Index) -> None:
    replies = ["587 million crowns [1]", "587 million crowns [1]", "587 [9]", "It cost 612 million crowns."]
    asked = Question("What will the Calder bridge cost?", ("587 million crowns",), True)
    nothing = Question("What will the Calder bridge cost?", (), False)
    chatbot = Chatbot(index, ScriptedGenerator([*replies, "Nothing."]))
    results = evaluate(chatbot, [asked, asked, nothing], with_answers=True, own_words=True, progress=lambda: None)
    assert [r.own for r in results] == ["587 million crowns [1]", "It cost 612 million crowns.", None]
    figures = summary(results)
    assert figures["own_accuracy"] == 0.5
    assert figures["own_f1"] == pytest.approx((1 + 0.5) / 2, abs=1e-4)  # "it cost 612 million crowns": 2 of 5, 2 of 3
    assert figures["own_marked"] == 0.5
    assert results[0].to_json()["own"] == "587 million crowns [1]"
