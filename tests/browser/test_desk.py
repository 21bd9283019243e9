"""The page as a desk in a real browser: the rail, what is closed by Back and Escape, keys, and the sheet on a phone."""

# ruff: noqa: F811 (a fixture is imported by its name, and an argument of the same name receives it)

from __future__ import annotations

import json
import socket

import pytest
from standins import HashEmbedder

from browser.scripted import CLAY, COST, FINAL, OPENING, ScriptedChatbot
from browser.test_page import (  # noqa: F401 (fixtures)
    QUESTION,
    ask,
    browser,
    chatbot,
    expect,
    folder,
    index,
    pytestmark,
    served,
    tab,
)
from index import Index
from ui.server.serve import start


def test_a_page_of_any_archive_begins_with_questions_and_an_answer_goes_on_with_some(tab):
    group = tab.get_by_role("group", name="Questions to begin with")
    expect(group.get_by_role("button")).to_have_text([QUESTION, "Who won the cup?"])
    group.get_by_role("button").first.click()
    expect(tab.locator(".turn.answered")).to_be_visible()
    expect(group).to_be_hidden()


def test_back_and_escape_close_an_article_and_leave_the_page(tab):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    address = tab.url
    article = tab.get_by_role("region", name="Article")
    for close in (tab.go_back, lambda: tab.keyboard.press("Escape")):
        tab.locator(".cite").first.click()
        expect(article).to_be_visible()
        close()
        expect(article).to_have_count(0)
        expect(tab.locator(".panel .passage")).to_have_count(3)
    assert tab.url == address
    tab.get_by_role("tab", name="Archive").click()
    title = tab.get_by_role("button", name=OPENING.title, exact=True)
    title.click()
    expect(article).to_be_visible()
    tab.go_back()
    expect(article).to_have_count(0)
    expect(title).to_be_focused()


def test_the_evidence_follows_the_turn_in_view(tab):
    tab.emulate_media(reduced_motion="reduce")  # so that the page has stopped scrolling
    tab.reload()
    expect(tab.locator(".chip").first).to_be_visible()
    ask(tab, QUESTION)
    expect(tab.locator("#turn-1.answered")).to_be_visible()
    ask(tab, "And why?")
    expect(tab.locator("#turn-2.answered")).to_be_visible()
    expect(tab.locator(".panel mark.quote")).to_have_text(CLAY)
    tab.mouse.move(500, 300)
    tab.mouse.wheel(0, -5000)
    expect(tab.locator(".panel[data-turn='1'] .passage")).to_have_count(3)
    tab.mouse.wheel(0, 5000)
    expect(tab.locator(".panel[data-turn='2'] .passage")).to_have_count(1)


def test_keys(tab):
    box = tab.get_by_label("Your question")
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    expect(tab.get_by_role("button", name="Edit")).to_be_enabled()
    tab.keyboard.press("ArrowUp")
    expect(box).to_have_value(QUESTION)
    expect(box).to_be_focused()
    tab.get_by_role("button", name="New", exact=True).click()
    expect(tab.locator(".turn")).to_have_count(0)
    expect(box).to_be_focused()
    tab.get_by_role("tab", name="Ask").focus()
    tab.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    tab.get_by_role("tab", name="Ask").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_role("tab", name="History")).to_be_focused()
    expect(tab.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")
    tab.keyboard.press("ArrowLeft")
    tab.get_by_role("link", name="Skip to the question").focus()
    tab.keyboard.press("Enter")
    expect(box).to_be_focused()


def test_limits_are_chips_and_a_new_conversation_says_that_they_hold(tab, chatbot):
    tab.get_by_role("checkbox", name="Northline News Agency").check()
    tab.get_by_label("From", exact=True).fill("2025")
    chips = tab.locator("#limits").get_by_role("group", name="Only these articles are searched and listed")
    expect(chips.get_by_role("button").first).to_contain_text("from 1 January 2025")
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    assert str(chatbot.filters[-1]) == "published from 2025-01-01, source Northline News Agency"
    tab.get_by_role("button", name="New", exact=True).click()
    expect(tab.get_by_role("alert")).to_contain_text("It still searches only articles published from 2025-01-01")
    chips.get_by_role("button", name="Remove the limit from 1 January 2025").click()
    expect(chips.get_by_role("button")).to_have_count(1)
    expect(tab.get_by_label("From", exact=True)).to_have_value("")


def test_a_click_on_a_bar_or_beside_it_chooses_its_month(tab):
    bars = tab.locator("#chart [aria-roledescription=bar]")
    expect(bars).to_have_count(2)
    tab.wait_for_timeout(500)  # until the chart has its width
    box = bars.first.bounding_box()
    tab.mouse.click(box["x"] + box["width"] + 6, box["y"] + 3)
    expect(tab.get_by_label("From", exact=True)).to_have_value("March 2021")
    expect(tab.get_by_label("Until", exact=True)).to_have_value("March 2021")
    expect(tab.locator("#limits .limit")).to_have_count(2)


def test_a_day_is_picked_from_the_browsers_calendar_and_ends_the_complaint_about_a_half_typed_one(tab):
    box, calendar = tab.get_by_label("From", exact=True), tab.get_by_role("button", name="From, by calendar")
    box.press_sequentially("202")
    expect(tab.get_by_role("alert")).to_have_count(0)
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("alert")).to_contain_text("“202” is not a date")
    calendar.click()
    day = tab.locator("#calendars input").first
    day.fill("2025-09-01")
    expect(box).to_have_value("2025-09-01")
    expect(tab.locator("#limits .limit")).to_have_text(["from 1 September 2025 ×"])
    expect(tab.get_by_role("alert")).to_have_count(0)
    tab.keyboard.press("Escape")
    box.fill("2025-10-02")
    calendar.click()
    expect(day).to_have_value("2025-10-02")


