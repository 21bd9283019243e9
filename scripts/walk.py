#!/usr/bin/env python3
"""Walk through the page as three visitors do, by day and by night, take a picture of each state, and check each.

    scripts/walk.py [--out walk] [--only journalist|analyst|phone]

axe-core must find nothing, nothing be wider than the window, no other host be asked, and the console stay silent; else
the exit status is 1. The pictures in docs/ are some of these. Needs the extras `embedded` and `dev`, and Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (0, 1)]

from common import SAMPLES, chromium, page_over

from index import Index


@dataclass
class Walk:
    """One visit by day or by night: its tab, its name, where its pictures go, how many there are, and the faults."""

    tab: Any
    name: str
    scheme: str
    out: Path
    taken: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.on(
            "request", lambda request: self._is(urlsplit(request.url).hostname in ("127.0.0.1", None), request.url)
        )
        self.tab.on("console", lambda said: self._is(said.type != "error", said.text))
        self.tab.on("pageerror", lambda error: self._is(False, str(error)))

    def _is(self, right: bool, said: str) -> None:
        if not right:
            self.faults.append(f"{self.name}, {self.scheme}, {self.taken + 1}: {said}")

    def ask(self, question: str) -> None:
        """Types a question, and waits for the answer."""
        self.tab.get_by_label("Your question").fill(question)
        self.tab.keyboard.press("Enter")
        self.tab.locator("#live :is(.answered, .refused)", has_text=question).wait_for(timeout=120_000)

    def shows(self, state: str, wanted: str = "") -> None:
        """Takes a picture once `wanted` is there, and checks the page."""
        if wanted:
            self.tab.locator(wanted).first.wait_for(timeout=60_000)
        self.tab.wait_for_timeout(2000)  # marks have flashed, and the page has scrolled
        path = self.out / f"{self.name}-{self.taken + 1:02}-{state}-{self.scheme}.webp"
        Image.open(BytesIO(self.tab.screenshot())).save(path, quality=82, method=6)
        for rule in Axe().run(self.tab).response["violations"]:
            self._is(False, f"{rule['id']} {rule['nodes'][0]['html'][:120]}")
        self._is(self.tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the window")
        self.taken += 1


def journalist(walk: Walk) -> None:
    """A first visit: questions to begin with, an answer and its proof, each form of answer, a refusal, a link."""
    tab = walk.tab
    walk.shows("welcome", ".chip")
    walk.ask("How many people died in the Arle flood?")
    walk.shows("updated", ".label")
    tab.locator(".said .cite").first.click()
    walk.shows("article", ".panel.reader")
    tab.keyboard.press("Escape")
    for state, question in {
        "dossier": "What is the latest on the harbour bridge?",
        "columns": "Compare the Skerry Air bankruptcy and the harbour bridge.",
        "list": "Which airports did Skerry Air fly to?",
        "explanation": "Why did the sirens stay silent in the Arle flood?",
        "talk": "hello",
        "refusal": "Who won the chess championship in Baku?",
    }.items():
        walk.ask(question)
        walk.shows(state)
    tab.locator(".said .cite").first.hover()
    walk.shows("quotation")
    tab.get_by_role("tab", name="Settings").click()
    walk.shows("settings", "#settings")


def analyst(walk: Walk) -> None:
    """An empty archive, five files of which one is broken, limits, figures that differ, an article, a saved answer."""
    tab = walk.tab
    walk.shows("empty", ".add")
    walk.ask("How many people came to the opening of the bridge?")
    walk.shows("nothing-indexed", ".refusal")
    tab.get_by_role("tab", name="Archive").click()
    whole = [path for day in ("2021-07-23", "2025-09-07") for path in SAMPLES.glob(f"{day}-*")]
    files = {"broken.pdf": b"%PDF-1.7 and no more"} | {path.name: path.read_bytes() for path in whole}
    sent = [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in files.items()]
    tab.locator("#files input[type=file]").set_input_files(sent)
    walk.shows("added-one-broken", ".report .failed")
    tab.get_by_role("tab", name="Ask").click()
    tab.get_by_role("button", name="New", exact=True).click()
    tab.get_by_label("From", exact=True).fill("September 2025")
    walk.shows("limits", "#limits .limit")
    walk.ask("How many people came to the opening of the bridge?")
    walk.shows("sources-differ", ".label")
    tab.locator(".said .cite").last.click()
    walk.shows("followed", ".panel.reader")
    tab.get_by_role("tab", name="Archive").click()
    tab.get_by_label("Find", exact=True).fill("crowd")
    tab.locator("#articles .title").first.click()
    walk.shows("archive", "#article .whole")
    tab.get_by_role("tab", name="History").click()
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="as HTML").first.click()
    assert "“" in saved.value.path().read_text(encoding="utf-8"), "what was saved quotes nothing"
    tab.get_by_role("button", name="Delete").first.click()
    walk.shows("delete", ".dialogue")


def phone(walk: Walk) -> None:
    """A small screen and a keyboard: asking, the evidence as a sheet, the article, the rail, the other tabs."""
    tab = walk.tab
    walk.shows("welcome", ".chip")
    tab.keyboard.type("How many people died in the Arle flood?")
    tab.keyboard.press("Enter")
    walk.shows("answer", "#live .answered")
    for state, control, wanted in (
        ("sheet", ".status a", "#desk.evidence .passage"),
        ("article", ".said .cite", ".panel.reader"),
        ("rail", "#unfold", "#room.unfolded"),
    ):
        tab.locator(control).first.focus()
        tab.keyboard.press("Enter")
        walk.shows(state, wanted)
        tab.keyboard.press("Escape")
    for state, wanted in (("history", "#entries .entry"), ("archive", "#articles .entry")):
        tab.locator("#tabs [aria-selected=true]").focus()
        tab.keyboard.press("ArrowRight")
        walk.shows(state, wanted)


def main(out: Path = Path("walk"), only: str = "") -> None:
    out.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with chromium() as browser:
        visits = (journalist, (1280, 800), [SAMPLES]), (analyst, (1280, 800), []), (phone, (390, 844), [SAMPLES])
        chosen = [visit for visit in visits if only in ("", visit[0].__name__)]
        for (visit, (width, height), articles), scheme in product(chosen, ("light", "dark")):
            with tempfile.TemporaryDirectory() as folder:
                Index.create(folder).update(articles)
                with page_over(Path(folder), Path(folder) / "data") as url:
                    tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                    walk = Walk(tab, visit.__name__, scheme, out)
                    tab.goto(url)
                    visit(walk)
                    tab.close()
            faults += walk.faults
    print("\n".join(faults) or "no faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    typer.run(main)
