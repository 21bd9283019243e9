"""Another people's soldiers are no answer."""

from __future__ import annotations

import pytest
from making import make_hit

from rag.retrieval.nationalities import names_another

TURKISH = "33 Turkish soldiers were killed in Idlib on Thursday."


@pytest.mark.parametrize(
    ("question", "another"),
    [
        ("How many Russian soldiers were killed?", True),
        ("how many russian soldiers were killed", True),
        ("How many Turkish soldiers were killed?", False),
        ("How many soldiers were killed?", False),
        ("How many Russian planes were lost?", False),
    ],
)
def test_the_noun_has_another_adjective_of_nationality(question: str, another: bool) -> None:
    assert names_another(question, make_hit(TURKISH)) is another
