"""Citations are a closed set: whatever marker the model writes, only evidence that was shown is cited."""

from __future__ import annotations

import pytest
from making import make_evidence, make_hit, span_of

from rag.answer import Evidence, Level
from rag.grounding.citations import citation_of, cited, quote, split_sentences, strip_markers
from rag.grounding.verifier import Verdict

COST = "The Calder bridge will cost 587 million crowns. It will open in 2025."
FLOOD = "On Wednesday, thirty-one people drowned in Hollin."
MINE = "The court halted the Grey Fell mine."


@pytest.mark.parametrize(
    ("written", "text", "numbers"),
    [
        ("It opened. [1]", "It opened.", [1]),
        ("It opened [1].", "It opened.", [1]),
        ("It opened [1, 2].", "It opened.", [1, 2]),
        ("It opened [1][3].", "It opened.", [1, 3]),
        ("It opened 【3】.", "It opened.", [3]),
        ("It opened (2).", "It opened.", [2]),
        ("It opened [clipping 2].", "It opened.", [2]),
        ("It opened [Clippings 1; 2].", "It opened.", [1, 2]),
        ("It opened [0].", "It opened.", [0]),
        ("It opened [99].", "It opened.", [99]),
        ("[2] It opened.", "It opened.", [2]),
        ("It opened in 2025 (the spring).", "It opened in 2025 (the spring).", []),
        ("It opened in [2025].", "It opened in [2025].", []),
        ('"It opened."', "It opened.", []),
        ("The answer is: it opened.", "It opened.", []),
        ("Answer: it opened. [1]", "It opened.", [1]),
        ("the answer to the question is it opened.", "It opened.", []),
        ("The answer is unknown.", "Unknown.", []),
        ("[1]", "", [1]),
        ("", "", []),
    ],
)
def test_strip_markers(written: str, text: str, numbers: list[int]) -> None:
    assert strip_markers(written) == (text, numbers)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rained. It stopped.", ["It rained.", "It stopped."]),
        ("It rained. [1] It stopped. [2]", ["It rained. [1]", "It stopped. [2]"]),
        ("It rained [1]. It stopped [2].", ["It rained[1] .", "It stopped[2] ."]),
        ("It rained.\n\n[1]", ["It rained. [1]"]),
        ("Dr. Smith came.", ["Dr. Smith came."]),
        ("", []),
    ],
)
def test_each_marker_stays_with_the_sentence_before_it(text: str, sentences: list[str]) -> None:
    found = split_sentences(text)
    assert [strip_markers(s) for s in found] == [strip_markers(s) for s in sentences]
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_sentence_cites_what_its_verdict_rests_on() -> None:
    one, two = make_evidence(FLOOD, COST)
    first, second = two.hit.chunk.sentences
    verdict = Verdict(Level.SUPPORTED, 0.9, ((two, first), (one, one.spans[0]), (two, second)))
    sentence, citations = cited("It will cost 587 million crowns, and 31 drowned.", verdict, Level.SUPPORTED)
    assert (sentence.markers, sentence.level, sentence.strange) == ((2, 1), Level.SUPPORTED, ())
    assert [(c.marker, c.quote, c.support) for c in citations] == [
        (2, "The Calder bridge will cost 587 million crowns.", 0.9),
        (1, FLOOD, 0.9),
        (2, "It will open in 2025.", 0.9),
    ]


def test_words_without_a_counterpart_are_named_where_the_verifier_is_not_sure() -> None:
    (item,) = make_evidence(MINE)
    verdict = Verdict(Level.OWN_WORDS, 0.4, ((item, item.spans[0]),))
    text = "The judges stopped the Grey Fell mine."
    sentence, _ = cited(text, verdict, Level.OWN_WORDS)
    assert [text[a:b] for a, b in sentence.strange] == ["judges", "stopped"]


def test_where_a_short_answer_stands_is_marked() -> None:
    (item,) = make_evidence(COST)
    verdict = Verdict(Level.SUPPORTED, 0.9, ((item, item.hit.chunk.sentences[0]),))
    _, (citation,) = cited("587 million crowns.", verdict, Level.SUPPORTED)
    assert citation.answer is not None
    assert item.hit.article.text[slice(*citation.answer)] == "587 million crowns"


def test_offsets_of_a_quote_are_exact() -> None:
    text = "Über Brücken: “Zu spät”, said Ö.\n\nThe cost — 587 million\ncrowns — is high."
    hit = make_hit(text, title="T", author="A", source="S", url="https://example.org/1")
    span = span_of(hit, "The cost — 587 million\ncrowns — is high.")
    citation = citation_of(Evidence(4, hit, (span,)), span, support=0.87654)
    assert text[citation.start : citation.end] == citation.quote == "The cost — 587 million\ncrowns — is high."
    assert (citation.marker, citation.support) == (4, 0.877)
    assert (citation.author, citation.source, citation.url, citation.published) == (
        "A",
        "S",
        "https://example.org/1",
        None,
    )
    sentence, (quoted,) = quote(Evidence(4, hit, (span,)), span)
    assert sentence.text == "The cost — 587 million crowns — is high."
    assert (sentence.level, sentence.markers) == (Level.QUOTED, (4,))
    assert (quoted.quote, quoted.support) == (citation.quote, 1.0)
