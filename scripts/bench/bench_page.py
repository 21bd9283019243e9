"""How soon the page is there, whether anything jumps while an answer is written, and what people see who ask at once.

In headless Chromium over this machine's loopback; each run is a browser's first visit, with nothing cached.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from rag import Chatbot
from ui.server.serve import start

SETTLED = 1500
"""Milliseconds after which nothing comes by itself any more."""

_WATCH = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries())).observe(
  { type: "layout-shift", buffered: true });
window.largest = 0;
new PerformanceObserver((list) => { window.largest = list.getEntries().at(-1).startTime; }).observe(
  { type: "largest-contentful-paint", buffered: true });
window.places = [];
new MutationObserver(() => {
  const found = document.querySelector("#live .status")?.textContent.match(/(\\d+)(st|nd|rd|th) in the queue/);
  if (found) window.places.push(Number(found[1]));
}).observe(document, { childList: true, subtree: true, characterData: true });
"""

# Shifts within half a second of a key or click are what was asked for, and no part of the measure.
_JUMPS = "window.shifts.filter((s) => s.startTime >= from && !s.hadRecentInput).reduce((sum, s) => sum + s.value, 0)"


def measure(chatbot: Chatbot, questions: Sequence[str], *, runs: int, people: int) -> dict[str, Any]:
    """Medians over `runs` visits, each with a question; then `people` who ask at the same time."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        raise SystemExit("no browser on the path: install chromium")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = start(chatbot, port=port, folder=Path(folder))
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        try:
            visits = [
                _visit(started, page.local_url, questions[at % len(questions)], width)
                for width in (1280, 360)
                for at in range(runs)
            ]
            figures = _figures(visits) | (_crowd(started, page.local_url, questions, people) if people else {})
        finally:
            started.close()
            page.close(verbose=False)
    return figures


def _visit(browser: Any, url: str, question: str, width: int) -> dict[str, float]:
    context = browser.new_context(viewport={"width": width, "height": 800})
    tab = context.new_page()
    tab.add_init_script(_WATCH)
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    began = time.perf_counter()
    tab.goto(url, wait_until="commit")
    tab.get_by_label("Your question").fill("")
    usable = time.perf_counter() - began
    tab.wait_for_timeout(SETTLED)  # the network is never idle: Gradio keeps a stream open
    paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    found = {
        "width": width,
        "first contentful paint, s": paint,
        "largest contentful paint, s": tab.evaluate("window.largest") / 1000,
        "usable after, s": usable,
        "requests": len(requests),
        "jumps while loading": _jumps(tab, 0),
    }
    tab.get_by_label("Your question").fill(question)  # a long one makes its box higher, as it should
    asked = tab.evaluate("performance.now()")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#live :is(.answered, .refused)", timeout=120_000)
    tab.wait_for_timeout(SETTLED)
    found["jumps while answering"] = _jumps(tab, asked)
    context.close()
    return found


def _jumps(tab: Any, since: float) -> float:
    """Cumulative layout shift from a moment on."""
    return float(tab.evaluate(f"(from) => {_JUMPS}", since))


def _figures(visits: Sequence[dict[str, float]]) -> dict[str, Any]:
    wide = [visit for visit in visits if visit["width"] == 1280]
    middle = {name: round(statistics.median(visit[name] for visit in wide), 3) for name in wide[0] if name != "width"}
    worst = {
        f"{name} at {width} px, worst": round(max(v[name] for v in visits if v["width"] == width), 4)
        for name in ("jumps while loading", "jumps while answering")
        for width in (1280, 360)
    }
    timed = {name: value for name, value in middle.items() if not name.startswith("jumps")}
    slowest = {
        f"slowest {name} contentful paint, s": round(max(visit[f"{name} contentful paint, s"] for visit in visits), 3)
        for name in ("first", "largest")
    }
    return timed | slowest | worst


def _crowd(browser: Any, url: str, questions: Sequence[str], people: int) -> dict[str, Any]:
    contexts = [browser.new_context() for _ in range(people)]
    tabs = [context.new_page() for context in contexts]
    for at, tab in enumerate(tabs):
        tab.add_init_script(_WATCH)
        tab.goto(url)
        tab.get_by_label("Your question").fill(questions[at % len(questions)])
    moment = time.time() + 2  # by when all know it
    for tab in tabs:
        tab.evaluate(
            "(at) => { setTimeout(() => document.querySelector('#ask').click(), at - Date.now()); }", moment * 1000
        )
    time.sleep(max(0.0, moment - time.time()))
    began = time.perf_counter()
    answered = 0
    for tab in tabs:
        tab.wait_for_selector("#live :is(.answered, .refused)", timeout=300_000)
        answered += 1
    seconds = time.perf_counter() - began
    places = [tab.evaluate("window.places") for tab in tabs]
    for context in contexts:
        context.close()
    return {
        "people who asked at once": people,
        "of them got answers": answered,
        "saw a place in the queue": sum(bool(seen) for seen in places),
        "last place seen": max((max(seen) for seen in places if seen), default=0),
        "until the last answer, s": round(seconds, 1),
    }
