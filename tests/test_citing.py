"""Citations are a closed set: whatever marker the model writes, only evidence that was shown is cited."""

from __future__ import annotations

import pytest
from making import make_evidence, make_hit, span_of

from rag.answer import Evidence, Origin
from rag.citing import citation_of, cite, quote, split_sentences, strip_markers

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


@pytest.mark.parametrize(
    "marker", ["", "[1]", "[0]", "[99]", "[1, 2]", "【3】", "(2)", "[2][3]", "[3]", "[999]", "[1-3]"]
)
def test_the_citation_is_the_evidence_that_supports_the_sentence_whatever_the_marker(marker: str) -> None:
    cited = cite(f"The bridge will cost 587 million crowns. {marker}", make_evidence(FLOOD, COST, MINE))
    assert cited is not None
    sentence, (citation,) = cited
    assert (sentence.text, sentence.markers) == ("The bridge will cost 587 million crowns.", (2,))
    assert sentence.origin is Origin.MODEL
    assert (citation.marker, citation.uri, citation.title) == (2, "/articles/2.txt", "Title 2")
    assert citation.quote == "The Calder bridge will cost 587 million crowns."
    assert (citation.start, citation.end) == (0, 47)
    assert citation.support == 1.0


@pytest.mark.parametrize("marker", ["[0]", "[1]", "[99]", "[-1]", "【3】", "(2)", ""])
def test_a_sentence_that_nothing_supports_has_no_citation(marker: str) -> None:
    assert cite(f"The bridge will cost 588 million crowns. {marker}", make_evidence(FLOOD, COST, MINE)) is None


def test_of_two_that_support_it_the_marked_one_is_cited() -> None:
    evidence = make_evidence(COST, FLOOD, COST)
    written = "The Calder bridge will cost 587 million crowns."
    assert [cite(f"{written} {m}", evidence)[0].markers for m in ("", "[3]", "[1]", "[9]", "[0]")] == [
        (1,),
        (3,),
        (1,),
        (1,),
        (1,),
    ]


def test_only_the_sentences_that_were_shown_can_be_cited() -> None:
    hit = make_hit(COST)
    shown = Evidence(1, hit, (span_of(hit, "It will open in 2025."),))
    assert cite("The Calder bridge will cost 587 million crowns. [1]", [shown]) is None
    cited = cite("It will open in 2025. [1]", [shown])
    assert cited is not None
    assert cited[1][0].quote == "It will open in 2025."


def test_without_evidence_nothing_is_cited() -> None:
    assert cite("The bridge will cost 587 million crowns. [1]", []) is None
    assert cite("", make_evidence(COST)) is None
    assert cite("[1]", make_evidence(COST)) is None


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
    assert (sentence.origin, sentence.markers) == (Origin.CLIPPING, (4,))
    assert (quoted.quote, quoted.support) == (citation.quote, 1.0)
