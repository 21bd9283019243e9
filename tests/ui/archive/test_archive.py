"""The archive on the page: what is in it, and changes to it, over a real index."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from browser.scripted import ScriptedChatbot
from loopback_site import serve

from index import Filters, Index
from index.errors import UnreadableFile
from index.storage.browse import Tally
from index.storage.versions import Version
from index.updates.report import Progress, UpdateReport
from ui.archive import uploads
from ui.archive.catalogue import OTHERS, UNKNOWN, Catalogue, Line, Month, Page, timeline
from ui.archive.changes import Change, Changes
from ui.page.context import Workroom
from ui.render import archive as listing
from ui.task import BROKEN


def done(change: Change) -> UpdateReport:
    list(change)
    assert change.problem == ""
    assert change.report is not None
    return change.report


def upload(folder: Path, **files: str) -> list[Path]:
    """Files as they lie in a temporary folder after they came through the browser."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name.replace("__", ".") for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text)
    return paths


STORY = "---\ntitle: Harbour opens\ndate: 2024-05-01\nsource: Port Calder Courier\n---\n\nThe harbour opened on Wednesday.\n"


def line(title: str, published: str | None = None, source: str | None = None) -> Line:
    return Line(title, f"/{title}.md", title, source, None, date.fromisoformat(published) if published else None)


# --- the catalogue ------------------------------------------------------------------------------------------------


def test_the_latest_come_first_and_the_undated_last(index: Index):
    page = Catalogue(index).page("", Filters())
    assert [(line.title, line.file) for line in page.lines] == [
        ("Vaccine licensed", "briefs.jsonl#vaccine"),
        ("Airline grounded", "briefs.jsonl#airline"),
        ("Bridge bill climbs", "bridge.md"),
        ("Flood in the Arle valley", "flood.txt"),
    ]
    assert (page.start, page.found, page.total) == (0, 4, 4)


def test_articles_are_found_by_words_and_limits_with_the_place_in_the_text(index: Index):
    catalogue = Catalogue(index)
    clay = catalogue.page("clay", Filters())
    assert (clay.found, clay.total) == (1, 4)
    before, found, after = clay.lines[0].excerpt
    assert (before, found) == (("…Soft ", False), ("clay", True))
    assert after[0].startswith(" lies beneath piers six and seven.")
    assert [line.excerpt for line in catalogue.page("oldacre", Filters()).lines] == [()]
    assert [line.title for line in catalogue.page("li", Filters(source="mail")).lines] == ["Vaccine licensed"]


