#!/usr/bin/env python3
"""Make the reader's training examples: questions with passages that hold the answer, and with ones that do not.

    scripts/train/examples.py ../shared/data/train OUT

Passages are the product's own chunks of the training articles. Kinds of example:

    gold          the chunk that the answer stands in, and the answer's place
    retrieved     a passage that search puts high for the question and that does not hold the answer
    removed       the gold chunk without the sentence that answers
    swapped       a question with one of its names or numbers exchanged for another of the same passage
    exchanged     the same with a name or number from elsewhere in the article
    altered       a question with a word turned into its opposite, or with a "not"
    unanswerable  a question that people wrote to look answerable, with its chunk (SQuAD 2.0)

Some articles are held out, for fitting what uses the reader (evidence.py); OUT/manifest.json names them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import typer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from altering import negated, opposite
from common import load_rows, plain, write_rows

from index import Index
from index.article import Article
from index.embedding.chunking import Chunk, chunk_article
from index.embedding.embedder import DEFAULT_EMBEDDER, Embedder, load_embedder
from rag.evaluation import contains

SEED = 5
HELD_OUT = {"squad11_extra_articles.json": 2, "squad2_articles.json": 1, "squadshifts_new_wiki.json": 7}
"""How many articles of each file are kept out of training."""

RETRIEVED = 2
"""Passages without the answer for each question, among the first five that search finds."""

NEGATED = 0.1
"""Share of the questions without a word that has an opposite that get a "not"."""

_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a passage, and where the accepted answers stand in the passage (character spans; none: no answer).

    `sentences` are the spans of the passage's sentences, `evidence` the positions of those that hold the answer. An
    explanation or an overview has evidence and no `answers`: no few words are the answer.
    """

    kind: str
    question: str
    title: str
    text: str
    sentences: tuple[tuple[int, int], ...]
    answers: tuple[tuple[int, int], ...]
    evidence: tuple[int, ...] = ()
    addressed: tuple[int, ...] = ()
    """Positions of sentences that address a machine; training puts them in."""


def holding(sentences: Sequence[tuple[int, int]], answers: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Positions of the sentences that an answer stands in."""
    return tuple(n for n, (a, b) in enumerate(sentences) if any(a < y and x < b for x, y in answers))


@dataclass(frozen=True, slots=True)
class Question:
    """A question about an article, and where its answers stand in that article's text (none: it has no answer).

    `place` is where the paragraph begins that the question was written about.
    """

    text: str
    title: str
    spans: tuple[tuple[int, int], ...]
    answers: tuple[str, ...]
    place: int


def main(data: Path, out: Path) -> None:
    """Make the reader's training examples of the SQuAD files in DATA."""
    out.mkdir(parents=True, exist_ok=True)
    pick = random.Random(SEED)
    embedder = load_embedder(DEFAULT_EMBEDDER)
    texts, questions = _read(data)
    held_out = _held_out(data, pick)
    counts = {}
    for name, titles in (("heldout", held_out), ("train", texts.keys() - held_out)):
        examples = _examples({t: texts[t] for t in sorted(titles)}, questions, embedder, pick)
        counts[name] = save_examples(out / f"{name}.jsonl", examples)
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(data.glob("*.json"))}
    manifest = {"seed": SEED, "data": hashes, "held_out": sorted(held_out), "examples": counts}
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(counts))


def save_examples(path: Path, examples: Sequence[Example]) -> Counter[str]:
    """Write one a line, and count their kinds."""
    write_rows(path, map(asdict, examples))
    return Counter(example.kind for example in examples)


def build_index(folder: Path, rows: Sequence[dict[str, Any]], embedder: Embedder | None = None) -> Index:
    """An index of these articles in a new folder; their ids are the ends of the articles' addresses."""
    folder.mkdir(parents=True)
    write_rows(folder / "articles.jsonl", rows)
    index = Index.create(folder / "index", embedder=embedder)
    index.update([folder / "articles.jsonl"])
    return index


def by_title(texts: dict[str, str]) -> list[dict[str, Any]]:
    """The rows of articles whose titles are their ids."""
    return [{"id": title, "title": title, "text": text} for title, text in texts.items()]


def load_examples(path: Path) -> list[Example]:
    """What `save_examples` wrote."""
    return [
        Example(**{n: tuple(map(_tuple, v)) if isinstance(v, list) else v for n, v in row.items()})
        for row in load_rows(path)
    ]


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def held_out_questions(folder: Path) -> tuple[dict[str, str], list[Question]]:
    """The articles that are kept out of training, text by title, and the questions about them."""
    texts, questions = _read(folder)
    held_out = _held_out(folder, random.Random(SEED))
    return {title: texts[title] for title in sorted(held_out)}, [q for q in questions if q.title in held_out]


def _examples(
    texts: dict[str, str], questions: list[Question], embedder: Embedder, pick: random.Random
) -> list[Example]:
    """All examples of the questions about these articles; searched for among these articles alone."""
    asked = [q for q in questions if q.title in texts]
    articles = [Article(title, title, text) for title, text in texts.items()]
    chunks = {a.title: chunk_article(a, embedder.count_tokens, max_tokens=200) for a in articles}
    examples = [e for q in asked for e in _from_article(q, texts[q.title], chunks[q.title], pick)]
    with tempfile.TemporaryDirectory() as scratch:
        index = build_index(Path(scratch) / "i", by_title(texts), embedder)
        return examples + [e for q in asked if q.answers for e in _retrieved(q, index, pick)]