def test_a_refusal_within_limits_leads_to_all_articles(tab, chatbot):
    tab.get_by_role("checkbox", name="Northline News Agency").check()
    expect(tab.locator("#limits .limit")).to_have_count(1)
    ask(tab, "Who won the cup?")
    tab.get_by_role("button", name="Search all articles").click()
    expect(tab.locator("#turn-2.refused")).to_be_visible()
    assert [str(filters) for filters in chatbot.filters[-2:]] == ["source Northline News Agency", ""]
    expect(tab.get_by_role("checkbox", name="Northline News Agency")).not_to_be_checked()
    expect(tab.get_by_role("button", name="Search all articles")).to_have_count(1)
    expect(tab.locator("#limits .limit")).to_have_count(0)


def test_a_conversation_is_opened_from_the_rail(tab):
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    tab.get_by_role("button", name="New", exact=True).click()
    expect(tab.locator(".turn")).to_have_count(0)
    tab.get_by_label("Latest conversations").get_by_role("button", name=QUESTION).click()
    expect(tab.locator(".turn.answered .said")).to_have_count(3)


def test_the_tooltip_does_not_cover_its_sentence(tab):
    ask(tab, QUESTION)
    cite = tab.locator(".said .cite").nth(2)
    cite.hover()
    tip = tab.get_by_role("tooltip")
    expect(tip).to_contain_text(FINAL)
    sentence = tab.locator("figure.said blockquote").bounding_box()
    assert tip.bounding_box()["y"] >= sentence["y"] + sentence["height"]


@pytest.mark.parametrize("width", [390, 800])
def test_on_a_small_screen_the_evidence_is_a_sheet_and_the_rail_unfolds(tab, width):
    tab.set_viewport_size({"width": width, "height": 844})
    masthead = tab.locator(".masthead").bounding_box()
    assert masthead["height"] <= 844 / 8
    expect(tab.get_by_label("From", exact=True)).to_be_hidden()
    tab.get_by_role("button", name="articles and conversations").click()
    expect(tab.get_by_label("From", exact=True)).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_label("From", exact=True)).to_be_hidden()
    ask(tab, QUESTION)
    expect(tab.locator(".turn.answered")).to_be_visible()
    expect(tab.locator(".panel .passage").first).to_be_hidden()
    tab.get_by_role("link", name="3 passages").click()
    expect(tab.locator(".panel .passage").first).to_be_in_viewport()
    expect(tab.get_by_label("Your question")).to_be_in_viewport()
    tab.go_back()
    expect(tab.locator(".panel .passage").first).to_be_hidden()
    expect(tab.locator(".turn.answered")).to_be_visible()


def test_a_browser_that_stores_nothing_is_answered(browser, served):
    page = browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(
        "for (const name of ['sessionStorage', 'localStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });"
    )
    page.goto(served[0])
    ask(page, QUESTION)
    expect(page.locator(".turn.answered")).to_be_visible()
    page.locator(".cite").first.click()
    expect(page.locator(".panel.reader mark.flash")).to_have_text(COST)
    page.close()
    assert complaints == []


def test_a_source_of_one_long_word_does_not_widen_the_page(browser, tmp_path):
    source = 200 * "n"
    row = {"id": "one", "title": "Ferry fares rise", "text": "The fare rose to nine crowns. " * 9, "source": source}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row | {"date": "2024-05-03"}), encoding="utf-8")
    made = Index.create(tmp_path / "index", embedder=HashEmbedder())
    made.update([tmp_path / "rows.jsonl"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = start(ScriptedChatbot(index=made), port=port, folder=tmp_path / "data")
    page = browser.new_page()
    page.goto(server.local_url)
    expect(page.locator("#chart svg").first).to_be_visible()
    page.get_by_role("checkbox", name=source).check()
    expect(page.locator("#limits .limit")).to_contain_text(source)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for name in ("Ask", "Archive"):
            page.get_by_role("tab", name=name).click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    page.locator("#articles .title").click()
    expect(page.get_by_role("region", name="Article")).to_contain_text(source)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#rail").evaluate("(rail) => rail.scrollWidth <= rail.clientWidth")
    page.close()
    server.close(verbose=False)
    made.close()
