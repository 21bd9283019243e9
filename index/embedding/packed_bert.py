"""BERT's forward pass over concatenated rows of tokens, without padding.

It computes the same as transformers' `BertModel`, which pads every row of a batch to the longest and reorders every
weight at every call, in a fifth less processor time (docs/measured.md). A row's vectors do not depend on the other
rows: matrix products treat each token alike however many there are, and attention is computed row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    Linear = Callable[[Tensor], Tensor]

FILL = 16
FILL_LONG = 64
"""The number of tokens is filled up to a multiple of `FILL`, or of `FILL_LONG` if it is larger than that: oneDNN makes
a new program for every new number of rows, and matrix products of one to three rows are summed in another order."""

_ROWS_EXPECTED = 2048
"""Number of rows for which oneDNN optimises the layout of the weights; results are right for any number of rows."""


class PackedEncoder:
    """The encoder of a `transformers.BertModel`, with its weights; thread-safe."""

    def __init__(self, bert: Any) -> None:
        """Takes the weights of `bert`, in their number format."""
        parts = bert.embeddings
        self._words = parts.word_embeddings.weight.detach()
        # Every token has the same type, so the vector of that type is added to the positions once, here.
        self._positions = parts.position_embeddings.weight.detach() + parts.token_type_embeddings.weight.detach()[0]
        self._norm = parts.LayerNorm
        self._layers = [_Layer(layer, bert.config.num_attention_heads) for layer in bert.encoder.layer]

    def __call__(self, rows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Returns the token vectors (tokens, dimension) of each row of token ids, in the order given."""
        import torch

        lengths = [len(row) for row in rows]
        ids = [token for row in rows for token in row]
        places = [place for length in lengths for place in range(length)]
        filling = [0] * (-len(ids) % (FILL if len(ids) <= FILL_LONG else FILL_LONG))
        with torch.inference_mode():
            x = self._words[torch.tensor(ids + filling)] + self._positions[torch.tensor(places + filling)]
            x = self._norm(x)
            for layer in self._layers:
                x = layer(x, [*lengths, *([len(filling)] if filling else [])])
            tokens = x[: len(ids)].float().numpy()
        return np.split(tokens, np.cumsum(lengths)[:-1])


class _Layer:
    """The attention and feed-forward blocks of one layer."""

    def __init__(self, layer: Any, heads: int) -> None:
        import torch

        own = layer.attention.self
        projections = (own.query, own.key, own.value)
        # The queries' weights are scaled here, once, instead of every product of a query and a key.
        scales = ((own.query.out_features // heads) ** -0.5, 1.0, 1.0)
        weight = torch.cat([p.weight.float() * scale for p, scale in zip(projections, scales, strict=True)])
        bias = torch.cat([p.bias.float() * scale for p, scale in zip(projections, scales, strict=True)])
        kind = own.query.weight.dtype
        self._heads = heads
        self._project = _linear(weight.to(kind), bias.to(kind))
        self._mix = _linear(layer.attention.output.dense.weight, layer.attention.output.dense.bias)
        self._widen = _linear(layer.intermediate.dense.weight, layer.intermediate.dense.bias)
        self._narrow = _linear(layer.output.dense.weight, layer.output.dense.bias)
        self._norms = (layer.attention.output.LayerNorm, layer.output.LayerNorm)

    def __call__(self, x: Tensor, lengths: Sequence[int]) -> Tensor:
        import torch

        attended = self._mix(_attention(self._project(x), lengths, self._heads))
        x = self._norms[0](attended.add_(x))
        return self._norms[1](self._narrow(torch.nn.functional.gelu(self._widen(x))).add_(x))


def _attention(projected: Tensor, lengths: Sequence[int], heads: int) -> Tensor:
    """Attention within each row, one row at a time, so that oneDNN compiles only one program per row length."""
    import torch

    tokens, width = len(projected), projected.shape[1] // 3
    parts = projected.view(tokens, 3, heads, width // heads).permute(1, 2, 0, 3).contiguous()
    split = zip(*(part.split(lengths, dim=1) for part in parts.unbind()), strict=True)
    mixed = [
        torch.bmm(torch.softmax(torch.bmm(queries, keys.mT), -1, dtype=torch.float32).to(values.dtype), values)
        for queries, keys, values in split
    ]
    return torch.cat(mixed, dim=1).permute(1, 0, 2).reshape(tokens, width)


def _linear(weight: Tensor, bias: Tensor) -> Linear:
    """Returns the function x -> x weight^T + bias; in bfloat16, the weight is put into oneDNN's layout once."""
    import torch

    weight, bias = weight.detach().contiguous(), bias.detach()
    if weight.dtype == torch.bfloat16 and hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        laid_out = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS_EXPECTED)
        return lambda x: torch.ops.mkldnn._linear_pointwise(x, laid_out, bias, "none", [], "")
    return lambda x: torch.nn.functional.linear(x, weight, bias)
