"""The page in a real browser: what a reader sees, in which order, and that nothing else is contacted or run."""

from __future__ import annotations

import gc
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from standins import HashEmbedder, ScriptedGenerator

from browser.scripted import BRIDGE, CLAY, COST, DEPTH, FINAL, HOSTILE, OPENING, ScriptedChatbot
from index import Index
from rag import Chatbot, Settings
from rag.evaluation import load_questions
from ui.server.serve import start

Axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe is not installed: pip install axe-playwright-python"
).Axe
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
expect = sync_api.expect
expect.set_options(timeout=30_000)  # of a busy machine; what is there is seen at once

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
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
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Three articles, of which one is hostile."""
    articles = tmp_path_factory.mktemp("articles")
    # As plain text: of titles in tables, markup is taken out.
    (articles / "hostile.txt").write_text(f"{HOSTILE.title}\n\n{HOSTILE.text}", encoding="utf-8")
    for name, article in (("bridge", BRIDGE), ("opening", OPENING)):
        row = {"id": name, "title": article.title, "text": article.text, "source": article.source, "url": article.url}
        if article.published:
            row["date"] = article.published.isoformat()
        (articles / f"{name}.jsonl").write_text(json.dumps(row), encoding="utf-8")
    made = Index.create(tmp_path_factory.mktemp("index"), embedder=HashEmbedder())
    made.update([articles])
    yield made
    made.close()


@pytest.fixture(scope="module")
def served(folder: Path, index: Index) -> Iterator[tuple[str, ScriptedChatbot]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chatbot = ScriptedChatbot(index=index, openings=(QUESTION, "Who won the cup?"))
    page = start(chatbot, port=port, folder=folder)
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
    page.set_default_timeout(30_000)
    urls: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(served[0])
    expect(page.get_by_role("button", name="New")).to_be_visible()
    yield page
    context.close()
    assert urls
    assert {urlsplit(url).hostname for url in urls if not url.startswith(("data:", "blob:"))} == {"127.0.0.1"}
    # What Gradio says of a request that a reload has cut off.
    cut_off = ("AbortError", "errored out")
    assert [complaint for complaint in complaints if not any(part in complaint for part in cut_off)] == []


def ask(page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def test_masthead_says_what_is_indexed(tab):
    expect(tab.get_by_role("heading", level=1)).to_have_text("clippings")
    expect(tab.locator(".folio")).to_contain_text("3 articles")
    expect(tab.get_by_text("How to read an answer")).to_be_visible()
    assert tab.title() == "clippings"


def test_evidence_before_text_then_the_answer_with_its_proof(tab, chatbot):
    chatbot.free.clear()
    ask(tab, QUESTION)
    expect(tab.locator(".passage")).to_have_count(3)
    expect(tab.locator("mark.matters")).to_have_text([COST, CLAY, DEPTH, FINAL])
    expect(tab.locator(".status")).to_contain_text("reading 3 passages…")
    expect(tab.locator(".said")).to_have_count(0)
    chatbot.free.set()
    expect(tab.locator(".said")).to_have_count(3)
    expect(tab.locator(".status")).to_contain_text("answered in")
    expect(tab.locator("mark.quote")).to_have_text([COST, DEPTH, FINAL])
    expect(tab.locator("figure.said figcaption")).to_contain_text("quoted from the clipping")


JUMPS = """
window.jumps = [];
const named = (node) => node?.nodeType === 1 ? `${node.tagName} ${node.id} ${node.className}` : node?.nodeName;
new PerformanceObserver((list) => {
  for (const jump of list.getEntries())
    if (!jump.hadRecentInput && jump.value > 0.0005) window.jumps.push(jump.sources.map(({ node }) => named(node)));
}).observe({ type: "layout-shift", buffered: true });
"""
"""What moved by itself: by half a thousandth of the window or more, and not within half a second of a key."""


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_jumps_while_the_page_comes_and_an_answer_is_written(browser, served, chatbot, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.add_init_script(JUMPS)
    page.goto(served[0])
    expect(page.locator("#keys kbd")).to_have_count(5)
    expect(page.locator(".chip")).to_have_count(2)
    page.get_by_label("Your question").press_sequentially(QUESTION)
    assert page.evaluate("window.jumps") == []
    page.wait_for_timeout(600)  # what comes sooner after a key counts as its work
    chatbot.free.clear()
    page.evaluate("document.querySelector('#ask').click()")  # which is no input by a hand
    expect(page.locator(".passage")).to_have_count(3)
    chatbot.free.set()
    expect(page.locator(".turn.answered")).to_be_visible()
    expect(page.locator("mark.quote")).to_have_count(3)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")  # until it is painted
    assert page.evaluate("window.jumps") == []
    page.close()


def test_hover_shows_the_quote_and_a_click_opens_the_article_at_it(tab):
    ask(tab, QUESTION)
    tab.locator(".cite").nth(2).hover()
    expect(tab.get_by_role("tooltip")).to_contain_text(FINAL)
    expect(tab.get_by_role("tooltip")).to_contain_text("Northline News Agency, 7 September 2025")
    tab.locator(".cite").nth(2).click()
    article = tab.get_by_role("region", name="Article")
    expect(article.get_by_role("heading", level=2)).to_have_text("Calder Sound Bridge opens two years late")
    expect(article.locator("mark.flash")).to_have_text(FINAL)
    expect(article.locator("mark.flash")).to_be_in_viewport()
    expect(article).to_be_focused()
    expect(tab.locator("#live .said").first).to_be_in_viewport()  # the article is beside the chat
    article.get_by_role("button", name="all 3 passages").click()
    expect(tab.locator("#passage-1-3")).to_be_focused()


def test_marker_works_from_the_keyboard_and_on_a_phone(tab):
    tab.set_viewport_size({"width": 360, "height": 700})
    ask(tab, QUESTION)
    tab.locator(".cite").nth(1).focus()
    expect(tab.get_by_role("tooltip")).to_contain_text(DEPTH)
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("tooltip")).to_have_count(0)
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
    article = tab.get_by_role("region", name="Article")
    expect(article.get_by_role("heading", level=2)).to_have_text(
        "Bridge bill climbs to 587 million crowns as builders meet soft clay"
    )
    expect(article.locator(".byline")).to_have_text("Port Calder Courier 14 March 2021 by Marit Oldacre")
    expect(article.get_by_role("link", name="on the web")).to_have_attribute(
        "href", "https://courier.example/2021/03/14/bridge"
    )
    expect(article.locator("mark.quote")).to_have_text([COST, DEPTH])
    expect(article.get_by_text("Work on the three piers stopped")).to_be_visible()
    expect(article.get_by_text("Resign!")).to_be_hidden()
    article.get_by_text("2 reader comments").click()
    expect(article.get_by_text("Resign!")).to_be_visible()


def test_an_article_that_is_read_stays_while_the_next_sentence_is_written(tab, chatbot):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    chatbot.free.clear()
    ask(tab, "And why?")
    expect(tab.locator(".panel[data-turn='2'] .passage")).to_have_count(1)
    tab.get_by_role("button", name="Whole article").click()
    expect(tab.locator(".panel.reader mark.matters")).to_have_text(CLAY)
    chatbot.free.set()
    expect(tab.locator("#turn-2.answered")).to_be_visible()
    expect(tab.locator(".panel.reader mark.quote")).to_have_text(CLAY)


def test_refusal_looks_like_no_answer(tab):
    tab.get_by_role("button", name="Who won the cup?").click()
    expect(tab.locator(".refusal")).to_contain_text("The articles do not say who won the cup.")
    expect(tab.locator(".panel h2")).to_have_text("Nearest passages, which do not hold the answer")
    expect(tab.locator("mark")).to_have_count(0)
    expect(tab.locator("#welcome")).to_be_hidden()


@pytest.mark.parametrize("by_key", [True, False])
def test_a_suggestion_is_asked_with_one_click_or_key(tab, chatbot, by_key):
    ask(tab, "Who won the cup?")
    group = tab.get_by_role("group", name="Questions to ask instead")
    suggestion = group.get_by_role("button", name="What happened to the bridge?")
    if by_key:
        suggestion.focus()
        tab.keyboard.press("Enter")
    else:
        suggestion.click()
    expect(tab.locator("#turn-2.answered .question")).to_have_text("What happened to the bridge?")
    expect(tab.locator("#turn-2 .points > li")).to_have_count(2)
    expect(tab.locator("#turn-2 .when")).to_have_text(["14 March 2021", "7 September 2025"])
    assert chatbot.histories[-1] == []
    expect(tab.locator("#turn-2")).to_be_in_viewport()


def test_a_refusal_with_what_the_articles_do_say_leads_to_it(tab):
    ask(tab, "When does the ferry sail?")
    expect(tab.locator(".refusal blockquote")).to_have_text(FINAL)
    tab.locator(".refusal .cite").click()
    expect(tab.locator(".panel.reader mark.flash")).to_have_text(FINAL)


def test_talk_is_answered_and_shows_no_evidence(tab):
    ask(tab, "hi")
    expect(tab.locator(".turn.answered .lead")).to_have_text("Hello. I answer questions from the 28 articles.")
    expect(tab.get_by_text("How to read an answer")).to_be_visible()
    expect(tab.locator(".passage")).to_have_count(0)
    tab.get_by_role("button", name="copy", exact=True).click()
    expect(tab.get_by_role("button", name="copied")).to_be_visible()


def test_evidence_of_an_earlier_answer_comes_back(tab):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    ask(tab, "And why?")
    expect(tab.locator("#turn-2.answered")).to_be_visible()
    expect(tab.locator(".searched")).to_have_text("asked about: What does the bridge cost? ask it as typed")
    expect(tab.locator(".panel[data-turn='2'] .passage")).to_have_count(1)
    tab.locator("#turn-1 .cite").first.click()
    expect(tab.locator(".panel.reader[data-turn='1'] mark.flash")).to_have_text(COST)
    tab.locator("#turn-1").get_by_role("link", name="3 passages").click()
    expect(tab.locator(".panel[data-turn='1'] .passage")).to_have_count(3)


def test_a_question_taken_for_a_follow_up_can_be_asked_as_it_was_typed(tab, chatbot):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    ask(tab, "And why?")
    expect(tab.locator("#turn-2.answered")).to_be_visible()
    assert [turn.question for turn in chatbot.histories[-1]] == [QUESTION]
    tab.get_by_role("button", name="ask it as typed").click()
    expect(tab.locator("#turn-3.answered")).to_be_visible()
    expect(tab.locator(".turn .question")).to_have_text([QUESTION, "And why?"])
    assert chatbot.histories[-1] == []


def test_stop_keeps_the_evidence(tab, chatbot):
    chatbot.free.clear()
    ask(tab, QUESTION)
    expect(tab.locator(".passage")).to_have_count(3)
    expect(tab.get_by_role("button", name="New")).to_be_disabled()
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_text("You stopped before there was an answer.")).to_be_visible()
    expect(tab.locator(".passage")).to_have_count(3)
    expect(tab.get_by_role("button", name="Stop")).to_be_hidden()
    chatbot.free.set()
    tab.get_by_role("button", name="Retry").click()
    expect(tab.locator(".turn.answered .said")).to_have_count(3)
    expect(tab.locator(".turn")).to_have_count(1)


def test_escape_stops_the_answer(tab, chatbot):
    chatbot.free.clear()
    ask(tab, QUESTION)
    expect(tab.locator(".passage")).to_have_count(3)
    tab.keyboard.press("Escape")
    expect(tab.get_by_text("You stopped before there was an answer.")).to_be_visible()


def test_edit_and_ask_again_takes_the_place_of_the_answer(tab):
    ask(tab, "Who won the cup?")
    expect(tab.locator(".turn.refused")).to_be_visible()
    tab.get_by_role("button", name="Edit").click()
    expect(tab.get_by_label("Your question")).to_have_value("Who won the cup?")
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered .question")).to_have_text(QUESTION)
    expect(tab.locator(".turn")).to_have_count(1)
    tab.reload()
    expect(tab.locator(".turn.answered .question")).to_have_text(QUESTION)
    expect(tab.locator(".turn")).to_have_count(1)


def test_new_starts_over_and_the_former_conversation_is_kept(tab):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    tab.get_by_role("button", name="New").click()
    expect(tab.locator(".turn")).to_have_count(0)
    expect(tab.locator(".chip").first).to_be_visible()
    expect(tab.get_by_text("How to read an answer")).to_be_visible()
    tab.get_by_role("tab", name="History").click()
    tab.locator("#entries").get_by_role("button", name=QUESTION, exact=True).click()
    expect(tab.locator(".turn.answered .said")).to_have_count(3)
    expect(tab.locator(".panel .passage")).to_have_count(3)


def test_a_conversation_survives_a_reload_and_a_link_leads_to_one_answer(tab):
    ask(tab, QUESTION)
    expect(tab.locator("#turn-1.answered")).to_be_visible()
    ask(tab, "And why?")
    expect(tab.locator("#turn-2.answered")).to_be_visible()
    tab.reload()
    expect(tab.locator(".turn.answered")).to_have_count(2)
    expect(tab.locator("mark.quote")).to_have_text(CLAY)
    link = tab.locator("#turn-1").get_by_role("link", name="link").get_attribute("href")
    other = tab.context.new_page()
    other.goto(f"{tab.url.partition('?')[0]}{link}")
    expect(other.locator("#turn-1.flash")).to_be_visible()
    expect(other.locator("#question-1")).to_be_in_viewport()
    ask(other, "Who won the cup?")  # goes on where it was, in two tabs at once
    expect(other.locator("#turn-3.refused")).to_be_visible()
    ask(tab, "And why?")
    expect(tab.locator("#turn-4.answered")).to_be_visible()
    other.reload()
    expect(other.locator(".turn")).to_have_count(4)


def test_a_conversation_is_nobody_elses(tab, browser, served):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    stranger = browser.new_context().new_page()
    stranger.goto(tab.url)
    expect(stranger.get_by_role("alert")).to_have_text(
        "That conversation is not here: it was deleted, or it is somebody else's."
    )
    expect(stranger.locator(".turn")).to_have_count(0)
    stranger.get_by_role("tab", name="History").click()
    expect(stranger.get_by_text("Nothing has been asked yet.")).to_be_visible()
    stranger.context.close()


def test_history_is_searched_renamed_exported_and_deleted(tab):
    for question in (QUESTION, "Who won the cup?"):
        ask(tab, question)
        expect(tab.locator(":is(#turn-1.answered, #turn-1.refused)")).to_be_visible()
        tab.get_by_role("button", name="New").click()
        expect(tab.locator(".turn")).to_have_count(0)
    tab.get_by_role("tab", name="History").click()
    expect(tab.locator(".entry .title")).to_have_text(["Who won the cup?", QUESTION])
    tab.get_by_label("Search your conversations").fill("foundations metres")
    expect(tab.locator(".entry .title")).to_have_text([QUESTION])
    tab.get_by_role("button", name=f"Rename {QUESTION}").click()
    tab.get_by_label("New name").fill("The bridge")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".entry .title")).to_have_text(["The bridge"])
    for name, form, first in (("Markdown", "md", "# The bridge"), ("HTML", "html", "<!doctype"), ("JSON", "json", "{")):
        with tab.expect_download() as download:
            tab.get_by_role("button", name=f"Save The bridge as {name}").click()
        assert download.value.suggested_filename == f"the-bridge.{form}"
        text = download.value.path().read_text(encoding="utf-8")
        assert text.startswith(first)
        assert "602 million crowns" in text
    tab.get_by_role("button", name="Delete The bridge").click()
    expect(tab.get_by_text("Delete “The bridge”? It cannot be brought back.")).to_be_visible()
    tab.get_by_role("button", name="Delete", exact=True).click()
    expect(tab.get_by_text("No conversation holds “foundations metres”.")).to_be_visible()
    tab.get_by_label("Search your conversations").fill("")
    expect(tab.locator(".entry .title")).to_have_text(["Who won the cup?"])


def test_a_thumb_down_asks_why_and_is_kept(tab, folder):
    ask(tab, QUESTION)
    tab.get_by_role("button", name="wrong").click()
    tab.get_by_label("the articles do not say this").check()
    tab.get_by_role("button", name="Send").click()
    expect(tab.get_by_role("button", name="wrong")).to_have_attribute("aria-pressed", "true")
    expect(tab.get_by_text("What is wrong?")).to_be_hidden()
    expect(tab.get_by_role("button", name="wrong")).to_be_focused()
    tab.reload()
    expect(tab.get_by_role("button", name="wrong")).to_have_attribute("aria-pressed", "true")
    tab.get_by_role("button", name="right", exact=True).click()
    expect(tab.get_by_role("button", name="right", exact=True)).to_have_attribute("aria-pressed", "true")
    down, up = load_questions(folder / "feedback.jsonl")
    assert (down.text, down.answerable) == (QUESTION, False)
    assert (up.text, up.answerable, up.answers) == (QUESTION, True, (COST, DEPTH, FINAL))


def test_an_answer_is_copied_with_its_sources(tab):
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(tab, "And why?")
    tab.get_by_role("button", name="copy with sources").click()
    expect(tab.get_by_role("button", name="copied")).to_be_visible()
    assert tab.evaluate("navigator.clipboard.readText()").startswith(f"And why?\n\n“{CLAY}” [1]\n\n[1] “{CLAY}”")


def test_what_the_model_wrote_and_how_long_it_took_is_one_click_away(tab):
    ask(tab, QUESTION)
    expect(tab.get_by_text("What the model wrote")).to_be_hidden()
    tab.get_by_text("how this was answered").click()
    expect(tab.locator(".raw")).to_contain_text("It was the costliest bridge in the world.")
    expect(tab.locator(".made dl")).to_contain_text("first sentence 0.20 s")


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
    expect(tab.locator(".panel.reader h2")).to_have_text(HOSTILE.title)
    expect(tab.locator(".panel.reader .text")).to_have_text(HOSTILE.text)
    assert tab.evaluate("window.hacked") is None
    assert tab.locator("#desk .html-container :is(script, img, iframe, svg)").count() == 0
    assert tab.locator("a[href^='javascript']").count() == 0


def test_files_are_added_one_of_them_broken_while_others_ask_and_an_earlier_version_comes_back(tab, tmp_path):
    (tmp_path / "harbour.md").write_text(
        "---\ntitle: Harbour opens\ndate: 2024-05-01\n---\n\nIt opened on Wednesday.\n"
    )
    (tmp_path / "virus.txt").write_bytes(b"MZ\0\0" * 500)
    asking = tab.context.new_page()
    asking.goto(tab.url)
    tab.get_by_role("tab", name="Archive").click()
    expect(tab.get_by_label("Articles", exact=True).get_by_role("heading")).to_have_count(3)
    tab.locator("#files input[type=file]").set_input_files([tmp_path / "harbour.md", tmp_path / "virus.txt"])
    ask(asking, QUESTION)
    expect(tab.locator(".report")).to_contain_text("1 failed, 1 added")
    expect(tab.locator(".report .failed")).to_contain_text("is not a text file (it contains NUL bytes)")
    expect(tab.locator(".folio")).to_contain_text("4 articles")
    expect(asking.locator(".turn.answered")).to_be_visible()
    asking.close()
    tab.get_by_label("Find").fill("harbour")
    expect(tab.get_by_label("Articles", exact=True).get_by_role("heading")).to_have_text(["Harbour opens"])
    tab.get_by_role("button", name="Return to version").first.click()
    expect(tab.locator("#archive-question")).to_contain_text("1 article would go:harbour.md")
    expect(tab.locator(".folio")).to_contain_text("4 articles")
    tab.get_by_role("button", name="Return", exact=True).click()
    expect(tab.locator(".report")).to_contain_text("1 removed")
    expect(tab.get_by_text("No article fits.")).to_be_visible()
    expect(tab.locator(".folio")).to_contain_text("3 articles")


def test_the_archive_is_filtered_and_its_articles_are_read(tab):
    tab.get_by_role("tab", name="Archive").click()
    articles = tab.get_by_label("Articles", exact=True)
    expect(articles.get_by_role("heading")).to_have_text([OPENING.title, BRIDGE.title, HOSTILE.title])
    assert tab.evaluate("window.hacked") is None
    expect(tab.locator("#chart svg").first).to_be_visible()
    expect(tab.locator("#sources")).to_contain_text("Port Calder Courier 1")
    tab.get_by_label("From", exact=True).press_sequentially("202")
    expect(tab.get_by_role("alert")).to_have_count(0)
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("alert")).to_have_text("“202” is not a date like 2020-01-31, January 2020 or 2020.")
    tab.get_by_label("From", exact=True).fill("2021")
    tab.get_by_label("Until", exact=True).fill("December 2021")
    expect(articles.get_by_role("heading")).to_have_text([BRIDGE.title])
    chips = tab.locator("#archive-limits").get_by_role("group", name="Only these articles are searched and listed")
    expect(chips.get_by_role("button")).to_contain_text(
        ["from 1 January 2021", "until 31 December 2021", "all articles"]
    )
    expect(tab.get_by_role("alert")).to_have_count(0)
    tab.get_by_role("button", name=BRIDGE.title, exact=True).click()
    article = tab.get_by_role("region", name="Article")
    expect(article.get_by_text("Work on the three piers stopped")).to_be_visible()
    tab.get_by_role("button", name="close the article").click()
    expect(article).to_have_count(0)
    chips.get_by_role("button", name="all articles").click()
    expect(tab.get_by_label("From", exact=True)).to_have_value("")
    expect(articles.get_by_role("heading")).to_have_count(3)
    tab.get_by_role("checkbox", name="Northline News Agency").check()
    expect(articles.get_by_role("heading")).to_have_text([OPENING.title])
    chips.get_by_role("button", name="Remove the limit Northline News Agency").click()
    expect(articles.get_by_role("heading")).to_have_count(3)


def test_an_article_is_removed_only_after_a_question(tab):
    tab.get_by_role("tab", name="Archive").click()
    tab.get_by_role("button", name=f"Remove {OPENING.title}").click()
    expect(tab.get_by_text(f"Remove “{OPENING.title}” from the archive?")).to_be_visible()
    tab.get_by_role("button", name="Keep", exact=True).last.click()
    expect(tab.locator(".folio")).to_contain_text("3 articles")
    tab.get_by_role("button", name=f"Remove {OPENING.title}").click()
    tab.get_by_role("button", name="Remove", exact=True).click()
    expect(tab.locator(".report")).to_contain_text("1 removed")
    expect(tab.locator(".folio")).to_contain_text("2 articles")
    tab.get_by_role("button", name="Return to version").first.click()
    expect(tab.get_by_text("1 article would come back:")).to_be_visible()
    tab.get_by_role("button", name="Return", exact=True).click()
    expect(tab.locator(".folio")).to_contain_text("3 articles")


def test_a_file_too_large_for_a_browser_says_so(tab, tmp_path):
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(300_000_000)
    tab.get_by_role("tab", name="Archive").click()
    tab.locator("#files input[type=file]").set_input_files(tmp_path / "big.txt")
    expect(tab.get_by_text("exceed the maximum allowed size of 200.0 Mb")).to_be_visible()
    expect(tab.locator(".report")).to_have_count(0)


def test_five_hundred_files_at_once(tab, tmp_path):
    files = [tmp_path / f"story{number}.md" for number in range(500)]
    for number, file in enumerate(files):
        file.write_text(f"Story {number}\n\nStory number {number} tells of {7 * number} apples and a Monday.\n")
    tab.get_by_role("tab", name="Archive").click()
    tab.locator("#files input[type=file]").set_input_files(files)
    expect(tab.locator(".report")).to_contain_text("500 added", timeout=120_000)
    tab.get_by_text("492 more added").click()
    expect(tab.locator(".report .added")).to_have_count(500)
    expect(tab.get_by_label("Articles", exact=True).get_by_role("heading")).to_have_count(50)
    expect(tab.get_by_text("1 to 50 of 503 articles")).to_be_visible()
    tab.get_by_role("button", name="older").click()
    expect(tab.get_by_text("51 to 100 of 503 articles")).to_be_in_viewport()
    tab.get_by_role("button", name="newer").click()
    expect(tab.get_by_text("1 to 50 of 503 articles")).to_be_in_viewport()
    tab.get_by_label("Find").fill('"343 apples"')
    expect(tab.get_by_label("Articles", exact=True).get_by_role("heading")).to_have_text(["Story 49"])
    expect(tab.locator(".excerpt mark")).to_have_text(["343 apples"])
    tab.get_by_label("Find").fill("")
    tab.get_by_role("button", name="Return to version").first.click()
    tab.get_by_role("button", name="Return", exact=True).click()
    expect(tab.locator(".report")).to_contain_text("500 removed", timeout=120_000)


def test_an_address_that_is_none_says_so(tab):
    tab.get_by_role("tab", name="Archive").click()
    tab.get_by_label("Or an address").fill("example.org")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert")).to_have_text("“example.org” is no address like https://example.org/story.")


def test_a_question_that_was_typed_survives_a_reload_and_one_that_was_asked_does_not_come_back(tab):
    tab.get_by_label("Your question").fill("What does the tunnel cost?")
    tab.reload()
    expect(tab.get_by_label("Your question")).to_have_value("What does the tunnel cost?")
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    tab.reload()
    expect(tab.locator(".turn.answered")).to_be_visible()
    expect(tab.get_by_label("Your question")).to_have_value("")


def test_first_start_without_articles(browser, tmp_path):
    index = Index.create(tmp_path / "index", embedder=HashEmbedder())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = start(Chatbot(index, ScriptedGenerator()), port=port, folder=tmp_path)
    page = browser.new_page()
    page.goto(served.local_url)
    expect(page.get_by_role("heading", name="There are no articles yet.")).to_be_visible()
    ask(page, "What happened?")
    expect(page.locator(".refusal")).to_contain_text("nothing indexed yet")
    expect(page.get_by_text("not in the clippings")).to_have_count(0)
    expect(page.locator(".refusal").get_by_role("button", name="Add articles")).to_be_visible()
    page.get_by_role("button", name="New").click()
    page.locator("#invitation").get_by_role("button", name="Add articles").click()
    expect(page.get_by_role("tab", name="Archive")).to_have_attribute("aria-selected", "true")
    (tmp_path / "harbour.md").write_text("Harbour opens\n\nIt opened on Wednesday.\n")
    page.locator("#files input[type=file]").set_input_files(tmp_path / "harbour.md")
    expect(page.locator(".report")).to_contain_text("1 added")
    (tmp_path / "index").rename(tmp_path / "away")
    page.get_by_role("tab", name="Ask").click()
    expect(page.locator(".folio")).to_contain_text("The index cannot be read")
    (tmp_path / "away").rename(tmp_path / "index")
    page.get_by_role("tab", name="History").click()
    expect(page.locator(".folio")).to_contain_text("1 article")
    page.get_by_role("tab", name="Ask").click()
    expect(page.get_by_role("heading", name="What do your articles say?")).to_be_visible()
    page.close()
    served.close(verbose=False)
    index.close()


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


def violations(page, options: dict | None = None) -> list[str]:
    """What axe-core finds serious or critical, once nothing moves any more."""
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def violations_everywhere(page) -> list[str]:
    """Those of the page as it is, on a wide and on a narrow screen, by day and by night."""
    found = []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("body.dark")).to_have_count(int(scheme == "dark"))
            # The night changes colours and nothing else.
            found += violations(page, {"runOnly": ["color-contrast"]} if scheme == "dark" else None)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"wider than {width}")
    return found


def test_nothing_keeps_anybody_from_using_the_page(browser, served, chatbot):
    page = browser.new_page()
    page.goto(served[0])
    expect(page.locator(".chip").first).to_be_visible()
    assert violations_everywhere(page) == []
    ask(page, QUESTION)
    expect(page.locator(".turn.answered")).to_be_visible()
    page.get_by_text("how this was answered").click()
    page.get_by_role("button", name="wrong").click()
    expect(page.get_by_text("What is wrong?")).to_be_visible()
    page.locator(".cite").nth(2).click()
    expect(page.get_by_role("region", name="Article")).to_be_visible()
    assert violations_everywhere(page) == []
    for question in ("Who won the cup?", "When does the ferry sail?", "Whta is the toll?", "hi"):
        ask(page, question)
        expect(page.locator("#live .question")).to_have_text(question)
        expect(page.locator("#live :is(.answered, .refused)")).to_be_visible()
    page.get_by_role("button", name="What happened to the bridge?").click()
    expect(page.locator("#live .points")).to_be_visible()
    assert violations_everywhere(page) == []
    page.get_by_role("tab", name="History").click()
    expect(page.locator(".entry .title")).to_have_count(1)
    assert violations_everywhere(page) == []
    page.get_by_role("tab", name="Archive").click()
    page.get_by_role("button", name=BRIDGE.title, exact=True).click()
    expect(page.locator("#article .whole")).to_be_visible()
    assert violations_everywhere(page) == []
    page.close()


def test_settings_are_kept_and_usable_by_everybody(browser, tmp_path, index, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    chatbot = Chatbot(index, ScriptedGenerator())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = start(chatbot, port=port, folder=tmp_path)
    page = browser.new_page()
    page.goto(served.local_url)
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("button", name="Download qwen2.5-0.5b, 490 MB")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("spinbutton").first.fill("9")
    page.keyboard.press("Tab")
    expect(page.get_by_role("alert")).to_have_text("Kept for you, from the next question on.")
    page.get_by_label("none: clippings are quoted").check()
    expect(page.get_by_role("alert")).to_have_text("No language model answers now.")
    expect(page.locator(".folio")).to_contain_text("no language model: answers are quotations")
    page.get_by_role("button", name="Download qwen2.5-0.5b, 490 MB").click()
    expect(page.get_by_role("alert")).to_contain_text("HF_HUB_OFFLINE is set")
    page.reload()
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("spinbutton").first).to_have_value("9")
    expect(page.get_by_label("none: clippings are quoted")).to_be_checked()
    assert Settings.load().llm == "none"
    page.close()
    served.close(verbose=False)


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
