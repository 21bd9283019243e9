"""Logging in with a real browser, and asking from behind the gate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import COST, QUESTION, Served, chatbot_of, serving

from browser.test_page import BROWSER, browser  # noqa: F401 (the fixture)
from index import Index
from ui.access.accounts import Accounts

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
expect = sync_api.expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no browser: install chromium"),
]

PASSWORD = "correct horse"


@pytest.fixture
def guarded(index: Index, tmp_path: Path) -> Iterator[Served]:
    accounts = Accounts(tmp_path / "accounts.json")
    accounts.add("ann", PASSWORD)
    with serving(chatbot_of(index), auth=str(accounts.path)) as found:
        yield found


def test_log_in_ask_and_log_out(browser, guarded: Served) -> None:  # noqa: F811
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(guarded.url)
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill("wrong horse")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the right name and password.")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_text(COST).first).to_be_visible()
    expect(page.locator(".visitor")).to_have_text("ann log out")
    page.get_by_role("link", name="log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    context.close()
