"""Questions to begin with and to go on with: made of the articles, and answered by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from making import make_candidates, make_hit
from standins import HashEmbedder

from index import Article, Index
from rag.answer import Citation, Evidence
from rag.answering.next_questions import about_articles, common_names, opening_questions, related
from rag.grounding.citations import citation_of
from rag.question.question import Question
from rag.retrieval.evidence import Candidate

FERRY = "The ferry to Osterholm sank on Monday. Nobody had warned Osterholm or Ida Brandt, who owns the Blue Heron."
CLAIM = "A court heard what Ida Brandt knew of the Blue Heron. In Osterholm she said nothing to the Harbour Gazette."
REPAIR = "Yesterday the repair of the Blue Heron began. Workers found rust. On Friday they will go on."


BRIDGE_OPENS = Question("When did the bridge open?")


def candidates_of(*titles: str, cosine: float = 0.5) -> list[Candidate]:
    hits = [make_hit("It rained.", title=title, uri=f"/{n}", cosines=[cosine]) for n, title in enumerate(titles)]
    return [make_candidates(hit)[0] for hit in hits]


def cite(candidate: Candidate) -> Citation:
    return citation_of(Evidence(1, candidate.hit, (candidate.span,)), candidate.span, support=1.0)


def test_suggestions_are_of_three_related_articles_at_most_the_nearest_first_each_once() -> None:
    found = candidates_of(
        "Bridge opens", "The bridge bill", "Ferry", "Bridge opens", "", "Old bridge", "A bridge falls"
    )
    assert about_articles(BRIDGE_OPENS, found) == (
        "What does “Bridge opens” say?",
        "What does “The bridge bill” say?",
        "What does “Old bridge” say?",
    )
    assert about_articles(BRIDGE_OPENS, found[:2], [cite(found[0])]) == ("What does “The bridge bill” say?",)
    assert about_articles(BRIDGE_OPENS, candidates_of("Bridge opens", cosine=0.3)) == ()
    assert about_articles(BRIDGE_OPENS, []) == ()


def test_an_article_that_has_a_word_in_common_with_one_that_is_quoted_is_related() -> None:
    quoted, other = candidates_of("Ferry lays off crews", "Crews strike")
    assert about_articles(BRIDGE_OPENS, [quoted, other], [cite(quoted)]) == ("What does “Crews strike” say?",)
    assert about_articles(BRIDGE_OPENS, [quoted, other]) == ()


def test_an_answer_to_which_nothing_is_related_leads_to_its_own_article() -> None:
    quoted, other = candidates_of("Ferry sinks", "Rain")
    assert related(BRIDGE_OPENS, [quoted, other], [cite(quoted)]) == ("What does “Ferry sinks” say?",)
    assert related(BRIDGE_OPENS, [], []) == ()


def article(title: str, text: str, source: str = "Harbour Gazette") -> Article:
    return Article(uri=f"/{title}", title=title, text=text, source=source)


def test_names_of_several_articles_the_most_frequent_first_and_no_word_twice() -> None:
    articles = [article("Ferry sinks", FERRY), article("Court hears owner", CLAIM), article("Repairs", REPAIR)]
    assert common_names(articles, most=3) == ["Blue Heron", "Ida Brandt", "Osterholm"]
    assert common_names(articles, most=2) == ["Ida Brandt", "Osterholm"]
    assert common_names(articles[:1], most=3) == []


def test_a_name_in_a_title_comes_first() -> None:
    articles = [
        article("Ferry sinks", FERRY),
        article("Court hears owner", CLAIM),
        article("Rain", "In Osterholm it rains."),
    ]
    assert common_names(articles, most=3) == ["Blue Heron", "Ida Brandt", "Osterholm"]
    articles[2] = article("Osterholm is wet", "In Osterholm it rains.")
    assert common_names(articles, most=3) == ["Osterholm", "Blue Heron", "Ida Brandt"]


@pytest.fixture
def index(tmp_path: Path) -> Index:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, title, text in (("a", "Ferry sinks", FERRY), ("b", "Court hears owner", CLAIM), ("c", "x" * 400, REPAIR)):
        (folder / f"{name}.md").write_text(f"---\ntitle: {title}\n---\n\n{text}\n", encoding="utf-8")
    made = Index.create(tmp_path / "index", embedder=HashEmbedder())
    made.update([folder])
    return made


def test_questions_to_begin_with_are_those_that_are_answered_and_titles_that_are_not_too_long(index: Index) -> None:
    tried: list[str] = []

    def is_answered(question: str) -> bool:
        tried.append(question)
        return "Brandt" in question

    titles = ("What does “Ferry sinks” say?", "What does “Court hears owner” say?")
    assert opening_questions(index, is_answered) == ("What is the latest on Ida Brandt?", *titles)
    assert tried == ["What is the latest on Ida Brandt?", "What happened with Osterholm?"]
    index.close()


def test_an_empty_archive_has_no_questions_to_begin_with(tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index", embedder=HashEmbedder())
    assert opening_questions(index, lambda question: True) == ()
    index.close()
