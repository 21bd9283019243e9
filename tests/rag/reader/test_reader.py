"""The trained reader points at answers, in the text's own offsets; what it has learnt is measured elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from making import make_hit
from safetensors.torch import save_file
from standins import reader_once

from index.errors import ModelMissing, WrongUse
from rag.reader.network import ReaderNetwork
from rag.reader.reader import EMBEDDED_READER, MAX_SCORE, Reader, load_reader

pytestmark = pytest.mark.models

BRIDGE = make_hit(
    "The Calder bridge was opened on 6 September 2025. It cost 587 million crowns. Hedda Lorne cut the ribbon, and "
    "some 38,000 people walked across.",
    title="Bridge opens",
)
FERRY = make_hit("The ferry to Norrick is painted blue. It sails twice a day.", title="Ferry", uri="/ferry.txt")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return reader_once(EMBEDDED_READER)


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("How much did the Calder bridge cost?", 1, "587 million"),
        ("Who cut the ribbon?", 2, "Hedda Lorne"),
        ("How many people walked across the bridge?", 2, "38,000"),
        ("When was the bridge opened?", 0, "6 September 2025"),
    ],
)
def test_it_points_at_the_answer(reader: Reader, question: str, sentence: int, answer: str) -> None:
    found, other = reader.read(question, [BRIDGE, FERRY])
    best = max(found.sentences, key=lambda pointed: pointed.score)
    assert found.sentences.index(best) == sentence
    assert answer in BRIDGE.article.text[slice(*best.span)]
    assert found.holds > other.holds
    assert best.score > max(pointed.score for pointed in other.sentences)


def test_each_sentence_has_a_span_of_its_own_within_it(reader: Reader) -> None:
    (found,) = reader.read("Who walked across?", [BRIDGE])
    assert len(found.sentences) == len(BRIDGE.chunk.sentences) == 3
    for pointed, (start, end) in zip(found.sentences, BRIDGE.chunk.sentences, strict=True):
        assert start <= pointed.span[0] < pointed.span[1] <= end
        assert -MAX_SCORE <= pointed.score <= MAX_SCORE


def test_a_passage_is_read_alike_alone_and_among_others(reader: Reader) -> None:
    (alone,) = reader.read("Who cut the ribbon?", [FERRY])
    assert reader.read("Who cut the ribbon?", [BRIDGE, FERRY])[1] == alone


@pytest.mark.parametrize("question", ["", "???", "wer " * 200, "Кто?", "😀"])
def test_odd_questions_are_read(reader: Reader, question: str) -> None:
    assert len(reader.read(question, [BRIDGE, FERRY])) == 2


def test_nothing_to_read(reader: Reader) -> None:
    assert reader.read("Who?", []) == []


def test_chosen_by_name(reader: Reader) -> None:
    assert load_reader("none") is None
    assert isinstance(reader, Reader)
    with pytest.raises(WrongUse, match="clippings-reader"):
        load_reader("bigger")


@pytest.mark.parametrize("content", [None, b"", b"no weights"])
def test_weights_that_are_gone_or_damaged_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "reader.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelMissing, match=r"reader's weights"):
        Reader(path)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "reader.safetensors"
    save_file({"span.weight": torch.zeros(2, 384)}, path)
    with pytest.raises(ModelMissing, match="does not belong"):
        Reader(path)


def test_weights_are_packed_without_much_loss(tmp_path: Path) -> None:
    network, again = ReaderNetwork(layers=1), ReaderNetwork(layers=1)
    network.save(tmp_path / "packed.safetensors", packed=True)
    again.restore(tmp_path / "packed.safetensors")
    before, after = network.state_dict(), again.state_dict()
    matrix = "encoder.encoder.layer.0.intermediate.dense.weight"
    step = before[matrix].abs().amax(1, keepdim=True) / 127
    assert ((before[matrix] - after[matrix]).abs() <= 0.51 * step).all()
    assert (before["span.bias"] - after["span.bias"]).abs().max() < 0.01


@pytest.mark.parametrize(
    ("claim", "question", "wrong", "asked"),
    [
        ("Hedda Lorne", "Who cut the ribbon?", "38,000", "Who cut the ribbon?"),
        ("The bridge cost 587 million crowns.", "", "The bridge did not cost 587 million crowns.", ""),
    ],
)
def test_it_judges_claims(reader: Reader, claim: str, question: str, wrong: str, asked: str) -> None:
    (right,) = reader.judge(claim, question, [BRIDGE.text])
    (other,) = reader.judge(wrong, asked, [BRIDGE.text])
    assert right > other
    assert reader.judge(claim, question, []) == []


def test_a_former_name_still_opens_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.reader.reader.Reader", lambda: "the reader")
    assert load_reader("minilm-reader") == "the reader"
