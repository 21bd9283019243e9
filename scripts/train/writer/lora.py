"""Low-rank adapters (Hu et al. 2021, arXiv 2106.09685) on a llama model read from GGUF, and their file for llama.cpp.

A linear layer's weight W becomes W + (alpha / rank) B A, with A (rank, inputs) and B (outputs, rank); only these are
trained.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM

from rag.llm.adapter import BASE_KEY

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""PyTorch's names of the layers that get an adapter, and llama.cpp's."""


class Adapted(nn.Module):  # type: ignore[misc]  # torch has no types here
    """A linear layer that stays as it is, and its adapter; B is zero at first."""

    def __init__(self, linear: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.linear, self.scale = linear, alpha / rank
        self.a = nn.Parameter(torch.randn(rank, linear.in_features) / rank**0.5 / linear.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """W x + scale B A x; A and B are kept in float32 and used in the type of `x`."""
        low = nn.functional.linear(x, self.a.to(x.dtype))
        return self.linear(x) + self.scale * nn.functional.linear(low, self.b.to(x.dtype))


def load_base(path: Path) -> LlamaForCausalLM:
    """The language model of a llama GGUF file, dequantised, in bfloat16."""
    reader = gguf.GGUFReader(path)
    about = {name.removeprefix("llama."): field.contents() for name, field in reader.fields.items()}
    tensors = {t.name: gguf.dequantize(t.data, t.tensor_type) for t in reader.tensors}
    config = LlamaConfig(
        vocab_size=len(tensors["token_embd.weight"]),
        hidden_size=about["embedding_length"],
        intermediate_size=about["feed_forward_length"],
        num_hidden_layers=about["block_count"],
        num_attention_heads=about["attention.head_count"],
        num_key_value_heads=about["attention.head_count_kv"],
        rms_norm_eps=about["attention.layer_norm_rms_epsilon"],
        max_position_embeddings=about["context_length"],
        rope_parameters={"rope_type": "default", "rope_theta": about["rope.freq_base"]},
        tie_word_embeddings="output.weight" not in tensors,
    )
    model = LlamaForCausalLM(config)
    wanted = {
        "model.embed_tokens.weight": "token_embd",
        "model.norm.weight": "output_norm",
        "lm_head.weight": "output" if "output.weight" in tensors else "token_embd",
    }
    for n in range(config.num_hidden_layers):
        names = NAMES | {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
        wanted |= {f"model.layers.{n}.{theirs}.weight": f"blk.{n}.{ours}" for theirs, ours in names.items()}
    weights = {theirs: tensors[f"{ours}.weight"] for theirs, ours in wanted.items()}
    for name in weights:
        for layer, count in heads(model).items():
            if f".{layer}." in name:
                weights[name] = _unpermuted(weights[name], count)
    model.load_state_dict({name: torch.from_numpy(np.array(w)) for name, w in weights.items()})
    return model.to(torch.bfloat16)


def heads(model: LlamaForCausalLM) -> dict[str, int]:
    """How many heads the rows of each query and key projection belong to."""
    return {"q_proj": model.config.num_attention_heads, "k_proj": model.config.num_key_value_heads}


def adapt(model: nn.Module, rank: int, alpha: float) -> dict[str, Adapted]:
    """Put an adapter on every layer in `NAMES`, freeze all else; the adapters by llama.cpp's tensor name."""
    model.requires_grad_(requires_grad=False)
    adapters = {}
    for number, block in enumerate(model.model.layers):
        for theirs, ours in NAMES.items():
            parent, name = theirs.split(".")
            adapted = Adapted(getattr(getattr(block, parent), name), rank, alpha)
            setattr(getattr(block, parent), name, adapted)
            adapters[f"blk.{number}.{ours}.weight"] = adapted
    return adapters


def save(path: Path, adapters: dict[str, Adapted], alpha: float, model: LlamaForCausalLM, base_sha256: str) -> None:
    """Write the adapters as float16 for llama.cpp.

    llama.cpp keeps the rows of the query and key projections in another order (a head's two halves interleaved), so
    B's rows must be put in that order, too.
    """
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    writer.add_string(BASE_KEY, base_sha256)
    for name, adapted in adapters.items():
        a, b = (w.detach().numpy() for w in (adapted.a, adapted.b))
        count = _heads_of(name, model)
        for suffix, value in (("lora_a", a), ("lora_b", _permuted(b, count) if count else b)):
            writer.add_tensor(f"{name}.{suffix}", value.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _heads_of(name: str, model: LlamaForCausalLM) -> int | None:
    """Heads of the query or key projection that llama.cpp calls `name`; None for any other layer."""
    return next((n for layer, n in heads(model).items() if NAMES[f"self_attn.{layer}"] in name), None)


def _permuted(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows of a query or key projection in llama.cpp's order."""
    outputs, rank = rows.shape
    return rows.reshape(heads, 2, outputs // heads // 2, rank).swapaxes(1, 2).reshape(outputs, rank)


def _unpermuted(rows: np.ndarray, heads: int) -> np.ndarray:
    outputs, inputs = rows.shape
    return rows.reshape(heads, outputs // heads // 2, 2, inputs).swapaxes(1, 2).reshape(outputs, inputs)
