#!/usr/bin/env python3
"""Make the reader's examples of questions as people ask them: why, how, what is known, who said what.

    scripts/train/people_examples.py ../shared/data OUT

Each row of the question files names the sentences that hold its answer; the passages are those that search finds.
Read are

    people/reuters_questions.jsonl, ids that begin with "ra" (the others, "rb", are kept for measuring)
    scripts/train/data/reuters_questions.jsonl, ours: near misses and false premises, too (evidence is given by offsets
        into the article's body with its white space collapsed)
    train/more/clapnq_dev.jsonl.gz, real users' questions with the sentences that answer them
    train/more/qamr_contexts.jsonl.gz, people's questions on Wikinews, with passages whose answer was taken out

OUT/people.jsonl is added to what examples.py wrote there.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from common import load_rows, plain
from examples import Example, build_index, holding, save_examples

from index import Article, Hit, Index
from index.embedding.chunking import chunk_article
from index.embedding.embedder import DEFAULT_EMBEDDER, Embedder, load_embedder

Row = dict[str, Any]

OURS = Path(__file__).parent / "data" / "reuters_questions.jsonl"

REUTERS = "reuters/reuters21578.jsonl.gz"

OTHER_ARTICLES = 4_000
"""Articles besides those that are asked about, so that search has something to go wrong with."""

FOUND = 8
"""Passages of a question that are looked at."""

UNRELATED = 2
"""Of those, passages of other articles that become examples without an answer."""

QAMR = 2_500
"""Questions taken of QAMR."""

SPACED = {" ,": ",", " .": ".", " 's": "'s", "`` ": "“", " ''": "”", "( ": "(", " )": ")"}
SPACED |= {" - ": "-", " ;": ";", " :": ":", " ?": "?"}
"""What stands in Natural Questions' text, and what in print."""

SHORT = ("fact", "number_or_date", "who_is")
"""Kinds whose answer is a few words: the nuggets say which."""


def main(data: Path, out: Path) -> None:
    """Make the reader's examples of questions as people ask them."""
    pick = random.Random(5)
    embedder = load_embedder(DEFAULT_EMBEDDER)
    examples = [*_reuters(data, pick), *_clapnq(data, embedder), *_qamr(data, embedder, pick)]
    print(json.dumps(save_examples(out / "people.jsonl", examples)))


def our_rows(data: Path, path: Path) -> list[Row]:
    """Rows of a file of ours, whose evidence is given by offsets, with the sentences themselves."""
    wires = {str(wire["id"]): plain(wire["body"] or "") for wire in load_rows(data / REUTERS)}
    rows = load_rows(path)
    for evidence in (evidence for row in rows for evidence in row["evidence"]):
        evidence["sentence"] = wires[evidence["article"]][evidence["start"] : evidence["end"]]
    return rows


def reuters_index(data: Path, rows: Sequence[Row], folder: Path, pick: random.Random) -> Index:
    """An index of the articles that the rows are about, and of others."""
    wires = {str(wire["id"]): wire for wire in load_rows(data / REUTERS) if wire["body"]}
    named = {str(name) for row in rows for name in articles_of(row)} & wires.keys()
    chosen = sorted(named) + pick.sample(sorted(wires.keys() - named), OTHER_ARTICLES)
    articles = [{"id": n, "title": (w := wires[n])["title"], "text": w["body"], "date": w["date"]} for n in chosen]
    return build_index(folder, articles)


def _reuters(data: Path, pick: random.Random) -> Iterator[Example]:
    theirs = load_rows(data / "people" / "reuters_questions.jsonl")
    rows = [row for row in theirs if row["id"].startswith("ra")] + our_rows(data, OURS)
    with tempfile.TemporaryDirectory() as scratch:
        index = reuters_index(data, rows, Path(scratch) / "reuters", pick)
        for row in rows:
            hits = index.search(row["question"], top_k=FOUND)
            own = [hit for hit in hits if name_of(hit.article) in articles_of(row)]
            others = [hit for hit in hits if name_of(hit.article) not in articles_of(row)]
            yield from (_example(row, hit) for hit in own)
            yield from (_example(row, hit) for hit in others[:UNRELATED])


def _example(row: Row, hit: Hit) -> Example:
    start = hit.chunk.start
    sentences = tuple((a - start, b - start) for a, b in hit.chunk.sentences)
    texts = [plain(hit.text[a:b]) for a, b in sentences]
    named = [plain(e["sentence"]) for e in row["evidence"] if str(e["article"]) == name_of(hit.article)]
    evidence = tuple(n for n, text in enumerate(texts) if any(text in e or e in text for e in named))
    accepted = (
        [s for nugget in row["nuggets"] if nugget["vital"] for s in nugget["any"]] if row["kind"] in SHORT else []
    )
    answers = tuple(places(hit.text, accepted, [sentences[n] for n in evidence]))
    kind = "asked" if evidence else "near miss" if row["kind"] == "nearmiss" else "beside"
    return Example(kind, row["question"], hit.article.title, hit.text, sentences, answers, evidence)


def places(text: str, accepted: Sequence[str], within: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where the accepted strings stand in these sentences, the first of each."""
    for a, b in within:
        for string in accepted:
            if found := re.compile(re.escape(string), re.I).search(text, a, b):
                yield found.span()
                break


def _clapnq(data: Path, embedder: Embedder) -> Iterator[Example]:
    for row in load_rows(data / "train" / "more" / "clapnq_dev.jsonl.gz"):
        selected = [_untokenised(sentence) for sentence in row["selected_sentences"] or []]
        for text, sentences in _passages(_untokenised(row["context"]), row["title"], embedder):
            parts = [text[a:b] for a, b in sentences]
            evidence = tuple(n for n, part in enumerate(parts) if any(part in s or s in part for s in selected))
            kind = "asked" if evidence else "beside" if row["answerable"] else "near miss"
            yield Example(kind, row["question"], row["title"], text, sentences, (), evidence)


def _qamr(data: Path, embedder: Embedder, pick: random.Random) -> Iterator[Example]:
    rows = load_rows(data / "train" / "more" / "qamr_contexts.jsonl.gz")
    for row in pick.sample(rows, QAMR):
        without = "" if row["answer_string_left"] else row["context_without_answer_sentence"] or ""
        for kind, whole, accepted in (("gold", row["context"], row["answers"]), ("removed", without, [])):
            for text, sentences in _passages(whole, "", embedder):
                answers = tuple(places(text, accepted, [(0, len(text))]))
                if answers or kind == "removed":
                    yield Example(kind, row["question"], "", text, sentences, answers, holding(sentences, answers))
                    break


def _passages(text: str, title: str, embedder: Embedder) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """The text cut as the product cuts it, with the spans of each passage's sentences."""
    for chunk in chunk_article(Article("training", title, text), embedder.count_tokens, max_tokens=200):
        yield text[chunk.start : chunk.end], tuple((a - chunk.start, b - chunk.start) for a, b in chunk.sentences)


def articles_of(row: Row) -> set[str]:
    """Ids of the articles that the row's story is in."""
    return {str(name) for name in [*row["articles"], *row.get("story_articles", [])]}


def name_of(article: Article) -> str:
    """The article's id among the wires."""
    return article.uri.rpartition("#")[2]


def _untokenised(text: str) -> str:
    """Natural Questions' text without the spaces around its marks of punctuation."""
    for before, after in SPACED.items():
        text = text.replace(before, after)
    return text


if __name__ == "__main__":
    typer.run(main)
