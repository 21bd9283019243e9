"""How soon the page is there, in headless Chromium over this machine's loopback."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from common import chromium, load_rows, page_over, report

_WATCH = """
window.largest = 0;
new PerformanceObserver((list) => { window.largest = list.getEntries().at(-1).startTime; }).observe(
  { type: "largest-contentful-paint", buffered: true });
"""

_TIMED = """
window.jumped = window.own = 0;
new PerformanceObserver((list) => list.getEntries().forEach(({ value, hadRecentInput }) => {
  window[hadRecentInput ? "own" : "jumped"] += value;
})).observe({ type: "layout-shift", buffered: true });
window.timed = (turn) => new Promise((done) => {
  const [began, found] = [performance.now(), { evidence: null, sentence: null }];
  const look = () => {
    const there = (where) => document.querySelector(where) && (performance.now() - began) / 1000;
    found.evidence ??= there(`.panel[data-turn="${turn}"] .passage`);
    found.sentence ??= there(`#live [data-turn="${turn}"] .said`);
    if (there(`#live [data-turn="${turn}"]:is(.answered, .refused)`)) done(found);
    else requestAnimationFrame(look);
  };
  look();
});
"""


def bench(index: Path, runs: int = 10, dialogues: Path | None = None) -> None:
    """First and largest paint and when a question can be typed: median and most over --runs visits.

    Each is a browser's first visit, with nothing cached. With --dialogues the first --runs of them are typed instead,
    with the model: seconds until the first passage and sentence, and layout shifts without and with those of keys.
    """
    at = tempfile.TemporaryDirectory()
    with at as folder, chromium() as browser, page_over(index, Path(folder), use_llm=bool(dialogues)) as url:
        if dialogues:
            rows = load_rows(dialogues)[:runs]
            report({f"{size[0]} px": _typed(browser, url, rows, size) for size in ((1280, 800), (390, 844))})
            return
        visits = [_visit(browser, url) for _ in range(runs)]
    columns = {name: [visit[name] for visit in visits] for name in visits[0]}
    report({n: {"median": round(statistics.median(v), 3), "most": round(max(v), 3)} for n, v in columns.items()})


def _typed(browser: Any, url: str, dialogues: list[dict[str, Any]], size: tuple[int, int]) -> dict[str, float]:
    found: dict[str, list[float]] = {"evidence": [], "sentence": [], "jumped": [], "own": []}
    for dialogue in dialogues:
        tab = browser.new_page(viewport={"width": size[0], "height": size[1]})
        tab.add_init_script(_TIMED)
        tab.goto(url)
        for turn, row in enumerate(dialogue["turns"], 1):
            tab.get_by_label("Your question").fill(row["question"])
            tab.wait_for_selector("#ask:visible", timeout=60_000)
            tab.evaluate("(turn) => { answer = timed(turn); jumped = own = 0; }", turn)
            tab.keyboard.press("Enter")
            for name, value in {**tab.evaluate("answer"), **tab.evaluate("({ jumped, own })")}.items():
                found[name] += [] if value is None else [value]
        tab.close()
    times = {f"{n}, s, median": round(statistics.median(found[n]), 3) for n in ("evidence", "sentence")}
    together = max(map(sum, zip(found["own"], found["jumped"], strict=True)))
    return times | {"shift, most": round(max(found["jumped"]), 4), "shift with keys, most": round(together, 4)}


def _visit(browser: Any, url: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.add_init_script(_WATCH)
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    began = time.perf_counter()
    tab.goto(url, wait_until="commit")
    tab.get_by_label("Your question").fill("")
    usable = time.perf_counter() - began
    tab.wait_for_timeout(1500)  # then nothing comes any more; the network is never idle: Gradio keeps a stream
    found = {
        "first contentful paint, s": tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        / 1000,
        "largest contentful paint, s": tab.evaluate("window.largest") / 1000,
        "usable after, s": usable,
        "requests": len(requests),
    }
    context.close()
    return found
