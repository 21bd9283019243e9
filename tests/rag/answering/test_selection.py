"""Which sentences become the answer and in which order: within the limit of words, each point once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import chain

import pytest
from making import make_candidates, make_hit

from rag.answering.selection import Chosen, choose, first_items, is_readable, missing_side, ordered
from rag.question.kinds import Form, Kind, Order
from rag.question.question import Question
from rag.retrieval.evidence import Candidate

FORM = Form(passages=5, words=30, sentences=9)

TOLD = "Sheep graze on the fell. Boats left the harbour early. The court heard a witness. Nobody bought the old mill."


def texts(chosen: list[Chosen]) -> list[str]:
    return [one.text for one in chosen]


def of(*articles: tuple[str, date | None]) -> list[Candidate]:
    """Candidates, likeliest first: the sentences of these articles one after the other."""
    made = [
        make_candidates(make_hit(text, title=f"T{n}", uri=f"/{n}", published=day), likeliest=0.9 - n / 10)
        for n, (text, day) in enumerate(articles)
    ]
    return list(chain.from_iterable(made))


def test_the_likeliest_sentences_are_taken_until_the_words_are_full() -> None:
    candidates = make_candidates(make_hit(TOLD))
    assert texts(choose(candidates, FORM)) == TOLD.replace(". ", ".|").split("|")
    assert texts(choose(candidates, replace(FORM, words=10))) == [
        "Sheep graze on the fell.",
        "Boats left the harbour early.",
    ]
    assert len(choose(candidates, replace(FORM, sentences=3))) == 3


def test_a_sentence_that_does_not_fit_makes_room_for_a_shorter_one() -> None:
    long = "The mill by the river that had stood empty for sixty years was sold again."
    candidates = make_candidates(make_hit(f"Sheep graze on the fell. {long} Boats left early on."))
    assert texts(choose(candidates, replace(FORM, words=10))) == ["Sheep graze on the fell.", "Boats left early on."]


def test_the_first_sentence_is_taken_however_long_and_unlikely() -> None:
    (only,) = make_candidates(make_hit(", ".join(["four words of it"] * 20) + "."), likeliest=0.01)
    assert [one.candidate for one in choose([only], FORM)] == [only]
    assert choose([], FORM) == []


def test_what_is_less_likely_than_the_kind_asks_for_is_left_out() -> None:
    candidates = make_candidates(make_hit(TOLD), likeliest=0.9)
    assert len(choose(candidates, replace(FORM, floor=0.885))) == 2


def test_what_is_much_less_likely_than_the_likeliest_is_left_out() -> None:
    hit = make_hit(TOLD)
    likely = [0.8, 0.3, 0.2, 0.05]
    candidates = [replace(one, probability=p) for one, p in zip(make_candidates(hit), likely, strict=True)]
    assert len(choose(candidates, FORM)) == 4
    assert len(choose(candidates, replace(FORM, share=0.3))) == 2


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("He left the town.", True),
        ("“He left the town.”", True),
        ("He left.", False),
        ("The state of the bridge", False),
        ("Three lanes for cars, two for buses and one for all who walk", True),
        ("He left the\ntown today.", False),
        ("他们昨天 离开 了 城市。", True),
        ("Tarn: Turnout 55.0%", True),
        ("Ingredients: oatmeal", False),
    ],
)
def test_headings_captions_and_scraps_are_no_sentences(text: str, readable: bool) -> None:
    hit = make_hit("Word.")
    whole = Candidate(replace(hit, article=replace(hit.article, text=text)), (0, len(text)), 0.5)
    assert is_readable(whole) is readable


def test_an_item_of_a_list_is_no_scrap() -> None:
    hit = make_hit("Oatcakes\n\n- 250 g oatmeal\n\n250 g oatmeal")
    starts = [hit.article.text.index("250"), hit.article.text.rindex("250")]
    assert [is_readable(Candidate(hit, (start, start + 13), 0.5)) for start in starts] == [True, False]


def test_scraps_are_shown_only_where_there_is_nothing_else() -> None:
    hit = make_hit("Bridge opens\n\nThe bridge opened to traffic on Monday.")
    heading, sentence = make_candidates(hit)
    assert texts(choose([heading, sentence], FORM)) == [sentence.text]
    assert texts(choose([heading], FORM)) == ["Bridge opens"]


def test_a_likely_reply_of_few_words_is_shown_with_the_sentence_before_it() -> None:
    hit = make_hit("They said that the roof had come off. It hasn't. Boats left the harbour early.")
    before, reply, boats = make_candidates(hit)
    likely = [replace(reply, probability=0.6), replace(boats, probability=0.3), replace(before, probability=0.1)]
    assert texts(choose(likely, FORM)) == ["They said that the roof had come off. It hasn't.", boats.text]
    unlikely = [replace(boats, probability=0.6), replace(reply, probability=0.4), replace(before, probability=0.1)]
    assert texts(choose(unlikely, FORM)) == [boats.text, before.text]


def test_a_caption_is_shown_where_it_is_nearly_as_likely_as_the_best_sentence() -> None:
    hit = make_hit("Sheep graze on the fell.\n\nActress Ada Strom of Skell")
    sheep, caption = make_candidates(hit)
    likely = [replace(sheep, probability=0.9), replace(caption, probability=0.7)]
    assert texts(choose(likely, FORM)) == [sheep.text, caption.text]
    assert texts(choose([likely[0], replace(caption, probability=0.6)], FORM)) == [sheep.text]


def test_of_a_printed_list_the_first_items_that_fit_are_taken() -> None:
    items = make_candidates(make_hit(TOLD))
    assert texts(first_items(items, FORM)) == texts(choose(items, FORM))
    assert len(first_items(items, replace(FORM, words=10))) == 2
    assert len(first_items(items, replace(FORM, words=1))) == 1


def test_what_means_the_same_by_its_vector_is_said_once() -> None:
    hit = make_hit("Sheep graze on the fell. Ewes feed upon the hill. Boats left the harbour early.")
    near = make_candidates(hit, vectors=[[1, 0], [0.91, 0.4146], [0, 1]])
    assert texts(choose(near, FORM)) == ["Sheep graze on the fell.", "Boats left the harbour early."]
    apart = make_candidates(hit, vectors=[[1, 0], [0.89, 0.456], [0, 1]])
    assert len(choose(apart, FORM)) == 3


def test_what_has_the_same_words_is_said_once() -> None:
    candidates = of(
        ("Sheep graze on the high fell again today.", None),
        ("Again today sheep graze on the fell.", None),
        ("Sheep graze on the low island now.", None),
    )
    assert texts(choose(candidates, FORM)) == [
        "Sheep graze on the high fell again today.",
        "Sheep graze on the low island now.",
    ]


def test_a_quotation_is_shown_whole_with_its_speaker_and_once() -> None:
    hit = make_hit("It rained. Berg said: “The bridge is late. It will open in 2025.” Sheep graze on the fell.")
    text = hit.article.text
    parts = ("It rained.", "Berg said: “The bridge is late.", "It will open in 2025.”", "Sheep graze on the fell.")
    spans = tuple((text.index(part), text.index(part) + len(part)) for part in parts)
    hit = replace(hit, chunk=replace(hit.chunk, sentences=spans), sentence_cosines=(0.5,) * 4)
    _, opening, closing, sheep = make_candidates(hit)
    whole = "Berg said: “The bridge is late. It will open in 2025.”"
    assert texts(choose([closing, opening, sheep], FORM)) == [whole, "Sheep graze on the fell."]
    for one in choose([closing], FORM):
        assert one.text.count("“") == one.text.count("”") == 1


EARLY, LATE = date(2021, 3, 1), date(2022, 5, 2)


def test_articles_follow_each_other_by_their_likeliest_and_sentences_as_in_the_article() -> None:
    one = make_candidates(make_hit("First one here. Second one here. Third one here.", uri="/a"))
    two = make_candidates(make_hit("Other one here. Another one there.", uri="/b"))
    chosen = [Chosen(c, c.span) for c in (one[2], two[1], one[0], two[0])]
    expected = ["First one here.", "Third one here.", "Other one here.", "Another one there."]
    assert texts(ordered(chosen, Order.AS_IN_THE_ARTICLES)) == expected
    led = ["Third one here.", "First one here.", "Other one here.", "Another one there."]
    assert texts(ordered(chosen, Order.LIKELIEST_THEN_ARTICLES)) == led
    assert ordered(chosen, Order.LIKELIEST_FIRST) == chosen


def test_the_newest_article_comes_first_and_one_without_a_date_last() -> None:
    candidates = of(
        ("An undated thing happened.", None), ("An early thing happened. And on.", EARLY), ("A late one.", LATE)
    )
    chosen = [Chosen(c, c.span) for c in candidates]
    assert texts(ordered(chosen, Order.NEWEST_FIRST)) == [
        "A late one.",
        "An early thing happened.",
        "And on.",
        "An undated thing happened.",
    ]


def test_a_timeline_is_in_the_order_of_the_days_that_it_tells() -> None:
    candidates = of(
        ("On 4 June 2020 the bridge opened. Work had begun in May 2016.", LATE),
        ("The plan dates from 1998. It was forgotten.", EARLY),
        ("The toll rose today.", LATE),
    )
    chosen = [Chosen(c, c.span) for c in candidates]
    assert texts(ordered(chosen, Order.OLDEST_FIRST)) == [
        "The plan dates from 1998.",
        "Work had begun in May 2016.",
        "On 4 June 2020 the bridge opened.",
        "It was forgotten.",
        "The toll rose today.",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("In 1850 a ferry ran.", True),
        ("Some 3021 people came.", False),
        ("It cost 19 crowns.", False),
        ("The ferry of 1850, an old one, ran.", True),
    ],
)
def test_a_bare_year_counts_as_a_year_and_another_number_does_not(text: str, first: bool) -> None:
    candidates = of(("It rained on 1 May 2000.", EARLY), (text, EARLY))
    chosen = [Chosen(c, c.span) for c in candidates]
    assert (texts(ordered(chosen, Order.OLDEST_FIRST))[0] == text) is first


COMPARED = Question("The Calder bridge compared with the Skerry ferry", Kind.COMPARISON)


@pytest.mark.parametrize(
    ("shown", "title", "missing"),
    [
        (("The Calder bridge cost 587 million.",), "Bill", "the skerry ferry"),
        (("The Skerry ferry cost 12 crowns.",), "Bill", "the calder bridge"),
        (("It cost 12 crowns.",), "Skerry ferry", "the calder bridge"),
        (("The Calder bridge is long.", "The ferry to Skerry is old."), "Bill", ""),
        (("Nobody knows what it cost.",), "Bill", ""),
    ],
)
def test_the_side_that_nothing_chosen_names_is_missing(shown: tuple[str, ...], title: str, missing: str) -> None:
    candidates = [make_candidates(make_hit(text, title=title, uri=f"/{n}"))[0] for n, text in enumerate(shown)]
    chosen = [Chosen(c, c.span) for c in candidates]
    assert missing_side(COMPARED, chosen) == missing
    assert missing_side(replace(COMPARED, kind=Kind.FACT), chosen) == ""


def test_a_question_without_two_sides_misses_none() -> None:
    assert missing_side(Question("Compare the bridges", Kind.COMPARISON), []) == ""
