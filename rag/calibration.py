"""Fit the refusal threshold to the user's own archive: `clippings eval QUESTIONS.jsonl --calibrate`.

The threshold that comes with clippings was fitted on encyclopaedia questions. An archive of another kind has other
odds; with some questions of one's own, answerable and not, it is set so that at most a chosen share of the answerable
ones is refused. It is kept in the index's folder and counts only for the score that it was fitted on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import WrongUse
from rag.retrieval.answerable import Model

FILE = "refusal.json"

MIN_QUESTIONS = 20
"""Answerable questions: with fewer, one question is more than the share that may be refused."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the evaluation: its confidence in (0, 1), and whether the articles hold the answer."""

    confidence: float
    answerable: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted threshold, what it was fitted on, and the shares of those questions that it refuses.

    `unanswerable` is None without such questions. `score` names the relevance model, see `Model.fingerprint`.
    """

    threshold: float
    score: str
    questions: int
    answerable: float
    unanswerable: float | None


def calibrate(asked: Sequence[Asked], model: Model, *, share: float) -> Calibration:
    """The highest threshold that refuses at most `share`, in [0, 1), of the answerable questions.

    WrongUse for fewer than 20 of them, or another share.
    """
    if not 0 <= share < 1:
        raise WrongUse(f"The share of answerable questions that may be refused must be from 0 to below 1, not {share}.")
    known = sorted(a.confidence for a in asked if a.answerable)
    if len(known) < MIN_QUESTIONS:
        raise WrongUse(
            f"The file has {len(known)} answerable questions; to calibrate, write at least {MIN_QUESTIONS}, "
            "and some that the articles do not answer."
        )
    threshold = known[int(share * len(known))]
    unknown = [a.confidence for a in asked if not a.answerable]
    return Calibration(
        threshold=threshold,
        score=model.fingerprint,
        questions=len(asked),
        answerable=_below(known, threshold),
        unanswerable=_below(unknown, threshold) if unknown else None,
    )


def save(folder: Path, calibration: Calibration) -> None:
    """Keep it for the index in `folder`; whole or not at all. WrongUse if it cannot be written."""
    path = folder / FILE
    scratch = path.with_suffix(".new")
    try:
        scratch.write_text(json.dumps(asdict(calibration), indent=2) + "\n", encoding="utf-8")
        os.replace(scratch, path)
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}") from error


def threshold(folder: Path, model: Model) -> float:
    """The threshold fitted for this archive and score; the one that came with the score if there is none."""
    try:
        found = Calibration(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return model.threshold
    except (OSError, ValueError, TypeError) as error:
        raise WrongUse(
            f"{folder / FILE} cannot be read ({error}). Delete it, or make it anew with: clippings eval … --calibrate"
        ) from error
    return found.threshold if found.score == model.fingerprint else model.threshold


def _below(confidences: Sequence[float], threshold: float) -> float:
    return round(sum(c < threshold for c in confidences) / len(confidences), 4)
