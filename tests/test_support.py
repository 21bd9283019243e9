"""A sentence passes only if the clipping says it: what is swapped, dropped, added or empty must not."""

from __future__ import annotations

import pytest

from rag.support import check_support

SHOOTING = "In February, 33 Turkish soldiers were killed in an air strike near Idlib, the governor said."
BRIBES = "The minister denied on Monday that he had taken bribes from the builders."
TOLL = "12 people died and 40 houses burned in Hollin."


@pytest.mark.parametrize(
    ("sentence", "clipping"),
    [
        (SHOOTING, SHOOTING),
        ("33 Turkish soldiers were killed near Idlib.", SHOOTING),
        ("Thirty-three Turkish soldiers were killed in an air strike.", SHOOTING),
        ("33 Turkish soldiers were killed in Feb.", "33 Turkish soldiers were killed in February."),
        ("The minister denied that he had taken bribes.", BRIBES),
        ("12 people died in Hollin.", TOLL),
        ("40 houses burned.", TOLL),
        ("1,200 people fled.", "1200 people fled."),
        ("One hundred and five people fled.", "105 people fled."),
        ("3 million people fled.", "3,000,000 people fled."),
        ("U.S. troops left.", "US troops left."),
        ("It did not open in 2019.", "It did not open in 2019."),
        ("A man shoots.", "The man shot."),
    ],
)
def test_a_part_of_the_clipping_is_supported(sentence: str, clipping: str) -> None:
    verdict = check_support(sentence, clipping)
    assert (verdict.supported, verdict.score, verdict.reason) == (True, 1.0, "")


@pytest.mark.parametrize(
    ("sentence", "clipping"),
    [
        pytest.param("34 Turkish soldiers were killed near Idlib.", SHOOTING, id="another number"),
        pytest.param("33 million Turkish soldiers were killed near Idlib.", SHOOTING, id="a scale added"),
        pytest.param("Five people drowned.", "One hundred and five people drowned.", id="part of a number"),
        pytest.param("It cost 5 billion crowns.", "It cost 5 million crowns.", id="another scale"),
        pytest.param("The vote was 3,5 percent.", "The vote was 3,7 percent.", id="another decimal"),
        pytest.param("33 Russian soldiers were killed near Idlib.", SHOOTING, id="another people"),
        pytest.param("33 Turkish soldiers were killed near Aleppo.", SHOOTING, id="another place"),
        pytest.param("US troops left.", "Turkish troops left.", id="another country"),
        pytest.param("Jon Berg won the race.", "Marit Berg won the race.", id="another first name"),
        pytest.param("In March, 33 Turkish soldiers were killed.", SHOOTING, id="another month"),
        pytest.param("It opened on 3 May 2021.", "It opened on 4 May 2021.", id="another day"),
        pytest.param("It opened on 1.5.2019.", "It opened on 1.5.2020.", id="another year"),
        pytest.param("Prices rose.", "Prices fell.", id="another verb"),
        pytest.param("The minister had taken bribes from the builders.", BRIBES, id="denied dropped"),
        pytest.param("Police beat him.", "Police allegedly beat him.", id="allegedly dropped"),
        pytest.param("The company closed the mine.", "The company may close the mine.", id="may dropped"),
        pytest.param("The bridge will open in 2025.", "The bridge will not open in 2025.", id="not dropped"),
        pytest.param("The bridge opened.", "The bridge hasn’t opened.", id="n’t dropped"),
        pytest.param("The court rejected the appeal.", "The court did not reject the appeal.", id="not rejected"),
        pytest.param("12 people have not died in Hollin.", TOLL, id="not added"),
        pytest.param("Nobody died in Hollin.", TOLL, id="nobody added"),
        pytest.param("The minister allegedly took bribes.", "The minister took bribes.", id="allegedly added"),
        pytest.param("12 houses burned in Hollin.", TOLL, id="number of something else"),
        pytest.param("40 people died.", TOLL, id="number of something else, the other way"),
        pytest.param("The dog bit the man.", "The man bit the dog.", id="roles swapped"),
        pytest.param("Berg beat Aldi.", "Aldi beat Berg.", id="names swapped"),
        pytest.param("12 people died in Hollin on a stormy dark night.", TOLL, id="details added"),
        pytest.param("", TOLL, id="nothing said"),
        pytest.param("It was so.", TOLL, id="no word of meaning"),
        pytest.param("12 people died.", "", id="empty clipping"),
        pytest.param("", "", id="both empty"),
    ],
)
def test_what_the_clipping_does_not_say_is_not_supported(sentence: str, clipping: str) -> None:
    verdict = check_support(sentence, clipping)
    assert not verdict.supported
    assert verdict.reason


def test_score_is_the_share_of_the_words_found() -> None:
    assert check_support("34 soldiers were killed near Idlib.", SHOOTING).score == 4 / 5
    assert check_support("", SHOOTING).score == 0.0
    assert check_support("12 people died.", "").score == 0.0


def test_the_reason_names_what_is_missing() -> None:
    assert "34" in check_support("34 soldiers were killed near Idlib.", SHOOTING).reason
    assert "aleppo" in check_support("33 soldiers were killed near Aleppo.", SHOOTING).reason
