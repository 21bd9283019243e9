"""What the page does with a question, and that its server keeps to itself. The browser's side is in tests/browser."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from datetime import date
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from browser.scripted import SCRIPTS, ScriptedChatbot, ScriptedIndex

from index import Filters
from index.errors import CannotRun
from index.storage.browse import Tally
from rag import Step
from ui.conversations.conversation import Conversation, Stage
from ui.conversations.history import FILE, History, Owner
from ui.conversations.keeping import Kept
from ui.conversations.run import Run
from ui.page import ask_flow
from ui.page.ask_flow import Screen
from ui.page.build import build
from ui.page.components import asset
from ui.page.filter_boxes import NOTHING_TYPED, Typed, days, filters_so_far
from ui.page.theme import theme
from ui.server.serve import POLICY, start

QUESTION = "What does the bridge cost?"


def ask(question: str, conversation: Conversation, chatbot: ScriptedChatbot | None = None) -> list[Screen]:
    return list(ask_flow.ask(chatbot or ScriptedChatbot(), conversation, question))


def test_screens_of_an_answer_in_order():
    conversation = Conversation()
    screens = ask(f"  {QUESTION} ", conversation)
    assert [screen.running for screen in screens] == [True] * 6 + [False]
    assert screens[0].question == ""
    assert "searching…" in (screens[0].live or "")
    assert ["answered in" in (screen.live or "") for screen in screens] == [False] * 6 + [True]
    assert ">3 passages</a>…" in (screens[1].live or "")
    assert "passage-1-3" in (screens[1].evidence or "")
    assert 'class="said"' not in (screens[1].live or "")
    assert [(screen.live or "").count('class="said"') for screen in screens[1:]] == [0, 0, 1, 2, 3, 3]
    assert conversation.turns[0].stage is Stage.ANSWERED
    assert conversation.run is None


def test_an_older_question_asked_as_it_was_typed_is_a_new_turn_and_a_running_one_is_left():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    for question in (QUESTION, "And why?", "Who won the cup?"):
        ask(question, conversation, chatbot)
    list(ask_flow.as_typed(chatbot, conversation, 2))
    assert [turn.question for turn in conversation.turns] == [QUESTION, "And why?", "Who won the cup?", "And why?"]
    assert chatbot.histories[-1] == []
    running = ask_flow.as_typed(chatbot, conversation, 4)
    next(running)
    assert list(ask_flow.as_typed(chatbot, conversation, 1)) == []
    running.close()


def test_earlier_questions_go_along():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    for question in (QUESTION, "Who won the cup?", "And why?"):
        ask(question, conversation, chatbot)
    assert [[turn.question for turn in history] for history in chatbot.histories] == [
        [],
        [QUESTION],
        [QUESTION, "Who won the cup?"],
    ]
    assert all(turn.answer for history in chatbot.histories for turn in history)


def test_limits_go_along_and_are_reported():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    limits = Typed(" 2021-03-01", "2021-03-31 ", ("Courier",))
    last = list(ask_flow.ask(chatbot, conversation, QUESTION, limits))[-1]
    assert chatbot.filters == [Filters(date(2021, 3, 1), date(2021, 3, 31), sources=("Courier",))]
    assert 'only articles <b dir="auto">published from 2021-03-01, published until 2021-03-31, source Courier' in (
        last.live or ""
    )
    list(ask_flow.again(chatbot, conversation, Typed(author="Marit")))
    assert chatbot.filters[1:] == [Filters(author="Marit")]
    assert 'only articles <b dir="auto">author Marit' in str(
        list(ask_flow.again(chatbot, conversation, Typed(author="Marit")))[-1].live
    )
    assert "only articles" not in str(list(ask_flow.again(chatbot, conversation))[-1].live)


@pytest.mark.parametrize(
    ("limits", "notice"),
    [
        (Typed("March"), "“March” is not a date like 2020-01-31, January 2020 or 2020."),
        (Typed(before="2021-02-30"), "“2021-02-30” is not a date like 2020-01-31, January 2020 or 2020."),
        (Typed("2021-02-02", "2021-02-01"), "2021-02-02 is later than 2021-02-01; nothing was published in between."),
    ],
)
def test_limits_that_cannot_be_are_a_small_message_and_nothing_is_lost(limits: Typed, notice: str):
    conversation, chatbot = Conversation(), ScriptedChatbot()
    assert list(ask_flow.ask(chatbot, conversation, QUESTION, limits)) == [Screen(notice=notice, empty=True)]
    ask(QUESTION, conversation, chatbot)
    assert list(ask_flow.again(chatbot, conversation, limits)) == [Screen(notice=notice)]
    assert [turn.stage for turn in conversation.turns] == [Stage.ANSWERED]
    assert len(chatbot.filters) == 1


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("January 2024", date(2024, 1, 1), date(2024, 1, 31)),
        (" feb.  2024 ", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("3 March 2021", date(2021, 3, 3), date(2021, 3, 3)),
        ("März 1848", date(1848, 3, 1), date(1848, 3, 31)),
    ],
)
def test_a_year_or_a_month_is_a_limit_from_its_first_day_until_its_last(typed: str, first: date, last: date):
    assert days(typed, typed) == (first, last)


@pytest.mark.parametrize("typed", ["2", "202", "January", "Janu 2024", "2024-13", "2024-02-3x", "0000"])
def test_a_half_typed_date_limits_nothing_yet_and_the_other_limits_hold(typed: str):
    assert filters_so_far(Typed(typed, author="Marit")) == Filters(author="Marit")


def test_a_new_conversation_says_that_the_limits_still_hold():
    conversation = Conversation()
    ask(QUESTION, conversation)
    said = "A new conversation. It still searches only articles published from 2021-01-01."
    assert ask_flow.clear(conversation, Typed("2021")).notice == said
    assert ask_flow.clear(conversation, NOTHING_TYPED).notice == ""


def test_sources_beyond_the_largest_are_chosen_from_a_list_and_the_limits_at_the_start_are_set():
    class ManySources(ScriptedIndex):
        def tally(self) -> list[Tally]:
            return [Tally("2021-03", f"Paper {n:04}", 1 + (n < 8)) for n in range(2000)]

    limits = Filters(date(2021, 3, 1), source="paper 001", author="Marit")
    parts = config(ScriptedChatbot(index=ManySources()), limits)["components"]
    props = {part["props"].get("elem_id"): part["props"] for part in parts}
    assert [name for _, name in props["sources"]["choices"]] == [f"Paper {n:04}" for n in range(8)]
    assert props["sources"]["choices"][0][0] == "Paper 0000 2"
    assert len(props["others"]["choices"]) == 1992
    assert (props["others"]["value"], props["author"]["value"]) == ([f"Paper 001{n}" for n in range(10)], "Marit")


def test_conversations_do_not_mix():
    chatbot, one, other = ScriptedChatbot(), Conversation(), Conversation()
    for mine, theirs in zip(
        ask_flow.ask(chatbot, one, QUESTION), ask_flow.ask(chatbot, other, "And why?"), strict=False
    ):
        assert "And why?" not in f"{mine.live}{mine.evidence}"
        assert QUESTION not in str(theirs.live).replace(f'asked about: <q dir="auto">{QUESTION}', "").replace(
            f"<dd>{QUESTION} And why?", ""
        )
    assert [len(c.turns) for c in (one, other)] == [1, 1]


def test_empty_question_is_a_small_message():
    conversation = Conversation()
    assert ask(" \n", conversation) == [Screen(notice=ask_flow.NOTHING_ASKED, empty=True)]
    assert conversation.turns == []


def test_overlong_question_goes_back_into_the_box():
    conversation = Conversation()
    question = "x" * 101
    last = ask(question, conversation)[-1]
    assert last.notice == "The question has 101 characters; at most 100 are read."
    assert last.question == question
    assert conversation.turns == []
    assert last.empty


def test_a_bug_is_reported_and_the_page_goes_on(caplog: pytest.LogCaptureFixture):
    conversation = Conversation()
    assert ask("Not in the script?", conversation)[-1].notice == ask_flow.BROKEN
    assert "KeyError" in caplog.text
    assert ask(QUESTION, conversation)[-1].notice == ""


def test_failure_after_the_evidence_keeps_the_evidence():
    class Broken(ScriptedChatbot):
        def stream(self, question, **options):
            yield next(iter(super().stream(question)))
            raise CannotRun("The model is gone.")

    conversation = Conversation()
    last = ask(QUESTION, conversation, Broken())[-1]
    assert "The model is gone." in (last.live or "")
    assert "passage-1-1" in (last.evidence or "")
    assert conversation.earlier == []


def test_stop_ends_the_answer_at_once_and_closes_the_chatbot():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    chatbot.free.clear()
    screens = ask_flow.ask(chatbot, conversation, QUESTION)
    next(screens), next(screens)
    ask_flow.stop(conversation)
    (last,) = list(screens)
    assert "You stopped before there was an answer." in (last.live or "")
    assert not last.running
    assert not chatbot.closed.is_set()
    chatbot.free.set()
    assert chatbot.closed.wait(5)


def test_tab_that_goes_away_stops_the_answer():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    chatbot.free.clear()
    screens = ask_flow.ask(chatbot, conversation, QUESTION)
    next(screens), next(screens)
    screens.close()
    assert chatbot.stop is not None
    assert chatbot.stop.is_set()
    chatbot.free.set()
    assert chatbot.closed.wait(5)
    assert conversation.turns[0].stage is Stage.STOPPED
    assert conversation.run is None


def test_one_question_at_a_time():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    chatbot.free.clear()
    screens = ask_flow.ask(chatbot, conversation, QUESTION)
    next(screens)
    assert ask("And why?", conversation, chatbot) == []
    assert list(ask_flow.again(chatbot, conversation)) == []
    assert ask_flow.clear(conversation).running
    assert len(conversation.turns) == 1
    screens.close()
    chatbot.free.set()


def test_retry_asks_again_in_place():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    ask(QUESTION, conversation, chatbot)
    ask("And why?", conversation, chatbot)
    list(ask_flow.again(chatbot, conversation))
    assert [turn.question for turn in conversation.turns] == [QUESTION, "And why?"]
    assert conversation.turns[1].number == 3
    assert [turn.question for turn in chatbot.histories[-1]] == [QUESTION]
    assert list(ask_flow.again(chatbot, Conversation())) == []


def test_edit_puts_the_newest_question_into_the_box_and_a_second_call_leaves_it(tmp_path: Path):
    conversation = Conversation(keeper=Kept(History(tmp_path / FILE), Owner("anne", "/index")))
    assert ask_flow.edit(conversation) == Screen(empty=True)
    ask(QUESTION, conversation)
    ask("Who won the cup?", conversation)
    assert ask_flow.edit(conversation).question == "Who won the cup?"
    assert ask_flow.edit(conversation).question == ""
    ask_flow.edit(conversation)
    ask("And why?", conversation)
    assert [turn.question for turn in conversation.turns] == [QUESTION, "And why?"]
    kept = conversation.keeper.open(conversation.id)
    assert [turn.question for turn in kept.turns] == [QUESTION, "And why?"]


def test_an_edited_question_that_cannot_be_asked_leaves_the_answer():
    conversation = Conversation()
    ask(QUESTION, conversation)
    ask_flow.edit(conversation)
    assert ask("x" * 101, conversation)[-1].question == "x" * 101
    assert [(turn.question, turn.stage) for turn in conversation.turns] == [(QUESTION, Stage.ANSWERED)]


def test_a_conversation_that_cannot_be_kept_is_answered_and_says_so(tmp_path: Path):
    (tmp_path / FILE).write_text("no database" * 100)
    conversation = Conversation(keeper=Kept(History(tmp_path / FILE), Owner("anne", "/index")))
    last = ask(QUESTION, conversation)[-1]
    assert "cannot be read or written" in last.notice
    assert conversation.turns[0].stage is Stage.ANSWERED
    (tmp_path / FILE).unlink()
    assert ask("And why?", conversation)[-1].notice == ""


def test_what_was_asked_is_kept_when_the_browser_goes_away(tmp_path: Path):
    kept, chatbot = Kept(History(tmp_path / FILE), Owner("anne", "/index")), ScriptedChatbot()
    conversation = Conversation(keeper=kept)
    chatbot.free.clear()
    screens = ask_flow.ask(chatbot, conversation, QUESTION)
    next(screens), next(screens)
    screens.close()
    chatbot.free.set()
    (turn,) = kept.open(conversation.id).turns
    assert (turn.question, turn.stage, len(turn.passages)) == (QUESTION, Stage.STOPPED, 3)


def test_clear_forgets_everything_but_never_a_number():
    conversation = Conversation()
    ask(QUESTION, conversation)
    screen = ask_flow.clear(conversation)
    assert screen.empty
    assert screen.past == ""
    assert ask_flow.look_at(conversation, 1) is None
    assert ask_flow.read(conversation, 1, 1) is None
    ask(QUESTION, conversation)
    assert conversation.turns[0].number == 2


def test_evidence_of_an_earlier_answer_stays_its_own():
    conversation = Conversation()
    ask(QUESTION, conversation)
    ask("And why?", conversation)
    panel = ask_flow.look_at(conversation, 1)
    assert panel is not None
    assert "passage-1-3" in panel
    assert "passage-2" not in panel
    assert ask_flow.look_at(conversation, 99) is None
    assert "Whole" not in str(ask_flow.read(conversation, 2, 9))


def test_an_earlier_answers_evidence_stays_while_the_next_is_written():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    ask(QUESTION, conversation, chatbot)
    screens = ask_flow.ask(chatbot, conversation, "And why?")
    next(screens), next(screens)
    ask_flow.look_at(conversation, 1)
    *between, last = list(screens)
    assert [screen.evidence for screen in between] == [None] * len(between)
    assert "passage-1-1" in (last.evidence or "")


def test_run_hands_on_what_its_thread_raises():
    def broken(stop):
        raise CannotRun("no")
        yield

    with pytest.raises(CannotRun, match="no"):
        list(Run(broken))


def test_run_starts_in_a_thread_of_its_own():
    names: list[str] = []

    def steps(stop):
        names.append(threading.current_thread().name)
        yield from ()

    taken: list[Step | None] = list(Run(steps))
    assert taken == []
    assert names == ["clippings-answer"]


def test_a_stop_reaches_what_is_being_done():
    stops: list[threading.Event] = []
    reached = threading.Event()

    def steps(stop):
        stops.append(stop)
        assert stop.wait(60)
        reached.set()
        yield from ()

    run = Run(steps)
    assert next(iter(run)) is None  # a beat, while nothing comes
    assert not stops[0].is_set()
    run.stop()
    assert reached.wait(60)
    assert list(run) == []


def test_a_silent_run_keeps_the_page_alive():
    conversation, chatbot = Conversation(), ScriptedChatbot()
    chatbot.free.clear()
    screens = ask_flow.ask(chatbot, conversation, QUESTION)
    next(screens), next(screens), next(screens)
    assert next(screens) == Screen(running=True)
    chatbot.free.set()
    assert list(screens)[-1].notice == ""
    assert conversation.turns[0].stage is Stage.ANSWERED


# --- the page and its server --------------------------------------------------------------------------------------


def config(chatbot: ScriptedChatbot, filters: Filters = Filters()) -> dict[str, Any]:
    """The page as the browser gets it."""

    # Within a running loop, because Gradio makes one wherever there is none and never closes it.
    async def built() -> dict[str, Any]:
        return build(chatbot, filters=filters).get_config_file()

    return asyncio.run(built())


def test_page_needs_nothing_from_elsewhere():
    page = config(ScriptedChatbot())
    for part in page["components"]:
        part.pop("example_inputs", None)  # for programs that read it; no browser follows them
    ours = json.dumps(page, default=str)
    assert not re.findall(r"https?://(?!127\.0\.0\.1)[^\s\"\\]+", asset("style.css") + asset("page.js") + ours)
    assert theme()._stylesheets == []
    assert "@font-face" not in theme()._get_theme_css()


def test_package_data_is_there():
    assert {"style.css", "page.js", "favicon.svg"} == {
        file.name for file in files("ui.page").joinpath("static").iterdir()
    }


def test_port_in_use_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotRun) as raised:
            start(ScriptedChatbot(), port=port)
    assert str(raised.value) == f"Port {port} is in use. Choose another one with: --port {port + 1}"


def test_port_that_cannot_be():
    with pytest.raises(CannotRun, match=re.escape("Cannot serve the page on 127.0.0.1, port 70000")):
        start(ScriptedChatbot(), port=70_000)


def test_policy_allows_no_other_host():
    assert "default-src 'self'" in POLICY
    assert "http" not in POLICY
    assert "*" not in POLICY


# --- the palette --------------------------------------------------------------------------------------------------


def palette(selector: str) -> dict[str, str]:
    block = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", asset("style.css"), re.S | re.M)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("selector", [":root", "body.dark"])
@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        *((ink, paper, 4.5) for ink in ("ink", "soft", "muted", "accent") for paper in ("paper", "sheet", "tint")),
        ("ink", "matters", 4.5),
        ("soft", "matters", 4.5),
        ("on-quote", "quote", 4.5),
        ("on-accent", "accent", 4.5),
        ("on-accent", "accent-strong", 4.5),
        ("edge", "paper", 3.0),
        ("edge", "sheet", 3.0),
    ],
)
def test_contrast_is_enough(selector: str, ink: str, paper: str, least: float):
    colours = palette(selector)
    assert contrast(colours[ink], colours[paper]) >= least


def test_first_paint_has_the_palettes_colours():
    light, dark = palette(":root"), palette("body.dark")
    settings = theme()
    assert settings.body_background_fill == light["paper"]
    assert settings.body_background_fill_dark == dark["paper"]
    assert settings.body_text_color == light["ink"]
    assert settings.body_text_color_dark == dark["ink"]


class _Tags(HTMLParser):
    """Counts start and end tags."""

    open_tags = 0

    def handle_starttag(self, tag, attrs):
        self.open_tags += 1

    def handle_endtag(self, tag):
        self.open_tags -= 1


def test_every_tag_is_closed():
    for question in SCRIPTS:
        conversation = Conversation()
        for screen in ask(question, conversation):
            counted = _Tags()
            counted.feed(f"{screen.past}{screen.live}{screen.evidence}{ask_flow.read(conversation, 1, 1)}")
            assert counted.open_tags == 0
