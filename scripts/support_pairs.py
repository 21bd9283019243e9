"""Pairs of a sentence and a clipping, labelled by construction: does the clipping support the sentence?

Each sentence is made from the clipping by a rule that keeps its truth (scripts/support_keeping.py) or breaks it
(scripts/support_breaking.py), never by asking the check that is measured. Articles are dealt into two halves: one to
work with, one to report.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import support_breaking
import support_keeping
from support_text import Article, Asked, Rule, Source, names_of

from index.sentences import paragraph_spans, sentence_spans

HALVES = ("development", "reported")
PER_KIND = {True: 34, False: 25}
"""Pairs of one kind in one half; a few kinds are rarer in the articles than this."""

MOST_OF_ONE = 2
"""Pairs of one label that are made of the same clipping at most."""

WORDS = range(8, 46)
"""Length of a clipping: shorter ones are headings, longer ones lists."""

KINDS: Mapping[bool, Mapping[str, Rule]] = {True: support_keeping.RULES, False: support_breaking.RULES}


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, the clipping that it is checked against, and whether that supports it; `kind` names the rule."""

    kind: str
    sentence: str
    clipping: str
    supported: bool


@dataclass(slots=True)
class _Draft:
    """What is read of one article: its passages, and the questions asked about each."""

    asked: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))


def load_articles(questions: Path, articles: Path) -> list[Article]:
    """Articles of the SQuAD-schema files in the folder `questions` and of the rows of `articles`, each once."""
    drafts: dict[str, _Draft] = {}
    for path in sorted(questions.glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8"))["data"]:
            draft = drafts.setdefault(_title(entry["title"]), _Draft())
            for paragraph in entry["paragraphs"]:
                draft.asked[paragraph["context"]] += map(_asked, paragraph["qas"])
    for line in articles.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if _title(row["id"]) not in drafts:
            draft = drafts[_title(row["id"])] = _Draft()
            for start, end in paragraph_spans(row["text"]):
                draft.asked[row["text"][start:end]] = []
    return [_article(title, draft) for title, draft in sorted(drafts.items())]


def build(articles: Sequence[Article], seed: int) -> list[Pair]:
    """Pairs of every kind, from clippings in an order that the seed and nothing else decides."""
    sources = [source for article in articles for source in article.sources if _usable(source.clipping)]
    return [
        pair
        for supported, rules in KINDS.items()
        for pair in _of_one_label(sources, rules, supported, random.Random(f"{seed} {supported}"))
    ]


def halves(articles: Sequence[Article]) -> dict[str, list[Article]]:
    """The articles in two parts, by the hash of the title: the same ones whatever else is added."""
    parts: dict[str, list[Article]] = {half: [] for half in HALVES}
    for article in articles:
        parts[HALVES[hashlib.sha256(article.title.encode()).digest()[0] % 2]].append(article)
    return parts


def measure(pairs: Iterable[Pair], check: Callable[[str, str], bool]) -> dict[str, float]:
    """Precision and recall of `check` over the pairs, and how many of them there are."""
    cases = Counter((pair.supported, check(pair.sentence, pair.clipping)) for pair in pairs)
    passed, true = cases[True, True] + cases[False, True], cases[True, True] + cases[True, False]
    return {
        "n": cases.total(),
        "precision": round(cases[True, True] / passed, 3) if passed else 0.0,
        "recall": round(cases[True, True] / true, 3) if true else 0.0,
    }


def by_kind(pairs: Iterable[Pair], check: Callable[[str, str], bool]) -> dict[str, tuple[int, int]]:
    """For each kind of pair how many there are and how many of them `check` judges rightly."""
    right: dict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        right[pair.kind].append(check(pair.sentence, pair.clipping) == pair.supported)
    return {kind: (len(verdicts), sum(verdicts)) for kind, verdicts in right.items()}


def _of_one_label(
    sources: Sequence[Source], rules: Mapping[str, Rule], supported: bool, rng: random.Random
) -> Iterator[Pair]:
    """Rare kinds first: what fits them is not to be used up by kinds that any sentence fits."""
    used: Counter[str] = Counter()
    for kind, rule in rules.items():
        made = 0
        for source in rng.sample(sources, len(sources)):
            if made == PER_KIND[supported]:
                break
            if used[source.clipping] == MOST_OF_ONE:
                continue
            sentence = rule(source, rng)
            if sentence is None or (sentence == source.clipping) != (kind == "verbatim"):
                continue
            used[source.clipping] += 1
            made += 1
            yield Pair(kind, sentence, source.clipping, supported)


def _usable(clipping: str) -> bool:
    return (
        len(clipping.split()) in WORDS
        and clipping[0].isupper()
        and clipping.endswith(".")
        and clipping.count("(") == clipping.count(")")
        and clipping.count('"') % 2 == 0
        and not set("\n=[]{}") & set(clipping)
    )


def _title(text: str) -> str:
    return unquote(text).replace("_", " ")


def _asked(row: Mapping[str, object]) -> Asked:
    answers = row["answers"]
    assert isinstance(answers, list)
    starts = {answer["answer_start"]: answer["text"] for answer in answers}
    return Asked(" ".join(str(row["question"]).split()), tuple(sorted(starts.items())))


def _article(title: str, draft: _Draft) -> Article:
    spans = [
        (passage, start, end)
        for passage in draft.asked
        for left, right in paragraph_spans(passage)
        for start, end in sentence_spans(passage, left, right)
    ]
    article = Article(title, names_of([passage[start:end] for passage, start, end in spans]))
    for passage, start, end in spans:
        here, nowhere = [], []
        for asked in draft.asked[passage]:
            texts = tuple(text for place, text in asked.answers if start <= place < end)
            if texts:
                here.append((asked.question, texts))
            elif not asked.answers:
                nowhere.append(asked.question)
        article.sources.append(Source(passage[start:end], passage, article, tuple(here), tuple(nowhere)))
    return article
