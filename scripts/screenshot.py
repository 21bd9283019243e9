"""Take the pictures of the page for the README: the real page over the sample articles.

    python scripts/screenshot.py --out docs

Needs the extra `embedded`, playwright, and a Chromium on the path; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from index import Index
from rag import Settings, open_chatbot
from ui.server.serve import start

QUESTIONS = ("How many people died in the Arle flood?", "Who won the chess championship?")
SHORT = ("Who leads the inquiry into the Arle flood?",)
EXAMPLES = (*QUESTIONS, "How long is the Calder Sound Bridge?", "Why was the election in Vessen annulled?")


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the window in CSS pixels, what is asked before it is taken, and what is done then."""

    name: str
    width: int
    height: int
    scheme: str
    questions: tuple[str, ...] = ()
    then: Callable[[Any], object] | None = None


def _follow(tab: Any) -> None:
    """Open the article that the first sentence cites."""
    tab.locator(".cite").first.click()
    tab.wait_for_selector(".panel.reader")
    tab.mouse.move(0, 0)
    tab.wait_for_timeout(2500)  # the mark has flashed


def _hover(tab: Any) -> None:
    tab.locator(".cite").first.hover()


def _archive(tab: Any) -> None:
    tab.get_by_role("tab", name="Archive").click()
    tab.wait_for_selector("#timeline canvas, #timeline svg")


def _tab(name: str) -> Callable[[Any], object]:
    return lambda tab: tab.get_by_role("tab", name=name).click()


PICTURES = (
    Picture("page-light.png", 1280, 800, "light", QUESTIONS[:1], _follow),
    Picture("page-dark.png", 1280, 800, "dark", QUESTIONS[:1]),
    Picture("page-short.png", 1280, 800, "light", SHORT),
    Picture("page-phone.png", 390, 844, "light", QUESTIONS[:1]),
    Picture("page-archive.png", 1280, 800, "light", (), _archive),
)

OTHERS = (
    Picture("page-empty.png", 1280, 800, "light"),
    Picture("page-wide.png", 1920, 1080, "light", QUESTIONS[:1], _follow),
    Picture("page-narrow.png", 360, 740, "dark", QUESTIONS[1:]),
    Picture("page-refusal.png", 1280, 800, "light", QUESTIONS[1:]),
    Picture("page-hover.png", 1280, 800, "light", QUESTIONS[:1], _hover),
    Picture("page-history.png", 1280, 800, "light", QUESTIONS, _tab("History")),
    Picture("page-settings.png", 1280, 800, "dark", (), _tab("Settings")),
    Picture("page-archive-dark.png", 1280, 800, "dark", (), _archive),
    Picture("page-archive-phone.png", 360, 740, "light", (), _archive),
)


def main() -> int:
    """Build a sample index, serve the page over it, and photograph it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder for the pictures (default: docs)")
    parser.add_argument("--all", action="store_true", help="also those that docs/ does not show")
    arguments = parser.parse_args()
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print("no browser on the path: install chromium", file=sys.stderr)
        return 3
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        with as_file(files("index").joinpath("sample_articles")) as articles:
            Index.create(folder).update([articles])
        chatbot = open_chatbot(Settings(index=folder))
        chatbot.warm()
        page = start(chatbot, port=_free_port(), examples=EXAMPLES, folder=Path(folder) / "data")
        _photograph(page.local_url, browser, arguments.out, PICTURES + OTHERS if arguments.all else PICTURES)
        page.close(verbose=False)
    return 0


def _photograph(url: str, browser: str, out: Path, pictures: tuple[Picture, ...]) -> None:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for picture in pictures:
            tab = started.new_page(
                viewport={"width": picture.width, "height": picture.height},
                color_scheme=picture.scheme,  # type: ignore[arg-type]
            )
            tab.goto(url)
            tab.wait_for_selector(".chip")
            for question in picture.questions:
                _ask(tab, question)
            if picture.then:
                picture.then(tab)
            tab.wait_for_timeout(1500)
            path = out / picture.name
            tab.screenshot(path=path)
            print(f"{path}  {path.stat().st_size / 1000:.0f} kB")
            tab.close()
        started.close()


def _ask(tab: Any, question: str) -> None:
    tab.get_by_label("Your question").fill(question)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#live :is(.answered, .refused, .failed), .notice", timeout=120_000)
    if problem := tab.locator(":is(.problem, .notice)").all_inner_texts():
        raise SystemExit(f"{question}: {problem[0]}")
    tab.evaluate("document.activeElement?.blur()")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