def test_a_page_that_is_not_there_any_more_is_the_last(index: Index, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ui.archive.catalogue.AT_A_TIME", 3)
    catalogue = Catalogue(index)
    assert [line.title for line in catalogue.page("", Filters(), 3).lines] == ["Flood in the Arle valley"]
    index.remove(["flood.txt"])
    last = catalogue.page("", Filters(), 3)
    assert (last.start, len(last.lines)) == (0, 3)
    assert catalogue.page("nothing", Filters(), 3).lines == ()


def test_a_new_version_is_taken_up_and_an_old_one_counted_once(index: Index, monkeypatch: pytest.MonkeyPatch):
    catalogue, counted = Catalogue(index), []
    tally = index.tally
    monkeypatch.setattr(index, "tally", lambda: counted.append(1) or tally())
    assert catalogue.page("", Filters()).total == catalogue.page("flood", Filters()).total == 4
    assert len(counted) == 1
    index.remove(["flood.txt"])
    assert catalogue.page("", Filters()).total == 3
    assert catalogue.sources() == [("Port Calder Courier", 1), ("Sandover Gazette", 1), ("The Perrine Mail", 1)]
    assert [month.month for month in catalogue.timeline()] == ["2021-03", "2022-02", "2025-04"]


def test_the_timeline_counts_months_by_source_the_largest_first():
    tally = [
        Tally(None, None, 5),
        Tally("2020-01", "Mail", 1),
        Tally("2021-03", None, 1),
        Tally("2021-03", "Courier", 2),
    ]
    assert timeline(tally) == [
        Month("2021-03", "Courier", 2),
        Month("2020-01", "Mail", 1),
        Month("2021-03", UNKNOWN, 1),
    ]
    assert timeline([]) == []


def test_small_sources_share_a_colour_where_there_are_many():
    months = timeline([Tally("2021-03", f"S{n}", 9 - n) for n in range(8)])
    assert [month.source for month in months] == [*(f"S{n}" for n in range(6)), OTHERS]
    assert months[-1].articles == 3 + 2


# --- changes ------------------------------------------------------------------------------------------------------


def test_uploads_are_kept_beside_the_index_and_what_fails_is_reported_and_thrown_away(index: Index, tmp_path: Path):
    files = upload(tmp_path / "upload", harbour__md=STORY, virus__txt="MZ\0\0\0" * 100, notes__exe="x")
    report = done(Changes(index).add(files))
    kept = index.folder / uploads.FOLDER
    assert report.added == [str(kept / "harbour.md")]
    assert {Path(failure.uri).name: failure.reason.split(":")[0][:22] for failure in report.failed} == {
        "virus.txt": "is not a text file (it",
        "notes.exe": "its suffix is none of ",
    }
    assert [path.name for path in kept.iterdir()] == ["harbour.md"]
    assert [path for path in files if path.exists()] == []
    assert index.search("harbour opened", top_k=1)[0].article.title == "Harbour opens"


def test_a_file_of_the_same_name_is_the_new_edition_but_not_within_one_upload(index: Index, tmp_path: Path):
    changes = Changes(index)
    done(changes.add(upload(tmp_path / "one", harbour__md=STORY)))
    assert done(changes.add(upload(tmp_path / "two", harbour__md=STORY))).unchanged != []
    edited = STORY.replace("Wednesday", "Thursday")
    assert len(done(changes.add(upload(tmp_path / "three", harbour__md=edited))).changed) == 1
    both = upload(tmp_path / "four", harbour__md=STORY) + upload(tmp_path / "five", harbour__md=edited)
    report = done(changes.add(both))
    assert [Path(uri).name for uri in (*report.changed, *report.added)] == ["harbour.md", "harbour 2.md"]


def test_an_uploaded_article_is_removed_with_its_file_and_others_without(index: Index, tmp_path: Path):
    changes = Changes(index)
    (uri,) = done(changes.add(upload(tmp_path / "one", harbour__md=STORY))).added
    assert done(changes.remove(index.find("harbour.md").id)).removed == [uri]
    assert not Path(uri).exists()
    bridge = index.find("bridge.md")
    done(changes.remove(bridge.id))
    assert Path(bridge.uri).exists()
    assert index.status().articles == 3


def test_an_earlier_version_can_be_returned_to(index: Index):
    changes = Changes(index)
    version = index.version
    done(changes.remove(index.find("bridge.md").id))
    report = done(changes.restore(version))
    assert [Path(uri).name for uri in report.added] == ["bridge.md"]
    assert report.version == index.version


@pytest.mark.parametrize(
    ("begin", "problem"),
    [
        (lambda changes: changes.fetch("example.org/story"), "“example.org/story” is no address like"),
        (lambda changes: changes.restore(77), "Version 77 is not kept."),
        (lambda changes: changes.remove("nothing"), "No article is called 'nothing'."),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(index: Index, begin, problem: str):
    change = begin(Changes(index))
    list(change)
    assert change.report is None
    assert change.problem.startswith(problem)


def test_an_address_is_fetched(index: Index):
    text = "The harbour opened on Wednesday, and a brass band played. " * 10
    with serve() as site:
        address = site.put(
            "/story", f"<html><body><article><h1>Harbour opens</h1><p>{text}</p></article></body></html>"
        )
        assert done(Changes(index).fetch(f" {address} ")).added == [address]


def test_changes_wait_for_each_other_and_go_on_when_nobody_watches(index: Index):
    with uploads.turn(index.folder):  # as while another change runs
        one, two = Changes(index).remove("flood.txt"), Changes(index).remove("bridge.md")
        watched = iter(one)
        assert [next(watched), next(iter(two))] == [None, None]
        watched.close()
        assert index.status().articles == 4
    list(one), list(two)
    assert (one.problem, two.problem) == ("", "")
    assert index.status().articles == 2


def test_a_change_shows_the_latest_of_its_progress_until_it_ends():
    reported, free = threading.Event(), threading.Event()

    def work(progress):
        progress(Progress("reading", 1, 2))
        progress(Progress("reading", 2, 2))
        reported.set()
        free.wait(20)
        return UpdateReport(version=7)

    change = Change(work)
    assert reported.wait(20)
    watched = iter(change)
    assert [next(watched), next(watched)] == [Progress("reading", 2, 2)] * 2
    assert change.report is None
    free.set()
    list(watched)
    assert change.report == UpdateReport(version=7)


def test_a_fault_of_ours_does_not_keep_the_page_waiting(caplog: pytest.LogCaptureFixture):
    change = Change(lambda _: 1 // 0)
    list(change)
    assert change.problem == f"{BROKEN} The archive is as it was."
    assert "ZeroDivisionError" in caplog.text


def test_an_upload_that_cannot_be_kept_says_so(index: Index, tmp_path: Path):
    (index.folder / "uploads").write_text("a file where the folder should be")
    change = Changes(index).add(upload(tmp_path / "one", a__md="x"))
    list(change)
    assert "uploads" in change.problem
    assert "exists" in change.problem


# --- as HTML ------------------------------------------------------------------------------------------------------


def test_the_report_tells_failures_first_and_folds_long_lists():
    report = UpdateReport(added=[f"/up/{n}.md" for n in range(12)], version=3)
    report.failed = [UnreadableFile("/up/<b>.txt", "is <empty>")]
    html = listing.report(report)
    assert html.index("1 failed, 12 added") < html.index("&lt;b&gt;.txt") < html.index("0.md")
    assert "failed: is &lt;empty&gt;" in html
    assert "4 more added" in html
    assert "version 3 of the archive" in html
    assert "nothing was to be done" in listing.report(UpdateReport())


def test_progress_says_how_far_it_is():
    assert "reading 3 of 12 files…" in listing.progress(Progress("reading", 3, 12))
    assert "embedding 1 of 1 passage…" in listing.progress(Progress("embedding", 1, 1))
    assert 'max="12" value="3"' in listing.progress(Progress("reading", 3, 12))


def test_hostile_titles_and_texts_stay_text():
    hostile = replace(line("<script>x</script>", "2021-01-01", '"><img>'), excerpt=[("<b>", True), ("<i>", False)])
    html = listing.articles(Page((hostile,), 0, 1, 1))
    assert "<mark>&lt;b&gt;</mark>&lt;i&gt;" in html
    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.parametrize(
    ("start", "shown", "count", "buttons"),
    [
        (0, 50, "1 to 50 of 120 articles, of 5,000 in the archive", ['data-id="50">older →']),
        (
            50,
            50,
            "51 to 100 of 120 articles, of 5,000 in the archive",
            ['data-id="0">← newer', 'data-id="100">older →'],
        ),
        (100, 20, "101 to 120 of 120 articles, of 5,000 in the archive", ['data-id="50">← newer']),
    ],
)
def test_long_lists_have_pages(start: int, shown: int, count: str, buttons: list[str]):
    html = listing.articles(Page((line("a"),) * shown, start, 120, 5000))
    assert html.count('data-do="open"') == shown
    assert f">{count}<" in html
    assert html.count('data-do="turn"') == len(buttons)
    assert [button for button in buttons if button not in html] == []


def test_short_lists_have_none():
    assert ">1 article<" in listing.articles(Page((line("a"),), 0, 1, 1))
    assert "turn" not in listing.articles(Page((line("a"),), 0, 1, 1))
    assert "No article fits." in listing.articles(Page((), 0, 0, 500))
    assert "There are no articles yet." in listing.articles(Page((), 0, 0, 0))


def test_only_earlier_versions_can_be_returned_to():
    kept = [Version(2, "2026-11-22T12:00:00+00:00", "update", "m", 4), Version(1, None, "made empty", "m", 4)]
    html = listing.versions(kept)
    assert html.count("data-do") == 1
    assert 'data-id="1"' in html
    assert "22 November 2026" in html


def test_an_index_removed_under_the_page_is_reported_and_not_made_anew(index: Index, tmp_path: Path):
    room = Workroom(ScriptedChatbot(index=index), tmp_path / "data", str(index.folder))
    assert room.status() is not None
    shutil.rmtree(index.folder)
    assert room.status() is None
    change = Changes(index).add(upload(tmp_path / "one", harbour__md=STORY))
    list(change)
    assert change.problem.startswith(f"The index in {index.folder} was removed.")
    assert not index.folder.exists()
    assert (tmp_path / "one" / "harbour.md").exists()


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/a", "http://[::ffff:10.0.0.1]/"])
def test_a_private_address_is_not_read_for_others(index: Index, address: str) -> None:
    change = Changes(index, private_addresses=False).fetch(address)
    list(change)
    assert change.problem.startswith(f"{address} is an address of a private network")
