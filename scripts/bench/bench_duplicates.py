"""Precision and recall of near-duplicate detection, on edited copies of real articles.

Each article drawn gives one copy of each kind; a copy and its original are a pair to be found. A pair not to be found
is two originals of the same topic. Of exact reprints one is taken; texts too short to count are left out. Pairs of a
topic that are found may still be one story printed twice, so their headlines are listed, to be looked at.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from index import Article
from index.language.sentences import sentence_spans
from index.near_duplicates.minhash import fingerprint
from index.near_duplicates.similarity import Likeness

SAME_TOPIC_PAIRS = 10_000


def measure(archive: Path, articles: int, seed: int = 0) -> dict[str, Any]:
    """By kind of copy the share found, and of pairs of the same topic the share taken for the same story."""
    chance = random.Random(seed)
    rows = _load(archive)
    chance.shuffle(rows)
    chosen = [row for row in rows if fingerprint(row["body"]) is not None][:articles]
    figures: dict[str, Any] = {"articles": len(chosen)}
    found = copies = 0
    for name, edit in KINDS.items():
        hits = sum(_is_found(row["body"], edit(row["body"], rows, chance)) for row in chosen)
        figures[name] = round(hits / len(chosen), 4)
        found, copies = found + hits, copies + len(chosen)
    apart = _same_topic(rows, chance)
    wrong = [pair for pair in apart if _is_found(pair[0]["body"], pair[1]["body"])]
    figures |= {
        "recall": round(found / copies, 4),
        "same_topic_pairs": len(apart),
        "same_topic_found": len(wrong),
        "precision": round(found / (found + len(wrong)), 4),
        "found_of_the_same_topic": [f"{a['title']} | {b['title']}" for a, b in wrong[:20]],
    }
    return figures


def _load(archive: Path) -> list[dict[str, Any]]:
    """One row for each text: exact reprints are no two originals."""
    with gzip.open(archive, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return list({" ".join(row["body"].split()): row for row in rows if (row["body"] or "").strip()}.values())


def _is_found(one: str, other: str) -> bool:
    """As an update finds it: a band in common, then the exact comparison. Both appeared on one day."""
    prints = _fingerprint(one), _fingerprint(other)
    if prints[0] is None or prints[1] is None or not np.any(prints[0] == prints[1]):
        return False
    return _likeness(one).is_same_story(_likeness(other))


_fingerprint = lru_cache(None)(fingerprint)


@lru_cache(None)
def _likeness(text: str) -> Likeness:
    return Likeness.of(Article("", "", text))


def _same_topic(rows: list[dict[str, Any]], chance: random.Random) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    topics: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        for topic in row["topics"]:
            topics.setdefault(topic, []).append(row)
    pairs = [pair for group in topics.values() for pair in combinations(group[:150], 2)]
    return chance.sample(pairs, min(SAME_TOPIC_PAIRS, len(pairs)))


Edit = Callable[[str, list[dict[str, Any]], random.Random], str]


def _another_first_sentence(text: str, rows: list[dict[str, Any]], chance: random.Random) -> str:
    other = chance.choice(rows)["body"]
    return f"{_sentences(other)[0]} {' '.join(_sentences(text)[1:])}"


def _cut_last_third(text: str, rows: list[dict[str, Any]], chance: random.Random) -> str:
    words = text.split()
    return " ".join(words[: -(-2 * len(words) // 3)])


def _sentence_added(text: str, rows: list[dict[str, Any]], chance: random.Random) -> str:
    return f"{text} {_sentences(chance.choice(rows)['body'])[0]}"


def _words_changed(text: str, rows: list[dict[str, Any]], chance: random.Random) -> str:
    """One word in twenty, but no figure: an editor's pen."""
    words = text.split()
    return " ".join("another" if chance.random() < 0.05 and word.isalpha() else word for word in words)


def _sentences(text: str) -> list[str]:
    flat = " ".join(text.split())
    return [flat[start:end] for start, end in sentence_spans(flat)]


KINDS: dict[str, Edit] = {
    "another headline": lambda text, rows, chance: text,
    "another first sentence": _another_first_sentence,
    "last third cut": _cut_last_third,
    "a sentence added": _sentence_added,
    "one word in twenty changed": _words_changed,
}
