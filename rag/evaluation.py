"""Quality and latency on the user's own questions: what `clippings eval` reports.

One JSON object a line: `question`, `answers` (accepted strings), `answerable`, and
optionally `article_id` (id, uri, file name or row id of the article that holds the answer) and `history`
(earlier questions of the conversation).
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index import Article, Hit
from index.errors import WrongUse
from rag.answer import Answer
from rag.chatbot import Chatbot
from rag.citing import strip_markers
from rag.followup import standalone
from rag.metrics import area_under_curve, contains, f1, first_words
from rag.retrieval import retrieve

RANKS = (1, 5, 10)
WORD_LIMITS = (150, 500, 1000)
SEED = 7
"""Of the sample that `--limit` takes: the same questions every time."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of an evaluation; `article` names the one that holds the answer, None for any."""

    text: str
    answers: tuple[str, ...]
    answerable: bool
    article: str | None = None
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one question. `rank` counts from 1, None if no passage in ten holds the answer.

    `own` is what the model wrote, unchecked, where that was asked for, and `shown` how many passages it was shown.
    """

    question: Question
    rank: int | None
    within: dict[int, bool]
    retrieve_seconds: float
    answer: Answer | None
    own: str | None = None
    shown: int = 0


def load_questions(path: Path) -> list[Question]:
    """Read a question file. WrongUse names the line that is not one."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path}: the questions cannot be read: {error}") from error
    rows = [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    found = [row for row in rows if row is not None]
    if not found:
        raise WrongUse(
            f"{path}: there are no questions in it. Write one JSON object a line: question, answers, answerable"
        )
    return found


def sample(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """At most `limit` of the questions, taken at random but always the same ones, in their order."""
    if limit is not None and limit < 1:
        raise WrongUse(f"--limit must be at least 1, not {limit}.")
    if limit is None or limit >= len(questions):
        return list(questions)
    chosen = sorted(random.Random(SEED).sample(range(len(questions)), limit))
    return [questions[i] for i in chosen]


def evaluate(
    chatbot: Chatbot,
    questions: Sequence[Question],
    *,
    with_answers: bool,
    own_words: bool = False,
    progress: Callable[[], object],
) -> list[Result]:
    """Ask every question; `progress` is called after each. `own_words`: keep the model's unchecked words, too."""
    chatbot.warm()
    results = []
    for question in questions:
        result = _evaluate_one(chatbot, question, with_answers=with_answers)
        if own_words and question.answerable:
            own, shown = chatbot.own_words(standalone(question.text, question.history))
            result = replace(result, own=own, shown=shown)
        results.append(result)
        progress()
    return results


def measures(result: Result) -> dict[str, float]:
    """What one question adds to each figure, in [0, 1] (1 or 0 for a share); absent where it does not count."""
    answer, accepted = result.answer, result.question.answers
    if not result.question.answerable:
        return {} if answer is None else {"refused_unanswerable": float(answer.refused)}
    values = {f"answer_at_{k}": float(result.rank is not None and result.rank <= k) for k in RANKS}
    values["mrr"] = 1 / result.rank if result.rank else 0.0
    values |= {f"answer_within_{limit}w": float(result.within[limit]) for limit in WORD_LIMITS}
    if answer is not None:
        values["accuracy"] = float(is_accurate(result.question, answer))
        values["f1"] = 0.0 if answer.refused else f1(plain_text(answer), accepted)
        if not answer.refused:
            values["citation_accuracy"] = float(contains(answer.citations[0].quote, accepted))
        values["refused_answerable"] = float(answer.refused)
        if answer.found:
            values["found_accuracy"] = float(contains(answer.found, accepted))
            values["found_f1"] = f1(answer.found, accepted)
    return values | ({} if result.own is None else _own_measures(result.own, result.shown, accepted))


def _own_measures(own: str, shown: int, accepted: Sequence[str]) -> dict[str, float]:
    """Of the model's own words: whether they hold the answer, F1, and whether a marker is one that was shown."""
    text, markers = strip_markers(own)
    return {
        "own_accuracy": float(contains(text, accepted)),
        "own_f1": f1(text, accepted),
        "own_marked": float(any(1 <= marker <= shown for marker in markers)),
    }


def summary(results: Sequence[Result]) -> dict[str, float | int]:
    """The figures of an evaluation: the mean of every measure, and medians of times; see `measures`.

    Figures that have nothing to count are left out.
    """
    answers = [r.answer for r in results if r.answer is not None]
    figures: dict[str, float | int] = {"n": len(results)}
    figures |= {name: round(statistics.mean(values), 4) for name, values in collected(results).items()}
    figures |= _median("retrieve_p50_ms", [1000 * r.retrieve_seconds for r in results])
    figures |= _told_apart(results)
    firsts = [a.timings.first_word for a in answers if a.timings.first_word is not None]
    figures |= _median("first_token_p50_s", firsts)
    return figures | _median("total_p50_s", [a.timings.total for a in answers])


def _told_apart(results: Sequence[Result]) -> dict[str, float]:
    """Area under the curve: how well the confidence tells answerable questions from the others."""
    scores: dict[bool, list[float]] = {True: [], False: []}
    for result in results:
        if result.answer is not None:
            scores[result.question.answerable].append(result.answer.confidence)
    return {"auc": round(area_under_curve(scores[True], scores[False]), 4)} if all(scores.values()) else {}


def collected(results: Sequence[Result]) -> dict[str, list[float]]:
    """For each measure its values, over the questions that it counts."""
    table: dict[str, list[float]] = {}
    for result in results:
        for name, value in measures(result).items():
            table.setdefault(name, []).append(value)
    return table


def result_to_json(result: Result) -> dict[str, Any]:
    """One question's result as plain values, for `--out`."""
    q = result.question
    row: dict[str, Any] = {
        "question": q.text,
        "answerable": q.answerable,
        "rank": result.rank,
        "within": {str(limit): held for limit, held in result.within.items()},
        "retrieve_ms": round(1000 * result.retrieve_seconds, 2),
        "measures": {name: round(value, 4) for name, value in measures(result).items()},
    }
    if result.own is not None:
        row["own"] = result.own
    if result.answer is not None:
        row |= {
            "accepted": list(q.answers),
            "text": result.answer.text,
            "found": result.answer.found,
            "refused": result.answer.refused,
            "confidence": round(result.answer.confidence, 4),
            "quotes": [c.quote for c in result.answer.citations],
            "correct": is_accurate(q, result.answer),
            "total_s": result.answer.timings.total,
        }
    return row


def is_accurate(question: Question, answer: Answer) -> bool:
    """Whether the answer was given and holds an accepted one."""
    return not answer.refused and contains(plain_text(answer), question.answers)


def plain_text(answer: Answer) -> str:
    """The answer's text without markers."""
    return " ".join(sentence.text for sentence in answer.sentences)


def _median(name: str, values: Sequence[float]) -> dict[str, float | int]:
    return {name: round(statistics.median(values), 3)} if values else {}


def _evaluate_one(chatbot: Chatbot, question: Question, *, with_answers: bool) -> Result:
    start = time.perf_counter()
    asked = standalone(question.text, question.history)
    hits = retrieve(chatbot.index, asked, chatbot.relevance, top_k=max(RANKS), focus=question.text)
    seconds = time.perf_counter() - start
    answer = chatbot.ask(question.text, history=question.history) if with_answers else None
    if answer is not None:
        hits = _in_order([e.hit for e in answer.passages], hits)
    texts = [hit.text if _is_of(hit.article, question.article) else "" for hit in hits]
    rank = next((n for n, text in enumerate(texts, 1) if contains(text, question.answers)), None)
    everything = [hit.text for hit in hits]
    within = {limit: contains(first_words(everything, limit), question.answers) for limit in WORD_LIMITS}
    return Result(question, rank, within, seconds, answer)


def _in_order(shown: Sequence[Hit], found: Sequence[Hit]) -> list[Hit]:
    """The passages as an answer shows them, then those that were found besides."""
    return list({(hit.chunk.article_id, hit.chunk.ordinal): hit for hit in [*shown, *found]}.values())


def _is_of(article: Article, name: str | None) -> bool:
    return name is None or name in (article.id, article.uri) or article.uri.endswith((f"/{name}", f"#{name}"))


def _question(path: Path, number: int, line: str) -> Question | None:
    """The question of a line; None if its `answerable` is null: a reader's remark of which no answer is known."""
    try:
        row = json.loads(line)
        answers = _strings(row, "answers")
        answerable = row.get("answerable", bool(answers))
        if answerable is None:
            return None
        if not (isinstance(row["question"], str) and row["question"].strip()):
            raise ValueError("the question is empty or no text")
        if not isinstance(answerable, bool):
            raise ValueError("answerable is neither true nor false")
        article = row.get("article_id") or row.get("article")
        return Question(row["question"], answers, answerable, article, _strings(row, "history"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WrongUse(
            f"{path}, line {number}: not a question ({error}). "
            "Each line is a JSON object with question, answers, answerable"
        ) from error


def _strings(row: dict[str, Any], name: str) -> tuple[str, ...]:
    """The list called `name`; one string alone would be taken for a list of letters."""
    value = row.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list")
    return tuple(map(str, value))
