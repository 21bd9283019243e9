"""The commands that suffer faults: where each starts from, and how what it works on is read back, whole."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub import COMMIT
from standins import HashEmbedder

from index import Index
from index.errors import DamagedIndex, NoIndex
from index.storage.database.connection import DATABASE

CONTENT = bytes(range(256)) * 3000
"""Of the model file that is pulled."""

PULLED = "acme/tiny-GGUF:tiny.gguf"

QUESTION = "Which report names word3?"

State = Any
"""Everything that counts of an index or a downloaded file; comparable."""


@dataclass(frozen=True, slots=True)
class Work:
    """A command of clippings that works in a folder, which begins as a copy of `start`; `state` reads it."""

    name: str
    command: list[str]
    start: Path
    state: Callable[[Path], State]


def make_works(base: Path, root: Path) -> list[Work]:
    """All works, their starts in folders below `base`; they will be done in `root`."""
    articles = base / "articles"
    articles.mkdir(parents=True)
    start = {name: base / "starts" / name for name in ("empty", "behind", "damaged", "unreadable")}
    for folder in start.values():
        (folder / "tmp").mkdir(parents=True)
    write_reports(articles, range(12), 1)
    _update(start["behind"], articles)
    write_reports(articles, range(4), 2)
    _update(start["behind"], articles)
    write_reports(articles, range(2, 16), 3)
    (articles / "0.txt").unlink()
    (articles / "1.txt").rename(articles / "moved.txt")
    shutil.copytree(start["behind"], start["damaged"], dirs_exist_ok=True)
    _damage(start["damaged"] / "index")
    shutil.copytree(start["behind"], start["unreadable"], dirs_exist_ok=True)
    _zero_a_page(start["unreadable"] / "index")
    index = ["--index", str(root / "index"), "index"]
    return [
        Work("create", [*index, "update", "--quiet", str(articles)], start["empty"], index_state),
        Work("update", [*index, "update", "--quiet", "--prune", str(articles)], start["behind"], index_state),
        Work("rebuild", [*index, "rebuild", "--quiet", "--model", "hash@2"], start["behind"], index_state),
        Work("rollback", [*index, "rollback", "--to", "1"], start["behind"], index_state),
        Work("repair", [*index, "repair", "--quiet"], start["damaged"], index_state),
        Work("salvage", [*index, "repair", "--quiet"], start["unreadable"], sound_state),
        Work("pull", ["models", "pull", "--quiet", PULLED], start["empty"], hub_state),
    ]


def write_reports(folder: Path, names: range, round_: int) -> None:
    """Articles by number, whose text tells the round."""
    for number in names:
        text = f"Report {number}\n\nReport {number} of round {round_} names word{number % 7}. " + "More follows. " * 120
        (folder / f"{number}.txt").write_text(text)


def _update(place: Path, articles: Path) -> None:
    index = Index.create(place / "index", embedder=HashEmbedder())
    index.update([articles])
    index.close()


def _damage(folder: Path) -> None:
    """What a repair can mend completely: vectors, offsets, full text."""
    connection = sqlite3.connect(folder / DATABASE)
    with connection:
        connection.execute("UPDATE embedding SET vectors = zeroblob(length(vectors)) WHERE key < '8'")
        connection.execute("UPDATE chunk SET end = end + 1000 WHERE id % 5 = 0")
        connection.execute("DELETE FROM chunk_fts_data WHERE id > 10")
    connection.close()


def _zero_a_page(folder: Path) -> None:
    """What only a new database can mend: the root of an index over articles."""
    connection = sqlite3.connect(folder / DATABASE)
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'article_file'").fetchone()
    connection.close()
    with (folder / DATABASE).open("rb+") as file:
        file.seek((root - 1) * 4096)
        file.write(bytes(4096))


def sound_state(root: Path) -> State:
    """What a sound index holds; the same word for any other, which must be repaired."""
    try:
        state = index_state(root)
    except DamagedIndex:
        return "to be repaired"
    return "to be repaired" if state[1] else state


def index_state(root: Path) -> State:
    """What the index in `root` holds, with what `verify` finds wrong; None without one, or without articles.

    Read from a copy, because a search mends the FAISS file.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "index"
        try:
            shutil.copytree(root / "index", copy)
            plain = Index.open(copy)
        except (FileNotFoundError, NoIndex):
            return None
        status = plain.status()
        plain.close()
        embedder = HashEmbedder(name=status.embedder, dimension=64 if status.embedder == "hash@2" else 256)
        opened = Index.open(copy, embedder=embedder)
        problems = opened.verify()
        found = [] if problems else opened.search(QUESTION, top_k=99)
        articles = list(opened.articles())
        opened.close()
        return (status.embedder, problems, articles, found, _tables(copy)) if articles else None


def _tables(folder: Path) -> list[list[Any]]:
    """Rows of the tables, without what differs between two runs of the same command."""
    connection = sqlite3.connect(folder / DATABASE)
    rows = [
        connection.execute(sql).fetchall()
        for sql in (
            "SELECT * FROM article ORDER BY id",
            "SELECT article_id, ordinal, start, end, sentences, embedding FROM chunk ORDER BY 1, 2",
            "SELECT key, vectors FROM embedding WHERE key IN (SELECT embedding FROM chunk) ORDER BY key",
            "SELECT * FROM likeness ORDER BY 1",
            "SELECT path, sha256, failures FROM file ORDER BY 1",
        )
    ]
    connection.close()
    return rows


def hub_state(root: Path) -> State:
    """Whether the model file is where it is looked for; its SHA-256 where it is not the one that was pulled."""
    path = root / "hub" / "hub" / "models--acme--tiny-GGUF" / "snapshots" / COMMIT / "tiny.gguf"
    if not path.is_file():
        return None
    content = path.read_bytes()
    return "whole" if content == CONTENT else hashlib.sha256(content).hexdigest()
