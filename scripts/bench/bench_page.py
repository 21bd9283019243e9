"""How soon the page is there, in headless Chromium over this machine's loopback."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from common import chromium, free_port, report

from rag import Settings, open_chatbot
from ui.server.serve import start

SETTLED = 1500
"""Milliseconds after which nothing comes by itself any more."""

_WATCH = """
window.largest = 0;
new PerformanceObserver((list) => { window.largest = list.getEntries().at(-1).startTime; }).observe(
  { type: "largest-contentful-paint", buffered: true });
"""


def bench(index: Path, runs: int = 10) -> None:
    """First and largest paint and when a question can be typed: median and most over --runs visits.

    Each is a browser's first visit, with nothing cached. That nothing jumps is tested (tests/browser/test_page.py), and
    how long many wait who ask at once is measured by load.py.
    """
    chatbot = open_chatbot(Settings.load({"index": str(index)}), use_llm=False)
    chatbot.warm()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = start(chatbot, port=free_port(), folder=Path(folder))
        try:
            visits = [_visit(browser, page.local_url) for _ in range(runs)]
        finally:
            page.close(verbose=False)
    columns = {name: [visit[name] for visit in visits] for name in visits[0]}
    report({n: {"median": round(statistics.median(v), 3), "most": round(max(v), 3)} for n, v in columns.items()})


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
    tab.wait_for_timeout(SETTLED)  # the network is never idle: Gradio keeps a stream open
    found = {
        "first contentful paint, s": tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        / 1000,
        "largest contentful paint, s": tab.evaluate("window.largest") / 1000,
        "usable after, s": usable,
        "requests": len(requests),
    }
    context.close()
    return found
