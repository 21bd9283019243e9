"""How much of the words of web pages is right: extracted text against the text that people marked."""

from __future__ import annotations

import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from common import print_table

from index.formats.webpage import clean_page

POOR = 0.5
"""F1 below which a page is listed."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Page:
    """One page's score; `seconds` is of reading and cleaning it. `half` is 0 or 1, by its place in the alphabet."""

    name: str
    half: int
    f1: float
    precision: float
    recall: float
    seconds: float


def bench(folder: Path) -> None:
    """Mean F1 of words, and the pages below 0.5, the worst first.

    Knows the schema of the article-extraction-benchmark: a folder with `ground-truth.json` (page name -> `articleBody`)
    and the pages in `html/NAME.html.gz`.
    """
    pages = measure(folder, lambda markup: clean_page(markup).text)
    shown = [page for page in sorted(pages, key=lambda page: page.f1) if page.f1 < POOR]
    table = {
        page.name: {name: round(getattr(page, name), 3) for name in ("f1", "precision", "recall", "seconds")}
        for page in shown
    }
    print_table(table, "page")
    print(json.dumps(figures(pages)))


def measure(folder: Path, extract: Callable[[bytes], str]) -> list[Page]:
    """Score what `extract` makes of every page, in the order of their names."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = []
    for place, name in enumerate(sorted(truth)):
        markup = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        start = time.perf_counter()
        text = extract(markup)
        seconds = time.perf_counter() - start
        pages.append(Page(name, place % 2, *scores(text, truth[name]["articleBody"]), seconds))
    return pages


def scores(text: str, truth: str) -> tuple[float, float, float]:
    """F1, precision and recall of the words of `text` as multisets, in lower case; 1 where both are empty."""
    found, wanted = (Counter(_WORD.findall(side.lower())) for side in (text, truth))
    if not found and not wanted:
        return 1.0, 1.0, 1.0
    shared = (found & wanted).total()
    f1 = 2 * shared / (found.total() + wanted.total())
    return f1, shared / max(1, found.total()), shared / max(1, wanted.total())


def figures(pages: list[Page]) -> dict[str, float]:
    """The figures over all pages, and the mean of each half (rules are made on half 0)."""
    halves = {f"f1_half_{half}": statistics.mean(p.f1 for p in pages if p.half == half) for half in (0, 1)}
    means = {
        "f1": statistics.mean(p.f1 for p in pages),
        **halves,
        "precision": statistics.mean(p.precision for p in pages),
        "recall": statistics.mean(p.recall for p in pages),
        "lowest": min(p.f1 for p in pages),
        "slowest_s": max(p.seconds for p in pages),
    }
    return {"pages": len(pages), "poor": sum(p.f1 < POOR for p in pages)} | {n: round(v, 4) for n, v in means.items()}
