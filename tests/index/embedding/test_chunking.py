"""Chunks: exact offsets, whole sentences, never too long, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.article import Article
from index.embedding.chunking import CHUNK_WORDS, Chunk, TokenCounter, chunk_article
from index.language.sentences import paragraph_spans, sentence_spans


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def article(text: str) -> Article:
    return Article("/a.md", "Title", text)


def chunked(text: str, count: TokenCounter = words, max_tokens: int = 206) -> list[str]:
    return [text[c.start : c.end] for c in chunk_article(article(text), count, max_tokens=max_tokens)]


def sentence(length: int, name: str = "word") -> str:
    """A sentence of so many words, with a comma in every clause of eleven."""
    return " ".join([name.capitalize(), *[name + "," * (n % 11 == 0) for n in range(1, length)]]) + "."


def test_short_article_is_one_chunk_with_its_sentences() -> None:
    text = "Żółw 🐢 śpi. It rained.\n\nWas it cold? “No.”"
    spans = tuple(
        (text.index(s), text.index(s) + len(s)) for s in ("Żółw 🐢 śpi.", "It rained.", "Was it cold?", "“No.”")
    )
    assert chunk_article(article(text), words, max_tokens=206) == [Chunk(article("").id, 0, 0, len(text), spans)]


def test_article_without_text_has_no_chunks() -> None:
    assert chunk_article(article(""), words, max_tokens=206) == []
    assert chunk_article(article(" \n\n "), words, max_tokens=206) == []


def test_chunks_aim_at_equal_sizes_and_leave_no_small_rest() -> None:
    # 150 words are two chunks; filling the first one up would leave a rest of 20.
    sentences = [sentence(10, f"word{letter}") for letter in "abcdefghijklmno"]
    sizes = [len(text.split()) for text in chunked(" ".join(sentences))]
    assert sizes == [80, 70]


def test_chunks_hold_at_most_the_words_aimed_at() -> None:
    assert [len(t.split()) for t in chunked(" ".join([sentence(65)] * 4))] == [130, 130]
    assert [len(t.split()) for t in chunked(" ".join([sentence(66)] * 4))] == [66, 66, 66, 66]


def test_a_sentence_of_many_words_stays_whole_while_its_tokens_fit() -> None:
    text = f"{sentence(90)} {sentence(120)} {sentence(90)}"
    assert [len(t.split()) for t in chunked(text)] == [90, 120, 90]


def test_a_row_of_a_table_is_a_chunk_and_the_mark_of_a_list_item_is_in_none() -> None:
    rows = ["Tarn: Turnout 55.0%, Votes 1,954", "Wexmoor: Turnout 61.2%, Votes 3,412"]
    speech = ["IDA: well, it rained", "BO: no, it did not", "IDA: yes, it did", "IDA: all day, too"]
    text = "\n\n".join(["The votes were counted.", *rows, "- Bring 2 eggs", *speech])
    assert chunked(text) == ["The votes were counted.", *rows, "\n\n".join(["Bring 2 eggs", *speech])]


def test_the_token_limit_ends_a_chunk_before_the_words_do() -> None:
    text = " ".join([sentence(10)] * 4)  # 50 characters each
    assert len(sentence(10)) == 50
    assert [len(t) for t in chunked(text, characters, max_tokens=100)] == [101, 101]
    assert [len(t) for t in chunked(text, characters, max_tokens=99)] == [50, 50, 50, 50]


def test_ordinals_count_from_zero_and_sentences_are_those_of_the_text() -> None:
    text = "\n\n".join(" ".join(sentence(n) for n in (40, 30, 25)) for _ in range(4))
    chunks = chunk_article(article(text), words, max_tokens=206)
    assert [c.ordinal for c in chunks] == [0, 1, 2, 3]
    found = [span for a, b in paragraph_spans(text) for span in sentence_spans(text, a, b)]
    assert [span for c in chunks for span in c.sentences] == found
    assert [(c.start, c.end) for c in chunks] == [(c.sentences[0][0], c.sentences[-1][1]) for c in chunks]


def test_an_article_is_split_by_the_rules_of_its_language() -> None:
    text = "Der Turm ist am 3. Juni abgebrannt. Niemand wurde verletzt."
    (german,) = chunk_article(replace(article(text), language="de"), words, max_tokens=206)
    assert german.sentences == ((0, 35), (36, 59))
    (unknown,) = chunk_article(article(text), words, max_tokens=206)
    assert unknown.sentences == ((0, 18), (19, 35), (36, 59))


@pytest.mark.parametrize("space", [" ", "\n", "\t", "\u00a0", "   "])
def test_a_sentence_that_is_too_long_is_cut_at_white_space(space: str) -> None:
    text = space.join(f"w{n:03}" for n in range(300))
    chunks = chunk_article(article(text), characters, max_tokens=50)
    pieces = [text[a:b] for c in chunks for a, b in c.sentences]
    assert max(map(len, pieces)) <= 50
    assert min(map(len, pieces)) >= 4
    assert " ".join(pieces).split() == [f"w{n:03}" for n in range(300)]
    assert all(piece == piece.strip() for piece in pieces)


def test_a_word_that_is_too_long_is_cut_anywhere_without_loss() -> None:
    text = "日" * 1000
    chunks = chunk_article(article(text), characters, max_tokens=64)
    assert "".join(text[c.start : c.end] for c in chunks) == text
    assert max(c.end - c.start for c in chunks) <= 64


def test_parts_of_a_word_are_never_put_together_again() -> None:
    # Apart they can be fewer tokens than together: "the" and "fox" are one each, "thefox" is three.
    def count(texts: Sequence[str]) -> list[int]:
        return [12 if len(text) > 10 else len(text) // 2 for text in texts]

    assert chunked("abcdefghijkl", count, max_tokens=10) == ["abcdef", "ghijkl"]


def test_a_character_of_too_many_tokens_is_kept() -> None:
    assert chunked("ab", lambda texts: [9 * len(t) for t in texts], max_tokens=5) == ["a", "b"]


@given(
    text=st.text("ab.?  \n日", max_size=400)
    | st.text(max_size=400)
    | st.lists(st.integers(1, 300)).map(lambda sizes: " ".join(map(sentence, sizes))),
    count=st.sampled_from([words, characters]),
    max_tokens=st.integers(1, 206),
)
@example(text="a" + " " * 300 + "b", count=characters, max_tokens=3)
def test_chunks_cover_all_text_in_order_within_the_limits(text: str, count: TokenCounter, max_tokens: int) -> None:
    chunks = chunk_article(article(text), count, max_tokens=max_tokens)
    position = 0
    kept = ""
    for number, chunk in enumerate(chunks):
        assert chunk.ordinal == number
        assert chunk.article_id == article("").id
        assert (chunk.start, chunk.end) == (chunk.sentences[0][0], chunk.sentences[-1][1])
        for start, end in chunk.sentences:
            assert position <= start < end
            assert text[start:end] == text[start:end].strip()
            kept += text[start:end]
            position = end
        inside = [text[a:b] for a, b in chunk.sentences]
        assert sum(count(inside)) <= max_tokens
        assert len(inside) == 1 or sum(words(inside)) <= CHUNK_WORDS
    assert "".join(kept.split()) == "".join(text.split())
