"""Run an evaluation: process its rows in order, asking every question and turn, and judging every pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from index.errors import CannotRun
from rag.chatbot import Chatbot
from rag.evaluation import dialogues, nuggets, questions
from rag.evaluation.figures import Measured
from rag.evaluation.pairs import Judge, judge_pair
from rag.evaluation.rows import Dialogue, NuggetQuestion, Pair, Row


def evaluate(
    chatbot: Chatbot | None,
    rows: Sequence[Row],
    *,
    with_answers: bool = True,
    own_words: bool = False,
    judge: Judge | None = None,
    progress: Callable[[], object] = lambda: None,
) -> list[Measured]:
    """Returns the result of every question, turn and pair; `progress` is called after each.

    Raises CannotRun for pairs without a `judge` and for other rows without a chatbot. `with_answers` and `own_words`
    (also store the model's unchecked answer) apply to questions with answers.
    """
    if chatbot is not None:
        chatbot.warm()
    measured: list[Measured] = []
    for row in rows:
        for one in _measure(chatbot, row, with_answers, own_words, judge):
            measured.append(one)
            progress()
    return measured


def _measure(
    chatbot: Chatbot | None, row: Row, with_answers: bool, own_words: bool, judge: Judge | None
) -> Iterator[Measured]:
    if isinstance(row, Pair):
        if judge is None:
            raise CannotRun("Support pairs need a judge.")
        yield judge_pair(row, judge)
    elif chatbot is None:
        raise CannotRun("Questions and dialogues need an index to be asked of.")
    elif isinstance(row, Dialogue):
        yield from dialogues.hold(chatbot, row)
    elif isinstance(row, NuggetQuestion):
        yield nuggets.ask(chatbot, row)
    else:
        yield questions.ask(chatbot, row, with_answers=with_answers, own_words=own_words)
