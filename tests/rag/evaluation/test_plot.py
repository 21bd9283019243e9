"""The picture of an evaluation: that it is one, and that its points are the figures."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_questions import FIVE, made_answer, result

from index.errors import CannotRun, WrongUse
from rag.evaluation import Result, plot, summary

pytest.importorskip("matplotlib")

PNG = b"\x89PNG\r\n\x1a\n"
BOLD = result((), rank=None, words=None, seconds=0.02, answer=made_answer("12 crowns", quote="12 crowns"))


def sure(results: list[Result], *confidences: float) -> list[Result]:
    """The results with these confidences of their answers."""
    return [
        replace(r, answer=replace(r.answer, confidence=c))
        for r, c in zip(results, confidences, strict=True)
        if r.answer
    ]


# Answerable, of which the third is refused: .3 .8 .2 .7; unanswerable, of which the second is answered: .1 .6
MIXED = sure([*FIVE, BOLD], 0.3, 0.8, 0.2, 0.7, 0.1, 0.6)


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The three axes of what is plotted after this, in place of a file."""
    from matplotlib.figure import Figure

    drawn: list[Any] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, path, **_: drawn.extend(self.axes))
    return drawn


def points(line: Any) -> list[tuple[float, float]]:
    return [(round(float(x), 4), round(float(y), 4)) for x, y in line.get_xydata()]


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(MIXED, id="with answers"),
        pytest.param([replace(r, answer=None) for r in MIXED], id="without answers"),
        pytest.param(MIXED[:4], id="only answerable"),
        pytest.param(MIXED[4:], id="only unanswerable"),
        pytest.param([FIVE[2]], id="one refusal"),
    ],
)
def test_a_picture_is_written(results: list[Result], tmp_path: Path) -> None:
    import matplotlib.image

    path = tmp_path / "plot.png"
    plot(results, path)
    assert path.read_bytes().startswith(PNG)
    pixels = matplotlib.image.imread(path)[:, :, :3]
    assert pixels.shape == (570, 1800, 3)
    for third in np.array_split(pixels, 3, axis=1):
        assert third.std() > 0.05  # something is drawn in each of the three
        assert third.mean() > 0.8  # on white


def test_the_kind_follows_the_ending(tmp_path: Path) -> None:
    plot(MIXED, tmp_path / "plot.svg")
    assert "<svg" in (tmp_path / "plot.svg").read_text()
    plot(MIXED, tmp_path / "plot")
    assert (tmp_path / "plot").read_bytes().startswith(PNG)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plot", "plot.svg"]


@pytest.mark.parametrize("name", ["no/such/folder/plot.png", "plot.unheard", "."])
def test_a_path_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as caught:
        plot(MIXED, tmp_path / name)
    assert f"{tmp_path / name} cannot be written: " in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_the_command_that_brings_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(CannotRun, match=r"pip install 'clippings\[plot\]'"):
        plot(MIXED, tmp_path / "plot.png")


def test_answers_in_the_first_k(axes: list[Any]) -> None:
    plot(MIXED, Path("unwritten.png"))
    # Ranks 1, 4, 8 and none.
    shares = [0.25] * 3 + [0.5] * 4 + [0.75] * 3
    assert points(axes[0].lines[0]) == [(float(k), share) for k, share in enumerate(shares, 1)]
    figures = summary(MIXED)
    assert [shares[k - 1] for k in (1, 5, 10)] == [figures[f"answer_at_{k}"] for k in (1, 5, 10)]


def test_the_refusal_curve_by_hand(axes: list[Any]) -> None:
    plot(MIXED, Path("unwritten.png"))
    curve, diagonal, in_use = axes[1].lines
    # Nothing refused below the threshold 0; then, with growing threshold, .1, .2, .3, .6, .7 and .8 are.
    assert points(curve) == [
        *[(0.0, 0.0)] * 2,
        (0.0, 0.5),
        (0.25, 0.5),
        (0.5, 0.5),
        (0.5, 1.0),
        (0.75, 1.0),
        (1.0, 1.0),
    ]
    assert points(diagonal) == [(0.0, 0.0), (1.0, 1.0)]
    figures = summary(MIXED)
    assert points(in_use) == [(figures["refused_answerable"], figures["refused_unanswerable"])] == [(0.25, 0.5)]
    (label,) = axes[1].texts
    assert (label.get_text(), tuple(map(float, label.xy))) == ("in use", (0.25, 0.5))
    assert (axes[1].get_xlabel(), axes[1].get_ylabel()) == ("answerable refused", "unanswerable refused")


@pytest.mark.parametrize("results", [MIXED[:4], MIXED[4:], [replace(r, answer=None) for r in MIXED]])
def test_no_refusal_curve_without_both_kinds(axes: list[Any], results: list[Result]) -> None:
    plot(results, Path("unwritten.png"))
    assert len(axes[1].lines) == 0
    assert [text.get_text() for text in axes[1].texts] == ["needs answers to both kinds\nof question"]


def test_latencies_of_what_was_timed(axes: list[Any]) -> None:
    plot(MIXED, Path("unwritten.png"))
    assert [label.get_text() for label in axes[2].get_yticklabels()] == ["passages", "first word", "whole answer"]
    assert len(axes[2].lines) == 3 * 6  # box, two whiskers, two caps, median
    medians = [round(float(line.get_xdata()[0]), 4) for line in axes[2].lines[5::6]]
    assert medians == [
        round(float(np.median([0.01, 0.03, 0.02, 0.04, 0.06, 0.02])), 4),
        round(float(np.median([0.2, 0.4, 0.5, 0.5])), 4),
        round(float(np.median([1.0, 3.0, 0.5, 2.0, 0.7, 1.0])), 4),
    ]


def test_latencies_without_answers(axes: list[Any]) -> None:
    plot([replace(r, answer=None) for r in MIXED], Path("unwritten.png"))
    assert [label.get_text() for label in axes[2].get_yticklabels()] == ["passages"]
