"""No script of an article, a title, a file name, a question or a model runs: all of `payloads` in a real browser.

What runs tells the test by a function that it gives to the page, whichever frame it stands in.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from served import free_port
from standins import HashEmbedder

from browser.payloads import PAYLOADS, payload
from browser.scripted import ScriptedChatbot, citation, evidence, quoted
from browser.test_page import BROWSER, ask, browser  # noqa: F401 (the fixture)
from index import Article, Index
from rag import Answer, Citation, Evidence, Found, Lead, Outcome, Question, Said, Sentence, Step
from rag.answer import Level, Timings
from ui.access.visitor import COOKIE, owner_of
from ui.conversations.conversation import Stage, Turn, after
from ui.conversations.history import FILE, History, Owner
from ui.render.export import export, written
from ui.server.serve import start

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
expect = sync_api.expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no browser: install chromium"),
    # Gradio makes event loops that it never closes.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

NUMBERS = range(len(PAYLOADS))

VISITOR = "v" * 32

# What a payload would have made, were it not text: elements that our parts of the page never hold.
FOREIGN = (
    "script, iframe, object, embed, svg, math, base, meta, link, style, img, video, audio, marquee, form, template,"
    " [onerror], [onload], [onfocus], [ontoggle], [onmouseover], [onclick], [style*=position], [href^=java i],"
    " [href^=data i], [href^=vbs i], [srcdoc], [formaction]"
)


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) >= 60
    assert all("RUN" in text for text in PAYLOADS)


def hostile(number: int) -> Article:
    """An article of which everything is hostile. The text has a plain sentence, too, which can be cited."""
    return Article(
        uri=f"/articles/{payload(number, 'file').replace('/', '∕')}",
        title=payload(number, "title"),
        text=f"{payload(number, 'text')} is what it says.\n\nA plain sentence stands here.",
        author=payload(number, "author"),
        source=payload(number, "source"),
        url=payload(number, "url"),
        comments=(payload(number, "comment"),),
    )


def cited(number: int) -> Citation:
    article = hostile(number)
    return citation(number + 1, article, article.text.partition("\n")[0])


def passages() -> tuple[Evidence, ...]:
    return tuple(evidence(number + 1, hostile(number), 0) for number in NUMBERS)


def leaning(question: str, number: int) -> Question:
    return Question(question, leans_on=(payload(number, "earlier question"),))


def everything_said() -> tuple[Said, ...]:
    """The model's words, and quotations, of every payload."""
    model = [Said(Sentence(payload(n, "model"), (n + 1,), Level.SUPPORTED), (cited(n),)) for n in NUMBERS]
    return (*model, *(quoted(n + 1, hostile(n), cited(n).quote) for n in NUMBERS))


def answer_of(
    question: str, passages: tuple[Evidence, ...], said: Sequence[Said], number: int = 0, *, refused: bool = False
) -> Answer:
    return Answer(
        asked=leaning(question, number),
        outcome=Outcome.NOT_SAID if refused else Outcome.ANSWERED,
        sentences=tuple(one.sentence for one in said),
        citations=tuple(c for one in said for c in one.citations),
        lead=payload(number, "lead"),
        suggestions=(payload(number, "suggestion"),),
        listed=not refused,
        passages=passages,
        timings=Timings(0.1, 0.2, 0.3),
        model=payload(1, "name of the model"),
        index_version=1,
        raw="\n".join(payload(passage.marker - 1, "raw") for passage in passages),
        replaced=tuple(payload(passage.marker - 1, "replaced") for passage in passages),
    )


@dataclass
class HostileChatbot(ScriptedChatbot):
    """Finds every hostile article, and says every payload, whatever it is asked."""

    model_name: str | None = field(default_factory=lambda: payload(0, "name of the model"))

    def stream(self, question: str, **_: Any) -> Iterator[Step]:
        found, said = passages(), everything_said()
        yield Found(leaning(question, 0), found)
        yield Lead(payload(0, "lead"), listed=True)
        yield said[0]  # the others at once: each would bring all before it to the page again
        yield answer_of(question, found, said)


def turns() -> list[Turn]:
    """A conversation in which each payload was asked, limited by, refused for, and a problem."""
    made = []
    for number in NUMBERS:
        asked, article = payload(number, "question"), hostile(number)
        found = (evidence(1, article, 0),)
        refused = answer_of(asked, found, (), number, refused=True)
        made.append(after(Turn(2 * number + 1, asked, limits=payload(number, "limits")), refused))
        understood = Question(asked, corrected=payload(number, "right spelling"))
        problem = payload(number, "problem")
        made.append(Turn(2 * number + 2, asked, Stage.FAILED, understood=understood, problem=problem))
    return made


