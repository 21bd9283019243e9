"""Numbers and names of its own keep a claim from being shown, whatever the verifier says."""

from __future__ import annotations

import pytest

from rag.grounding.guards import own_facts, without_counterpart

COST = "The Calder bridge will cost 587 million crowns, Marit Oldacre said on 3 June."


@pytest.mark.parametrize(
    ("claim", "own"),
    [
        ("The Calder bridge costs 587 million crowns.", set()),
        ("Marit Oldacre says that the bridge will cost 587,000,000 crowns.", set()),
        ("On June 3 the cost was given.", set()),
        ("The bridge will cost 588 million crowns.", {"588000000"}),
        ("Hedda Lorne says so.", {"lorn"}),
        ("Five hundred people came.", {"500"}),
        ("Two of the three said so in the UK.", {"uk"}),
    ],
)
def test_what_a_claim_brings_of_its_own(claim: str, own: set[str]) -> None:
    assert own_facts(claim, COST, COST) == own


def test_a_name_may_come_from_around_the_clipping_and_a_number_may_not() -> None:
    around = "Hedda Lorne opened the ferry in 1987. She paid for it."
    assert own_facts("Hedda Lorne paid for it.", "She paid for it.", around) == frozenset()
    assert own_facts("In 1987 she paid for it.", "She paid for it.", around) == {"1987"}


@pytest.mark.parametrize(
    ("claim", "strange"),
    [
        ("The bridge will cost 587 million crowns.", []),
        ("The viaduct costs Calder dearly.", ["viaduct", "dearly"]),
        ("", []),
    ],
)
def test_words_without_a_counterpart(claim: str, strange: list[str]) -> None:
    assert [claim[a:b] for a, b in without_counterpart(claim, COST)] == strange


@pytest.mark.parametrize(
    ("claim", "clipping"),
    [
        ("The Kuwaiti minister spoke.", "Kuwait's minister spoke."),
        ("It was an American ship.", "It was a ship of the U.S. navy."),
        ("An envoy of the UN came.", "The United Nations sent an envoy."),
        ("Nobody came from Poland.", "No Polish delegate came."),
    ],
)
def test_another_form_of_a_name_is_no_name_of_its_own(claim: str, clipping: str) -> None:
    assert own_facts(claim, clipping, clipping) == frozenset()
