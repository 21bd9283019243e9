"""The command `clippings eval`: reads the rows, asks and judges them, and reports the results."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from index.errors import WrongUse
from rag import evaluation, open_chatbot
from rag.chatbot import Chatbot
from rag.evaluation import Change, Judge, Measured, Pair, Question, Result, Row
from rag.evaluation.nuggets import NuggetResult
from rag.grounding.verifier import Verifier
from rag.reader.reader import load_reader
from rag.retrieval import calibration
from rag.retrieval.calibration import Calibration
from ui.cli.outcome import Outcome, settings_of
from ui.cli.text import calibration_text, figures_text


def evaluate(arguments: argparse.Namespace) -> Outcome:
    """Measure quality and latency on a file of questions, dialogues and support pairs."""
    rows = evaluation.sample(evaluation.load_rows(arguments.questions), arguments.limit)
    _check(arguments, rows)
    earlier = evaluation.load_results(arguments.compare) if arguments.compare else []  # before --out overwrites it
    chatbot = _chatbot(arguments, rows)
    with tqdm(
        total=evaluation.count_items(rows), desc="questions", disable=arguments.quiet or None, leave=False
    ) as bar:
        measured = evaluation.evaluate(
            chatbot,
            rows,
            with_answers=not arguments.retrieval_only,
            own_words=arguments.own_words,
            judge=_judge(arguments, rows, chatbot),
            progress=lambda: bar.update(1),
        )
    calibrated = _calibrate(measured, chatbot, arguments.calibrate)
    written = [one.to_json() for one in measured]
    if arguments.out:
        _write_lines(arguments.out, written)
    changes = evaluation.compare(earlier, written) if arguments.compare else None
    if arguments.plot:
        evaluation.plot([one for one in measured if isinstance(one, Result)], arguments.plot)
    return _outcome(measured, changes, calibrated)


def _check(arguments: argparse.Namespace, rows: Sequence[Row]) -> None:
    """Raise WrongUse for an option that does not apply to these rows, before the evaluation, which may take hours."""
    if arguments.calibrate is not None and arguments.retrieval_only:
        raise WrongUse("--calibrate needs answers: leave out --retrieval-only.")
    asked = [row for row in rows if not isinstance(row, Pair)]
    if arguments.calibrate is not None and not asked:
        raise WrongUse(f"--calibrate needs questions, and {arguments.questions} holds support pairs only.")
    if arguments.retrieval_only and not all(isinstance(row, Question) for row in asked):
        raise WrongUse(f"--retrieval-only measures questions with `answers`, and {arguments.questions} holds others.")
    for option in ("retrieval_only", "own_words", "plot"):
        if getattr(arguments, option) and not any(isinstance(row, Question) for row in rows):
            name = option.replace("_", "-")
            raise WrongUse(f"--{name} needs questions with `answers`, and {arguments.questions} has none.")


def _chatbot(arguments: argparse.Namespace, rows: Sequence[Row]) -> Chatbot | None:
    """Returns the chatbot to ask; None if there are only support pairs, which need no index."""
    if all(isinstance(row, Pair) for row in rows):
        return None
    settings = settings_of(arguments)
    if arguments.retrieval_only:
        settings = settings.model_copy(update={"llm": "none", "reader": "none"})
    return open_chatbot(settings, use_llm=not arguments.no_llm)


def _judge(arguments: argparse.Namespace, rows: Sequence[Row], chatbot: Chatbot | None) -> Judge | None:
    """Returns the judge of support pairs; None if there are no pairs."""
    if not any(isinstance(row, Pair) for row in rows):
        return None
    verifier = chatbot.verifier if chatbot else Verifier(load_reader(settings_of(arguments).reader))
    return evaluation.judged_by(verifier)


def _calibrate(measured: Sequence[Measured], chatbot: Chatbot | None, share: float | None) -> Calibration | None:
    """Fit this index's refusal threshold to the answers' confidences and save it, if a share is given."""
    if share is None or chatbot is None:
        return None
    found = calibration.calibrate(_asked(measured), chatbot.scores.answerable, share=share)
    calibration.save(chatbot.index.folder, found)
    return found


def _asked(measured: Sequence[Measured]) -> list[calibration.Asked]:
    """Returns confidence and answerability of every question about the articles that was asked without a history."""
    asked = [(r.answer.confidence, r.question.answerable) for r in measured if isinstance(r, Result) and r.answer]
    nuggets = [r for r in measured if isinstance(r, NuggetResult) and not r.question.is_chat]
    asked += [(r.reply.confidence, r.question.answerable) for r in nuggets]
    return [calibration.Asked(confidence, answerable) for confidence, answerable in asked]


def _outcome(measured: Sequence[Measured], changes: Sequence[Change] | None, calibrated: Calibration | None) -> Outcome:
    """Returns the figures, as text for people and as data for programs."""
    figures, intervals = evaluation.summary(measured), evaluation.intervals(measured)
    counts = evaluation.counts(measured)
    groups = {"by_kind": evaluation.by_kind(measured), "by_phenomenon": evaluation.by_phenomenon(measured)}
    data: dict[str, Any] = {**figures, "confidence": intervals}
    data |= {name: value for name, value in {"counts": counts, **groups}.items() if value}
    if changes is not None:
        data["changes"] = {c.measure: {"change": c.change, "interval": c.interval} for c in changes}
    tables = [evaluation.group_table(name.replace("_", " "), table) for name, table in groups.items()]
    texts = [figures_text(figures, intervals, changes or (), counts), *tables]
    if calibrated:
        data["calibration"] = asdict(calibrated)
        texts.append(calibration_text(calibrated))
    return Outcome("\n\n".join(filter(None, texts)), data)


def _write_lines(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    try:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}") from error
