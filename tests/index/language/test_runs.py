"""Speech without marks in, parts that can be quoted out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.language.sentences import sentence_spans

SPEECH = (
    "so we went down to the quay at tarn and there was nobody there but the harbour master ida brum who told us that the "
    "old crane weighs forty one tonnes and it has stood there since the war but nobody wants to pay for the paint and then "
    "it rained so we went in and she showed us the book in which every ship is written down and that was that"
)


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_speech_is_cut_at_its_clauses() -> None:
    assert len(SPEECH.split()) > 60
    found = parts(SPEECH)
    assert " ".join(found) == SPEECH
    assert max(len(part.split()) for part in found) <= 30
    assert min(len(part.split()) for part in found) >= 8
    assert (
        "and there was nobody there but the harbour master ida brum who told us that the old crane weighs" not in found
    )
    assert {part.split()[0] for part in found} <= {"so", "and", "but"}


def test_speech_is_cut_where_another_speaks() -> None:
    talk = " ".join(["HOST:", *["word"] * 20, "BRUM:", *["thing"] * 25, "HOST:", *["word"] * 20])
    assert [part.split()[0] for part in parts(talk)] == ["HOST:", "BRUM:", "HOST:"]


def test_a_long_sentence_with_its_marks_stays_whole() -> None:
    sentence = ", ".join(["the mayor of the town"] * 15) + "."
    assert parts(sentence) == [sentence]


@given(st.lists(st.sampled_from(["so", "and", "tarn", "HOST:", "well,", "0:12"]), min_size=1, max_size=200))
def test_no_word_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    assert " ".join(parts(text)).split() == words
    assert all(len(part.split()) <= 120 for part in parts(text))
