"""From what was typed to what was found: kinds, whole articles, how much is read, and one version of the index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from making import SCORES
from standins import HashEmbedder, ScriptedReader, ScriptedUnderstanding

from index import Filters, Index
from rag.question.kinds import FORMS, Kind
from rag.question.question import Question
from rag.retrieval.evidence import Candidate
from rag.retrieval.finding import Finder

FERRY = "What of the Skerry ferry?"


class CountingReader(ScriptedReader):
    """Remembers how many passages it was given each time."""

    def __init__(self) -> None:
        super().__init__("nothing")
        self.read_at_once: list[int] = []

    def read(self, question, hits):
        self.read_at_once.append(len(hits))
        return super().read(question, hits)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Index]:
    """A long article about the ferry, which sinks in its last paragraph, and ten short ones that mention it."""
    days = [f"Of the Skerry ferry on day {n}. " + " ".join(f"w{n}x{m}" for m in range(90)) + "." for n in range(10)]
    long = {
        "id": "long",
        "title": "Skerry ferry",
        "text": "\n\n".join([*days, "What of the Skerry ferry, of the Skerry ferry? " * 12]),
    }
    short = [{"id": f"s{n}", "title": f"Note {n}", "text": f"A ferry number {n}q sailed y{n}."} for n in range(10)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, [long, *short])), encoding="utf-8")
    made = Index.create(tmp_path / "archive", embedder=HashEmbedder(max_tokens=120))
    made.update([tmp_path / "rows.jsonl"])
    yield made
    made.close()


def finder(index: Index, kind: Kind, *, top_k: int = 5, reader: ScriptedReader | None = None) -> Finder:
    return Finder(index, ScriptedUnderstanding(kind), SCORES, reader, top_k=top_k)


def passages(candidates: tuple[Candidate, ...]) -> list[tuple[str, int]]:
    return list(dict.fromkeys((c.hit.article.title, c.hit.chunk.ordinal) for c in candidates))


@pytest.mark.parametrize("kind", [kind for kind, form in FORMS.items() if not form.one_article])
@pytest.mark.parametrize(("top_k", "share"), [(5, 1), (10, 2), (1, 0.2)])
def test_as_many_passages_are_read_as_the_kind_and_the_setting_say(
    archive: Index, kind: Kind, top_k: int, share: float
) -> None:
    reader = CountingReader()
    found = finder(archive, kind, top_k=top_k, reader=reader).find(FERRY, (), Filters()).found
    assert found is not None
    expected = max(1, round(FORMS[kind].passages * share))
    assert reader.read_at_once == [expected]
    assert len(passages(found.candidates)) == expected


def test_a_summary_reads_the_beginning_and_the_nearest_of_the_one_article_that_is_meant(archive: Index) -> None:
    article = archive.find("long")
    last = len(archive.whole(article.id, FERRY)) - 1
    assert last >= 8
    found = finder(archive, Kind.SUMMARY).find(FERRY, (), Filters()).found
    assert found is not None
    places = {ordinal for _, ordinal in passages(found.candidates)}
    assert {title for title, _ in passages(found.candidates)} == {"Skerry ferry"}
    assert {0, 1, 2, last} <= places
    assert len(places) == FORMS[Kind.SUMMARY].passages
    assert all(candidate.vector is not None for candidate in found.candidates)


@pytest.mark.parametrize("kind", [Kind.TALK, Kind.ARCHIVE])
def test_for_talk_nothing_is_searched(archive: Index, kind: Kind) -> None:
    findings = finder(archive, kind).find("hello", (), Filters())
    assert (findings.found, findings.version) == (None, 1)
    assert findings.asked == findings.answered == Question("hello", kind)


def test_for_a_request_about_the_last_answer_its_question_is_searched(archive: Index) -> None:
    understanding = ScriptedUnderstanding(Kind.SHORTER, ("Where is Arle?", FERRY), earlier=Kind.LIST)
    findings = Finder(archive, understanding, SCORES, None, top_k=5).find("shorter", (), Filters())
    assert findings.asked == Question("shorter", Kind.SHORTER, ("Where is Arle?", FERRY))
    assert findings.answered == Question(FERRY, Kind.LIST, ("Where is Arle?",))
    assert findings.found is not None
    assert findings.found.candidates[0].hit.article.title == "Skerry ferry"


def test_filters_hold_for_every_kind(archive: Index) -> None:
    for kind in FORMS:
        found = finder(archive, kind).find(FERRY, (), Filters(source="Nobody")).found
        assert found is not None
        assert found.candidates == ()


def test_the_passages_are_ordered_without_the_reader_and_the_sentences_with_it(archive: Index) -> None:
    reading = replace(SCORES, evidence=replace(SCORES.evidence, weights={"says": 20.0}))
    reader = ScriptedReader("number 3q")
    made = Finder(archive, ScriptedUnderstanding(Kind.OVERVIEW), reading, reader, top_k=10)
    found = made.find("a ferry number 3q", (), Filters()).found
    assert found is not None
    assert "number 3q" in found.candidates[0].text
    assert reader.questions == ["a ferry number 3q"]
