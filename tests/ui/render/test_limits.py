"""The limits as chips, the colours of sources, and the words that were searched for, marked in an article."""

from __future__ import annotations

from datetime import date

from index import Filters
from index.updates.report import UpdateReport
from ui.archive.catalogue import places, source_key
from ui.render import limits
from ui.render.archive import return_question
from ui.render.markup import found_spans


def test_each_limit_is_a_chip_that_can_be_removed():
    html = limits.chips(Filters(date(2021, 3, 1), sources=("Courier", "<Mail>"), author="Marit"))
    assert html.count('data-do="drop"') == 5
    assert 'data-what="after" data-id="" dir="auto" aria-label="Remove the limit from 1 March 2021"' in html
    assert 'data-what="source" data-id="&lt;Mail&gt;"' in html
    assert limits.chips(Filters()) == ""
    many = limits.chips(Filters(sources=tuple("abcde")))
    assert 'data-what="sources" data-id=""' in many
    assert ">5 sources <" in many


def test_a_source_has_its_colour_wherever_it_is_named_and_mostly_keeps_it():
    style = limits.colours({"Courier": "#111111"})
    assert f'data-key="{source_key("Courier")}" data-colour="#111111"' in style
    names = [f"Paper {n}" for n in range(6)]
    before = places(names, 6)
    assert sorted(before.values()) == list(range(6))
    alone = {name: places([name], 6)[name] for name in names}
    assert before[names[0]] == alone[names[0]]
    assert places(names[:3], 6) == {name: before[name] for name in names[:3]}


def test_found_words_are_marked_in_any_form_and_phrases_as_a_whole():
    text = "The courts halted it. A court may halt; the courtyard, too. Nobody halts."

    def found(words: str) -> list[str]:
        return [text[start:end] for start, end in found_spans(text, words)]

    assert found("court") == ["courts", "court", "courtyard"]
    assert found("halting") == ["halted", "halt", "halts"]
    assert found('"may halt"') == ["may halt"]
    assert found("(") == found("") == []


def test_before_an_earlier_version_comes_back_it_is_said_what_would_go():
    coming = UpdateReport(added=["/a/lost.md"], removed=[f"/a/new{n}.md" for n in range(9)], version=7)
    html = return_question(3, coming)
    assert "Return to version 3?" in html
    assert "<b>9 articles would go:</b>" in html
    assert "new7.md</span> and 1 more" in html
    assert '<b>1 article would come back:</b><span dir="auto">lost.md</span>' in html
    assert "It holds the same articles as now." in return_question(3, UpdateReport())
