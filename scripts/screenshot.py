#!/usr/bin/env python3
"""Take the pictures of the page in docs/: the real page over the sample articles.

    scripts/screenshot.py [--out docs]

Needs the extras `embedded` and `dev`, and Chromium on the path; nothing is downloaded.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (0, 1)]

from common import SAMPLES, chromium, free_port

from index import Index
from rag import Settings, open_chatbot
from ui.server.serve import start

QUESTION = "How many people died in the Arle flood?"


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the window in CSS pixels, what is asked before it is taken, and what is done then."""

    name: str
    width: int
    height: int
    scheme: str
    question: str = ""
    then: Callable[[Any], object] = lambda tab: None


def _follow(tab: Any) -> None:
    """Open the article that the first sentence cites."""
    tab.locator(".cite").first.click()
    tab.wait_for_selector(".panel.reader")
    tab.mouse.move(0, 0)
    tab.wait_for_timeout(2500)  # the mark has flashed


def _archive(tab: Any) -> None:
    tab.get_by_role("tab", name="Archive").click()
    tab.wait_for_selector("#chart svg")
    tab.get_by_label("Find", exact=True).fill("flood")
    tab.locator("#articles .title").first.click()
    tab.wait_for_selector("#article .whole")


PICTURES = (
    Picture("page-light.png", 1280, 800, "light", QUESTION, _follow),
    Picture("page-short.png", 1280, 800, "light", "Who leads the inquiry into the Arle flood?"),
    Picture("page-archive.png", 1280, 800, "light", "", _archive),
)


def main(out: Path = Path("docs")) -> None:
    """Build a sample index, serve the page over it, and photograph it into the folder --out."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        Index.create(folder).update([SAMPLES])
        chatbot = open_chatbot(Settings(index=folder))
        chatbot.warm()
        page = start(chatbot, port=free_port(), folder=Path(folder) / "data")
        for picture in PICTURES:
            _photograph(browser, page.local_url, picture, out / picture.name)
        page.close(verbose=False)


def _photograph(browser: Any, url: str, picture: Picture, path: Path) -> None:
    tab = browser.new_page(viewport={"width": picture.width, "height": picture.height}, color_scheme=picture.scheme)
    tab.goto(url)
    tab.wait_for_selector(".chip")
    if picture.question:
        tab.get_by_label("Your question").fill(picture.question)
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#live :is(.answered, .refused, .failed), .notice", timeout=120_000)
        if problem := tab.locator(":is(.problem, .notice)").all_inner_texts():
            raise SystemExit(f"{picture.question}: {problem[0]}")
        tab.evaluate("document.activeElement?.blur()")
    picture.then(tab)
    tab.wait_for_timeout(1500)
    tab.screenshot(path=path)
    print(f"{path}  {path.stat().st_size / 1000:.0f} kB")
    tab.close()


if __name__ == "__main__":
    typer.run(main)
