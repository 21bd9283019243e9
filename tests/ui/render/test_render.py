"""Answers and evidence as HTML: what is shown, what is marked, and that nothing from outside becomes HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from browser.scripted import (
    BRIDGE,
    CLAY,
    COST,
    DEPTH,
    FINAL,
    HOSTILE,
    OPENING,
    SCRIPTS,
    ScriptedChatbot,
    ScriptedIndex,
    citation,
    evidence,
    quoted,
)
from markupsafe import Markup

from index import AlsoIn
from rag import Answer, Begun, Found, Level, Outcome, Question, Said, Sentence, Waiting
from ui.conversations.conversation import Stage, Turn, after
from ui.render import evidence as proof
from ui.render import markup, turns


class Page(HTMLParser):
    """The elements of a piece of HTML, and the text in each kind of them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marked: dict[str, list[str]] = {"quote": [], "matters": []}
        self.words = ""
        self._mark = ""
        self.feed(str(html))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self._mark = dict(attrs)["class"] or ""
            self.marked[self._mark].append("")

    def handle_endtag(self, tag):
        if tag == "mark":
            self._mark = ""

    def handle_data(self, data):
        self.words += data
        if self._mark:
            self.marked[self._mark][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def turn_after(question: str, steps: int | None = None) -> Turn:
    """The turn once so many steps of the script have come; all of them without a number."""
    turn = Turn(7, question)
    for step in list(ScriptedChatbot().stream(question))[:steps]:
        turn = after(turn, step)
    return turn


def test_masthead_says_what_is_indexed():
    words = Page(turns.masthead(ScriptedIndex().status(), "smollm2-135m")).words
    assert "28 articles" in words
    assert "16 May 2019 to 7 September 2025" in words
    assert "answers by smollm2-135m" in words


def test_masthead_of_one_article_without_dates_or_model():
    status = replace(ScriptedIndex().status(), articles=1, first_published=None, last_published=None)
    words = Page(turns.masthead(status, None)).words
    assert "1 articleno language model: answers are quotations" in words
    same_day = replace(status, first_published="2021-03-14", last_published="2021-03-14")
    assert Page(turns.masthead(same_day, None)).words.count("14 March 2021") == 1


@pytest.mark.parametrize(
    ("steps", "status"),
    [(0, "searching…"), (1, "reading 3 passages…"), (3, "writing…"), (6, "answered in 0.3 s")],
)
def test_status_follows_the_steps(steps: int, status: str):
    assert status in Page(turns.turn(turn_after("What does the bridge cost?", steps))).words


@pytest.mark.parametrize(
    ("place", "status"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (22, "22nd")],
)
def test_place_in_the_queue_is_shown_until_it_is_our_turn(place: int, status: str):
    waiting = after(turn_after("What does the bridge cost?", 1), Waiting(place))
    words = Page(turns.turn(waiting)).words
    assert f"{status} in the queue…" in words
    assert "reading" not in words
    assert "reading 3 passages…" in Page(turns.turn(after(waiting, Waiting(0)))).words
    to_search = after(Turn(1, "What does the bridge cost?"), Waiting(place))
    assert f"{status} in the queue…" in Page(turns.turn(to_search)).words
    assert "searching…" in Page(turns.turn(after(to_search, Waiting(0)))).words


def test_the_evidence_can_be_reached_while_it_is_read():
    (link,) = Page(turns.turn(turn_after("What does the bridge cost?", 1))).all("a")
    assert (link["href"], link["data-turn"], link["data-marker"]) == ("#passage-7-1", "7", "1")


def test_how_much_the_model_has_read_is_shown_with_the_answer():
    turn = turn_after("What does the bridge cost?")
    assert turn.answer is not None
    read = after(turn, replace(turn.answer, read=2))
    assert "answered in 0.3 s, read 2 of 3 passages" in Page(turns.turn(read)).words
    assert "answered in 0.3 s, 3 passages" in Page(turns.turn(turn)).words
    begun = after(turn_after("What does the bridge cost?", 1), Begun(2))
    assert "reading 2 of 3 passages…" in Page(turns.turn(begun)).words


def test_evidence_stands_before_the_first_sentence():
    turn = turn_after("What does the bridge cost?", 1)
    page = Page(proof.panel(turn))
    assert [a["id"] for a in page.all("article")] == ["passage-7-1", "passage-7-2", "passage-7-3"]
    assert page.marked == {"quote": [], "matters": [COST, CLAY, DEPTH, FINAL]}
    assert turn.said == ()


def test_quotes_are_marked_once_said():
    page = Page(proof.panel(turn_after("What does the bridge cost?")))
    assert page.marked == {"quote": [COST, DEPTH, FINAL], "matters": [CLAY]}
    assert "Bridge bill climbs" in page.words
    assert "14 March 2021" in page.words
    assert "by Marit Oldacre" in page.words


def test_each_marker_leads_to_its_own_quote():
    links = [a for a in Page(turns.turn(turn_after("What does the bridge cost?"))).all("a") if a.get("class") == "cite"]
    start = BRIDGE.text.index(DEPTH)
    assert [link["href"] for link in links] == ["#passage-7-1", "#passage-7-2", "#passage-7-3"]
    assert links[1]["data-quote"] == f"{start}-{start + len(DEPTH)}"
    marks = [m for m in Page(proof.panel(turn_after("What does the bridge cost?"))).all("mark") if "data-quotes" in m]
    assert [m["data-quotes"] for m in marks] == [link["data-quote"] for link in links]


def test_quotations_and_the_models_sentences_look_different():
    html = turns.turn(turn_after("What does the bridge cost?"))
    page = Page(html)
    assert html.count("supported by") == 2
    assert html.count("quoted from the clipping") == 1
    assert len(page.all("blockquote")) == 3, "the model's sentences stand over the quotations that prove them"
    assert [f["class"] for f in page.all("figure")] == ["proof", "proof", "said"]
    assert "Northline News Agency, 7 September 2025" in page.words


def test_what_is_in_the_models_words_alone_looks_different_from_what_is_supported():
    text = "The viaduct cost a fortune."
    own = Sentence(text, (1,), Level.OWN_WORDS, strange=((4, 11), (19, 26)))
    html = turns.turn(after(turn_after("What does the bridge cost?", 1), Said(own, (citation(1, BRIDGE, COST),))))
    page = Page(html)
    assert [u["class"] for u in page.all("u")] == ["strange", "strange"]
    assert ">viaduct</u>" in html
    assert ">fortune</u>" in html
    assert 'class="said unsure"' in html
    assert '<span class="origin own">in the model’s words; compare' in html
    assert "✓" not in html
    assert COST in page.words, "its clipping stands directly below"


def test_marks_are_set_only_around_sentences_without_any():
    spoken = "“No responsible engineer could continue on the original design,” Mr Bellweather writes."
    turn = after(Turn(1, "?"), Found(Question("?"), (evidence(1, BRIDGE, 2),)))
    for text, classes in ((spoken, [None]), (COST, ["marks"])):
        page = Page(turns.turn(after(turn, quoted(1, BRIDGE, text))))
        assert [quote.get("class") for quote in page.all("blockquote")] == classes


def test_what_the_model_wrote_is_kept():
    page = Page(turns.turn(turn_after("What does the bridge cost?")))
    assert len(page.all("details")) == 1
    assert page.words.count("It was the costliest bridge in the world.") == 2  # within its words, and as taken out
    assert "What the model wrote" not in Page(turns.turn(turn_after("And why?"))).words


def test_how_it_was_answered_is_one_click_away():
    words = Page(turns.turn(replace(turn_after("And why?"), limits="source Courier"))).words
    assert "kind of questionfact" in words
    assert "searched forWhat does the bridge cost? And why?" in words
    assert "inarticles source Courier" in words
    assert "sentence 1quoted word for word" in words
    assert "time untilpassages 0.10 s, first sentence 0.20 s, all " in words
    words = Page(turns.turn(turn_after("What does the bridge cost?"))).words
    assert "sentence 2supported, 100% sure that passage 2 supports it" in words
    assert "index version1" in words


def test_a_marker_without_a_passage_leads_nowhere():
    said = Said(Sentence("It rained.", (1, 9), Level.SUPPORTED), (citation(1, BRIDGE, COST),))
    page = Page(turns.turn(after(turn_after("What does the bridge cost?", 1), said)))
    assert [link["data-marker"] for link in page.all("a") if link.get("class") == "cite"] == ["1"]
    (dead,) = [span for span in page.all("span") if span.get("class") == "cite none"]
    assert dead["title"] == "There is no passage of this number."


def test_a_marker_shows_its_quote_before_it_is_followed():
    page = Page(turns.turn(turn_after("What does the bridge cost?")))
    tips = [span["id"] for span in page.all("span") if span.get("role") == "tooltip"]
    links = [link["aria-describedby"] for link in page.all("a") if link.get("class") == "cite"]
    assert tips == links == ["tip-7-0-1", "tip-7-1-2", "tip-7-2-3"]
    assert f"{FINAL} Calder Sound Bridge opens two years late, Northline News Agency, 7 September 2025" in page.words


def test_the_verdict_is_shown_and_there_is_a_link_only_to_what_is_kept():
    turn = replace(turn_after("What does the bridge cost?"), verdict="down")
    page = Page(turns.turn(turn, "abc"))
    assert [(b["data-verdict"], b["aria-pressed"]) for b in page.all("button") if "data-verdict" in b] == [
        ("up", "false"),
        ("down", "true"),
    ]
    assert [a["href"] for a in page.all("a") if "data-link" in a] == ["?c=abc#turn-7"]
    assert not [a for a in Page(turns.turn(turn)).all("a") if "data-link" in a]


def test_refusal_is_no_answer():
    turn = turn_after("Who won the cup?")
    page, panel = Page(turns.turn(turn)), Page(proof.panel(turn))
    assert "not in the clippings" in page.words
    assert page.words.count("The articles do not say who won the cup.") == 1
    assert not page.all("blockquote")
    assert "Nearest passages, which do not hold the answer" in panel.words
    assert panel.marked == {"quote": [], "matters": []}


def test_a_refusal_says_what_the_articles_do_say():
    turn = turn_after("When does the ferry sail?")
    page, panel = Page(turns.turn(turn)), Page(proof.panel(turn))
    assert "They say:" in page.words
    assert len(page.all("blockquote")) == 1
    links = [link for link in page.all("a") if link.get("class") == "cite"]
    assert [link["data-marker"] for link in links] == ["3"]
    assert "See the nearest passages" in page.words
    assert panel.marked == {"quote": [FINAL], "matters": []}


def test_what_can_be_asked_instead_is_one_click_away():
    html = turns.turn(turn_after("Who won the cup?"))
    asks = [button for button in Page(html).all("button") if "data-ask" in button]
    assert [button["type"] for button in asks] == ["button", "button"]
    assert 'data-ask dir="auto">What happened to the bridge?</button>' in html
    assert "data-ask" not in turns.turn(turn_after("When does the ferry sail?"))


@pytest.mark.parametrize(
    ("outcome", "heading"),
    [
        (Outcome.NOT_SAID, "not in the clippings"),
        (Outcome.NOT_COVERED, "not in the clippings"),
        (Outcome.OUTSIDE_LIMITS, "outside the limits"),
        (Outcome.NOTHING_INDEXED, "nothing indexed yet"),
    ],
)
def test_each_refusal_has_its_heading(outcome: Outcome, heading: str):
    turn = turn_after("Who won the cup?")
    assert turn.answer is not None
    turn = after(turn, replace(turn.answer, outcome=outcome))
    assert f'<div class="refusal"><p class="origin none">{heading}</p>' in turns.turn(turn)


def test_refusal_without_any_passage():
    answer = next(s for s in ScriptedChatbot().stream("Who won the cup?") if isinstance(s, Answer))
    turn = after(Turn(1, "Who?"), replace(answer, passages=()))
    assert "No passage was found." in Page(proof.panel(turn)).words
    assert not Page(turns.turn(turn)).all("a")


def test_what_a_question_leaned_on_is_shown_and_it_can_be_asked_without():
    html = turns.turn(turn_after("And why?", 1))
    assert '<p class="searched">asked about: <q dir="auto">What does the bridge cost?</q> <button' in html
    (alone,) = [button for button in Page(html).all("button") if "data-alone" in button]
    assert alone["data-turn"] == "7"
    turn = replace(turn_after("And why?"), understood=Question("And why?", leans_on=("One?", "Two?")))
    assert 'asked about: <q dir="auto">One?</q> <q dir="auto">Two?</q>' in turns.turn(turn)
    assert 'class="searched"' not in turns.turn(turn_after("What does the bridge cost?"))


def test_words_put_right_are_shown():
    html = turns.turn(turn_after("Whta is the toll?"))
    assert '<p class="searched">searched for: <q dir="auto">What is the toll?</q></p>' in html
    assert "data-alone" not in html


def test_talk_looks_like_an_answer_and_claims_nothing():
    turn = turn_after("hi")
    page, panel = Page(turns.turn(turn)), Page(proof.panel(turn))
    assert turn.stage is Stage.ANSWERED
    assert (
        '<div class="answer"><p class="lead" dir="auto">Hello. I answer questions from the 28 articles.</p></div>'
        in (turns.turn(turn))
    )
    for claim in ("not in the clippings", "passage", "sure", "searched", "with sources", "quoted"):
        assert claim not in page.words
    assert "No passage" not in panel.words
    assert "How to read an answer" in panel.words
    assert "How to read an answer" in Page(proof.panel(turn_after("hi", 1))).words
    assert "writing…" in Page(turns.turn(turn_after("hi", 1))).words


def test_a_lead_stands_before_the_sentences_from_the_moment_it_comes():
    turn = turn_after("What happened to the bridge?", 2)
    lead = '<p class="lead" dir="auto">The reports differ; the latest comes first.</p>'
    assert f'<div class="answer">{lead}</div>' in turns.turn(turn)
    assert f'<div class="answer">{lead}<ul class="points dossier"><li><figure class="said">' in (
        turns.turn(turn_after("What happened to the bridge?"))
    )
    stopped = replace(turn, stage=Stage.STOPPED)
    assert "You stopped the answer here." in Page(turns.turn(stopped)).words
    assert 'class="lead"' not in turns.turn(turn_after("What does the bridge cost?"))


def test_a_list_is_a_list_with_the_day_of_each_point():
    turn = turn_after("What happened to the bridge?")
    html = turns.turn(turn)
    assert html.count("<li><figure") == html.count("</figure></li>") == 2
    assert '<p class="when"><time datetime="2021-03-14">14 March 2021</time></p>' in html
    captions = html.split("<figcaption>")[1:]
    assert [">Port Calder Courier</cite></figcaption>" in caption for caption in captions] == [True, False]
    assert "As of" not in Page(html).words
    assert '<ul class="points' not in turns.turn(turn_after("What does the bridge cost?"))


def test_half_an_answer_says_so():
    words = Page(turns.turn(turn_after("Whta is the toll?"))).words
    assert "only in part in the clippingsThe articles say nothing about the toll." in words


def test_stopped_turn_keeps_what_was_said():
    turn = replace(turn_after("What does the bridge cost?", 3), stage=Stage.STOPPED)
    page = Page(turns.turn(turn))
    assert "587 million" in page.words
    assert "You stopped the answer here." in page.words
    assert Page(proof.panel(turn)).marked["quote"] == [COST]


def test_failed_turn_says_why():
    turn = replace(turn_after("What does the bridge cost?", 1), stage=Stage.FAILED, problem="No model <here>.")
    assert "No model &lt;here&gt;." in turns.turn(turn)


def test_citations_of_an_answer_that_differs_from_what_was_said():
    final = Sentence("The final bill was 602 million.", (3,), Level.SUPPORTED)
    *_, answer = ScriptedChatbot().stream("What does the bridge cost?")
    assert isinstance(answer, Answer)
    turn = after(turn_after("What does the bridge cost?", 3), replace(answer, sentences=(final,)))
    assert turn.said == (Said(final, (answer.citations[2],)),)


def test_a_passage_says_where_else_it_stands():
    twins = (
        AlsoIn("1", "/a", "Toll <b>rises</b>", "Wire", date(2021, 3, 14), None),
        AlsoIn("2", "/b", "Plain", None, None, None),
    )
    found = evidence(1, BRIDGE, 0)
    turn = Turn(1, "q", passages=(replace(found, hit=replace(found.hit, also_in=twins)),), stage=Stage.ANSWERED)
    panel = proof.panel(turn)
    assert "also in: " in Page(panel).words
    assert "Toll <b>rises</b> (Wire, 14 March 2021); Plain" in Page(panel).words
    assert "<b>" not in panel
    assert "also in" not in proof.panel(replace(turn, passages=(found,)))


def test_quote_outside_the_passage_extends_it():
    passage = evidence(1, BRIDGE, 0, COST)
    turn = after(Turn(1, "?"), Found(Question("?"), (passage,)))
    said = Said(Sentence("Clay.", (1,), Level.SUPPORTED), (citation(1, BRIDGE, CLAY),))
    page = Page(proof.panel(after(turn, said)))
    assert page.marked["quote"] == [CLAY]
    assert "The letter, dated 2 March" in page.words
    assert "instead of 34" not in page.words


def test_quote_across_paragraphs_is_marked_in_both():
    quote = "which the Courier has read.\n\nThe letter, dated 2 March"
    highlights = markup.Highlights.of(BRIDGE, [citation(1, BRIDGE, quote)])
    page = Page(markup.paragraphs(BRIDGE.text, (0, len(BRIDGE.text)), highlights))
    assert page.marked["quote"] == ["which the Courier has read.", "The letter, dated 2 March"]
    assert len(page.all("p")) == 3


def test_overlapping_quotes_are_each_found_by_name():
    text = "abcdefgh"
    page = Page(markup.paragraphs(text, (0, 8), markup.Highlights(((0, 4), (2, 6)), ((0, 8),))))
    assert page.marked == {"quote": ["ab", "cd", "ef"], "matters": ["gh"]}
    assert [m.get("data-quotes") for m in page.all("mark")] == ["0-4", "0-4 2-6", "2-6", None]


def test_quote_that_is_not_in_the_article_is_not_marked():
    wrong = replace(citation(1, BRIDGE, COST), start=3, end=3 + len(COST))
    elsewhere = replace(citation(1, BRIDGE, COST), article_id="0" * 16)
    assert markup.Highlights.of(BRIDGE, [wrong, elsewhere]).quotes == ()


def test_reader_has_the_whole_article_and_keeps_comments_apart():
    turn = turn_after("What does the bridge cost?")
    html = proof.reader(turn, turn.passages[0])
    page = Page(html)
    assert page.marked["quote"] == [COST, DEPTH]
    assert "Work on the three piers stopped on 11 January." in page.words
    assert "2021-03-14-harbour-bridge-cost.md" in page.words
    assert "/articles/" not in page.words
    article, _, comments = html.partition("<details")
    assert "boat" not in article
    assert "Not reporting" in comments
    assert "boat" in comments
    assert "&lt;b onclick" in comments
    assert page.all("a")[-1]["href"] == BRIDGE.url


def test_nothing_hostile_becomes_html():
    turn = turn_after("Is it safe?")
    asked = Question("?", leans_on=("<i>",))
    turn = replace(turn, question="<b onload=1>?", understood=asked, lead="<img src=x>", listed=True)
    refused = replace(turn_after("Who won the cup?"), lead="<img src=x>")
    assert refused.answer is not None
    refused = replace(refused, answer=replace(refused.answer, suggestions=("<svg onload=1>",)))
    html = (
        turns.turn(refused)
        + turns.turn(turn)
        + proof.panel(turn)
        + proof.reader(turn, turn.passages[0])
        + turns.notice("<img>")
    )
    assert isinstance(html, Markup)
    tags = {name for name, _ in Page(html).tags}
    assert not tags & {"script", "img", "svg", "iframe", "b", "i"}
    attributes = {name for _, own in Page(html).tags for name in own}
    assert not any(name.startswith("on") for name in attributes)
    assert "javascript:" not in html
    assert HOSTILE.title in Page(html).words


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://news.example/a?b=c", "https://news.example/a?b=c"),
        ("  http://news.example ", "http://news.example"),
        ("HTTPS://news.example/", "https://news.example/"),
        ("javascript:alert(1)", None),
        (" jav\tascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//news.example", None),
        ("https://", None),
        ("https://[", None),
        ("file:///etc/passwd", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(url: str | None, safe: str | None):
    assert markup.safe_url(url) == safe


def test_days_are_written_out():
    assert markup.day(date(2021, 3, 4)) == "4 March 2021"


def test_every_script_of_the_tests_is_consistent():
    for question, script in SCRIPTS.items():
        for said in script.said:
            for cited in said.citations:
                article = next(a for a in (BRIDGE, OPENING, HOSTILE) if a.id == cited.article_id)
                assert article.text[cited.start : cited.end] == cited.quote, question


def test_who_has_logged_in_and_the_way_out_stand_there():
    assert turns.visitor(None) == ""
    html = turns.visitor("<b>ann", "/clippings")
    assert "&lt;b&gt;ann" in html
    assert 'href="/clippings/logout"' in html
