"""Names of uploads stay in their folder; what is no good leaves what was there before it."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Article
from index.errors import CannotRun
from ui.archive.uploads import FOLDER, LONGEST_NAME, forget, harmless, put, turn


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("story.txt", "story.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\news\\story.md", "story.md"),
        ("..", "article"),
        ("", "article"),
        (".hidden.txt", "hidden.txt"),
        ("a\x00b\u202ec.txt", "a_b_c.txt"),
        ("rates#1.csv", "rates_1.csv"),
        ('<i>"x"?*|:.html', "i__x______.html"),
        ("con.txt", "_con.txt"),
        ("Zu\u0308rich – ‘Stau’.txt", "Zürich – _Stau’.txt"),
        ("two  spaces .txt", "two spaces .txt"),
    ],
)
def test_harmless_names(name: str, kept: str) -> None:
    if name.startswith("<i>"):
        assert harmless(name).endswith(".html")
        assert not set('<>:"|?*') & set(harmless(name))
    else:
        assert harmless(name) == kept


def test_a_long_name_keeps_its_suffix() -> None:
    kept = harmless("ü" * 300 + ".txt.gz")
    assert kept.endswith("ü.txt.gz")
    assert len(kept.encode()) <= LONGEST_NAME


@given(st.text(max_size=300))
def test_any_name_is_one_file_of_the_folder(name: str) -> None:
    kept = harmless(name)
    assert kept
    assert Path("/folder", kept).resolve().parent == Path("/folder")
    assert not kept.startswith(".")
    assert not {"/", "\\", "\0", "#"} & set(kept)
    assert len(kept.encode()) <= LONGEST_NAME + 21
    assert harmless(kept) == kept


def files(*pairs: tuple[str, bytes]) -> list[tuple[str, io.BytesIO]]:
    return [(name, io.BytesIO(content)) for name, content in pairs]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / FOLDER).iterdir())


def test_files_of_one_name_get_numbers(tmp_path: Path) -> None:
    made = put(tmp_path, files(("a.txt", b"1"), ("x/a.txt", b"2"), ("A.TXT", b"3"), ("a.txt", b"4")))
    assert [upload.path.name for upload in made] == ["a.txt", "a 2.txt", "A 3.TXT", "a 4.txt"]
    assert [upload.path.read_bytes() for upload in made] == [b"1", b"2", b"3", b"4"]


def test_a_good_upload_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    for content in (b"The mine is open.", b"The mine is closed."):
        (made,) = put(tmp_path, files(("a.txt", content)))
        made.keep()
    assert names(tmp_path) == ["a.txt"]
    assert made.path.read_bytes() == b"The mine is closed."


def page(title: str, text: str) -> bytes:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>".encode()


def test_another_article_of_the_same_name_is_kept_beside_the_first(tmp_path: Path) -> None:
    ferry = page("Ferry fares to rise", "The ferry to Corran will cost more from May, its owner said on Monday.")
    tower = page("Tower to be sold", "The tower of Corran will be sold in May, its owner said on Monday.")
    dearer = page(
        "Ferry fares to rise", "The ferry to Corran will cost much more from June, its owner said on Tuesday."
    )
    for content, name, is_renamed in (
        (ferry, "index.html", False),
        (tower, "index 2.html", True),
        (tower, "index 2.html", False),
        (dearer, "index.html", False),
    ):
        (made,) = put(tmp_path, files(("index.html", content)))
        made.keep()
        assert (made.path.name, made.is_renamed) == (name, is_renamed)
    assert names(tmp_path) == ["index 2.html", "index.html"]
    assert (tmp_path / FOLDER / "index.html").read_bytes() == dearer


def test_a_table_sent_again_with_other_rows_is_the_same_table(tmp_path: Path) -> None:
    rows = ["title,text", "Ferry,The ferry will cost more.", "Tower,The tower will be sold.", "Mine,The mine is shut."]
    for kept in (rows[:3], rows[:1] + rows[2:]):
        put(tmp_path, files(("t.csv", "\n".join(kept).encode())))[0].keep()
    assert names(tmp_path) == ["t.csv"]


def test_a_bad_upload_gives_its_place_back(tmp_path: Path) -> None:
    put(tmp_path, files(("a.txt", b"old")))[0].keep()
    for upload in put(tmp_path, files(("a.txt", b"bad"), ("b.txt", b"bad"))):
        upload.undo()
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / FOLDER / "a.txt").read_bytes() == b"old"


def test_when_one_cannot_be_written_none_is_kept(tmp_path: Path) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    put(tmp_path, files(("a.txt", b"old")))[0].keep()
    with pytest.raises(CannotRun, match="No space left on device"):
        put(tmp_path, [*files(("a.txt", b"new"), ("b.txt", b"new")), ("c.txt", Failing())])
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / FOLDER / "a.txt").read_bytes() == b"old"


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing yet"])
def test_nothing_is_written_through_a_link(tmp_path: Path, *, there: bool) -> None:
    outside = tmp_path / "outside.txt"
    if there:
        outside.write_bytes(b"mine")
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "a.txt").symlink_to(outside)
    (made,) = put(tmp_path, files(("a.txt", b"new")))
    assert (made.path.read_bytes(), made.path.is_symlink()) == (b"new", False)
    assert (outside.read_bytes() == b"mine") if there else not outside.exists()
    made.undo()
    assert made.path.is_symlink()
    put(tmp_path, files(("a.txt", b"new")))[0].keep()
    assert names(tmp_path) == ["a.txt"]
    assert outside.exists() is there


def article(uri: str) -> Article:
    return Article(uri, "T", "Text.")


def test_only_uploads_are_deleted(tmp_path: Path) -> None:
    put(tmp_path, files(("a.txt", b"1")))
    own = tmp_path / "own.txt"
    own.write_text("mine")
    beside = os.path.join(str(tmp_path / FOLDER), "..", "own.txt")
    forget(tmp_path, [article(str(own)), article("https://example.org/a.txt"), article(beside)], list)
    assert own.exists()
    forget(tmp_path, [article(str(tmp_path / FOLDER / "a.txt"))], list)
    assert names(tmp_path) == []


def test_a_table_goes_with_the_last_of_its_rows(tmp_path: Path) -> None:
    put(tmp_path, files(("t.csv", b"1")))
    first, second = (article(f"{tmp_path / FOLDER / 't.csv'}#{n}") for n in (1, 2))
    forget(tmp_path, [first], lambda: [second])
    assert names(tmp_path) == ["t.csv"]
    forget(tmp_path, [second], list)
    assert names(tmp_path) == []


def test_changes_of_one_index_take_turns(tmp_path: Path) -> None:
    assert turn(tmp_path / "a") is turn(tmp_path / "a")
    assert turn(tmp_path / "a") is not turn(tmp_path / "b")
