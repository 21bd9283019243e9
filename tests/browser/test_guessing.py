"""Whoever knows, or guesses, the id of somebody else's conversation gets nothing by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from served import COST, QUESTION, UNANSWERED, Served, chatbot_of, serving

from browser.test_page import BROWSER, ask, browser  # noqa: F401 (the fixture)
from index import Index
from ui.access.accounts import Accounts

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
expect = sync_api.expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no browser: install chromium"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Gradio makes event loops that it never closes
]


@pytest.fixture
def guarded(index: Index, tmp_path: Path) -> Iterator[Served]:
    accounts = Accounts(tmp_path / "accounts.json")
    for name in ("ann", "bob"):
        accounts.add(name, f"the horse of {name}")
    with serving(chatbot_of(index), auth=str(accounts.path)) as found:
        yield found


def page_of(browser: Any, served: Served, name: str) -> Any:  # noqa: F811
    page = browser.new_context().new_page()
    page.set_default_timeout(60_000)
    page.goto(served.url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(f"the horse of {name}")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_visible()
    return page


def test_an_id_of_somebody_elses_opens_renames_saves_and_deletes_nothing(browser: Any, guarded: Served) -> None:  # noqa: F811
    ann = page_of(browser, guarded, "ann")
    ask(ann, QUESTION)
    expect(ann.get_by_text(COST).first).to_be_visible()
    ann.wait_for_url("**/?c=*")
    stolen = ann.url.partition("c=")[2].partition("#")[0]
    bob = page_of(browser, guarded, "bob")
    ask(bob, UNANSWERED)
    expect(bob.locator(".turn.refused")).to_be_visible()
    bob.get_by_role("tab", name="History").click()
    expect(bob.locator(".entry")).to_have_count(1)
    for label in (f"Rename {UNANSWERED}", f"Save {UNANSWERED} as Markdown", f"Delete {UNANSWERED}", UNANSWERED):
        button = bob.locator("#history").get_by_role("button", name=label, exact=True)
        button.evaluate("(button, id) => (button.dataset.id = id)", stolen)
        button.click()
        for name in ("Save", "Delete"):
            if (confirm := bob.get_by_role("button", name=name, exact=True)).is_visible():
                confirm.click()
        bob.wait_for_timeout(500)
        assert QUESTION not in bob.content()
        bob.reload()
        bob.get_by_role("tab", name="History").click()
        expect(bob.locator(".entry")).to_have_count(1)
    bob.goto(f"{guarded.url}/?c={stolen}")
    expect(bob.get_by_role("alert")).to_have_text(
        "That conversation is not here: it was deleted, or it is somebody else's."
    )
    ann.reload()
    expect(ann.get_by_text(COST).first).to_be_visible()
    ann.get_by_role("tab", name="History").click()
    expect(ann.locator(".entry .title")).to_have_text([QUESTION])
    for page in (ann, bob):
        page.context.close()
