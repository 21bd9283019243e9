"""The form of an answer: sentences of one clipping together, dossiers with their labels, and columns of a comparison."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from browser.scripted import BRIDGE, CLAY, COST, DEPTH, FINAL, OPENING, quoted, turn_of

from index import AlsoIn, Article
from rag import Kind, Question, Said
from ui.conversations.conversation import Turn
from ui.render.answers import body

DRY = Article(uri="/dry.md", title="A dry summer", text="It was dry. It was hot.\n\nIt never rained.", source="Mail")


def turn(kind: Kind, *said: Said, typed: str = "?", listed: bool = False) -> Turn:
    return replace(turn_of("What does the bridge cost?"), understood=Question(typed, kind), said=said, listed=listed)


def quotes(html: str) -> int:
    return html.count("<blockquote")


def test_sentences_of_one_article_are_one_text_and_those_beside_each_other_one_quotation():
    html = body(turn(Kind.EXPLANATION, quoted(1, DRY, "It was dry."), quoted(1, DRY, "It was hot.")))
    assert '<blockquote dir="auto" class="marks">It was dry. It was hot.</blockquote>' in html
    assert html.count('class="cite"') == 1
    html = body(turn(Kind.EXPLANATION, quoted(1, DRY, "It was dry."), quoted(1, DRY, "It never rained.")))
    assert (quotes(html), html.count('class="cite none"') + html.count('class="cite"')) == (1, 2)
    html = body(turn(Kind.EXPLANATION, quoted(1, DRY, "It was dry."), quoted(1, BRIDGE, CLAY)))
    assert quotes(html) == 2


def test_points_of_a_list_stay_apart():
    said = [quoted(1, DRY, "It was dry."), quoted(1, DRY, "It was hot.")]
    html = body(turn(Kind.LIST, *said, listed=True))
    assert html.count("<li>") == quotes(html) == 2


def test_a_dossier_has_a_date_a_title_and_where_else_it_stands():
    citation = quoted(1, BRIDGE, COST).citations[0]
    twin = AlsoIn("x", "/x", "Bridge bill", "Evening Post", date(2021, 3, 15), None)
    said = replace(quoted(1, BRIDGE, COST), citations=(replace(citation, also_in=(twin,)),))
    html = body(turn(Kind.LATEST, said, quoted(3, DRY, "It was hot.")))
    assert html.count("<li>") == 2
    assert f'<p class="headline" dir="auto">{BRIDGE.title}</p>' in html
    assert '<p class="when">undated</p><p class="headline" dir="auto">A dry summer</p>' in html
    assert '<p class="also">also in: <cite dir="auto">Evening Post, 15 March 2021</cite></p>' in html


@pytest.mark.parametrize(
    ("days", "label"),
    [
        ((date(2021, 3, 14), date(2025, 9, 7)), "updated"),
        ((date(2021, 3, 14), date(2021, 3, 14)), "sources differ"),
        ((date(2021, 3, 14), None), ""),
    ],
)
def test_reports_that_disagree_are_updated_or_of_sources_that_differ(days: tuple[date | None, ...], label: str):
    said = [quoted(1, BRIDGE, COST), quoted(3, OPENING, FINAL)]
    dated = [replace(s, sentence=replace(s.sentence, as_of=day)) for s, day in zip(said, days, strict=True)]
    html = body(turn(Kind.FACT, *dated, listed=True))
    assert html.startswith(
        f'<p class="label">{label}</p><ul class="points dossier">' if label else '<ul class="points">'
    )
    assert 'class="label"' not in body(turn(Kind.TIMELINE, *dated, listed=True))


def test_of_sources_that_differ_it_is_shown_who_counted():
    said = [quoted(1, BRIDGE, COST), quoted(1, BRIDGE, DEPTH)]
    counted = [
        replace(s, sentence=replace(s.sentence, as_of=BRIDGE.published, counted_by=who))
        for s, who in zip(said, ("the police", "<b>organisers</b>"), strict=True)
    ]
    html = body(turn(Kind.FACT, *counted, listed=True))
    assert html.startswith('<p class="label">sources differ</p>')
    assert '<p class="counted">according to <b dir="auto">the police</b></p>' in html
    assert '<p class="counted">according to <b dir="auto">&lt;b&gt;organisers&lt;/b&gt;</b></p>' in html
    unnamed = [replace(s, sentence=replace(s.sentence, as_of=BRIDGE.published)) for s in said]
    assert 'class="label"' not in body(turn(Kind.FACT, *unnamed, listed=True))


def test_a_comparison_has_a_column_a_side_and_below_what_is_about_both_or_none():
    asked = "Compare the dry Summer and the bridge"
    said = (quoted(1, DRY, "It was hot."), quoted(2, OPENING, FINAL), quoted(1, BRIDGE, DEPTH))
    html = body(turn(Kind.COMPARISON, *said, typed=asked))
    assert '<section class="side"><h3 dir="auto">dry Summer</h3>' in html
    assert '<section class="side"><h3 dir="auto">bridge</h3>' in html
    assert html.count("<section") == 2
    html = body(turn(Kind.COMPARISON, *said, quoted(1, DRY, "It never rained."), typed="Compare A and B"))
    assert "columns" not in html


def test_the_tooltip_shows_the_sentences_around_the_quotation():
    html = turn_of("What does the bridge cost?")
    passage = html.passages[1]
    spans = (
        (BRIDGE.text.index("The letter"), BRIDGE.text.index(" Beneath")),
        (BRIDGE.text.index(CLAY), BRIDGE.text.index(CLAY) + len(CLAY)),
        (BRIDGE.text.index(DEPTH), BRIDGE.text.index(DEPTH) + len(DEPTH)),
    )
    hit = replace(passage.hit, chunk=replace(passage.hit.chunk, sentences=spans))
    shown = replace(html, passages=(replace(passage, hit=hit),), said=(quoted(2, BRIDGE, CLAY),))
    tip = body(shown).split('role="tooltip"')[1]
    assert f'<span>The letter, dated 2 March, blames the seabed.</span> <q dir="auto">{CLAY}</q> <span>{DEPTH}' in tip
