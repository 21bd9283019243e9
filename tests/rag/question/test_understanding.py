"""From what was typed and the conversation to a Question, with recognisers that are told what to recognise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from standins import HashEmbedder, ScriptedSorter

from index import Index
from rag.question.kinds import Kind
from rag.question.period import Period
from rag.question.question import Question
from rag.question.understanding import HISTORY, Understanding, corrected

ARLE = "Who won in Arle?"
MARGIN = "By how many votes?"
FERRY = "Who runs the Skerry ferry?"


def understanding(kinds: dict[str, Kind] | None = None, leaning: tuple[str, ...] = ()) -> Understanding:
    return Understanding(ScriptedSorter(kinds, leaning))


def test_without_recognisers_a_question_is_for_a_fact_and_leans_on_nothing(index: Index) -> None:
    assert Understanding().question(index, " Who\n won? ", [ARLE]) == Question("Who won?")


def test_a_question_that_was_sorted_is_not_sorted_again(index: Index) -> None:
    sorter = ScriptedSorter({}, (MARGIN,))
    made = Understanding(sorter)
    for _ in range(2):
        assert made.question(index, MARGIN, [FERRY, ARLE]).leans_on == (ARLE,)
    assert sorted(sorter.asked) == sorted([FERRY, ARLE, MARGIN])
    assert sorter.histories.count([FERRY, ARLE]) == 1


def test_a_question_that_stands_alone_leans_on_nothing(index: Index) -> None:
    assert understanding().question(index, FERRY, [ARLE]).leans_on == ()


def test_a_follow_up_leans_on_the_question_before(index: Index) -> None:
    asked = understanding(leaning=(MARGIN,)).question(index, MARGIN, [FERRY, ARLE])
    assert asked.leans_on == (ARLE,)
    assert asked.searched == f"{ARLE} {MARGIN}"


def test_the_first_question_leans_on_nothing(index: Index) -> None:
    assert understanding(leaning=(MARGIN,)).question(index, MARGIN).leans_on == ()


def test_a_chain_of_follow_ups_leans_on_its_first_and_its_last(index: Index) -> None:
    links = ("By how much?", "And where?", "And when?")
    made = understanding(leaning=(MARGIN, *links))
    assert made.question(index, links[0], [FERRY, ARLE, MARGIN]).leans_on == (ARLE, MARGIN)
    assert made.question(index, links[1], [FERRY, ARLE, MARGIN, links[0]]).leans_on == (ARLE, links[0])
    assert made.question(index, links[2], [FERRY, ARLE, MARGIN, *links[:2]]).leans_on == (ARLE, links[1])


def test_only_the_last_questions_are_looked_at(index: Index) -> None:
    leaning = ScriptedSorter(leaning=("Why so?",))
    history = [f"Who won race {n}?" for n in range(20)]
    asked = Understanding(leaning).question(index, "Why so?", history)
    assert HISTORY == 6
    assert asked.leans_on == (history[-1],)
    assert leaning.histories[0] == history[-6:]
    assert max(map(len, leaning.histories)) == 6


def test_talk_and_questions_about_the_archive_are_no_subjects(index: Index) -> None:
    kinds = {"thanks": Kind.TALK, "how many articles are there": Kind.ARCHIVE, "shorter": Kind.SHORTER}
    leaning = ScriptedSorter(kinds, (MARGIN, "thanks"))
    made = Understanding(leaning)
    assert made.question(index, MARGIN, [ARLE, *kinds]).leans_on == (ARLE,)
    assert made.question(index, MARGIN, list(kinds)).leans_on == ()
    assert made.question(index, "thanks", [ARLE]).leans_on == ()
    assert all(set(kinds).isdisjoint(history) for history in leaning.histories)


def test_a_follow_up_may_return_to_an_older_subject(index: Index) -> None:
    again = "And the Skerry ferry again?"
    made = understanding(leaning=(again, MARGIN))
    assert made.question(index, again, [FERRY, ARLE, MARGIN]).leans_on == (FERRY,)
    # As near to the last subject, it stays there.
    assert made.question(index, again, [FERRY, "Who painted the Skerry ferry?"]).leans_on == (
        "Who painted the Skerry ferry?",
    )


@pytest.mark.parametrize("kind", [Kind.SHORTER, Kind.MORE, Kind.SOURCE])
def test_a_request_about_the_last_answer_leans_on_its_question(index: Index, kind: Kind) -> None:
    made = understanding({"go on": kind, "hi": Kind.TALK}, (MARGIN,))
    asked = made.question(index, "go on", [FERRY, ARLE, MARGIN, "hi"])
    assert (asked.kind, asked.leans_on) == (kind, (ARLE, MARGIN))
    assert made.question(index, "go on", [FERRY, ARLE]).leans_on == (ARLE,)


@pytest.mark.parametrize("kind", [Kind.SHORTER, Kind.MORE, Kind.SOURCE])
@pytest.mark.parametrize("history", [[], ["hi"]])
def test_a_request_about_an_answer_that_there_is_not_is_talk(index: Index, kind: Kind, history: list[str]) -> None:
    asked = understanding({"go on": kind, "hi": Kind.TALK}).question(index, "go on", history)
    assert (asked.kind, asked.leans_on) == (Kind.TALK, ())


def test_white_space_makes_no_difference(index: Index) -> None:
    made = understanding(leaning=(MARGIN,))
    assert made.question(index, "By  how\tmany votes? ", [" Who won\nin Arle?"]).leans_on == (ARLE,)


def test_the_period_is_counted_from_today(index: Index) -> None:
    asked = Understanding().question(index, "Who won in May 2021?")
    assert asked.period == Period(date(2021, 5, 1), date(2021, 5, 31))
    assert Understanding().question(index, 'Who won "in" May* “2021”?').period == asked.period
    week = Understanding().question(index, "Who won last week?", today=date(2022, 3, 15))
    assert week.period == Period(date(2022, 3, 1), date(2022, 3, 15))
    assert Understanding().question(index, ARLE).period is None


@pytest.fixture
def misspelt(tmp_path: Path, articles_folder: Path) -> Iterator[Index]:
    """An index whose embedding model does not know some misspelt words, nor a name."""
    embedder = HashEmbedder(strangers=("brigde", "vacine", "vacinne", "oldacre"))
    made = Index.create(tmp_path / "misspelt", embedder=embedder)
    made.update([articles_folder])
    yield made
    made.close()


def test_misspelt_words_are_put_right_and_the_question_stays_as_typed(misspelt: Index) -> None:
    asked = Understanding().question(misspelt, "What did the Brigde (and the “vacine”) cost?")
    assert asked.typed == "What did the Brigde (and the “vacine”) cost?"
    assert asked.plain == asked.searched == "What did the bridge (and the “vaccine”) cost?"


def test_other_doubled_letters_are_put_right(misspelt: Index) -> None:
    assert Understanding().question(misspelt, "who got the vacinne").plain == "who got the vaccine"


def test_what_a_follow_up_leans_on_is_put_right_too_and_stays_as_typed(misspelt: Index) -> None:
    asked = understanding(leaning=("why?",)).question(misspelt, "why?", ["what did the brigde cost"])
    assert asked.leans_on == ("what did the brigde cost",)
    assert asked.searched == "what did the bridge cost why?"
    assert asked.standalone == "what did the brigde cost why?"


def test_what_is_spelt_rightly_is_not_corrected(misspelt: Index) -> None:
    for typed in ("What did the bridge cost?", "What did Oldacre say?", "?", "Wer sagt das?"):
        assert corrected(misspelt, typed) == ""
        assert Understanding().question(misspelt, typed).plain == typed
