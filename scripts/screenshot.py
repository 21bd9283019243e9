"""Take the pictures of the chat page for the README: the real page over the sample articles.

    python scripts/screenshot.py --out docs

Needs the extra `embedded`, playwright, and a Chromium on the path; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
import tempfile
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from index import Index
from rag import Settings, open_chatbot
from ui.serve import start

QUESTIONS = ("How many people died in the Arle flood?", "Who won the chess championship?")
EXAMPLES = (*QUESTIONS, "How long is the Calder Sound Bridge?", "Why was the election in Vessen annulled?")


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the window in CSS pixels, and what is asked before it is taken."""

    name: str
    width: int
    height: int
    scheme: str
    questions: tuple[str, ...]


PICTURES = (
    Picture("page-light.png", 1280, 800, "light", QUESTIONS[:1]),
    Picture("page-dark.png", 1280, 800, "dark", QUESTIONS[:1]),
    Picture("page-phone.png", 390, 844, "light", QUESTIONS[:1]),
    Picture("page-empty.png", 1280, 800, "light", ()),
    Picture("page-refusal.png", 1280, 800, "light", QUESTIONS[1:]),
)


def main() -> int:
    """Build a sample index, serve the page over it, and photograph it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder for the pictures (default: docs)")
    parser.add_argument("--all", action="store_true", help="also the empty page and a refusal")
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
        page = start(chatbot, port=_free_port(), examples=EXAMPLES)
        _photograph(page.local_url, browser, arguments.out, PICTURES if arguments.all else PICTURES[:3])
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
            tab.wait_for_timeout(700)
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
