"""The page in a real browser: what a reader sees, in which order, and that nothing else is contacted or run."""

from __future__ import annotations

import gc
import shutil
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from browser.scripted import CLAY, COST, DEPTH, FINAL, HOSTILE, ScriptedChatbot
from ui.serve import start

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
expect = sync_api.expect

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no browser: install chromium"),
    # Gradio makes event loops that it never closes.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

QUESTION = "What does the bridge cost?"


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, ScriptedChatbot]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chatbot = ScriptedChatbot()
    page = start(chatbot, port=port, examples=[QUESTION, "Who won the cup?"])
    yield page.local_url, chatbot
    page.close(verbose=False)
    del page
    gc.collect()


@pytest.fixture
def chatbot(served) -> ScriptedChatbot:
    served[1].free.set()
    return served[1]


@pytest.fixture
def tab(browser, served, chatbot):
    """A fresh tab, which must have contacted nobody else and complained about nothing when it is closed."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(15_000)
    urls: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(served[0])
    expect(page.get_by_role("button", name="Clear")).to_be_visible()
    yield page
    context.close()
    assert urls
    assert {urlsplit(url).hostname for url in urls if not url.startswith(("data:", "blob:"))} == {"127.0.0.1"}
    assert complaints == []


def ask(page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def test_masthead_says_what_is_indexed(tab):
    expect(tab.get_by_role("heading", level=1)).to_have_text("clippings")
    expect(tab.locator(".folio")).to_contain_text("28 articles")
    expect(tab.get_by_text("How to read an answer")).to_be_visible()
    assert tab.title() == "clippings"


def test_evidence_before_text_then_the_answer_with_its_proof(tab, chatbot):
    chatbot.free.clear()
    ask(tab, QUESTION)
    expect(tab.locator(".passage")).to_have_count(3)
    expect(tab.locator("mark.matters")).to_have_text([COST, CLAY, DEPTH, FINAL])
    expect(tab.locator(".status")).to_have_text("reading 3 passages…")
    expect(tab.locator(".said")).to_have_count(0)
    chatbot.free.set()
    expect(tab.locator(".said")).to_have_count(3)
    expect(tab.locator(".status")).to_contain_text("answered in")
    expect(tab.locator("mark.quote")).to_have_text([COST, DEPTH, FINAL])
    expect(tab.locator("figure.said figcaption")).to_contain_text("quoted from the clipping")


def test_marker_brings_and_flashes_its_quote(tab):
    ask(tab, QUESTION)
    tab.locator(".cite").nth(2).click()
    expect(tab.locator("mark.flash")).to_have_text(FINAL)
    expect(tab.locator("mark.flash")).to_be_in_viewport()
    expect(tab.locator("#passage-1-3")).to_be_focused()


def test_marker_works_from_the_keyboard_and_on_a_phone(tab):
    tab.set_viewport_size({"width": 360, "height": 700})
    ask(tab, QUESTION)
    tab.locator(".cite").nth(1).focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("mark.flash")).to_have_text(DEPTH)
    expect(tab.locator("mark.flash")).to_be_in_viewport()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    tab.get_by_role("link", name="back to the answer").click()
    expect(tab.locator("#question-1")).to_be_focused()


def test_whole_article_with_the_quote_and_the_comments_apart(tab):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    tab.get_by_role("button", name="Whole article").first.click()
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_role("heading", level=2)).to_have_text(
        "Bridge bill climbs to 587 million crowns as builders meet soft clay"
    )
    expect(dialog.locator("mark.quote")).to_have_text([COST, DEPTH])
    expect(dialog.get_by_text("Work on the three piers stopped")).to_be_visible()
    expect(dialog.get_by_text("Resign!")).to_be_hidden()
    dialog.get_by_text("2 reader comments").click()
    expect(dialog.get_by_text("Resign!")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    tab.get_by_role("button", name="Whole article").first.click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    tab.get_by_role("button", name="Whole article").nth(2).click()
    expect(dialog.get_by_role("heading", level=2)).to_have_text("Calder Sound Bridge opens two years late")


def test_refusal_looks_like_no_answer(tab):
    tab.get_by_role("button", name="Who won the cup?").click()
    expect(tab.locator(".refusal")).to_contain_text("The articles do not say who won the cup.")
    expect(tab.locator(".panel h2")).to_have_text("Nearest passages, which do not hold the answer")
    expect(tab.locator("mark")).to_have_count(0)
    expect(tab.locator(".chip").first).to_be_hidden()


def test_evidence_of_an_earlier_answer_comes_back(tab):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    ask(tab, "And why?")
    expect(tab.locator("#turn-2.answered")).to_be_visible()
    expect(tab.locator(".searched")).to_have_text("searched for And why? What does the bridge cost?")
    expect(tab.locator(".panel[data-turn='2'] .passage")).to_have_count(1)
    tab.locator("#turn-1 .cite").first.click()
    expect(tab.locator(".panel[data-turn='1'] .passage")).to_have_count(3)
    expect(tab.locator("mark.flash")).to_have_text(COST)


def test_stop_keeps_the_evidence(tab, chatbot):
    chatbot.free.clear()
    ask(tab, QUESTION)
    expect(tab.locator(".passage")).to_have_count(3)
    expect(tab.get_by_role("button", name="Clear")).to_be_disabled()
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_text("You stopped before there was an answer.")).to_be_visible()
    expect(tab.locator(".passage")).to_have_count(3)
    expect(tab.get_by_role("button", name="Stop")).to_be_hidden()
    chatbot.free.set()
    tab.get_by_role("button", name="Retry").click()
    expect(tab.locator(".turn.answered .said")).to_have_count(3)
    expect(tab.locator(".turn")).to_have_count(1)


def test_clear_starts_over(tab):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    tab.get_by_role("button", name="Clear").click()
    expect(tab.locator(".turn")).to_have_count(0)
    expect(tab.locator(".chip").first).to_be_visible()
    expect(tab.get_by_text("How to read an answer")).to_be_visible()


def test_messages_for_questions_that_cannot_be_asked(tab):
    tab.get_by_role("button", name="Ask").click()
    expect(tab.get_by_role("alert")).to_have_text("Type a question first.")
    ask(tab, "x" * 101)
    expect(tab.get_by_role("alert")).to_have_text("The question has 101 characters; at most 100 are read.")
    expect(tab.get_by_label("Your question")).to_have_value("x" * 101)
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    expect(tab.get_by_role("alert")).to_have_count(0)


def test_articles_cannot_run_anything(tab):
    ask(tab, "Is it safe?")
    expect(tab.locator(".turn.answered")).to_be_visible()
    expect(tab.locator(".passage h3")).to_have_text(HOSTILE.title)
    tab.get_by_role("button", name="Whole article").click()
    expect(tab.get_by_role("dialog").locator("h2")).to_have_text(HOSTILE.title)
    expect(tab.get_by_role("dialog").locator(".text")).to_have_text(HOSTILE.text)
    assert tab.evaluate("window.hacked") is None
    assert tab.locator(":is(#desk, #reader) :is(script, img, iframe, svg)").count() == 0
    assert tab.locator("a[href^='javascript']").count() == 0


def test_two_tabs_do_not_mix(tab, browser, served):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    other = browser.new_page()
    other.goto(served[0])
    ask(other, "And why?")
    expect(other.locator(".turn.answered")).to_have_count(1)
    expect(other.locator(".turn .question")).to_have_text("And why?")
    expect(tab.locator(".turn")).to_have_count(1)
    expect(tab.locator(".panel .passage")).to_have_count(3)
    other.close()


def test_closed_tab_stops_the_answer(browser, served, chatbot):
    leaving = browser.new_page()
    leaving.goto(served[0])
    chatbot.free.clear()
    ask(leaving, QUESTION)
    expect(leaving.locator(".panel .passage")).to_have_count(3)
    stop = chatbot.stop
    assert not stop.is_set()
    leaving.close()
    assert stop.wait(15)


def test_dark_follows_the_system(browser, served):
    page = browser.new_page(color_scheme="dark")
    page.goto(served[0])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".gradio-container")).to_have_css("background-color", "rgb(22, 20, 18)")
    page.close()


def test_page_that_tries_to_reach_out_is_refused(browser, served):
    page = browser.new_page()
    response = page.goto(served[0])
    assert "default-src 'self'" in response.headers["content-security-policy"]
    blocked = page.evaluate("fetch('http://example.invalid/').then(() => 'sent', () => 'refused')")
    assert blocked == "refused"
    page.close()
