"""The writer's training: right prompts and answers, and a file that says to llama.cpp what was trained."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import pytest
from standins import ScriptedReader

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "train"), str(ROOT / "scripts" / "train" / "writer")]

import gguf  # noqa: E402
import lora  # noqa: E402
import torch  # noqa: E402
import writer_examples  # noqa: E402
from examples import Example  # noqa: E402
from transformers import LlamaConfig, LlamaForCausalLM  # noqa: E402

BRIDGE = "Marit Oldacre designed the bridge. It cost 587 million crowns. It is green."
SPANS = ((0, 34), (35, 62), (63, 75))
COST = (BRIDGE.index("587"), BRIDGE.index(" crowns") + 7)
QUESTION = "What did the bridge cost?"


def example(kind: str, text: str = BRIDGE, answers: tuple[tuple[int, int], ...] = ()) -> Example:
    spans = SPANS if text == BRIDGE else ((0, len(text)),)
    return Example(kind, QUESTION, "The bridge", text, spans, answers)


def written(*examples: Example, seed: int = 2) -> list[writer_examples.Written]:
    reader = ScriptedReader("587 million crowns")
    return list(writer_examples._examples(examples, 10, reader, random.Random(seed)))


def test_the_prompt_is_the_products_and_the_answer_is_cited(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEMOTED", "UNMARKED", "DISAGREE"):
        monkeypatch.setattr(writer_examples, name, 0.0)
    ferry = "The ferry cost nothing."
    (found,) = written(example("gold", answers=(COST,)), example("retrieved", ferry))
    assert found.user.startswith("Clippings:\n[1] It cost 587 million crowns.\n")
    assert found.user.endswith(f"\n\nMarked: 587 million crowns [1]\n\nQuestion: {QUESTION}")
    assert found.answer == "587 million crowns [1]"


def test_a_demoted_clipping_is_not_the_first_and_not_the_one_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_examples, "DEMOTED", 1.0)
    monkeypatch.setattr(writer_examples, "UNMARKED", 0.0)
    (demoted,) = written(example("gold", answers=(COST,)), example("retrieved", "The ferry cost nothing."))
    assert demoted.kind == "demoted"
    lines = demoted.user.splitlines()
    assert "587" not in lines[1]
    assert "587" not in next(line for line in lines if line.startswith("Marked:"))
    cited = next(line for line in lines if line.endswith("It cost 587 million crowns."))
    assert demoted.answer == f"587 million crowns {cited[:3]}"


def test_two_that_disagree_are_both_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_examples, "DISAGREE", 1.0)
    monkeypatch.setattr(writer_examples, "DEMOTED", 0.0)
    disagree = next(w for w in written(example("gold", answers=(COST,))) if w.kind == "disagree")
    first, second = disagree.user.splitlines()[1:3]
    assert first == "[1] It cost 587 million crowns."
    number = second.removeprefix("[2] It cost ").removesuffix(" million crowns.")
    assert number.isdigit()
    assert number != "587"
    assert disagree.answer == f"587 million crowns [1], or {number} million crowns [2]"


def test_questions_without_an_answer_are_left_to_the_reader() -> None:
    assert written(example("unanswerable", "The bridge is green."), example("removed", "The bridge is blue.")) == []


@pytest.fixture
def small() -> LlamaForCausalLM:
    torch.manual_seed(1)
    shape = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4, "num_key_value_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=50, num_hidden_layers=2, **shape))


def test_an_adapter_changes_nothing_before_it_is_trained_and_all_afterwards(small: LlamaForCausalLM) -> None:
    ids = torch.tensor([[1, 2, 3]])
    before = small(ids).logits
    adapters = lora.adapt(small, rank=4, alpha=8.0)
    assert torch.equal(small(ids).logits, before)
    next(iter(adapters.values())).b.data += 1.0
    assert not torch.allclose(small(ids).logits, before, atol=1e-3)
    assert len(adapters) == 2 * len(lora.NAMES)


def test_the_file_holds_what_was_trained_with_query_and_key_rows_in_llama_cpps_order(
    small: LlamaForCausalLM, tmp_path: Path
) -> None:
    adapters = lora.adapt(small, rank=4, alpha=8.0)
    for adapted in adapters.values():
        torch.nn.init.normal_(adapted.b)
    lora.save(tmp_path / "a.gguf", adapters, 8.0, small, "base")
    saved = {t.name: np.array(t.data, np.float32) for t in gguf.GGUFReader(tmp_path / "a.gguf").tensors}
    heads = {"attn_q": 4, "attn_k": 2}
    for name, adapted in adapters.items():
        a, b = adapted.a.detach().numpy(), adapted.b.detach().numpy()
        count = heads.get(name.split(".")[2])
        assert np.allclose(saved[f"{name}.lora_a"], a, atol=2e-3)
        assert np.allclose(saved[f"{name}.lora_b"], lora._permuted(b, count) if count else b, atol=4e-3)


def test_rows_of_a_head_are_interleaved_for_llama_cpp() -> None:
    rows = np.arange(8)[:, None]
    assert lora._permuted(rows, 2)[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert lora._unpermuted(lora._permuted(rows, 2), 2)[:, 0].tolist() == list(range(8))
