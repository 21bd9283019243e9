"""What counts as the same story, and what does not, on texts as wires print them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from index import Article
from index.near_duplicates.similarity import MIN_WORDS, Likeness, holds, is_long_enough, says_it_corrects, shingles

STORY = (
    "The river Arle burst its banks on Tuesday night, and 14 people drowned in Lower Brayford. "
    "Firemen carried 230 villagers out of their houses in boats, the county council said. "
    "The water stood 2.4 metres deep in the market square at dawn, higher than in any year since 1953. "
    "Engineers from the water board blamed a sluice that nobody had opened for eleven years. "
    "The bridge at Calder stays closed until March while divers look at its piers."
)
SENTENCES = [f"{part.rstrip('.')}." for part in STORY.split(". ")]
FORM = (
    "The treasury sold 13.2 billion in bills at its regular auction. The March 9 sale was divided between three and six "
    "month bills and paid down 2.45 billion as maturing bills totalled 15.65 billion, dealers said on the day."
)
NEXT_WEEK = FORM.replace("March 9", "April 6").replace("2.45", "1.65").replace("15.65", "14.85").replace("13.2", "12.9")


def article(text: str, title: str = "Title", published: date | None = None) -> Article:
    return Article("/a.txt", title, text, published=published)


def same(one: Article, other: Article) -> bool:
    a, b = Likeness.of(one), Likeness.of(other)
    assert a.is_same_story(b) == b.is_same_story(a)
    return a.is_same_story(b)


@pytest.mark.parametrize(
    "copy",
    [
        STORY,
        STORY.upper().replace(",", ""),
        "Residents in the Arle valley woke to devastation. " + " ".join(SENTENCES[1:]),
        " ".join(SENTENCES[:3]),
        STORY.replace("14 people", "15 people"),
    ],
    ids=["verbatim", "capitals", "new first sentence", "cut by two of five", "one figure corrected"],
)
def test_edited_copies_are_the_same_story(copy: str) -> None:
    assert same(article(STORY, "Flood"), article(copy, "Brayford under water"))


@pytest.mark.parametrize(
    "other",
    [
        SENTENCES[0]
        + " Ministers promised 40 million for the victims, and the opposition asked where it would come from.",
        "Nothing about floods here: " + FORM,
        "",
    ],
    ids=["one sentence quoted", "another subject", "empty"],
)
def test_other_stories_are_not(other: str) -> None:
    assert not same(article(STORY), article(other))


def test_a_form_filled_in_anew_is_another_report() -> None:
    assert len(shingles(FORM) & shingles(NEXT_WEEK)) / len(shingles(FORM) | shingles(NEXT_WEEK)) > 0.4
    assert not same(article(FORM), article(NEXT_WEEK))
    assert same(article(FORM), article(FORM.replace("2.45", "1.65")))


def test_a_correction_may_change_more_figures() -> None:
    corrected = FORM.replace("2.45", "2.54").replace("15.65", "15.56")
    assert not same(article(FORM), article(corrected))
    assert same(article(FORM), article(corrected, "CORRECTED - Treasury sells bills"))
    assert not same(article(FORM), article(NEXT_WEEK, "CORRECTED - Treasury sells bills"))


def test_the_same_words_a_week_later_are_the_same_and_after_that_not() -> None:
    first = article(STORY, published=date(2021, 3, 1))
    assert same(first, replace(first, published=date(2021, 3, 8)))
    assert not same(first, replace(first, published=date(2021, 3, 9)))
    assert same(first, replace(first, published=None))


def test_a_text_is_long_enough_from_thirty_words() -> None:
    assert MIN_WORDS == 30
    assert not is_long_enough("word " * 29)
    assert is_long_enough("word " * 30)


@pytest.mark.parametrize(
    ("title", "text", "corrects"),
    [
        ("CORRECTED - GM TO IDLE SIX PLANTS", "General Motors will idle six plants.", True),
        ("(CORRECTED)-IVORY COAST CONFIRMS TALKS", "An official confirmed it.", True),
        ("Correction: flood toll", "Fourteen died.", True),
        ("Flood toll", "Fourteen people died. (Corrects number of dead in paragraph 1.)", True),
        ("NATIONAL WESTMINSTER 1ST QTR", "Net 17.7 mln. Figures in dollars. Corrects name to subsidiary.", True),
        ("USX CHAIRMAN CALLS FOR LOWER DOLLAR", "It would help speed a correction in the trade deficit.", False),
        ("TRW PROMISES TO CORRECT PRACTICES", "The correct figure is not known.", False),
    ],
)
def test_corrections_are_known_by_what_they_say(title: str, text: str, corrects: bool) -> None:
    assert says_it_corrects(article(text, title)) is corrects


def test_an_article_holds_a_passage_if_half_its_runs_of_words_stand_there() -> None:
    whole = shingles(STORY)
    assert holds(whole, shingles(SENTENCES[2]))
    assert not holds(whole, shingles("The mine at Grey Fell was shut by a court on Monday after two deaths."))
    assert not holds(whole, shingles("Too short"))
