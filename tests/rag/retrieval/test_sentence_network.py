"""The network that scores sentences, by hand-made weights, and what it reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag.question.kinds import FORMS, Kind
from rag.retrieval.scoring import FEATURES
from rag.retrieval.sentence_network import FARTHEST, RELATIVE, SentenceNetwork, inputs

SIZE = len(FEATURES) + 2 * len(RELATIVE) + len(FORMS)
COSINE = FEATURES.index("cosine")
BELOW, ABOVE, KINDS = len(FEATURES), len(FEATURES) + len(RELATIVE), len(FEATURES) + 2 * len(RELATIVE)


def table(*cosines: float) -> np.ndarray:
    made = np.zeros((len(cosines), len(FEATURES)))
    made[:, COSINE] = cosines
    return made


def network(**weights: float) -> SentenceNetwork:
    """One hidden unit that reads `hidden` times how far the cosine is below the highest; see `direct`."""
    hidden = np.zeros((1, SIZE))
    hidden[0, BELOW + RELATIVE.index("cosine")] = weights.get("hidden", 0.0)
    direct = np.zeros(SIZE)
    direct[COSINE] = weights.get("direct", 0.0)
    direct[KINDS + list(FORMS).index(Kind.LIST)] = weights.get("list", 0.0)
    return SentenceNetwork(
        "hash@1", np.zeros(SIZE), np.ones(SIZE), hidden, np.zeros(1), np.ones(1), direct, weights.get("bias", 0.0)
    )


def test_it_reads_a_feature_relative_to_the_other_sentences_of_the_question() -> None:
    read = inputs(table(0.2, 0.6), Kind.LIST)
    assert read.shape == (2, SIZE)
    assert read[:, COSINE].tolist() == [0.2, 0.6]
    assert read[:, BELOW + RELATIVE.index("cosine")] == pytest.approx([0.4, 0.0])
    assert read[:, ABOVE + RELATIVE.index("cosine")] == pytest.approx([-1.0, 1.0], abs=1e-4)
    assert read[:, KINDS:].sum(1).tolist() == [1.0, 1.0]
    assert read[0, KINDS + list(FORMS).index(Kind.LIST)] == 1.0


def test_log_odds_are_those_of_the_hidden_units_and_of_the_inputs_themselves() -> None:
    made = network(hidden=2.0, direct=3.0, bias=-1.0)
    assert made.log_odds(table(0.2, 0.6), Kind.FACT) == pytest.approx([np.tanh(0.8) + 0.6 - 1, 1.8 - 1])
    assert network(list=0.5).log_odds(table(0.2), Kind.LIST) == pytest.approx([0.5])
    assert network(list=0.5).log_odds(table(0.2), Kind.FACT) == pytest.approx([0.0])


def test_inputs_far_from_all_training_questions_are_cut_and_nothing_found_has_no_odds() -> None:
    assert network(direct=1.0).log_odds(table(1e9), Kind.FACT) == pytest.approx([FARTHEST])
    assert network().log_odds(table(), Kind.FACT).shape == (0,)


def test_load_reads_what_fitting_wrote(tmp_path: Path) -> None:
    made = network(hidden=2.0, direct=3.0, bias=-1.0)
    written = {name: getattr(made, name) for name in SentenceNetwork.__dataclass_fields__}
    path = tmp_path / "network.json"
    path.write_text(json.dumps({n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in written.items()}))
    some = table(0.1, 0.9)
    assert SentenceNetwork.load(path).log_odds(some, Kind.FACT).tolist() == made.log_odds(some, Kind.FACT).tolist()


def test_the_trained_network_reads_what_there_is() -> None:
    made = SentenceNetwork.load()
    assert made.embedder.partition("@")[0] == "all-MiniLM-L6-v2"
    assert made.hidden.shape[1] == len(made.mean) == len(made.scale) == len(made.direct) == SIZE
