"""Ranking: the sum worked out by hand, and questions as people type them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standins import HashEmbedder

from index import Filters, Hit, Index, Weights
from index.errors import WrongUse
from index.language.word_forms import FORMS
from index.search.search import MAX_TERMS, question_terms

SLIPS = {"brigde": "bridge", "bidge": "bridge", "bridgee": "bridge", "brodge": "bridge", "thrity": "thirty"}

# One chunk each. No two words share a dimension of the stand-in; see the first test.
TINY = {
    "bridge": ("Calder bridge", "Bridge cost doubled. Clay surprised builders."),
    "flood": ("Arle flood", "River rose quickly. Thirty drowned."),
    "mine": ("Grey Fell", "Court halted mine. Clay dumped illegally."),
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("search")
    rows = [{"id": name, "title": title, "text": text} for name, (title, text) in TINY.items()]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    embedder = HashEmbedder(dimension=4096, strangers=[*SLIPS, "brxxge", "bridgs", "risn"])
    index = Index.create(folder / "index", embedder=embedder)
    index.update([folder / "a.jsonl"])
    yield index
    index.close()


def name(hit: Hit) -> str:
    return hit.article.uri.partition("#")[2]


def ranking(hits: list[Hit]) -> list[tuple[str, int, float]]:
    return [(name(hit), hit.chunk.ordinal, hit.score) for hit in hits]


def test_words_of_the_tiny_index_have_dimensions_of_their_own() -> None:
    words = {w.strip(".").lower() for title, text in TINY.values() for w in f"{title} {text}".split()}
    assert len({HashEmbedder(dimension=4096).slot(w) for w in words}) == len(words) == 21


def test_scores_are_the_weighted_sum_worked_out_by_hand(tiny: Index) -> None:
    # Question of two words: each vector has both at 1/sqrt(2).
    # bridge: whole calder 1, bridge 2, cost 1, doubled 1, clay 1, surprised 1, builders 1; sentences of three words each
    # mine:   eight words, each once; "clay dumped illegally"
    weights = Weights(dense=1.0, sentence=2.0, lexical=1.0, title=1.0)
    first, second, third = tiny.search("bridge clay", top_k=9, weights=weights)

    assert name(first) == "bridge"
    assert first.dense == pytest.approx((2 + 1) / math.sqrt(2) / math.sqrt(6 + 4), abs=2e-3)
    assert first.sentence_cosines == pytest.approx([1 / math.sqrt(6)] * 2, abs=2e-3)
    assert first.sentence == max(first.sentence_cosines)
    assert first.lexical == 1.0
    assert first.score == pytest.approx((3 / math.sqrt(20) + 2 / math.sqrt(6) + 1) / 4, abs=2e-3)

    # BM25 of SQLite: "bridge" is in one chunk of three, "clay" in two, so its idf is SQLite's least, 1e-6.
    assert name(second) == "mine"
    assert second.dense == pytest.approx(1 / math.sqrt(2) / math.sqrt(8), abs=2e-3)
    assert second.sentence_cosines == pytest.approx([0, 1 / math.sqrt(6)], abs=2e-3)
    assert second.lexical == pytest.approx(0, abs=1e-4)
    assert second.score == pytest.approx((1 / 4 + 2 / math.sqrt(6)) / 4, abs=2e-3)

    assert ranking([third]) == [("flood", 0, 0.0)]
    assert (third.dense, third.sentence, third.lexical) == (0, 0, 0)


def test_default_weights_are_used_without_others(tiny: Index) -> None:
    w = Weights()
    for hit in tiny.search("clay in the river", top_k=9):
        total = w.dense * hit.dense + w.sentence * hit.sentence + w.lexical * hit.lexical
        assert hit.score == pytest.approx(total / (w.dense + w.sentence + w.lexical), abs=1e-9)


def test_scores_carry_the_precision_of_the_stored_vectors(tiny: Index) -> None:
    hit = tiny.search("river", top_k=1)[0]
    stored = np.float32(np.float16(1 / math.sqrt(3)))
    assert hit.sentence_cosines == (float(stored), 0.0)


@pytest.mark.parametrize(
    ("weights", "best"),
    [
        (Weights(dense=1, sentence=0, lexical=0), "bridge"),
        (Weights(dense=0, sentence=1, lexical=0), "mine"),
        (Weights(dense=0, sentence=0, lexical=1), "flood"),
    ],
)
def test_each_weight_alone_ranks_by_its_own_score(tmp_path: Path, weights: Weights, best: str) -> None:
    rows = {
        "bridge": ("clay", "Clay clay and one two three four. Clay five six seven eight nine."),
        "mine": ("stone", "Clay. Alpha beta gamma delta epsilon zeta eta theta iota kappa lambda."),
        "flood": ("water", "Clays clays clays clays clays clays clays clays clays clays."),
    }
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(json.dumps({"id": k, "title": t, "text": x}) for k, (t, x) in rows.items()))
    index = Index.create(tmp_path / "index", embedder=HashEmbedder())
    index.update([file])
    hits = index.search("clay", top_k=3, weights=weights)
    assert name(hits[0]) == best
    assert hits[0].score == max(
        hits[0].dense * weights.dense, hits[0].sentence * weights.sentence, hits[0].lexical * weights.lexical
    )
    index.close()


def test_only_the_proportion_of_the_weights_matters(tiny: Index) -> None:
    once = tiny.search("bridge clay", top_k=9, weights=Weights(1, 2, 3))
    twice = tiny.search("bridge clay", top_k=9, weights=Weights(10, 20, 30))
    assert [name(hit) for hit in once] == [name(hit) for hit in twice]
    assert [hit.score for hit in once] == pytest.approx([hit.score for hit in twice])


def test_the_title_weight_counts_titles_in_bm25(tiny: Index) -> None:
    # "arle" is in flood's title only, "court" in mine's text only.
    def lexical(title: float) -> dict[str, float]:
        return {name(h): h.lexical for h in tiny.search("arle court", top_k=3, weights=Weights(title=title))}

    light, heavy = lexical(0.1), lexical(8.0)
    assert light["mine"] == heavy["flood"] == 1.0
    assert light["flood"] < 0.5
    assert heavy["mine"] < 0.7
    assert tiny.search("arle", top_k=1, weights=Weights(title=0.0))[0].lexical == 0.0


class Negative(HashEmbedder):
    """Asks for the opposite of what was asked."""

    def embed_question(self, question: str) -> np.ndarray:
        return -super().embed_question(question)


def test_scores_stay_within_zero_and_one(tiny: Index) -> None:
    against = Index.open(tiny.folder, embedder=Negative(dimension=4096))
    for question in ("river rose quickly", "clay", "calder bridge cost doubled"):
        for weights in (Weights(), Weights(lexical=0)):
            hits = against.search(question, top_k=9, weights=weights)
            assert min(hit.dense for hit in hits) < 0
            assert all(0 <= hit.score <= 1 for hit in hits)
    against.close()


def test_a_cosine_above_one_by_rounding_scores_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Five plain words stand here.")
    index = Index.create(tmp_path / "index", embedder=HashEmbedder())
    index.update([tmp_path / "a.txt"])
    hit = index.search("five plain words stand here", weights=Weights(dense=0, lexical=0))[0]
    assert 1 < hit.sentence < 1.001
    assert hit.score == 1.0
    index.close()


def test_a_hit_holds_its_text_and_sentences(index: Index) -> None:
    hit = index.search("Which sirens stayed silent until midnight?", top_k=1)[0]
    assert hit.article.uri.endswith("/flood.txt")
    assert hit.text == hit.article.text[hit.chunk.start : hit.chunk.end]
    best = hit.chunk.sentences[int(np.argmax(hit.sentence_cosines))]
    assert hit.article.text[slice(*best)] == (
        "Sirens in Nether Arle stayed silent until midnight, because a relay had failed during the storm."
    )
    assert hit.sentence == max(hit.sentence_cosines)


def test_top_k_cuts_the_ranking(tiny: Index) -> None:
    everything = ranking(tiny.search("clay", top_k=99))
    assert len(everything) == 3
    for k in (0, 1, 2, 3):
        assert ranking(tiny.search("clay", top_k=k)) == everything[:k]


def test_equal_scores_are_ordered_by_article(tmp_path: Path) -> None:
    files = []
    for number in (3, 1, 2, 0):
        file = tmp_path / f"{number}.txt"
        file.write_text("The very same words about nothing in particular stand here.")
        files.append(file)
    forwards, backwards = (Index.create(tmp_path / way, embedder=HashEmbedder()) for way in ("f", "b"))
    for file in files:
        forwards.update([file])
    for file in files[::-1]:
        backwards.update([file])
    hits = forwards.search("same words", top_k=9)
    assert len({hit.score for hit in hits}) == 1
    assert [hit.article.id for hit in hits] == sorted(hit.article.id for hit in hits)
    assert ranking(hits) == ranking(backwards.search("same words", top_k=9))
    forwards.close()
    backwards.close()


def test_an_empty_index_has_no_hits(tmp_path: Path) -> None:
    empty = Index.create(tmp_path / "empty", embedder=HashEmbedder())
    assert empty.search("Anything?") == []
    assert empty.search("Anything?", filters=Filters(source="x")) == []
    empty.warm()
    empty.close()


# Questions as they are typed

PLAIN = "how much will the calder bridge cost"


@pytest.mark.parametrize(
    "question",
    [
        "How much will the Calder bridge cost?",
        "HOW MUCH WILL THE CALDER BRIDGE COST???",
        '"How much" will the "Calder bridge" cost',
        "how* much will the calder* bridge cost*",
        "(how much) will: the {calder} [bridge] ^cost",
        "how much will the calder -bridge +cost",
        "how much will; the calder' bridge-- cost",
        "  how\tmuch\nwill the calder bridge cost  ",
        "how much will the calder bridge cost\x00",
        "“how much” will the calder… bridge — cost 💶",
    ],
)
def test_case_and_punctuation_change_nothing(index: Index, question: str) -> None:
    expected = ranking(index.search(PLAIN, top_k=9))
    assert expected[0][2] > 0.4
    assert ranking(index.search(question, top_k=9)) == expected


@pytest.mark.parametrize(
    ("syntax", "plain"),
    [
        ("bridge AND clay", "bridge and clay"),
        ("bridge OR clay NOT flood", "bridge or clay not flood"),
        ("NEAR(bridge clay)", "near bridge clay"),
        ("NEAR(bridge clay, 5)", "near bridge clay 5"),
        ("title:bridge", "title bridge"),
        ("{title text}:clay", "title text clay"),
        ('bridge" OR "clay', "bridge or clay"),
    ],
)
def test_search_syntax_is_only_words(index: Index, syntax: str, plain: str) -> None:
    assert ranking(index.search(syntax, top_k=9)) == ranking(index.search(plain, top_k=9))


@pytest.mark.parametrize(
    "question", ["?", '"', '""""', "*", "...", "- - -", "_", "((", "²", "💶", "'; DROP TABLE chunk; --"]
)
def test_a_question_without_words_finds_something_and_never_fails(index: Index, question: str) -> None:
    hits = index.search(question, top_k=2)
    assert len(hits) == 2
    assert all(0 <= hit.score <= 0.35 for hit in hits)


def test_one_word_is_a_question(index: Index) -> None:
    hits = index.search("kelvora", top_k=9)
    assert hits[0].article.uri.endswith("#vaccine")
    assert [hit.lexical for hit in hits] == [1.0, 0.0, 0.0, 0.0]


def test_three_hundred_words_are_a_question(index: Index) -> None:
    filler = " ".join(f"filler{n}" for n in range(300))
    # Of the distinct words the first are looked up; a later one cannot be found by word any more.
    early = {name(h) or h.article.title: h.lexical for h in index.search(f"kelvora {filler}", top_k=9)}
    late = {name(h) or h.article.title: h.lexical for h in index.search(f"{filler} kelvora", top_k=9)}
    assert early["vaccine"] == 1.0
    assert set(late.values()) == {0.0}
    repeated = index.search("kelvora " * 300, top_k=9)
    assert ranking(repeated) == ranking(index.search("kelvora", top_k=9))


def test_as_many_words_as_can_be_looked_up_with_all_their_forms(index: Index) -> None:
    irregular = sorted(FORMS, key=lambda base: -len(FORMS[base]))[: MAX_TERMS - 1]
    lexical = {name(h): h.lexical for h in index.search(" ".join([*irregular, "kelvora"]), top_k=9)}
    assert lexical["vaccine"] > 0.9
    lexical = {name(h): h.lexical for h in index.search(" ".join([*irregular, "drowned", "kelvora"]), top_k=9)}
    assert lexical["vaccine"] < 0.1


@pytest.mark.parametrize(
    "question",
    [
        "Сколько стоит мост?",
        "橋はいくらですか。",
        "كم تكلفة الجسر؟",
        "पुल की कीमत क्या है?",
        "Ile kosztuje most żelazny?",
        "İĞ ẞ ﬃ",
    ],
)
def test_another_script_finds_what_shares_no_word_with_score_near_zero(index: Index, question: str) -> None:
    hits = index.search(question, top_k=9)
    assert len(hits) == 4
    assert all(hit.lexical == 0.0 for hit in hits)


def test_another_script_finds_its_own_words(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    texts = {
        "ru": "Мост через пролив стоит очень дорого.",
        "en": "The bridge is very expensive indeed.",
        "pl": "Żółw śpi dziś długo.",
    }
    file.write_text("\n".join(json.dumps({"id": k, "title": k, "text": x}) for k, x in texts.items()), encoding="utf-8")
    index = Index.create(tmp_path / "index", embedder=HashEmbedder())
    index.update([file])
    assert name(index.search("СКОЛЬКО СТОИТ МОСТ", top_k=1)[0]) == "ru"
    hit = index.search("żółw", top_k=1)[0]
    assert (name(hit), hit.lexical) == ("pl", 1.0)
    index.close()


@pytest.mark.parametrize(("typed", "meant"), SLIPS.items())
def test_a_word_that_stands_nowhere_is_looked_up_as_the_one_a_slip_away(tiny: Index, typed: str, meant: str) -> None:
    wrong, right = ({name(h): h.lexical for h in tiny.search(q, top_k=9)} for q in (typed, meant))
    assert wrong == right
    assert max(wrong.values()) == 1.0


@pytest.mark.parametrize("typed", ["brxxge", "cay", "43", "xlay2"])
def test_what_is_no_slip_is_not_looked_up(tiny: Index, typed: str) -> None:
    assert {h.lexical for h in tiny.search(typed, top_k=9)} == {0.0}


def test_a_word_that_stands_somewhere_is_taken_as_typed(tiny: Index) -> None:
    # "cost" stands in one passage, "court", which is no slip away, in another; "rose" could be meant by "risen".
    assert [name(h) for h in tiny.search("cost", top_k=9) if h.lexical] == ["bridge"]
    assert [name(h) for h in tiny.search("risen", top_k=9) if h.lexical] == ["flood"]


def test_misspelt_words_with_what_was_meant(tiny: Index) -> None:
    assert tiny.spelling("What did the brigde and THRITY others cost?") == {"brigde": "bridge", "thrity": "thirty"}
    assert tiny.spelling("What did the bridge cost?") == tiny.spelling("?") == {}


def test_a_word_that_the_embedding_model_knows_is_not_misspelt(tiny: Index) -> None:
    # "mint" and "chalk" stand nowhere; "mine" and "clay" would be a slip away.
    assert tiny.spelling("mint halter rise") == {}
    assert {h.lexical for h in tiny.search("mint", top_k=9)} == {0.0}


def test_what_was_meant_is_a_word_as_it_stands_in_the_articles(tiny: Index) -> None:
    # The index knows stems: "bridg" is a slip from "bridgs" and stands nowhere, nor is "bridgs" told from "bridges".
    assert tiny.spelling("bridgs") in ({}, {"bridgs": "bridge"})
    assert "bridg" not in tiny.spelling("bridgs").values()


def test_no_more_than_two_words_are_put_right(tiny: Index) -> None:
    assert list(tiny.spelling(" ".join(SLIPS))) == list(SLIPS)[:2]


def test_an_empty_index_knows_no_spelling(tmp_path: Path) -> None:
    index = Index.create(tmp_path / "empty", embedder=HashEmbedder(strangers=["brigde"]))
    assert index.spelling("brigde") == {}
    index.close()


def test_of_several_words_a_slip_away_the_most_frequent_counts(tmp_path: Path) -> None:
    texts = {"a": "The toll rose.", "b": "The toll fell.", "c": "The tool broke.", "d": "Nothing else."}
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"id": k, "title": k, "text": x}) for k, x in texts.items()))
    index = Index.create(tmp_path / "index", embedder=HashEmbedder(strangers=["tooll"]))
    index.update([tmp_path / "a.jsonl"])
    assert index.spelling("tooll") == {"tooll": "toll"}
    assert {name(h) for h in index.search("tooll", top_k=9) if h.lexical} == {"a", "b"}
    index.close()


@pytest.mark.parametrize("question", ["", " ", "\n\t"])
def test_an_empty_question_is_wrong_use(index: Index, question: str) -> None:
    with pytest.raises(WrongUse, match="The question is empty"):
        index.search(question)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Who drowns?", "Arle flood"),
        ("Did it rise?", "Arle flood"),
        ("builder", "Calder bridge"),
        ("Which rivers rise?", "Arle flood"),
    ],
)
def test_other_forms_of_a_word_are_found(tiny: Index, question: str, title: str) -> None:
    hit = tiny.search(question, top_k=1)[0]
    assert (hit.article.title, hit.lexical) == (title, 1.0)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip()))
def test_no_question_fails(tiny: Index, question: str) -> None:
    assert all(0 <= hit.score <= 1 for hit in tiny.search(question, top_k=3))


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("How many people were wounded?", ["many", "people", "wounded"]),
        ("The Bridge, the BRIDGE!", ["bridge"]),
        ("Who is who?", ["who", "is"]),
        ("What's Drake's 1,840-metre plan", ["drake", "1", "840", "metre", "plan"]),
        ("?!", []),
    ],
)
def test_question_terms_are_the_words_that_carry_meaning(question: str, terms: list[str]) -> None:
    assert question_terms(question) == terms
