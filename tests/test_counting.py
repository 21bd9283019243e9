"""Whether a sentence's numbers count what they count in the clipping, and as exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

import index
from index.reading import find_files, read_file
from index.sentences import paragraph_spans, sentence_spans
from rag.counting import miscounted

SHOT = "12 soldiers were killed and 20 were wounded."
TOLL = "12 people died and 40 houses burned in Hollin."


@pytest.mark.parametrize(
    ("sentence", "clipping"),
    [
        ("12 soldiers were killed.", SHOT),
        ("20 were wounded.", SHOT),
        ("20 soldiers were wounded.", SHOT),
        (SHOT, SHOT),
        ("12 people died in Hollin.", TOLL),
        ("40 houses burned in Hollin.", TOLL),
        ("In Hollin 40 houses burned.", TOLL),
        ("33 soldiers died.", "33 Turkish soldiers died."),
        ("33 Turkish soldiers died.", "33 soldiers died."),
        ("Thirty-three soldiers died.", "33 soldiers died."),
        ("105 soldiers died.", "One hundred and five soldiers died."),
        ("The bridge opened in 2019, after a delay.", "In 2019, the bridge opened after a delay."),
        ("12 soldiers died in 2019.", "In 2019, 12 soldiers died."),
        ("The vote on 27 February was close.", "The vote was close on February 27, they said."),
        ("33 soldiers died on 27 February.", "On 27 February 33 soldiers died."),
        ("12 soldiers died on 27 February.", "On 27 February 12 soldiers died."),
        ("12 soldiers died on 27 February.", "On February 27, 12 soldiers died."),
        ("27 soldiers died on 27 February.", "On 27 February, 27 soldiers died."),
        ("It cost 12 crowns.", "It cost 12 crowns, and 12 people paid."),
        ("12 people paid.", "It cost 12 crowns, and 12 people paid."),
        ("At least 33 died.", "At least 33 died."),
        ("Over 12 people died.", "More than twelve people died."),
        ("About 900 soldiers came.", "Some 900 soldiers came."),
        ("Nearly 12 were hurt.", "At least 33 soldiers died and nearly 12 were hurt."),
        # A number that the clipping does not have is told elsewhere.
        ("99 people died.", "12 people died."),
        ("At least 99 people died.", "12 people died."),
        ("99 people died.", ""),
        ("People died.", TOLL),
    ],
)
def test_the_same_count(sentence: str, clipping: str) -> None:
    assert miscounted(sentence, clipping) == ""


@pytest.mark.parametrize(
    ("number", "sentence", "clipping"),
    [
        ("12", "12 soldiers were wounded.", SHOT),
        ("20", "20 soldiers were killed.", SHOT),
        ("12", "12 houses burned.", TOLL),
        ("40", "40 people died.", TOLL),
        ("40", "40 people died in Hollin.", TOLL),  # the place proves nothing
        ("40", "40 people died in Hollin.", "12 people died and 40 Hollin houses burned."),
        ("12", "3 people died and 12 were hurt.", "12 people died and 3 were hurt."),
        ("12", "Twelve houses burned.", TOLL),
        ("33", "33 soldiers died in 2019.", "In 2019 three soldiers died in 33 hours."),
        # A date counts nothing.
        ("27", "27 soldiers died in Hollin.", "On 27 February three soldiers died in Hollin."),
        ("27", "27 soldiers died in Hollin.", "On February 27, three soldiers died in Hollin."),
        ("12", "12 houses burned on 27 February.", "On 27 February 12 soldiers died and 40 houses burned."),
        ("12", "12 marched through Hollin.", "12 watched as 30 marched through Hollin."),
    ],
)
def test_another_count(number: str, sentence: str, clipping: str) -> None:
    assert miscounted(sentence, clipping) == f"{number} counts something else in the clipping"


@pytest.mark.parametrize(
    ("number", "one", "other"),
    [
        ("33", "At least 33 died.", "33 died."),
        ("33", "At least thirty-three died.", "33 died."),
        ("12", "More than 12 people died.", "12 people died."),
        ("12", "Nearly 12 people died.", "12 people died."),
        ("12", "More than 12 people died.", "Nearly 12 people died."),
        ("12", "Around 12 people died.", "Up to 12 people died."),
        ("900", "Some 900 soldiers came.", "900 soldiers came."),
        ("587000000", "It cost over $587 million.", "It cost $587 million."),
    ],
)
def test_less_or_more_exact(number: str, one: str, other: str) -> None:
    assert miscounted(one, other) == miscounted(other, one) == f"{number} is not as exact in the clipping"


def test_every_number_of_the_clipping_is_as_exact_as_its_own_words_say() -> None:
    clipping = "At least 33 soldiers died and nearly 12 were hurt."
    assert miscounted("12 were hurt.", clipping) == "12 is not as exact in the clipping"
    assert miscounted("33 soldiers died.", clipping) == "33 is not as exact in the clipping"


def test_a_verbatim_sentence_always_counts_the_same() -> None:
    files = find_files([Path(index.__file__).parent / "sample_articles"])
    sentences = [
        article.text[start:end]
        for file in files
        for article in read_file(file).articles
        for paragraph in paragraph_spans(article.text)
        for start, end in sentence_spans(article.text, *paragraph)
    ]
    assert len(sentences) > 400
    assert {s: miscounted(s, s) for s in sentences if miscounted(s, s)} == {}
