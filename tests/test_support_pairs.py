"""Pairs that the support check is measured on: each rule keeps or breaks the truth of a sentence as it says."""

from __future__ import annotations

import importlib
import random
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"


def load(name: str) -> ModuleType:
    """A module of scripts/, which is no package."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT / "scripts"))


pairs, text, keeping, breaking, statements = map(
    load, ("support_pairs", "support_text", "support_keeping", "support_breaking", "support_statements")
)
ELSEWHERE = (
    "The council praised Hollin for its work.",
    "In the war the council of Hollin met in Norrick, and Berg spoke.",
    "Then Berg wrote to Norrick about Marit Aldi and the harbour, and Aldi answered.",
    "People say that Marit Aldi had no time for Berg.",
)


def source(clipping: str, *, asked: Any = (), unanswered: tuple[str, ...] = ()) -> Any:
    """The clipping in an article of its own that uses the names Hollin, Norrick, Berg and Marit Aldi."""
    article = text.Article("Hollin", text.names_of([*ELSEWHERE, *ELSEWHERE, clipping]))
    passages = [text.Source(sentence, "another passage", article) for sentence in ELSEWHERE]
    made = text.Source(clipping, clipping, article, asked, unanswered)
    article.sources += [made, *passages]
    return made


def made(rule: Any, clipping: str, **more: Any) -> set[str]:
    """All sentences that a rule makes of a clipping, over many seeds."""
    found = {rule(source(clipping, **more), random.Random(seed)) for seed in range(60)}
    return {sentence for sentence in found if sentence is not None}


@pytest.mark.parametrize(
    ("kind", "clipping", "sentence"),
    [
        ("active and passive", "The mine was closed by Marit Aldi in 1921.", "Marit Aldi closed the mine in 1921."),
        ("active and passive", "Berg visited Norrick in 1921.", "Norrick was visited by Berg in 1921."),
        ("speaker kept, moved", "Berg said that the mine is empty.", "The mine is empty, Berg said."),
        (
            "speaker kept, moved",
            "According to Berg, the mine is empty.",
            "The mine is empty, according to Berg.",
        ),
        ("date moved to the end", "In 1921, the mine was closed.", "The mine was closed in 1921."),
        ("date in another form", "The mine closed on February 27, 2020.", "The mine closed on 27 February 2020."),
        ("date in another form", "The mine closed on 27 February 2020.", "The mine closed on Feb. 27, 2020."),
        ("date in another form", "The mine closed on 27 February 2020.", "The mine closed on 2020-02-27."),
        ("negation shortened", "The mine was not closed.", "The mine wasn't closed."),
        ("name in another form", "The mine of the United States closed.", "The mine of the US closed."),
        ("number in another form", "The fire killed 33 miners.", "The fire killed thirty-three miners."),
        ("number in another form", "The mine cost 1.5 million crowns.", "The mine cost 1,500,000 crowns."),
        ("number in another form", "Prices rose by 33 percent in May.", "Prices rose by 33% in May."),
        (
            "part of the clipping",
            "Berg, who was born in Hollin, finished the race in Norrick.",
            "Berg finished the race in Norrick.",
        ),
        (
            "part of the clipping",
            "In 1921, the mine was closed for good.",
            "The mine was closed for good.",
        ),
    ],
)
def test_a_rule_that_keeps_the_truth(kind: str, clipping: str, sentence: str) -> None:
    assert sentence in made(keeping.RULES[kind], clipping)


@pytest.mark.parametrize(
    ("kind", "clipping", "sentence"),
    [
        ("roles swapped", "Berg visited Norrick.", "Norrick visited Berg."),
        ("numbers exchanged", "The fire killed 12 miners and hurt 40 others.", "The fire killed 40 miners and hurt 12 others."),
        ("year used as a count", "In 1942, many ships sank near Hollin.", "1942 ships sank near Hollin."),
        ("number changed", "The fire killed 33 miners.", "The fire killed 34 miners."),
        ("number changed", "The fire killed 2,400 miners.", "The fire killed 24,000 miners."),
        ("polarity added", "The mine was closed.", "The mine was not closed."),
        ("polarity dropped", "The mine was not closed.", "The mine was closed."),
        ("polarity dropped", "The miners failed to leave.", "The miners managed to leave."),
        ("attribution dropped", "Berg alleged that the mine was empty.", "The mine was empty."),
        ("doubt dropped", "The mine may be empty.", "The mine is empty."),
        ("quantifier changed", "The fire hurt some of the miners.", "The fire hurt all of the miners."),
        ("opposite word", "The mine closed before the war.", "The mine closed after the war."),
        ("entity swapped", "The mine near Norrick closed.", "The mine near Hollin closed."),
        ("speaker swapped", "Berg said that the mine near Norrick closed.", "Norrick said that the mine near Norrick closed."),
    ],
)  # fmt: skip
def test_a_rule_that_breaks_the_truth(kind: str, clipping: str, sentence: str) -> None:
    assert sentence in made(breaking.RULES[kind], clipping)


@pytest.mark.parametrize(
    ("kind", "clipping"),
    [
        ("part of the clipping", "In 1921, no mine was closed."),
        ("part of the clipping", "Berg, who is said to be rich, won the race."),
        ("number in another form", "The crew of Apollo 11 came to Hollin."),
        ("negation shortened", "The mine was closed."),
    ],
)
def test_no_rule_where_the_truth_may_change(kind: str, clipping: str) -> None:
    assert made(keeping.RULES[kind], clipping) == set()


@pytest.mark.parametrize(
    ("kind", "clipping"),
    [
        ("roles swapped", "Berg met Norrick."),
        ("numbers exchanged", "The mine was open in 1914 and 1918."),
        ("number changed", "The fire killed at least 33 miners."),
        ("polarity dropped", "The mine was not only closed."),
        ("attribution dropped", "Berg said that the mine was empty."),
        ("entity swapped", "The mine is closed."),
    ],
)
def test_no_rule_where_the_truth_may_stay(kind: str, clipping: str) -> None:
    assert made(breaking.RULES[kind], clipping) == set()


@pytest.mark.parametrize(
    ("question", "answer", "clipping", "sentence"),
    [
        ("When was the mine closed?", "1921", "The mine was closed in 1921.", "The mine was closed in 1921."),
        ("When did Berg close the mine?", "1921", "In 1921 Berg closed the mine.", "Berg closed the mine in 1921."),
        ("How many miners were killed?", "33", "33 miners were killed.", "33 miners were killed."),
        ("Who closed the mine?", "Berg", "Berg closed the mine.", "Berg closed the mine."),
        ("Where was the mine located?", "Norrick", "It was located in Norrick.", "The mine was located in Norrick."),
        ("When was the mine closed?", "1921", "The mine, which opened in 1921, closed in 1950.", None),
        ("Why was the mine closed?", "1921", "The mine was closed in 1921.", None),
        ("When was the mine closed?", "by Berg", "The mine was closed by Berg.", None),
    ],
)
def test_statements(question: str, answer: str, clipping: str, sentence: str | None) -> None:
    assert statements.statement(question, answer, clipping) == sentence


def test_an_answer_becomes_a_statement_that_is_supported() -> None:
    asked = (("When was the mine closed?", ("1921",)),)
    assert made(keeping.RULES["answer as a statement"], "The mine was closed in 1921.", asked=asked) == {
        "The mine was closed in 1921."
    }


def test_another_answer_becomes_a_statement_that_is_not() -> None:
    clipping = "The mine of Hollin was closed by Berg, while the only harbour of the town was opened by Norrick."
    asked = (("Who closed the mine of Hollin?", ("Berg",)), ("Who opened the harbour?", ("Norrick",)))
    assert made(breaking.RULES["another question's answer"], clipping, asked=asked) == {
        "Norrick closed the mine of Hollin.",
        "Berg opened the harbour.",
    }


def test_precision_and_recall() -> None:
    made = [pairs.Pair("a", said, "", supported) for said, supported in (("yes", True), ("no", True), ("yes", False))]

    def check(sentence: str, clipping: str) -> bool:
        return sentence == "yes"

    assert pairs.measure(made, check) == {"n": 3, "precision": 0.5, "recall": 0.5}
    assert pairs.measure(made, lambda *_: False) == {"n": 3, "precision": 0.0, "recall": 0.0}
    assert pairs.by_kind(made, check) == {"a": (3, 1)}


@pytest.fixture(scope="module")
def articles() -> Any:
    if not DATA.exists():
        pytest.skip("needs ../shared/data")
    return pairs.load_articles(DATA / "train", DATA / "squad_open" / "articles.jsonl")


def test_the_halves_share_no_article(articles: Any) -> None:
    parts = pairs.halves(articles)
    titles = [{article.title for article in parts[half]} for half in pairs.HALVES]
    assert all(len(part) >= 30 for part in titles)
    assert not titles[0] & titles[1]
    assert len(titles[0] | titles[1]) == len(articles)


def test_enough_pairs_of_every_kind_the_same_for_the_same_seed(articles: Any) -> None:
    half = pairs.halves(articles)["reported"]
    built = pairs.build(half, 0)
    assert len(built) >= 600
    counts = Counter((pair.supported, pair.kind) for pair in built)
    assert set(counts) == {(supported, kind) for supported, rules in pairs.KINDS.items() for kind in rules}
    assert min(Counter(pair.supported for pair in built).values()) >= 250
    assert all((pair.sentence == pair.clipping) == (pair.kind == "verbatim") for pair in built)
    assert pairs.build(half, 0) == built
    assert pairs.build(half, 1) != built