@dataclass
class Seen:
    """A page in which everything that runs is known. `ran` has the number of each payload, and where it stood."""

    page: Any
    ran: list[tuple[int, str]]
    elsewhere: list[str]

    def made_something(self) -> list[str]:
        """The elements of ours that no template of ours makes."""
        found: list[str] = self.page.evaluate(
            "which => [...document.querySelectorAll('.html-container')].flatMap("
            "part => [...part.querySelectorAll(which)].map(each => each.outerHTML.slice(0, 200)))",
            FOREIGN,
        )
        return found

    def touch(self) -> None:
        """What a payload may wait for: pointing at everything, and focus; then some time for frames and animations."""
        self.page.evaluate(
            "() => document.querySelectorAll('.html-container *, body > *').forEach(each => {"
            " for (const kind of ['mouseover', 'mouseenter', 'pointerenter', 'focus', 'click'])"
            " if (kind !== 'click' || each.matches('[href^=java i], math'))"
            " each.dispatchEvent(new MouseEvent(kind)); })"
        )
        self.page.wait_for_timeout(300)


def seen(context: Any) -> Seen:
    page = context.new_page()
    page.set_default_timeout(60_000)
    ran: list[tuple[int, str]] = []
    elsewhere: list[str] = []
    page.expose_binding("ran", lambda _, number, where: ran.append((number, where)))
    page.on("dialog", lambda dialog: (ran.append((-1, dialog.message)), dialog.dismiss()))
    page.on("popup", lambda popup: ran.append((-1, f"a window: {popup.url}")))
    page.on("download", lambda download: ran.append((-1, f"a file: {download.suggested_filename}")))
    allowed = ("http://127.0.0.1:", "data:", "blob:", "file:", "about:")
    page.on("request", lambda asked: None if asked.url.startswith(allowed) else elsewhere.append(asked.url))
    return Seen(page, ran, elsewhere)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Every hostile article, as a row of a table."""
    table = tmp_path_factory.mktemp("articles") / "hostile.jsonl"
    rows = []
    for number in NUMBERS:
        article = hostile(number)
        names = ("title", "text", "author", "source", "url")
        rows.append({"id": payload(number, "row"), **{name: getattr(article, name) for name in names}})
    table.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    made = Index.create(tmp_path_factory.mktemp("index"), embedder=HashEmbedder())
    made.update([table])
    assert made.status().articles > 0.9 * len(PAYLOADS)  # a text that is nothing but a tag has no words
    yield made
    made.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, index: Index) -> Iterator[tuple[gr.Blocks, Path, str]]:
    """The page, the folder of its conversations, and the id of one that holds every payload."""
    folder = tmp_path_factory.mktemp("data")
    history, owner = History(folder / FILE), Owner(owner_of(_Visitor()), str(index.folder))
    for number in NUMBERS:
        history.begin(owner, payload(number, "conversation"))
    conversation = history.begin(owner, " ".join(payload(n, "conversation") for n in NUMBERS))
    for turn in turns():
        history.number(owner, conversation)
        history.put(owner, conversation, turn)
    openings = tuple(payload(n, "opening") for n in NUMBERS)
    page = start(HostileChatbot(index=index, openings=openings), port=free_port(), folder=folder)
    yield page, folder, conversation
    page.close(verbose=False)
    del page
    gc.collect()


class _Visitor:
    username = None
    cookies = {COOKIE: VISITOR}  # noqa: RUF012


@pytest.fixture
def visited(browser: Any, served: tuple[gr.Blocks, Path, str]) -> Iterator[Seen]:  # noqa: F811
    """A tab of the visitor whose conversations those are; nothing may have run in it when it is closed."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": COOKIE, "value": VISITOR, "url": served[0].local_url}])
    found = seen(context)
    yield found
    found.touch()
    made = found.made_something()
    context.close()
    assert found.ran == []
    assert found.elsewhere == []
    assert made == []


def test_the_answer_its_evidence_and_an_article(visited: Seen, served: tuple[gr.Blocks, Path, str]) -> None:
    page = visited.page
    page.goto(served[0].local_url)
    expect(page.locator(".chip").first).to_be_visible()
    question = " ".join(payload(n, "typed question") for n in NUMBERS)
    ask(page, question)
    expect(page.locator(".turn.answered")).to_be_visible()
    expect(page.locator(".question")).to_have_text(" ".join(question.split()), use_inner_text=False)
    expect(page.locator(".panel .passage")).to_have_count(len(PAYLOADS))
    titles = page.locator(".passage h3").all_text_contents()
    assert titles == [payload(n, "title") for n in NUMBERS]
    page.get_by_text("how this was answered").click()
    visited.touch()
    page.get_by_role("button", name="Whole article").nth(len(PAYLOADS) // 2).click()
    expect(page.locator(".panel.reader h2")).to_be_visible()
    page.get_by_text("1 reader comment").click()
    page.get_by_role("button", name="wrong").click()
    page.get_by_label("the answer is wrong").check()
    page.get_by_label("The right answer, if you know it").fill(question)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("button", name="wrong")).to_have_attribute("aria-pressed", "true")


