"""Fit the refusal threshold to the user's own archive: `clippings eval QUESTIONS.jsonl --calibrate`.

The threshold that comes with clippings was fitted on encyclopaedia questions; in other archives the probabilities are
distributed differently. From the user's own answerable and unanswerable questions, a threshold is computed that refuses
at most a given share of the answerable ones. It is stored in the index folder, and used only with the answerability
model for which it was computed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.atomic_write import appearing
from index.errors import WrongUse
from rag.retrieval.answerable import Model

FILE = "refusal.json"

MIN_QUESTIONS = 20
"""Least number of answerable questions: with fewer, a single one is more than the share that may be refused."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the evaluation: its confidence in (0, 1), and whether the articles contain the answer."""

    confidence: float
    answerable: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted threshold, the number of questions, and the shares of the two groups of questions that it refuses.

    `unanswerable` is None without such questions. `score` identifies the model, see `Model.fingerprint`.
    """

    threshold: float
    score: str
    questions: int
    answerable: float
    unanswerable: float | None


def calibrate(asked: Sequence[Asked], model: Model, *, share: float) -> Calibration:
    """Returns the highest threshold that refuses at most `share`, in [0, 1), of the answerable questions.

    Raises WrongUse for fewer than 20 answerable questions, or if `share` is out of range.
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
    """Writes the calibration to the index folder `folder`, atomically. Raises WrongUse if that fails."""
    path = folder / FILE
    try:
        with appearing(path) as temporary:
            temporary.write_text(json.dumps(asdict(calibration), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}") from error


def threshold(folder: Path, model: Model) -> float:
    """Returns the threshold fitted for this index and model; that of the model if there is none.

    Raises WrongUse if the calibration's file cannot be read.
    """
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
