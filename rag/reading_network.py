"""The reader's network: the embedding model's encoder, and heads that point at an answer or say there is none.

Two more heads judge whole sentences: whether each belongs to the answer, for questions that no few words answer, and
whether it addresses a machine that reads instead of reporting.

Devlin et al. 2019 (arXiv 1810.04805, section 4.3): start and end of the answer are softmaxes over the tokens, and
"no answer" is a span of its own, the first token. Imported only where torch is wanted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer, BatchEncoding
from transformers.utils import logging

from index.chunking import TITLE_TOKENS

QUESTION_TOKENS = 64
"""Tokens of a question that are read; the rest of a longer one is left out."""


_BASE = "base_sha256"


@dataclass(frozen=True, slots=True)
class Encoded:
    """One question with one passage: token ids and types, and the character span of each token of the passage.

    `first` is the position of the passage's first token; `offsets` are relative to the passage's text.
    """

    ids: list[int]
    types: list[int]
    first: int
    offsets: list[tuple[int, int]]


class ReaderNetwork(nn.Module):  # type: ignore[misc]  # torch has no types here
    """Encoder with heads for start and end of the answer, for two properties of sentences, and for holding it."""

    def __init__(self, base: Path) -> None:
        """`base` is the folder of the embedding model."""
        super().__init__()
        logging.disable_progress_bar()
        logging.set_verbosity_error()  # that the base's pooling head is not loaded is meant
        self.encoder = AutoModel.from_pretrained(str(base), local_files_only=True, add_pooling_layer=False)
        self.span = nn.Linear(self.encoder.config.hidden_size, 2)
        self.sentence = nn.Linear(self.encoder.config.hidden_size, 2)
        self.holds = nn.Linear(self.encoder.config.hidden_size, 1)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Logits (batch, tokens) of start, end, evidence and addressing a machine, and (batch,) of holding the answer.

        A sentence's logits of the third and fourth are the means over its tokens.
        """
        hidden = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        start, end = self.span(hidden).float().unbind(-1)
        evidence, addressed = self.sentence(hidden).float().unbind(-1)
        return start, end, evidence, addressed, self.holds(hidden[:, 0]).float().squeeze(-1)

    def trained(self) -> dict[str, Tensor]:
        """The weights that training changes: everything but the embedding tables, which stay the base model's."""
        return {name: value for name, value in self.state_dict().items() if ".embeddings." not in name}

    def save(self, path: Path, base_sha256: str) -> None:
        """Write the trained weights as bfloat16, and the hash of the base's weights that they belong to."""
        tensors = {name: value.to(torch.bfloat16).contiguous() for name, value in self.trained().items()}
        save_file(tensors, path, metadata={_BASE: base_sha256})

    def restore(self, path: Path, base_sha256: str) -> None:
        """Take the trained weights from a file that `save` wrote. ValueError if it does not fit this base."""
        with safe_open(path, "pt") as file:
            if (file.metadata() or {}).get(_BASE) != base_sha256:
                raise ValueError(f"{path.name} was trained on another embedding model")
        tensors = {name: value.float() for name, value in load_file(path).items()}
        if tensors.keys() != self.trained().keys():
            raise ValueError(f"{path.name} does not belong to this network")
        self.load_state_dict(tensors, strict=False)


class PairEncoder:
    """Turns a question and a passage into what the network reads."""

    def __init__(self, base: Path) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(str(base), local_files_only=True)
        names = ("pad", "cls", "sep", "mask")
        self.pad, self.start, self.stop, self.mask = (
            int(getattr(self._tokenizer, f"{name}_token_id")) for name in names
        )

    def encode(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Encoded]:
        """The question with each (title, text)."""
        asked = self._tokens([question]).input_ids[0][:QUESTION_TOKENS]
        titles = self._tokens([title for title, _ in passages]).input_ids
        texts = self._tokens([text for _, text in passages])
        return [
            self._join(asked, title[:TITLE_TOKENS], ids, offsets)
            for title, ids, offsets in zip(titles, texts.input_ids, texts.offset_mapping, strict=True)
        ]

    def _join(self, asked: list[int], title: list[int], text: list[int], offsets: list[tuple[int, int]]) -> Encoded:
        left, right = [self.start, *asked, self.stop], [*title, self.stop, *text, self.stop]
        return Encoded(left + right, [0] * len(left) + [1] * len(right), len(left) + len(title) + 1, offsets)

    def _tokens(self, texts: Sequence[str]) -> BatchEncoding:
        return self._tokenizer(
            list(texts), add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
        )


def padded(rows: Sequence[Encoded], pad: int) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, types and mask (rows, longest row)."""
    width = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [pad] * (width - len(row.ids)) for row in rows])
    types = torch.tensor([row.types + [0] * (width - len(row.ids)) for row in rows])
    mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in rows])
    return ids, types, mask


def sentence_places(row: Encoded, sentences: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """For each sentence of the passage (character spans) its first token in the row, and the one after its last.

    A sentence without a token of its own gets the passage's last token.
    """
    starts = [start for start, _ in row.offsets]
    places = []
    for a, b in sentences:
        first, after = bisect_left(starts, a), bisect_left(starts, b)
        first = min(first, len(starts) - 1)
        places.append((row.first + first, row.first + max(after, first + 1)))
    return places
