"""The command line, from arguments to text, JSON, exit status and one line for each error."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from documents import column, pdf
from loopback_site import serve
from making import SCORES
from standins import HashEmbedder, ScriptedGenerator, reader_once

from index import Filters, Index
from rag.retrieval.finding import Scores
from rag.settings import Settings, settings_file
from ui.cli.parser import main

QUESTION = "What will the Calder bridge cost?"
COST = "The Calder bridge will cost 587 million crowns."


@dataclass
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object in the last line."""
        row = json.loads(self.out.splitlines()[-1])
        assert isinstance(row, dict)
        return row


class Shell:
    """Runs commands on one index, with stand-ins for the models but the reader, which is loaded once for all commands."""

    def __init__(self, index: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.index = index
        self._capfd = capfd
        self.generator = ScriptedGenerator()

    def __call__(self, *arguments: object) -> Ran:
        self._capfd.readouterr()
        try:
            status = main(["--index", str(self.index), *map(str, arguments)])
        except SystemExit as stop:
            status = int(stop.code or 0)
        return Ran(status, *self._capfd.readouterr())

    def articles(self) -> list[str]:
        """Titles in the index."""
        return sorted(a["title"] for a in self("index", "list", "--json").json["articles"])


ALL = ["Airline grounded", "Bridge bill climbs", "Flood in the Arle valley", "Vaccine licensed"]


@pytest.fixture
def shell(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell(tmp_path / "cli index", capfd)
    for seam in ("index.index.load_embedder", "ui.cli.index_commands.load_embedder"):
        monkeypatch.setattr(seam, lambda name: HashEmbedder(name=name if name == "hash@2" else "hash@1"))
    monkeypatch.setattr("rag.load_generator", lambda *_: shell.generator)
    monkeypatch.setattr(Scores, "load", lambda **_: SCORES)
    for seam in ("rag.load_reader", "ui.cli.eval_command.load_reader"):
        monkeypatch.setattr(seam, reader_once)
    return shell


@pytest.fixture
def filled(shell: Shell, articles_folder: Path) -> Shell:
    assert shell("index", "update", articles_folder).status == 0
    return shell


def assert_fails(ran: Ran, status: int, *parts: object) -> None:
    """One human line on standard error, and nothing on standard output."""
    assert (ran.status, ran.out) == (status, "")
    assert ran.err.endswith("\n")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert len(ran.err) < 500
    for part in parts:
        assert str(part) in ran.err


# index


def test_update_reports_each_article_and_the_counts(shell: Shell, articles_folder: Path) -> None:
    ran = shell("index", "update", articles_folder)
    uris = [f"{articles_folder}/{name}" for name in ("bridge.md", "briefs.jsonl#airline", "briefs.jsonl#vaccine")]
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        *(f"+ {uri}" for uri in [*uris, f"{articles_folder}/flood.txt"]),
        "4 added, 0 changed, 0 unchanged, 0 moved, 0 removed, 0 failed; 4 passages embedded; index version 1",
    ]
    again = shell("index", "update", articles_folder)
    assert (
        again.out
        == "0 added, 0 changed, 4 unchanged, 0 moved, 0 removed, 0 failed; 0 passages embedded; index version 1\n"
    )


def test_update_as_json(shell: Shell, articles_folder: Path) -> None:
    first = shell("index", "update", articles_folder, "--json").json
    assert sorted(Path(uri).name for uri in first.pop("added")) == [
        "bridge.md",
        "briefs.jsonl#airline",
        "briefs.jsonl#vaccine",
        "flood.txt",
    ]
    counts = {"added": 4, "changed": 0, "unchanged": 0, "moved": 0, "removed": 0, "gone": 0, "failed": 0}
    nothing: dict[str, list[str]] = {name: [] for name in counts if name != "added"}
    assert first == nothing | {
        "partly": [],
        "remarks": [],
        "passed_over": {},
        "left_out": {},
        "remarks": [],
        "counts": counts,
        "embedded": 4,
        "version": 1,
    }
    (articles_folder / "flood.txt").rename(articles_folder / "deluge.txt")
    (articles_folder / "bridge.md").unlink()
    second = shell("index", "update", articles_folder, "--json").json
    assert second["moved"] == [{"old": f"{articles_folder}/flood.txt", "new": f"{articles_folder}/deluge.txt"}]
    assert second["gone"] == [f"{articles_folder}/bridge.md"]
    assert (second["added"], second["removed"], second["embedded"]) == ([], [], 0)


def test_update_says_which_column_was_taken_for_what(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    text = "The toll on the Tarn bridge will rise from 2.10 to 2.60 pounds on 1 May, the operator said."
    table.write_text(f'k1,k2,k3\nToll to rise,2022-04-14,"{text}"\n')
    assert shell("index", "update", table).out.splitlines()[:2] == [
        f"+ {table}#2",
        f"= {table}: columns recognised by what is in them: text from 'k3', date from 'k2', title from 'k1' "
        "(--map FIELD=COLUMN says otherwise)",
    ]


def test_update_prunes_only_when_asked(filled: Shell, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").unlink()
    assert "0 removed" in filled("index", "update", articles_folder).out
    assert filled.articles() == ALL
    assert f"- {articles_folder}/flood.txt" in filled("index", "update", "--prune", articles_folder).out
    assert filled.articles() == [title for title in ALL if not title.startswith("Flood")]


def test_update_names_what_moved_and_what_is_gone(filled: Shell, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").rename(articles_folder / "deluge.txt")
    (articles_folder / "bridge.md").unlink()
    assert filled("index", "update", articles_folder).out.splitlines() == [
        f"> {articles_folder}/flood.txt -> {articles_folder}/deluge.txt",
        f"? {articles_folder}/bridge.md",
        "0 added, 0 changed, 2 unchanged, 1 moved, 0 removed, 0 failed; 0 passages embedded; index version 2; "
        "1 whose file is gone are kept (--prune removes them)",
    ]


def test_a_long_list_is_cut_unless_asked_for(shell: Shell, articles_folder: Path) -> None:
    for number in range(30):
        (articles_folder / f"n{number:02}.txt").write_text(f"Report {number}\n\nNothing happened on day {number}.")
    lines = shell("index", "update", articles_folder).out.splitlines()
    assert (len(lines), lines[-2]) == (22, "+ and 14 more (all with --verbose or --json)")
    lines = shell("index", "rollback", "--verbose").out.splitlines()
    assert (len(lines), lines[-1]) == (35, "0 came back, 0 changed back, 34 removed; index version 2")


def test_quiet_update_says_nothing(shell: Shell, articles_folder: Path) -> None:
    assert shell("index", "update", "--quiet", articles_folder) == Ran(0, "", "")
    assert shell.articles() == ALL


def test_an_empty_folder_is_wrong_use(filled: Shell, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    assert_fails(filled("index", "update", tmp_path / "nothing"), 2, tmp_path / "nothing", "No articles")
    assert filled.articles() == ALL


def test_a_path_that_does_not_exist_is_wrong_use(filled: Shell, articles_folder: Path, tmp_path: Path) -> None:
    (articles_folder / "new.txt").write_text("New\n\nA new article about a new thing that happened.")
    assert_fails(filled("index", "update", articles_folder, tmp_path / "typo"), 2, tmp_path / "typo", "no such file")
    assert filled.articles() == ALL


def test_an_unreadable_file_does_not_stop_the_others(shell: Shell, articles_folder: Path) -> None:
    bad = articles_folder / "picture.txt"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    ran = shell("index", "update", articles_folder)
    assert (ran.status, ran.err) == (1, f"{bad}: is not a text file (it contains NUL bytes)\n")
    assert ran.out.endswith(
        "4 added, 0 changed, 0 unchanged, 0 moved, 0 removed, 1 failed; 4 passages embedded; index version 1\n"
    )
    assert shell.articles() == ALL
    ran = shell("index", "update", articles_folder, "--json")
    assert ran.status == 1
    assert ran.json["failed"] == [{"uri": str(bad), "reason": "is not a text file (it contains NUL bytes)"}]
    assert len(ran.json["unchanged"]) == 4


def test_a_pdf_of_which_some_pages_are_images_is_indexed_and_told(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf(column("The harbour bridge was opened on Monday by the mayor of Calder."), *[[]] * 7))
    missing = "page without text (an image?): page 2, page 3, page 4, page 5, page 6 and 2 more"
    ran = shell("index", "update", path)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"+ {path}",
        f"! {path}: {missing}",
        "1 added, 0 changed, 0 unchanged, 0 moved, 0 removed, 0 failed; 1 read in part; 1 passage embedded; "
        "index version 1",
    ]
    path.write_bytes(path.read_bytes() + b"\n")
    assert shell("index", "update", path, "--json").json["partly"] == [{"uri": str(path), "missing": missing}]


def test_files_of_other_formats_are_counted(shell: Shell, articles_folder: Path) -> None:
    for name in ("a.doc", "b.DOC", "c.mp3", "noext", ".hidden.mp3", "questions.jsonl", "x/d.doc"):
        (articles_folder / name).parent.mkdir(exist_ok=True)
        (articles_folder / name).write_text("Nothing to be read.")
    line = "passed over: 5 files of other formats (.doc 3, .mp3 1, no suffix 1)"
    assert shell("index", "update", articles_folder).out.splitlines()[-2] == line
    found = shell("index", "update", articles_folder, articles_folder / "x", "--json").json["passed_over"]
    assert found == {".doc": 3, ".mp3": 1, "no suffix": 1}
    (articles_folder / "clip.md").write_text("---\ntitle: '{{title}}'\n---\n{{content}}\n")
    line = "passed over: 6 items that are no articles (.doc 3, .mp3 1, no suffix 1, template 1)"
    assert shell("index", "update", articles_folder).out.splitlines()[-2] == line


def test_preview_says_that_there_are_more(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = '{"title": "Good", "text": "A good article."}\n'
    path.write_text(row * 3)
    assert "These are the first" not in shell("index", "preview", path).out
    path.write_text(row * 4)
    ran = shell("index", "preview", path)
    assert ran.out.endswith("\n\nThese are the first 3; clippings index update reads them all.\n")
    assert ran.out.count("title: Good") == 3
    assert shell("index", "preview", path, "--json").json["more"] is True


def test_a_search_that_finds_nothing_says_why(shell: Shell, tmp_path: Path, articles_folder: Path) -> None:
    Index.create(shell.index).close()
    nothing = "There is nothing to search: no article has been added yet."
    assert shell("search", QUESTION).out == f"{nothing} Add some: clippings index update FOLDER\n"
    assert shell("ask", QUESTION).out.splitlines()[0] == nothing
    shell("index", "update", articles_folder)
    ran = shell("search", QUESTION, "--source", "nobody")
    assert ran.status == 0
    assert ran.out == (
        "There is nothing to search: no article passes the limits (source nobody). "
        "What there is: clippings index list\n"
    )


def test_names_of_files_do_nothing_to_the_terminal(shell: Shell, tmp_path: Path) -> None:
    good, bad = tmp_path / "a\n\x1b[31mred.txt", tmp_path / "b\x9b2J.txt"
    good.write_text("A good article about the weather.")
    bad.write_bytes(b"")
    ran = shell("index", "update", tmp_path)
    assert ran.out.startswith(f"+ {tmp_path}/a\ufffd\ufffd[31mred.txt\n1 added")
    assert ran.err == f"{tmp_path}/b\ufffd2J.txt: is empty\n"
    assert f"{tmp_path}/a\ufffd\ufffd[31mred.txt\n" in shell("index", "list").out
    assert shell("index", "list", "--json").json["articles"][0]["uri"] == str(good)


def test_a_bad_row_is_named_with_its_line(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": "a", "title": "Good", "text": "A good article."}\n{"id": "b"\n')
    ran = shell("index", "update", path)
    assert ran.status == 1
    assert ran.err.startswith(f"{path}:2: line 2 is not valid JSON")
    assert ran.err.count("\n") == 1
    assert shell.articles() == ["Good"]


def test_many_bad_rows_of_a_table_are_cut_unless_asked_for(shell: Shell, tmp_path: Path) -> None:
    path, other = tmp_path / "rows.jsonl", tmp_path / "other.txt"
    reason = "has no text (looked for: text, body, content; its keys are: title; name one with --map text=KEY)"
    path.write_text('{"title": "no text"}\n' * 6)
    assert shell("index", "update", path).err.count(reason) == 6  # one line more, or one that counts one more
    path.write_text('{"title": "Good", "text": "A good article."}\n' + '{"title": "no text"}\n' * 30)
    other.write_bytes(b"")
    five = [f"{path}:{n}: line {n} {reason}" for n in range(2, 7)]
    ran = shell("index", "update", path, other)
    assert ran.err.splitlines() == [
        f"{other}: is empty",
        *five,
        f"{path}: and 25 more rows failed (all with --verbose or --json)",
    ]
    assert "0 removed, 31 failed;" in ran.out
    assert shell("index", "update", path, "--verbose").err.count(reason) == 30  # remembered, not read again
    assert len(shell("index", "update", path, "--json").json["failed"]) == 30


def test_quiet_update_says_what_failed_and_how_much_but_lists_nothing_else(shell: Shell, articles_folder: Path) -> None:
    (articles_folder / "empty.txt").write_bytes(b"")
    ran = shell("index", "update", "--quiet", articles_folder)
    assert ran.err == f"{articles_folder}/empty.txt: is empty\n"
    assert ran.out == (
        "4 added, 0 changed, 0 unchanged, 0 moved, 0 removed, 1 failed; 4 passages embedded; index version 1\n"
    )


def test_preview_shows_what_is_kept_and_stores_nothing(shell: Shell, articles_folder: Path) -> None:
    ran = shell("index", "preview", articles_folder / "bridge.md")
    assert ran.status == 0
    assert ran.out.startswith(
        f"{articles_folder / 'bridge.md'}\n\ntitle: Bridge bill climbs\npublished: 2021-03-14\nauthor: Marit Oldacre\n"
        "source: Port Calder Courier\nlanguage: en\n\nkept: 32 words in 2 paragraphs\n\n"
    )
    assert COST in ran.out
    assert not shell.index.exists()
    row = shell("index", "preview", articles_folder / "bridge.md", "--json").json
    assert (row["articles"][0]["title"], row["articles"][0]["published"], row["failed"]) == (
        "Bridge bill climbs",
        "2021-03-14",
        [],
    )


def test_preview_of_what_cannot_be_read(shell: Shell, tmp_path: Path) -> None:
    assert_fails(shell("index", "preview", tmp_path / "none.txt"), 1, tmp_path / "none.txt", "no such file")
    assert_fails(shell("index", "preview", tmp_path), 1, tmp_path, "is a folder")


def test_status_and_list(filled: Shell) -> None:
    text = filled("index", "status").out
    assert "4 articles, published 2021-03-14 to 2025-04-03" in text
    assert "4 passages, 10 sentences" in text
    assert "embedding model hash@1" in text
    assert re.search(
        r"^version 1 of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(update\); [\d.]+ MB, format 2$", text, re.MULTILINE
    )
    assert re.search(r"^    version 0 of .* \(made empty\)$", text, re.MULTILINE)
    row = filled("index", "status", "--json").json
    assert (row["articles"], row["chunks"], row["version"], row["embedder"]) == (4, 4, 1, "hash@1")
    assert row["folder"] == str(filled.index)
    assert filled("index", "list").out.count("\n") == 8
    first = filled("index", "list", "--json").json["articles"][0]
    assert (first["title"], first["published"], first["author"], first["language"]) == (
        "Bridge bill climbs",
        "2021-03-14",
        "Marit Oldacre",
        "en",
    )


def test_remove_takes_out_all_named_or_none(filled: Shell, articles_folder: Path) -> None:
    assert_fails(filled("index", "remove", "flood.txt", "typo.txt"), 2, "'typo.txt'", "clippings index list")
    assert filled.articles() == ALL
    ran = filled("index", "remove", "flood.txt", "airline")
    assert ran.out.splitlines() == [
        f"removed {articles_folder}/flood.txt",
        f"removed {articles_folder}/briefs.jsonl#airline",
    ]
    assert filled.articles() == ["Bridge bill climbs", "Vaccine licensed"]


def test_rollback_returns_and_can_be_taken_back(filled: Shell, articles_folder: Path) -> None:
    (articles_folder / "flood.txt").write_text("Flood\n\nThe toll was corrected to thirty-two.")
    (articles_folder / "bridge.md").unlink()
    filled("index", "update", articles_folder, "--prune")
    ran = filled("index", "rollback")
    assert (ran.status, ran.out.splitlines()) == (
        0,
        [
            f"+ {articles_folder}/bridge.md",
            f"~ {articles_folder}/flood.txt",
            "1 came back, 1 changed back, 0 removed; index version 3",
        ],
    )
    assert filled.articles() == ALL
    assert filled("index", "rollback", "--json").json == {
        "added": [],
        "changed": [f"{articles_folder}/flood.txt"],
        "removed": [f"{articles_folder}/bridge.md"],
        "version": 4,
    }
    assert_fails(filled("index", "rollback", "--to", 9), 2, "Version 9 is not kept. Return to one of: 3, 2, 1, 0")
    assert filled("index", "rollback", "--to", 0).out.endswith("3 removed; index version 5\n")
    assert filled.articles() == []


def test_rebuild_with_another_model(filled: Shell) -> None:
    assert filled("index", "rebuild", "--model", "hash@2").out.endswith("4 passages embedded; index version 2\n")
    assert filled("index", "status", "--json").json["embedder"] == "hash@2"


def test_rebuild_and_verify(filled: Shell) -> None:
    ran = filled("index", "rebuild")
    assert (ran.status, ran.out) == (0, "4 articles, 4 passages embedded; index version 2\n")
    assert filled("index", "verify") == Ran(0, "The index is sound.\n", "")
    assert filled("index", "verify", "--json").json == {"problems": []}
    assert filled("ask", QUESTION, "--no-llm").out.startswith(f"{COST} [1]")


# ask and search


def test_ask_shows_the_answer_with_its_clipping(filled: Shell) -> None:
    filled.generator.replies = [f"{COST} [1]"]
    ran = filled("ask", QUESTION)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[:5] == [
        f"{COST} [1]",
        "(scripted read 2 of 4 passages)",
        "",
        "[1] Bridge bill climbs (2021-03-14, Port Calder Courier, Marit Oldacre)",
        f"    “{COST}”",
    ]


def test_ask_as_json(filled: Shell) -> None:
    filled.generator.replies = [f"{COST} [1]"]
    ran = filled("ask", QUESTION, "--json")
    assert ran.out.count("\n") == 1
    row = ran.json
    assert (row["text"], row["refused"], row["model"]) == (
        f"{COST} [1]",
        False,
        "scripted",
    )
    assert [c["quote"] for c in row["citations"]] == [COST]


def test_without_a_model_none_is_loaded(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str, adapter: str) -> None:
        raise AssertionError(f"{name} was loaded")

    monkeypatch.setattr("rag.load_generator", load)
    for arguments in (("--no-llm",), ("--llm", "none")):
        assert filled("ask", QUESTION, *arguments).out.startswith(f"{COST} [1]\n")
    assert filled("ask", QUESTION, "--no-llm", "--json").json["model"] is None


def test_a_refusal_is_done(filled: Shell) -> None:
    ran = filled("ask", "Who won the chess olympiad in Baku?")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("The articles do not say. None of them is about “Who won the chess olympiad in Baku”.")
    assert "What does “Bridge bill climbs” say?" in ran.out
    assert "Nearest passages, which do not hold the answer:" in ran.out
    assert filled.generator.prompts == []
    assert filled("ask", "Who won the chess olympiad in Baku?", "--json").json["refused"] is True


def test_filters_and_top_k(filled: Shell) -> None:
    def titles(*arguments: str) -> list[str]:
        hits = filled("search", "bridge flood aircraft children", "--json", *arguments).json["hits"]
        return sorted(hit["title"] for hit in hits)

    assert titles() == ALL
    assert len(titles("--top-k", "2")) == 2
    assert titles("--after", "2022-01-01") == ["Airline grounded", "Vaccine licensed"]
    assert titles("--after", "2022-02-10", "--before", "2022-02-10") == ["Airline grounded"]
    assert titles("--source", "courier") == ["Bridge bill climbs"]
    assert titles("--author", "Oldacre") == ["Bridge bill climbs"]
    ran = filled("ask", QUESTION, "--after", "2030-01-01")
    assert (ran.status, ran.out.splitlines()[0]) == (
        0,
        "There is nothing to search: no article passes the limits (published from 2030-01-01).",
    )


def test_search_shows_passages(filled: Shell) -> None:
    ran = filled("search", QUESTION)
    assert ran.out.startswith("1. Bridge bill climbs (2021-03-14, Port Calder Courier)  (score 0.")
    assert f"\n    {COST}" in ran.out
    hit = filled("search", QUESTION, "--json").json["hits"][0]
    assert (hit["title"], hit["start"], hit["lexical"]) == ("Bridge bill climbs", 0, 1.0)
    assert filled("search", QUESTION, "--after", "2030-01-01").out.startswith(
        "There is nothing to search: no article passes"
    )


def test_a_story_printed_twice_is_shown_once_with_where_else_it_stands(shell: Shell, tmp_path: Path) -> None:
    story = (
        f"{COST} The figures are in a confidential letter from the project director to leading councillors, which the "
        "Courier has read. The letter blames the seabed under three of the piers, where soft clay was found."
    )
    for title, source, day in (
        ("Bridge bill climbs", "Courier", "2021-03-14"),
        ("Calder bridge", "Wire", "2021-03-13"),
    ):
        head = f"---\ntitle: {title}\nsource: {source}\ndate: {day}\n---\n"
        (tmp_path / f"{source}.md").write_text(head + story, encoding="utf-8")
    assert shell("index", "update", tmp_path / "Courier.md", tmp_path / "Wire.md").status == 0
    line = "    also in: Calder bridge (Wire, 2021-03-13)"
    assert shell("search", QUESTION).out.count("\n" + line) == 1
    (hit,) = shell("search", QUESTION, "--json").json["hits"]
    twin = {"title": "Calder bridge", "source": "Wire", "published": "2021-03-13", "url": None}
    assert (hit["title"], len(hit["also_in"])) == ("Bridge bill climbs", 1)
    assert hit["also_in"][0].items() >= twin.items()
    assert line in shell("ask", QUESTION, "--no-llm").out.splitlines()
    row = shell("ask", QUESTION, "--no-llm", "--json").json
    assert [c["also_in"] for c in row["citations"]] == [p["also_in"] for p in row["passages"]] == [hit["also_in"]]
    (hit,) = shell("search", QUESTION, "--json", "--source", "wire").json["hits"]
    assert (hit["title"], hit["also_in"]) == ("Calder bridge", [])


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("question", ["", "  \n ", "why?" * 25_000], ids=["empty", "blank", "100,000 characters"])
def test_a_question_that_cannot_be_asked(filled: Shell, command: str, question: str) -> None:
    assert_fails(filled(command, question), 2, "100,000" if question.strip() else "The question is empty")
    assert filled.articles() == ALL


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--after", "2022-02-10", "--before", "2021-01-01"), "--after 2022-02-10 is later than --before 2021-01-01"),
        (("--top-k", "0"), "top_k"),
    ],
)
def test_options_that_make_no_sense(filled: Shell, arguments: tuple[str, ...], part: str) -> None:
    assert_fails(filled("ask", QUESTION, *arguments), 2, part)


@pytest.mark.parametrize("arguments", [("--after", "yesterday"), ("--top-k", "many"), ("--unheard-of",)])
def test_options_that_cannot_be_read_end_with_2(filled: Shell, arguments: tuple[str, ...]) -> None:
    ran = filled("ask", QUESTION, *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert arguments[-1] in ran.err.splitlines()[-1]
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(("name", "message"), [("none.gguf", "clippings models list"), ("gpt-9", "smollm2-135m")])
def test_a_missing_model_is_named(
    filled: Shell, tmp_path: Path, name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.llm.catalogue import load_generator

    monkeypatch.setattr("rag.load_generator", load_generator)
    assert_fails(filled("ask", QUESTION, "--llm", tmp_path / name), 3, tmp_path / name, message)
    assert filled.articles() == ALL


def test_a_file_that_is_no_model_is_named(filled: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rag.llm.catalogue import load_generator

    monkeypatch.setattr("rag.load_generator", load_generator)
    path = tmp_path / "list.gguf"
    path.write_text("This is a shopping list.\n" * 50)
    assert_fails(filled("ask", QUESTION, "--llm", path), 3, path)


# Every command on an index that cannot be used


READING = [
    ("ask", QUESTION),
    ("search", QUESTION),
    ("chat", "--no-browser"),
    ("index", "status"),
    ("index", "list"),
    ("index", "remove", "flood.txt"),
    ("index", "verify"),
    ("index", "rebuild"),
]


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_no_index(shell: Shell, arguments: tuple[str, ...]) -> None:
    assert_fails(shell(*arguments), 3, f"No index in {shell.index}", "clippings index update")
    assert not shell.index.exists()


@pytest.mark.parametrize("arguments", [*READING, ("index", "update", ".")], ids=" ".join)
def test_a_damaged_index(shell: Shell, tmp_path: Path, arguments: tuple[str, ...], monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell.index.mkdir()
    database = shell.index / "clippings.sqlite"
    database.write_bytes(b"no database at all\n" * 500)
    (tmp_path / "story.txt").write_text("It rained in Hollin for three days.")
    assert_fails(shell(*arguments), 3, shell.index)
    assert database.read_bytes() == b"no database at all\n" * 500


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_an_index_damaged_inside(shell: Shell, articles_folder: Path, arguments: tuple[str, ...]) -> None:
    index = Index.create(shell.index, embedder=HashEmbedder())
    index.update([articles_folder])
    index.close()
    database = shell.index / "clippings.sqlite"
    content = bytearray(database.read_bytes())
    content[8192:] = b"\xaa" * (len(content) - 8192)
    database.write_bytes(content)
    shell.generator.replies = [COST]
    ran = shell(*arguments)
    assert ran.status == 3
    assert "Traceback" not in ran.err
    assert ran.err.strip()


def test_an_index_of_another_embedding_model(shell: Shell, articles_folder: Path) -> None:
    other = Index.create(shell.index, embedder=HashEmbedder(name="other@1"))
    other.update([articles_folder])
    other.close()
    (articles_folder / "new.txt").write_text("New\n\nA new article about a new thing that happened.")
    for arguments in (("ask", QUESTION), ("search", QUESTION), ("index", "update", articles_folder)):
        assert_fails(shell(*arguments), 3, "other@1", "clippings index rebuild")
    assert shell.articles() == ALL


def test_chat_begins_without_articles_which_can_be_added_on_the_page(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr("ui.server.serve.serve", lambda chatbot, **_: served.append(chatbot.index.status().folder))
    monkeypatch.setattr("ui.cli.commands.Settings", lambda: Settings(index=str(shell.index)))
    assert shell("chat", "--no-browser").status == 0
    assert served == [str(shell.index)]
    assert shell("ask", QUESTION).status == 0


# chat


def test_chat_updates_then_serves_what_is_asked_for(
    shell: Shell, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: dict[str, Any] = {}
    monkeypatch.setattr("ui.server.serve.serve", lambda chatbot, **options: served.update(options, chatbot=chatbot))
    limits = ("--after", "2021-03-01", "--source", "courier")
    ran = shell("chat", articles_folder, "--port", "8123", "--host", "127.0.0.2", "--no-browser", "--no-llm", *limits)
    assert ran.status == 0
    assert served["filters"] == Filters(after=date(2021, 3, 1), source="courier")
    assert (served["port"], served["host"], served["open_browser"]) == (8123, "127.0.0.2", False)
    assert served["chatbot"].ask(QUESTION).text == f"{COST} [1]"
    assert served["chatbot"].model_name is None
    assert "4 added" in ran.out + ran.err


def test_chat_limits_heaps_before_anything_makes_one(
    shell: Shell, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed: list[bool] = []
    monkeypatch.setattr("ui.server.memory.few_heaps", lambda: indexed.append(shell.index.exists()))
    monkeypatch.setattr("ui.server.serve.serve", lambda *_, **__: indexed.append(shell.index.exists()))
    assert shell("chat", articles_folder, "--no-browser").status == 0
    assert indexed == [False, True]


def test_chat_goes_on_when_a_file_fails_but_says_so(
    shell: Shell, articles_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.server.serve.serve", lambda chatbot, **options: None)
    (articles_folder / "bad.txt").write_bytes(b"\0" * 100)
    ran = shell("chat", articles_folder, "--no-browser")
    assert ran.status == 1
    assert f"{articles_folder / 'bad.txt'}: is not a text file" in ran.out + ran.err


def test_a_port_in_use_is_named(filled: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert_fails(filled("chat", "--no-browser", "--no-llm", "--port", port), 3, f"Port {port} is in use", "--port")
    assert filled.articles() == ALL


# eval, models, doctor


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    rows = [
        {"question": QUESTION, "answers": ["587 million"], "article_id": "bridge.md"},
        {"question": "How many people drowned in Hollin?", "answers": ["31", "thirty-one"]},
        {"question": "Who won the chess olympiad in Baku?", "answers": [], "answerable": False},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_eval(filled: Shell, questions: Path, tmp_path: Path) -> None:
    ran = filled("eval", questions, "--no-llm", "--json", "--out", tmp_path / "results.jsonl")
    assert (ran.status, ran.err) == (0, "")
    figures = ran.json
    assert {name: figures[name] for name in ("n", "answer_at_1", "mrr", "accuracy", "refused_unanswerable")} == {
        "n": 3,
        "answer_at_1": 1.0,
        "mrr": 1.0,
        "accuracy": 1.0,
        "refused_unanswerable": 1.0,
    }
    assert "changes" not in figures
    confidence = figures["confidence"]
    assert (confidence["accuracy"], confidence["refused_answerable"]) == ([1.0, 1.0], [0.0, 0.0])
    assert "n" not in confidence
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [row["rank"] for row in rows] == [1, 1, None]
    assert rows[0]["quotes"] == [COST]
    lines = filled("eval", questions, "--no-llm", "--limit", "2").out.splitlines()
    assert lines[0].split() == ["n", "2"]
    assert "accuracy                       1.0   (1.000 to 1.000)" in lines


def test_eval_of_retrieval_only(filled: Shell, questions: Path) -> None:
    figures = filled("eval", questions, "--retrieval-only", "--json").json
    assert "accuracy" not in figures
    assert figures["answer_at_1"] == 1.0
    assert filled.generator.prompts == []


def test_eval_against_an_earlier_run(filled: Shell, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    arguments = ("eval", questions, "--no-llm", "--out", out, "--compare", out)
    assert filled(*arguments[:-2]).status == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    rows[0]["measures"] |= {"accuracy": 0.0, "mrr": 0.5}
    rows[1]["measures"] |= {"accuracy": 0.0}
    out.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ran = filled(*arguments)
    assert (ran.status, ran.err) == (0, "")
    changes = ran.out.split("\n\nchanges, over the same questions\n")[1].splitlines()
    assert "accuracy                   +1.0000   (+1.000 to +1.000)" in changes
    assert "mrr                        +0.2500   (+0.000 to +0.500)   may be noise" in changes
    # The same file was read before it was written: now it has the new run, and nothing changed since.
    row = filled(*arguments, "--json").json
    assert row["changes"]["accuracy"] == {"change": 0.0, "interval": [0.0, 0.0]}
    assert {change["change"] for change in row["changes"].values()} == {0.0}


def test_eval_against_what_cannot_be_compared(
    filled: Shell, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, other = tmp_path / "results.jsonl", tmp_path / "other.jsonl"
    other.write_text('{"question": "Another?", "measures": {"mrr": 1.0}}\n')
    ran = filled("eval", questions, "--no-llm", "--quiet", "--out", out, "--compare", other)
    assert_fails(ran, 2, "share no question")
    assert len(out.read_text().splitlines()) == 3  # the run is not lost
    monkeypatch.setattr("rag.evaluation.evaluate", lambda *_, **__: pytest.fail("asked before the file was read"))
    for path in (questions, tmp_path / "none.jsonl"):
        assert_fails(filled("eval", questions, "--no-llm", "--compare", path), 2, path)


def test_eval_draws_a_plot(filled: Shell, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "plot.png"
    for way in ("--no-llm", "--retrieval-only"):
        path.unlink(missing_ok=True)
        assert filled("eval", questions, way, "--plot", path).status == 0
        assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    quickly = ("eval", questions, "--retrieval-only", "--quiet", "--plot")
    assert_fails(filled(*quickly, tmp_path / "no" / "x.png"), 2, "no/x.png")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert_fails(filled(*quickly, path), 3, "pip install 'clippings[plot]'")


def test_eval_of_bad_questions(filled: Shell, tmp_path: Path, questions: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"question": "Q?", "answers": ["a"]}\nnonsense\n')
    assert_fails(filled("eval", bad), 2, f"{bad}, line 2")
    assert_fails(filled("eval", tmp_path / "none.jsonl"), 2, tmp_path / "none.jsonl")
    assert_fails(filled("eval", questions, "--limit", "0"), 2, "--limit")
    assert filled("eval", questions, "--retrieval-only", "--quiet", "--out", tmp_path / "no" / "x").status == 2


MIXED = [
    {"question": QUESTION, "answers": ["587 million"]},
    {"question": QUESTION, "kind": "number_or_date", "answerable": True, "nuggets": [{"any": ["587million"]}]},
    {"question": "Who won the chess olympiad in Baku?", "kind": "absent", "answerable": False, "nuggets": []},
    {
        "turns": [
            {"question": QUESTION, "kind": "fact", "nuggets": [{"any": ["587 million"]}]},
            {"question": "And when will it open?", "kind": "fact", "follow_up": True, "nuggets": [{"any": ["2025"]}]},
            {
                "question": "How many people drowned in Hollin?",
                "kind": "fact",
                "nuggets": [{"any": ["31", "thirty-one"]}],
            },
        ]
    },
    {"clipping": COST, "claim": COST, "label": "supported", "question": None, "phenomenon": "the same"},
    {"clipping": COST, "claim": "Rain fell in Hollin on Wednesday.", "label": "unsupported", "phenomenon": "other"},
]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A file with all kinds of rows."""
    path = tmp_path / "mixed.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in MIXED))
    return path


def test_eval_of_all_kinds_of_rows(filled: Shell, mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    ran = filled("eval", mixed, "--no-llm", "--json", "--out", out)
    assert (ran.status, ran.err) == (0, "")
    figures = ran.json
    expected = {"n": 8, "accuracy": 1.0, "good": 1.0, "vital": 1.0, "all": 1.0, "refused_unanswerable": 1.0}
    expected |= {"alone_good": 1.0, "followup_good": 1.0, "merged": 0.0, "auc": 1.0}
    expected |= {"supported_passed": 1.0, "unsupported_passed": 0.0}
    assert {name: figures[name] for name in expected} == expected
    assert figures["counts"]["alone_good"] == 2
    assert figures["confidence"]["good"] == [1.0, 1.0]
    assert figures["by_kind"]["fact"]["n"] == 3
    assert figures["by_phenomenon"]["other"]["unsupported_passed"] == 0.0
    assert len(out.read_text().splitlines()) == 8
    text, changes = filled("eval", mixed, "--no-llm", "--compare", out).out.split("changes, over the same questions\n")
    changed = dict(line.split()[:2] for line in changes.partition("\n\n")[0].splitlines())
    assert {"accuracy", "good", "alone_good", "followup_good", "supported_passed"} <= changed.keys()
    assert set(changed.values()) == {"+0.0000"}
    assert "\nmerged                         0.0   (0.000 to 0.000)   of 1\n" in text
    assert "\n\nby kind " in changes
    assert "\n\nby phenomenon " in changes


def test_eval_draws_a_sample_of_rows(filled: Shell, mixed: Path) -> None:
    drawn = filled("eval", mixed, "--no-llm", "--limit", 1, "--json").json
    assert drawn["n"] in (1, 3)


def test_eval_of_pairs_needs_no_index(shell: Shell, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("".join(json.dumps(row) + "\n" for row in MIXED[4:]))
    ran = shell("eval", pairs, "--json")
    assert (ran.status, ran.json["n"], ran.json["auc"]) == (0, 2, 1.0)
    for options in (["--plot", "x.png"], ["--own-words"], ["--retrieval-only"], ["--calibrate"]):
        assert_fails(shell("eval", pairs, *options), 2, options[0], "needs questions")


def test_eval_of_passages_only_needs_questions_with_answers(filled: Shell, mixed: Path) -> None:
    assert_fails(
        filled("eval", mixed, "--retrieval-only"), 2, "--retrieval-only measures questions with `answers`", mixed
    )


@pytest.mark.parametrize("question", ["\x00", "?", "\u200b.", "🦔", '"AND" OR NEAR(', "\x1b[31m", "[" * 900])
def test_eval_of_odd_questions(question: str, filled: Shell, tmp_path: Path) -> None:
    rows = [
        {"question": question, "kind": "absent", "answerable": False, "nuggets": []},
        {"turns": [{"question": question, "kind": "smalltalk"}] * 2},
        {"clipping": question, "claim": question, "label": "supported"},
        {"clipping": question, "claim": question, "label": "supported", "question": question + "x"},
    ]
    path = tmp_path / "odd.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ran = filled("eval", path, "--no-llm", "--json", "--out", tmp_path / "out.jsonl")
    assert (ran.status, ran.err, ran.json["n"]) == (0, "", 5)


def test_eval_without_an_index(shell: Shell, questions: Path) -> None:
    assert_fails(shell("eval", questions), 3, "No index in")


def test_models(shell: Shell) -> None:
    ran = shell("models")
    assert ran.out == shell("models", "list").out
    assert ran.out.startswith("smollm2-135m  0.1 billion parameters, file 98 MB, memory 400 MB, Apache-2.0, ")
    assert shell("models", "--json").json["models"][0]["name"] == "smollm2-135m"


def test_doctor_ends_with_3_when_something_needed_is_missing(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.cli.doctor.PACKAGES", ("pytest", "no-such-package-here"))
    ran = filled("doctor")
    assert ran.status == 3
    assert "MISSING  no-such-package-here" in ran.out
    assert "pip install no-such-package-here" in ran.out
    assert f"4 articles in {filled.index}" in ran.out
    checks = {check["name"]: check["ok"] for check in filled("doctor", "--json").json["checks"]}
    assert (checks["no-such-package-here"], checks["pytest"], checks["index"]) == (False, True, True)


def test_doctor_without_an_index_is_done(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.cli.doctor import Check

    monkeypatch.setattr("ui.cli.doctor.MINILM", type("Found", (), {"locate": lambda self: "here"})())
    monkeypatch.setattr("ui.cli.doctor.check_installed", lambda name: "there")
    ran = shell("doctor")
    assert ran.status == 0
    assert "MISSING  index" in ran.out
    assert Check("x", True, "").required


# What holds for every command


@pytest.mark.parametrize(
    "arguments",
    [
        ("--index", "DIR", "--json", "index", "status"),
        ("index", "status", "--index", "DIR", "--json"),
        ("--json", "index", "status", "--index", "DIR"),
        ("index", "--index", "DIR", "--json", "status"),
        ("--index", "ELSEWHERE", "index", "status", "--json", "--index", "DIR"),
    ],
)
def test_common_options_work_before_and_after_the_command(
    filled: Shell, arguments: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    assert main([str(filled.index) if a == "DIR" else a for a in arguments]) == 0
    assert json.loads(capfd.readouterr().out)["folder"] == str(filled.index)


def test_the_index_can_be_named_by_the_environment(
    filled: Shell, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLIPPINGS_INDEX", str(filled.index))
    capfd.readouterr()
    assert main(["index", "status", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["articles"] == 4


def test_errors_as_json_are_one_object_in_the_last_line(shell: Shell) -> None:
    ran = shell("ask", QUESTION, "--json")
    assert ran.status == 3
    assert ran.err.count("\n") == 1
    assert ran.json == {"error": ran.err.rstrip("\n")}


def test_a_broken_settings_file_is_named(filled: Shell) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("top_k = many\n")
    assert_fails(filled("ask", QUESTION), 2, settings_file())


@pytest.mark.parametrize(
    ("arguments", "status"), [(("index", "rollback"), 3), (("models", "pull", "x"), 3), ((), 2), (("index",), 2)]
)
def test_other_statuses(shell: Shell, arguments: tuple[str, ...], status: int) -> None:
    ran = shell(*arguments)
    assert ran.status == status
    assert "Traceback" not in ran.err


def test_stopping_says_so(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ui.cli.commands.open_chatbot", stop)
    monkeypatch.setattr("rag.open_chatbot", stop)
    monkeypatch.setattr("index.index.Index.open", stop)
    assert_fails(filled("ask", QUESTION), 130, "Stopped.")


def test_stopping_while_the_program_is_being_loaded_says_so(tmp_path: Path) -> None:
    (tmp_path / "faiss.py").write_text("raise KeyboardInterrupt\n")  # found before the real one
    root = Path(__file__).parents[3]
    entry = tomllib.loads((root / "pyproject.toml").read_text())["project"]["scripts"]["clippings"]
    module, _, function = entry.partition(":")
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; sys.exit({module}.{function}())", "index", "status"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped before anything was done.\n")


def test_a_reader_that_leaves_is_no_error(filled: Shell) -> None:
    command = [sys.executable, "-m", "ui", "--index", str(filled.index), "index", "list"]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
    assert (done.returncode, done.stderr) == (0, "")


def shut(*arguments: str, streams: str) -> tuple[int, str]:
    """Status and standard error of a command whose streams a shell has sent elsewhere."""
    command = shlex.join([sys.executable, "-m", "ui", *arguments])
    done = subprocess.run(
        ["sh", "-c", f"{command} {streams}"], stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_an_output_that_cannot_be_written_is_said(filled: Shell) -> None:
    message = "The work is done, but its output cannot be written: No space left on device.\n"
    assert shut("--index", str(filled.index), "index", "list", streams="> /dev/full") == (3, message)


@pytest.mark.skipif(os.name == "nt", reason="another kind of shell")
def test_closed_streams_are_no_error(filled: Shell, tmp_path: Path) -> None:
    assert shut("--index", str(filled.index), "index", "list", streams=">&- <&-") == (0, "")
    assert shut("--index", str(tmp_path / "none"), "--json", "index", "list", streams=">&- 2>&-") == (3, "")


@pytest.mark.skipif(os.name == "nt", reason="another kind of shell")
def test_an_error_that_nobody_reads_keeps_its_status(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    for stream in ("stdout", "stderr"):
        done = subprocess.run(
            [sys.executable, "-m", "ui", "--index", str(tmp_path / "none"), "--json", "index", "list"],
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: writer},
            cwd=Path(__file__).parents[3],
        )
        assert done.returncode == 3
        assert b"Traceback" not in (done.stdout or b"") + (done.stderr or b"")
    os.close(writer)


TABLE = """nom,mot,jour
Bridge,The Calder bridge will cost 587 million crowns. It will open in the spring of 2025.,2021-03-14
short,row
Flood,The river Arle rose by four metres on Wednesday night and thirty-one people drowned.,2021-07-23
"""


def test_the_columns_of_a_table_can_be_named(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("nom,mot,jour\nBridge,dear,2021-03-14\n")
    assert "no column for the text; its columns are: nom, mot, jour" in shell("index", "update", table).err
    table.write_text(TABLE)
    ran = shell("index", "update", table, "--map", "title=nom,text=mot,date=jour", "--json")
    assert ran.status == 1
    assert ran.json["added"] == [f"{table}#2", f"{table}#4"]
    assert ran.json["failed"] == [
        {"uri": f"{table}:3", "reason": "line 3 has 2 values, but the first row names 3 columns"}
    ]
    assert shell.articles() == ["Bridge", "Flood"]
    row = shell("index", "preview", table, "--map", "title=nom,text=mot,date=jour", "--json").json["articles"][1]
    assert (row["title"], row["published"], row["language"]) == ("Flood", "2021-07-23", "en")


@pytest.mark.parametrize("words", ["title", "title=", "headline=nom", "title=nom,"])
def test_map_is_checked_before_anything_is_read(shell: Shell, tmp_path: Path, words: str) -> None:
    ran = shell("index", "update", tmp_path, "--map", words)
    assert ran.status == 2
    assert "is not FIELD=COLUMN with a FIELD of id, title, text" in ran.err


def test_an_address_is_read_where_it_is_given(shell: Shell) -> None:
    with serve() as site:
        text = "".join(f"<p>{line}</p>" for line in TABLE.splitlines())
        address = site.put("/a", f"<html><head><title>Bridge and flood</title></head><body>{text}</body></html>")
        ran = shell("index", "update", address, f"{site.address}/gone", "--json")
        assert (ran.status, ran.json["added"]) == (1, [address])
        assert ran.json["failed"] == [
            {"uri": f"{site.address}/gone", "reason": "the site answers with status 404 (Not Found)"}
        ]
        asked = len(site.asked)
        assert shell("search", "Calder bridge").status == 0
        assert len(site.asked) == asked
        assert shell("index", "preview", address, "--json").json["articles"][0]["url"] == address
    assert_fails(shell("index", "update", "http://"), 2, "it names no site")


def test_preview_tells_what_is_thrown_away_and_why(shell: Shell, tmp_path: Path) -> None:
    lines = "".join(f"<p>{line.rpartition(',')[0].partition(',')[2]}</p>" for line in TABLE.splitlines()[1::2])
    page = tmp_path / "a.html"
    page.write_text(
        "<html><head><title>Bridge</title></head><body><nav>Home Politics Sport</nav><article>"
        f"<h1>Bridge</h1>{lines}<p>Share this article</p></article><footer>Imprint and other links</footer></body></html>"
    )
    out = shell("index", "preview", page).out
    assert "\n\nkept: 30 words in 2 paragraphs\n\n" in out
    assert "\n  share link (1)\n    Share this article\n" in out
    assert out.endswith("\n  outside the article (2)\n    Home Politics Sport\n    Imprint and other links\n")
    dropped = shell("index", "preview", page, "--json").json["articles"][0]["dropped"]
    assert {"text": "Home Politics Sport", "reason": "outside the article"} in dropped


def test_one_of_a_thing_is_said_so(shell: Shell, articles_folder: Path) -> None:
    ran = shell("index", "update", articles_folder / "flood.txt")
    assert "; 1 passage embedded;" in ran.out
    assert "\n1 article, 1 without a date\n1 passage, 2 sentences\n" in shell("index", "status").out


def test_update_counts_what_is_left_out_and_names_dates_that_it_does_not_understand(
    shell: Shell, articles_folder: Path
) -> None:
    page = "<html><body><article><h1>Tarn</h1><p>The mill of Tarn was sold on Monday.</p><p style='font-size:0'>Hidden words.</p>"
    (articles_folder / "mill.html").write_text(page)
    row = {"id": "x", "title": "Rain", "text": "It rained in Tarn.", "date": "11/04/2023"}
    (articles_folder / "rain.jsonl").write_text(json.dumps(row))
    report = shell("index", "update", articles_folder)
    assert f"! {articles_folder}/rain.jsonl#x: date not understood: 11/04/2023" in report.out.splitlines()
    assert "left out: 1 paragraph (hidden, or folded 1); clippings index preview FILE lists them" in report.out
    undated = shell("index", "status", "--json").json["undated"]
    assert undated >= 2
    assert f"{undated} without a date" in shell("index", "status").out
    assert shell("search", "rain", "--after", "2021-01-01", "--json").json["undated"] == undated
