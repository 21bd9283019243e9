"""The measure of scripts/bench/bench_pages.py, on texts and pages small enough to count by hand."""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


def load(name: str) -> ModuleType:
    """A module of scripts/, which is no package."""
    paths = [str(SCRIPTS), str(SCRIPTS / "bench")]
    sys.path[:0] = paths
    try:
        return importlib.import_module(name)
    finally:
        del sys.path[: len(paths)]


extraction = load("bench_pages")
figures, measure, scores = extraction.figures, extraction.measure, extraction.scores


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        ("The talks go on.", "the talks GO on", (1.0, 1.0, 1.0)),
        ("a a b", "a b b b", (2 * 2 / 7, 2 / 3, 2 / 4)),
        ("", "a", (0.0, 0.0, 0.0)),
        ("", "", (1.0, 1.0, 1.0)),
    ],
)
def test_words_are_counted_as_multisets(text: str, truth: str, expected: tuple[float, float, float]) -> None:
    assert scores(text, truth) == pytest.approx(expected)


def test_pages_are_measured_by_name_and_in_halves(tmp_path: Path) -> None:
    truth = {"b": "one two three", "a": "one two", "c": "nine"}
    (tmp_path / "html").mkdir()
    (tmp_path / "ground-truth.json").write_text(json.dumps({n: {"articleBody": t} for n, t in truth.items()}))
    for name in truth:
        (tmp_path / "html" / f"{name}.html.gz").write_bytes(gzip.compress(b"one two"))
    pages = measure(tmp_path, lambda markup: markup.decode())
    assert [(p.name, p.half, round(p.f1, 2)) for p in pages] == [("a", 0, 1.0), ("b", 1, 0.8), ("c", 0, 0.0)]
    found = figures(pages)
    assert (found["pages"], found["poor"], found["f1"], found["f1_half_0"], found["f1_half_1"]) == (3, 1, 0.6, 0.5, 0.8)
