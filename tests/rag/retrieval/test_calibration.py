"""The refusal threshold fitted to a user's own questions, worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from making import SCORES

from index.errors import WrongUse
from rag.retrieval.calibration import FILE, Asked, calibrate, save, threshold

MODEL = SCORES.answerable
ASKED = [Asked(n / 100, True) for n in range(1, 41)] + [Asked(0.01, False), Asked(0.02, False), Asked(0.9, False)]


@pytest.mark.parametrize(
    ("share", "fitted", "answerable", "unanswerable"),
    [(0.0, 0.01, 0.0, 0.0), (0.05, 0.03, 0.05, 0.6667), (0.07, 0.03, 0.05, 0.6667), (0.5, 0.21, 0.5, 0.6667)],
)
def test_the_highest_threshold_that_refuses_no_more_than_the_share(
    share: float, fitted: float, answerable: float, unanswerable: float
) -> None:
    found = calibrate(ASKED, MODEL, share=share)
    assert (found.threshold, found.answerable, found.unanswerable) == (fitted, answerable, unanswerable)
    assert (found.questions, found.score) == (43, MODEL.fingerprint)


def test_without_unanswerable_questions_nothing_is_claimed_of_them() -> None:
    assert calibrate(ASKED[:40], MODEL, share=0.05).unanswerable is None


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_an_impossible_share_is_wrong_use(share: float) -> None:
    with pytest.raises(WrongUse, match="share"):
        calibrate(ASKED, MODEL, share=share)


def test_too_few_questions_are_wrong_use() -> None:
    with pytest.raises(WrongUse, match="19 answerable"):
        calibrate(ASKED[:19], MODEL, share=0.05)


def test_it_is_kept_for_the_very_score_that_it_was_fitted_on(tmp_path: Path) -> None:
    assert threshold(tmp_path, MODEL) == MODEL.threshold
    save(tmp_path, calibrate(ASKED, MODEL, share=0.5))
    assert threshold(tmp_path, MODEL) == 0.21
    other = replace(MODEL, broad=MODEL.broad | {"bias": 1.0})
    assert threshold(tmp_path, other) == other.threshold
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("damaged", ["", "[]", '{"threshold": 0.2}'])
def test_a_damaged_file_is_named(tmp_path: Path, damaged: str) -> None:
    (tmp_path / FILE).write_text(damaged, encoding="utf-8")
    with pytest.raises(WrongUse, match=FILE):
        threshold(tmp_path, MODEL)


def test_a_folder_that_is_gone_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="cannot be written"):
        save(tmp_path / "gone", calibrate(ASKED, MODEL, share=0.5))


def test_the_file_says_what_it_was_fitted_on(tmp_path: Path) -> None:
    save(tmp_path, calibrate(ASKED, MODEL, share=0.05))
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8")) == {
        "threshold": 0.03,
        "score": MODEL.fingerprint,
        "questions": 43,
        "answerable": 0.05,
        "unanswerable": 0.6667,
    }
