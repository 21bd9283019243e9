"""The same story under several headlines counts once in what is found, and says where else it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from standins import HashEmbedder
from test_similarity import STORY

from index import AlsoIn, Filters, Hit, Index

MINE = (
    "A court halted the mine at Grey Fell on Monday because clay had been dumped into the river for nine months. "
    "The owner, Northern Ores, said that it would appeal and that 140 miners would stay at home on full pay. "
    "Inspectors found the first spill in 2019 and fined the company twice, the judge said in her ruling."
)
OWN = (
    " The vicar of Brayford opened the church hall for families who had nowhere to sleep, and the baker brought bread."
)


def row(name: str, text: str, **facts: str) -> dict[str, str]:
    return {"id": name, "title": facts.pop("title", name), "text": text, **facts}


ROWS = [
    row("wire", STORY, title="Flood at Brayford", date="2021-03-01", source="Reuters", author="Ann"),
    row("courier", STORY + OWN, title="Brayford under water", date="2021-03-02", source="Courier", author="Bo"),
    row("fixed", STORY.replace("14 people", "15 people"), title="CORRECTED - Flood at Brayford", date="2021-03-02"),
    row("mine", MINE, title="Mine halted", date="2021-03-01", source="Reuters"),
]


def indexed(folder: Path, rows: list[dict[str, str]]) -> Index:
    folder.mkdir(exist_ok=True)
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    index = Index.create(folder / "index", embedder=HashEmbedder())
    index.update([folder / "a.jsonl"], prune=True)
    return index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    index = indexed(tmp_path_factory.mktemp("collapse"), ROWS)
    yield index
    index.close()


def name(hit: Hit) -> str:
    return hit.article.uri.partition("#")[2]


def names(hits: list[Hit]) -> list[str]:
    return list(dict.fromkeys(map(name, hits)))


def test_a_story_counts_once_and_the_correction_speaks_for_it(index: Index) -> None:
    hits = index.search("How many people drowned in Lower Brayford?", top_k=10)
    drowned = [hit for hit in hits if "people drowned" in hit.text]
    assert names(drowned) == ["fixed"]
    assert [twin.title for twin in drowned[0].also_in] == ["Brayford under water", "Flood at Brayford"]
    assert drowned[0].also_in[1] == AlsoIn(
        index.find("wire").id, index.find("wire").uri, "Flood at Brayford", "Reuters", date(2021, 3, 1), None
    )
    assert str(drowned[0].also_in[1]) == "Flood at Brayford (Reuters, 2021-03-01)"
    assert [hit.also_in for hit in hits if name(hit) == "mine"] == [()]


def test_a_filter_chooses_among_those_it_lets_through(index: Index) -> None:
    question = "How many people drowned in Lower Brayford?"
    (hit,) = index.search(question, top_k=1, filters=Filters(source="Reuters"))
    assert (name(hit), hit.also_in) == ("wire", ())
    (hit,) = index.search(question, top_k=1, filters=Filters(before=date(2021, 3, 2), author="o"))
    assert (name(hit), hit.also_in) == ("courier", ())
    hits = index.search(question, top_k=9, filters=Filters(after=date(2021, 3, 2)))
    assert [twin.title for twin in hits[0].also_in] == ["Brayford under water"]


def test_what_the_preferred_article_does_not_hold_is_still_found(tmp_path: Path) -> None:
    own = [
        f"{word} sat beside the broken sluice until the rain stopped at {n} o'clock." for n, word in enumerate("abcd")
    ]
    longer = f"{STORY}\n\nThe vicar opened the church hall, and the baker brought bread. {' '.join(own)}"
    index = indexed(tmp_path, [row("fixed", STORY, title="Corrected: flood"), row("wire", longer)])
    hits = index.search("vicar church hall baker bread", top_k=9)
    assert names(hits) == ["wire", "fixed"]
    assert "vicar" in hits[0].text and hits[0].also_in == ()
    assert not any("drowned" in hit.text for hit in hits if name(hit) == "wire")
    index.close()


def test_as_many_hits_come_back_as_there_are_stories(tmp_path: Path) -> None:
    copies = [row(f"copy{n}", STORY, date=f"2021-03-0{1 + n % 7}") for n in range(150)]
    others = [row(f"other{n}", f"The river at place {n} rose {n} feet and nobody drowned.") for n in range(5)]
    index = indexed(tmp_path, [*copies, *others])
    hits = index.search("people drowned river Brayford", top_k=6)
    assert len({hit.article.id for hit in hits}) == 6
    assert sum("copy" in name(hit) for hit in hits) == 1
    assert len(next(hit for hit in hits if "copy" in name(hit)).also_in) == 149
    index.close()


def test_an_update_shows_what_a_build_from_scratch_shows(tmp_path: Path) -> None:
    grown = indexed(tmp_path / "grown", ROWS[3:] + ROWS[:1])
    for rows in (ROWS[:2], ROWS[1:], ROWS):
        (tmp_path / "grown" / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        grown.update([tmp_path / "grown" / "a.jsonl"], prune=True)
        scratch = indexed(tmp_path / "-".join(r["id"] for r in rows), rows)
        for question in ("people drowned Brayford", "bridge at Calder", "mine clay river"):
            found, expected = (i.search(question, top_k=5) for i in (grown, scratch))
            assert [(name(h), h.chunk.ordinal, h.score, [t.title for t in h.also_in]) for h in found] == [
                (name(h), h.chunk.ordinal, h.score, [t.title for t in h.also_in]) for h in expected
            ]
        scratch.close()
    grown.close()
