"""Spans of paragraphs and sentences, checked as the text they cut out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.sentences import paragraph_spans, sentence_spans


def cut(text: str, spans: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("", []),
        (" \n\n \t\n", []),
        ("One.", ["One."]),
        ("  One.\nStill one.  ", ["One.\nStill one."]),
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("\n\nOne.\n \t \nTwo.\n\n\n\n  Three.\n", ["One.", "Two.", "Three."]),
    ],
)
def test_paragraphs_end_at_empty_lines_only(text: str, paragraphs: list[str]) -> None:
    assert cut(text, paragraph_spans(text)) == paragraphs


@pytest.mark.parametrize(
    "sentences",
    [
        ["It rained."],
        ["It rained.", "Did it stop?", "No!"],
        ["Dr. Samathan of the U.S. institute paid $1.5 million.", "Mr. Gaskell did not."],
        ["“Żółw 🐢 śpi”, he said.", "日本語です。", "元気ですか？"],
        ["Ms. Thorne (see p. 4) left.", "She was tired."],
        ["a line without an end"],
    ],
)
def test_sentences_are_found_whole(sentences: list[str]) -> None:
    text = "  ".join(sentences)
    assert cut(text, sentence_spans(text)) == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("de", ["Der Turm ist am 3. Juni abgebrannt.", "Heinrich IV. von Arle kam z. B. mit Dr. Pell."]),
        ("es", ["El Sr. García habló en EE. UU. ayer.", "Nadie respondió."]),
        ("ru", ["А. С. Пушкин родился в 1799 г. в Москве.", "Он умер в Петербурге."]),
        ("fr", ["M. Dupont et le Dr. Martin sont venus.", "Ils parlent."]),
        ("xx", ["Nobody knows this language.", "Mr. Gaskell neither."]),
    ],
)
def test_abbreviations_and_ordinals_of_the_language_end_no_sentence(language: str, sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert cut(text, sentence_spans(text, language=language)) == sentences


def test_offsets_are_into_the_whole_text() -> None:
    text = "Żółw 🐢 śpi. Skip this.\n\nFirst one. Second one. \n\nNot this."
    start, end = paragraph_spans(text)[1]
    spans = sentence_spans(text, start, end)
    assert spans == [(text.index("First"), text.index(" Second")), (text.index("Second"), text.index(" \n\nNot"))]
    assert cut(text, spans) == ["First one.", "Second one."]


def test_no_text_has_no_sentences() -> None:
    assert sentence_spans("") == []
    assert sentence_spans("   ") == []
    assert sentence_spans("One. Two.", 4, 5) == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200) | st.text("aB1.?! \n\t“”", max_size=200))
def test_spans_are_ordered_stripped_and_lose_nothing(text: str) -> None:
    position = 0
    kept = ""
    for left, right in paragraph_spans(text):
        for start, end in sentence_spans(text, left, right):
            assert position <= start < end <= right
            assert text[start:end] == text[start:end].strip()
            kept += text[start:end]
            position = end
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("de", ["Sie fuhr am 4. Mai ab.", "Der 12. Bürgermeister, Dr. Ada Holm, kam."]),
        ("de", ["Er wurde 80.", "Seine Frau kam.", "Das war 1990.", "Ratlose gab es nicht."]),
        ("da", ["Det skete den 4. maj.", "Han blev 80.", "Hun kom."]),
        ("en", ["He came 4.", "May was cold."]),
    ],
)
def test_an_ordinal_with_a_dot_ends_no_sentence(language: str, sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert cut(text, sentence_spans(text, language=language)) == sentences
