#!/usr/bin/env python3
"""Make the writer's training examples: the prompts that rag writes, and what should be answered.

    scripts/train/writer/writer_examples.py EXAMPLES OUT.jsonl

EXAMPLES is what examples.py made. Each question gets its gold passage and those that search confused it with; the
reader reads them, the best sentences become the prompt's clippings, its finding the line "Marked". Kinds of example:

    found     the first clipping holds the answer, as it mostly does
    demoted   another clipping was put before the one that holds the answer: the finding is wrong
    disagree  two clippings differ in a number: both are to be said

What is marked is the likeliest span alone: so the writer learns to say what is marked, also when that is more.

All have an answer. Whether there is one is for the reader to say: a writer that had learnt to give up did so where the
answer stood (docs/measured.md). The reader has been trained on the same questions, so on these it is surer than it
will be: hence `demoted`.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import typer

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts"), str(ROOT / "scripts" / "train")]

from common import plain, write_rows
from examples import Example, load_examples

from index import Hit
from index.article import Article
from index.embedding.chunking import Chunk
from rag.answering.prompt import marked, prompt_of
from rag.reader.reader import Reader
from rag.retrieval.evidence import Candidate, choose_evidence, clippings
from rag.settings import Settings

SEED = 11
SENTENCES = Settings().sentences

DEMOTED = 0.2
"""Share of the answerable questions whose finding is made wrong; the reader misses a third of them on new articles."""

UNMARKED = 0.1
"""Share of them without the line "Marked", for use without the reader."""

DISAGREE = 0.04

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Written:
    """A prompt (system and user message) and the answer to it."""

    kind: str
    system: str
    user: str
    answer: str


def main(examples: Path, out: Path, questions: int = 2667) -> None:
    """Make the writer's training examples, of so many --questions at most (all there are: 11,875)."""
    found = load_examples(examples / "train.jsonl")
    made = list(_examples(found, questions, Reader(likeliest=1), random.Random(SEED)))
    write_rows(out, map(asdict, made))
    print(json.dumps(Counter(written.kind for written in made)))


def _examples(examples: Sequence[Example], count: int, reader: Reader, pick: random.Random) -> Iterator[Written]:
    confused: dict[str, list[Example]] = {}
    for example in examples:
        if example.kind == "retrieved":
            confused.setdefault(example.question, []).append(example)
    gold = [e for e in examples if e.kind == "gold"]
    for example in pick.sample(gold, min(count, len(gold))):
        yield from _answerable(example, confused.get(example.question, []), reader, pick)


def _answerable(gold: Example, others: Sequence[Example], reader: Reader, pick: random.Random) -> Iterator[Written]:
    ranked = _ranked(gold.question, [gold, *others], reader)
    answer = gold.text[slice(*max(gold.answers, key=lambda span: span[1] - span[0]))]
    kind = "found"
    if pick.random() < DEMOTED and (right := [c for c in ranked[:SENTENCES] if _holds(c, gold)]):
        wrong = [c for c in ranked if c not in right]
        place = pick.randint(1, SENTENCES - 1)
        ranked = [*wrong[:place], *right, *wrong[place:]]
        kind = "demoted"
    evidence = choose_evidence(ranked, sentences=SENTENCES)
    holding = next((c for c in ranked[:SENTENCES] if _holds(c, gold)), None)
    if holding is None:
        return
    marker = next(e.marker for e in evidence if e.hit is holding.hit)
    if kind == "found" and pick.random() < DISAGREE and (number := _NUMBER.search(answer)):
        yield _disagreeing(gold.question, holding, answer, number, pick)
    unmarked = pick.random() < UNMARKED
    yield _written(kind, gold.question, ranked, f"{plain(answer)} [{marker}]", unmarked=unmarked)


def _disagreeing(question: str, holding: Candidate, answer: str, number: re.Match[str], pick: random.Random) -> Written:
    """The clipping twice, the second time with another number in the answer's place."""
    other = str(max(1, int(number.group()) + pick.choice([-7, -3, -2, -1, 1, 2, 4, 9])))
    changed = answer[: number.start()] + other + answer[number.end() :]
    text = holding.hit.article.text.replace(answer, changed)
    second = replace(holding.hit, article=replace(holding.hit.article, uri="another", text=text))
    shift = len(text) - len(holding.hit.article.text)
    span = (holding.span[0], holding.span[1] + shift)
    chunk = replace(second.chunk, article_id=second.article.id, end=len(text), sentences=(span,))
    twin = Candidate(replace(second, chunk=chunk), span, holding.probability, None)
    said = f"{plain(answer)} [1], or {plain(changed)} [2]"
    return _written("disagree", question, [holding, twin], said)


def _ranked(question: str, passages: Sequence[Example], reader: Reader) -> list[Candidate]:
    """Sentences of the passages, best first, as the reader alone sees them."""
    hits = [_hit(n, passage) for n, passage in enumerate(passages)]
    found = [
        Candidate(hit, span, float(1 / (1 + np.exp(-pointed.score))), pointed.span)
        for hit, reading in zip(hits, reader.read(question, hits), strict=True)
        for span, pointed in zip(hit.chunk.sentences, reading.sentences, strict=True)
    ]
    return sorted(found, key=lambda candidate: -candidate.probability)


def _hit(number: int, passage: Example) -> Hit:
    article = Article(str(number), passage.title, passage.text)
    chunk = Chunk(article.id, number, 0, len(passage.text), passage.sentences)
    return Hit(chunk, article, 1.0, 0.0, 0.0, 0.0, (0.0,) * len(passage.sentences))


def _holds(candidate: Candidate, gold: Example) -> bool:
    spans = gold.answers if candidate.hit.article.text == gold.text else ()
    return any(candidate.span[0] <= a and b <= candidate.span[1] for a, b in spans)


def _written(kind: str, question: str, ranked: Sequence[Candidate], answer: str, *, unmarked: bool = False) -> Written:
    evidence = choose_evidence(ranked, sentences=SENTENCES)
    shown = clippings(ranked[:SENTENCES], evidence)
    found = "" if unmarked else marked(ranked[0], evidence[0])
    system, user = prompt_of(question, shown, found).messages
    return Written(kind, system.content, user.content, answer)


if __name__ == "__main__":
    typer.run(main)
