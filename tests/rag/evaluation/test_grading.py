"""The rules of a good answer, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from test_questions import made_answer

from rag.answer import Level, Sentence
from rag.evaluation.grading import Reply, is_good, missing, recall, reply_of, said_forbidden, word_limit
from rag.evaluation.nuggets import NuggetResult
from rag.evaluation.rows import CHAT, Nugget, NuggetQuestion

MANY, WHERE = Nugget(("31", "thirty-one")), Nugget(("Hollin",), vital=False)
FACT = NuggetQuestion("How many drowned?", "fact", True, (MANY, WHERE), ("32",))


def said(text: str) -> Reply:
    return Reply(text, False, "Q?")


def refusal(text: str = "The articles do not say.") -> Reply:
    return Reply(text, True, "Q?")


def of_words(count: int) -> Reply:
    """An answer of so many words that holds the vital nugget."""
    return said(" ".join(["31", *["word"] * (count - 1)]))


@pytest.mark.parametrize(
    ("reply", "good"),
    [
        (said("Thirty-one people drowned."), True),
        (said("31 drowned in Hollin."), True),
        (said("People drowned in Hollin."), False),
        (said("31 drowned, not 32."), False),
        (said("131 drowned."), False),
        (refusal(), False),
        (refusal("The articles say 31."), False),
    ],
)
def test_an_answerable_question(reply: Reply, good: bool) -> None:
    assert is_good(FACT, reply) is good


LIMITS = {
    60: ["fact", "number_or_date", "who_is", "yesno", "quote"],
    110: ["why", "how", "latest", "compare"],
    180: ["overview", "summary", "list", "timeline", "unheard", None],
}


@pytest.mark.parametrize(("limit", "kind"), [(limit, kind) for limit, kinds in LIMITS.items() for kind in kinds])
def test_no_longer_than_the_kind_may_be(limit: int, kind: str | None) -> None:
    asked = replace(FACT, kind=kind)
    assert word_limit(kind) == limit
    assert [is_good(asked, of_words(count)) for count in (limit, limit + 1)] == [True, False]


@pytest.mark.parametrize("kind", ["absent", "nearmiss", None])
def test_good_is_a_refusal_where_the_articles_do_not_say(kind: str | None) -> None:
    asked = NuggetQuestion("How many?", kind, False, (MANY,), ("32",))
    assert is_good(asked, refusal())
    assert is_good(asked, refusal("They say 32, but not how many."))
    assert not is_good(asked, said("31"))


def test_a_false_premise_is_refused_or_corrected() -> None:
    asked = NuggetQuestion(
        "Why did they plead guilty?", "false_premise", False, (Nugget(("not guilty",)),), ("confessed",)
    )
    assert is_good(asked, refusal())
    assert is_good(asked, said("They pleaded not guilty."))
    assert is_good(asked, said("They pleaded not guilty." + " Word" * 300))
    assert not is_good(asked, said("They were guilty."))
    assert not is_good(asked, said("They pleaded not guilty, then confessed."))
    assert not is_good(replace(asked, nuggets=()), said("They were guilty."))
    assert not is_good(replace(asked, nuggets=(Nugget(("guilty",), vital=False),)), said("They were guilty."))


@pytest.mark.parametrize("kind", sorted(CHAT))
def test_small_talk_and_the_like_need_an_answer_that_holds_what_it_must(kind: str) -> None:
    bare, full = NuggetQuestion("hi", kind, True), NuggetQuestion("hi", kind, True, (MANY,), ("32",))
    assert is_good(bare, said("Hello! " + "Word " * 300))
    assert not is_good(bare, refusal())
    assert [is_good(full, said(text)) for text in ("31", "Hello!", "31 or 32")] == [True, False, False]
    assert not is_good(full, refusal("31"))


def test_recall_counts_nuggets_and_a_refusal_has_none() -> None:
    assert recall(FACT.nuggets, said("31")) == 0.5
    assert recall(FACT.nuggets, said("31 in Hollin")) == 1.0
    assert recall(FACT.nuggets, refusal("31 in Hollin")) == 0.0


def test_what_was_missing_and_what_was_wrong() -> None:
    reply = said("32 drowned in Hollin.")
    assert (missing(FACT, reply), said_forbidden(FACT, reply)) == (["31"], ["32"])


def test_the_measures_of_a_question() -> None:
    assert NuggetResult(FACT, said("31 drowned.")).measures == {
        "good": 1,
        "vital": 1,
        "all": 0.5,
        "refused_answerable": 0,
    }
    assert NuggetResult(FACT, refusal("31")).measures == {"good": 0, "vital": 0, "all": 0, "refused_answerable": 1}
    assert NuggetResult(replace(FACT, answerable=False), refusal()).measures == {"good": 1, "refused_unanswerable": 1}
    assert NuggetResult(replace(FACT, nuggets=(WHERE,)), said("31")).measures == {
        "good": 1,
        "all": 0,
        "refused_answerable": 0,
    }
    assert NuggetResult(NuggetQuestion("hi", "smalltalk", True), said("Hi")).measures == {
        "good": 1,
        "refused_answerable": 0,
    }


def test_the_reply_is_the_answer_as_shown_without_markers() -> None:
    several = (
        Sentence("31 drowned [in Hollin] (55).", (1, 12), Level.SUPPORTED, as_of=date(2021, 8, 3)),
        Sentence("32 had been named.", (2,), Level.QUOTED),
    )
    reply = reply_of(replace(made_answer("31", first=0.2, total=1.5), sentences=several, listed=True, confidence=0.75))
    assert reply.text == "3 August 2021: 31 drowned [in Hollin] (55).\n32 had been named."
    assert (reply.words, reply.refused, reply.searched) == (12, False, "Q?")
    assert (reply.confidence, reply.first_word, reply.total) == (0.75, 0.2, 1.5)
    refused = reply_of(made_answer(""))
    assert (refused.text, refused.refused) == ("The articles do not say: 12 crowns.", True)


def test_a_result_as_plain_values() -> None:
    asked = replace(FACT, history=("Before?",))
    assert NuggetResult(asked, Reply("32 drowned.", False, "32?", 0.25, None, 1.5)).to_json() == {
        "question": "How many drowned?",
        "history": ["Before?"],
        "kind": "fact",
        "answerable": True,
        "measures": {"good": 0.0, "vital": 0.0, "all": 0.0, "refused_answerable": 0.0},
        "text": "32 drowned.",
        "refused": False,
        "words": 2,
        "missing": ["31", "Hollin"],
        "forbidden": ["32"],
        "standalone": "32?",
        "confidence": 0.25,
        "total_s": 1.5,
    }
    assert "history" not in NuggetResult(FACT, said("31")).to_json()