def test_a_kept_conversation_its_name_and_its_exports(
    visited: Seen,
    served: tuple[gr.Blocks, Path, str],
) -> None:
    page = visited.page
    page.goto(f"{served[0].local_url}?c={served[2]}")
    expect(page.locator(".turn")).to_have_count(2 * len(PAYLOADS))
    reasons = page.locator(".reason").all_text_contents()
    assert reasons == [payload(n, "lead") for n in NUMBERS]
    assert page.locator(".turn [data-ask]").all_text_contents() == [payload(n, "suggestion") for n in NUMBERS]
    searched = [payload(n, what) for n in NUMBERS for what in ("earlier question", "right spelling")]
    assert page.locator(".searched q").all_text_contents() == searched
    visited.touch()
    page.get_by_role("tab", name="History").click()
    expect(page.locator(".entry").nth(len(PAYLOADS))).to_be_visible()  # and the one of the test before
    first = page.locator(".entry").first
    first.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill(payload(17, "new name"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".entry .title").first).to_have_text(payload(17, "new name"))
    page.locator(".entry").first.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("It cannot be brought back.")).to_be_visible()


def test_the_archive_and_files_of_hostile_names(visited: Seen, served: tuple[gr.Blocks, Path, str]) -> None:
    page = visited.page
    page.goto(served[0].local_url)
    page.get_by_role("tab", name="Archive").click()
    articles = page.get_by_label("Articles", exact=True)
    expect(articles.get_by_role("heading")).to_have_count(50)
    visited.touch()
    older, first = page.get_by_role("button", name="older"), 51
    while older.count():
        older.click()
        expect(page.get_by_role("status").filter(has_text=f"{first} to ")).to_be_visible()
        visited.touch()
        first += 50
    assert first > 51
    articles.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_text("from the archive? An earlier version brings it back.")).to_be_visible()
    page.get_by_role("button", name="Keep", exact=True).last.click()
    files = [
        {"name": f"{payload(n, 'upload').replace('/', '∕')}.txt", "mimeType": "text/plain", "buffer": text}
        for n, text in ((n, b"MZ\0\0" if n % 2 else b"One story\n\nIt was told on Monday.\n") for n in NUMBERS)
    ]
    page.locator("#files input[type=file]").set_input_files(files)
    expect(page.locator(".report")).to_contain_text("failed", timeout=120_000)
    page.locator(".report details").evaluate_all("all => all.forEach(each => (each.open = true))")
    page.get_by_label("Or an address").fill(payload(30, "address"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="is no address")).to_be_visible()


@pytest.mark.parametrize("kind", ["html", "md"])
def test_an_exported_file_runs_nothing(browser: Any, tmp_path: Path, kind: str) -> None:  # noqa: F811
    said = everything_said()
    whole = after(Turn(0, payload(0, "question"), limits=payload(3, "limits")), answer_of("?", passages(), said))
    text = written(export(" ".join(payload(n, "name") for n in NUMBERS), [whole, *turns()]), kind)
    if kind == "md":
        markdown = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
        text = f"<!doctype html><body>{markdown.MarkdownIt('commonmark', {'html': True}).render(text)}"
    file = tmp_path / "conversation.html"
    file.write_text(text, encoding="utf-8")
    context = browser.new_context()
    found = seen(context)
    found.page.goto(file.as_uri())
    found.touch()
    assert "is what it says." in found.page.text_content("body")
    made = found.page.evaluate(
        "which => [...document.body.querySelectorAll(which)].map(each => each.outerHTML.slice(0, 200))", FOREIGN
    )
    context.close()
    assert found.ran == []
    assert made == []


def test_what_runs_is_noticed(browser: Any, served: tuple[gr.Blocks, Path, str], tmp_path: Path) -> None:  # noqa: F811
    """The same payloads put into the same page as HTML: the test must see most of them run, and each that made a tag."""
    context = browser.new_context()
    found = seen(context)
    found.page.goto(served[0].local_url)
    expect(found.page.locator(".chip").first).to_be_visible()
    for number in NUMBERS:
        found.page.evaluate(
            "text => { const part = document.createElement('div'); part.className = 'html-container';"
            " document.body.append(part); part.innerHTML = text; }",
            payload(number, "planted"),
        )
    found.touch()
    made = found.made_something()
    # Those that a script tag brings run where they are part of the page from its start.
    (tmp_path / "planted.html").write_text(
        "<!doctype html><meta charset=utf-8><body>"
        + "".join(f"<div><p>{payload(n, 'file')}</p></div>" for n in NUMBERS if "<script>" in PAYLOADS[n][:30]),
        encoding="utf-8",
    )
    found.page.goto((tmp_path / "planted.html").as_uri())
    found.page.wait_for_timeout(300)
    context.close()
    assert len({number for number, where in found.ran if where == "planted"}) >= 25
    assert len({number for number, where in found.ran if where == "file"}) >= 5
    assert len(made) >= 40
