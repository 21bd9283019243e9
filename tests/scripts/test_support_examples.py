"""The verifier's and the reader's examples: right labels, and every tenth set kept out."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "train")]

import reading_examples  # noqa: E402
import support_examples  # noqa: E402

ROW = {
    "clipping": "The bridge, which cost 587 million crowns, may open in June. Marit Oldacre said so.",
    "question": "When will it open?",
    "claims": [
        ["supported", "short answer", "Perhaps in June"],
        ["supported", "attribution kept", "According to Marit Oldacre, an opening in June is possible."],
        ["unsupported", "yes for no", "Yes, it opened in June."],
        ["unsupported", "certainty raised", "The bridge will open in June."],
    ],
}
OTHER = {**ROW, "clipping": "It rained.", "claims": [["supported", "paraphrase", "There was rain."]]}


def test_what_does_not_stand_for_itself_comes_with_its_question() -> None:
    asked = [(claim, bool(question), supported) for claim, question, _, supported in support_examples._contrast(ROW)]
    assert asked == [
        ("Perhaps in June", True, True),
        ("According to Marit Oldacre, an opening in June is possible.", False, True),
        ("Yes, it opened in June.", True, False),
        ("The bridge will open in June.", False, False),
    ]


def test_easy_claims_are_a_sentence_of_the_clipping_and_a_claim_on_another() -> None:
    same, strange = support_examples._easy(ROW, OTHER, random.Random(1))
    assert same[0] in ROW["clipping"]
    assert (same[3], strange) == (True, ("There was rain.", "", ROW["clipping"], False))


def test_sets_whose_words_tell_the_claims_apart_are_of_a_kind_of_their_own() -> None:
    assert support_examples._balance(ROW) == "contrast, reworded"
    claims = [*ROW["claims"][:2], ["unsupported", "extra fact", "Engineers doubt it."], *ROW["claims"][2:3]]
    assert support_examples._balance({**ROW, "claims": claims}) == "contrast"


def test_a_passage_becomes_examples_with_the_places_of_answers() -> None:
    row = {
        "title": "Bridge",
        "text": "It cost 587 million crowns. It opens in June.",
        "questions": [
            {
                "question": "price?",
                "kind": "fact",
                "answer": "587 million crowns",
                "evidence": ["It cost 587 million crowns."],
            },
            {"question": "why so late?", "kind": "near miss", "answer": None, "evidence": []},
        ],
    }
    answered, not_answered = reading_examples._examples(row)
    assert (answered.kind, answered.evidence, [answered.text[a:b] for a, b in answered.answers]) == (
        "answered",
        (0,),
        ["587 million crowns"],
    )
    assert (not_answered.kind, not_answered.evidence, not_answered.answers) == ("not answered", (), ())


@pytest.mark.parametrize("path", sorted((ROOT / "scripts/train/data/contrast").glob("*.jsonl")), ids=lambda p: p.stem)
def test_contrast_sets_are_two_and_two(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) % support_examples.KEPT_OUT == 0
    for row in rows:
        assert sorted(label for label, _, _ in row["claims"]) == ["supported"] * 2 + ["unsupported"] * 2


@pytest.mark.parametrize("path", sorted((ROOT / "scripts/train/data/reading").glob("*.jsonl")), ids=lambda p: p.stem)
def test_passages_hold_the_answers_that_are_said_to_be_there(path: Path) -> None:
    for row in (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()):
        for asked in row["questions"]:
            assert all(sentence in row["text"] for sentence in asked["evidence"])
            assert asked["answer"] is None or asked["answer"] in row["text"]