def _read(folder: Path) -> tuple[dict[str, str], list[Question]]:
    """Texts by title, and the questions with their answers' places."""
    texts: dict[str, str] = {}
    questions: list[Question] = []
    for path in sorted([*folder.glob("*.json"), *folder.glob("more/squad2*.json.gz")]):
        for entry in squad_articles(path):
            title = entry["title"].replace("_", " ")
            for paragraph in entry["paragraphs"]:
                context = paragraph["context"]
                start = len(texts[title]) + 2 if title in texts else 0
                texts[title] = f"{texts[title]}\n\n{plain(context)}" if title in texts else plain(context)
                questions += [_question(qa, title, context, start) for qa in paragraph["qas"]]
    return texts, questions


def squad_articles(path: Path) -> list[dict[str, Any]]:
    """The articles of a file in SQuAD's schema, gzipped or not."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(json.loads(content)["data"])


def _question(qa: dict, title: str, context: str, start: int) -> Question:
    found = [] if qa.get("is_impossible") else qa["answers"]
    spans = {_place(context, a["answer_start"], a["text"], start) for a in found}
    answers = tuple(sorted({a["text"] for a in found}))
    return Question(plain(qa["question"]), title, tuple(sorted(spans)), answers, start)


def _place(context: str, offset: int, answer: str, start: int) -> tuple[int, int]:
    """Span of an answer in the article, whose white space is normalised."""
    before = context[:offset]
    left = start + len(plain(before)) + (1 if before and before[-1].isspace() and plain(before) else 0)
    return left, left + len(plain(answer))


def _held_out(folder: Path, pick: random.Random) -> set[str]:
    held: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        titles = sorted({entry["title"].replace("_", " ") for entry in squad_articles(path)})
        held |= set(pick.sample(titles, HELD_OUT.get(path.name, 0)))
    return held


def _from_article(question: Question, text: str, chunks: list[Chunk], pick: random.Random) -> Iterator[Example]:
    """Examples on the chunk that the question is about."""
    if not question.answers:
        chunk = next(c for c in chunks if c.end > question.place)
        yield _example("unanswerable", question, text, chunk, ())
        return
    holding = [c for c in chunks if any(c.start <= a and b <= c.end for a, b in question.spans)]
    for chunk in holding[:1]:
        inside = [(a, b) for a, b in question.spans if chunk.start <= a and b <= chunk.end]
        gold = _example("gold", question, text, chunk, tuple((a - chunk.start, b - chunk.start) for a, b in inside))
        yield gold
        yield from _removed(gold, question)
        yield from _swapped(gold, gold.text, "swapped", pick)
        yield from _swapped(gold, text, "exchanged", pick)
        yield from _altered(gold, pick)


def _example(kind: str, question: Question, text: str, chunk: Chunk, answers: tuple[tuple[int, int], ...]) -> Example:
    sentences = tuple((a - chunk.start, b - chunk.start) for a, b in chunk.sentences)
    passage = text[chunk.start : chunk.end]
    return Example(kind, question.text, question.title, passage, sentences, answers, holding(sentences, answers))


def _removed(gold: Example, question: Question) -> Iterator[Example]:
    """The passage without the sentences that the answer stands in, if nothing else in it says the answer."""
    kept = [s for s in gold.sentences if not any(s[0] < b and a < s[1] for a, b in gold.answers)]
    text = " ".join(gold.text[a:b] for a, b in kept)
    if kept and not contains(text, question.answers):
        yield replace(gold, kind="removed", text=text, sentences=_resentenced(gold.text, kept), answers=(), evidence=())


def _resentenced(text: str, kept: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for a, b in kept:
        start = spans[-1][1] + 1 if spans else 0
        spans.append((start, start + b - a))
    return tuple(spans)


def _swapped(gold: Example, source: str, kind: str, pick: random.Random) -> Iterator[Example]:
    """The question with a name or number exchanged for another one that `source` holds and the question does not."""
    answers = [gold.text[a:b] for a, b in gold.answers]
    choices = []
    for pattern in (_NAME, _NUMBER):
        inside = [m.group() for m in pattern.finditer(gold.question) if m.start() > 0 and m.group() in gold.text]
        others = sorted(set(pattern.findall(source)) - set(pattern.findall(gold.question))) if inside else []
        others = [o for o in others if o not in gold.question and not any(o in answer for answer in answers)]
        choices += [(old, new) for old in inside for new in others]
    if choices:
        old, new = pick.choice(choices)
        yield replace(gold, kind=kind, question=gold.question.replace(old, new, 1), answers=(), evidence=())


def _altered(gold: Example, pick: random.Random) -> Iterator[Example]:
    """The question turned into its opposite, or, for one question in ten, denied."""
    question = opposite(gold.question, pick) or (negated(gold.question) if pick.random() < NEGATED else None)
    if question:
        yield replace(gold, kind="altered", question=question, answers=(), evidence=())


def _retrieved(question: Question, index: Index, pick: random.Random) -> Iterator[Example]:
    hits = [h for h in index.search(question.text, top_k=5) if not contains(h.text, question.answers)]
    for hit in pick.sample(hits, min(RETRIEVED, len(hits))):
        sentences = tuple((a - hit.chunk.start, b - hit.chunk.start) for a, b in hit.chunk.sentences)
        yield Example("retrieved", question.text, hit.article.title, hit.text, sentences, ())


if __name__ == "__main__":
    typer.run(main)
