"""The reader's network: an encoder that reads a question with a passage, and heads that say what it found there.

Heads: first and last word of the answer; for each sentence whether it belongs to the answer, and whether it addresses a
machine instead of reporting; whether the passage holds the answer; whether a clipping supports a claim; and, of a
question alone, its kind, and of one with earlier ones whether it leans on them.

Devlin et al. 2019 (arXiv 1810.04805, section 4.3): start and end of the answer are softmaxes over the tokens, and
"no answer" is a span of its own, the first token. The encoder is the lower half of MPNet (Song et al. 2020, arXiv
2004.09297). Imported only where torch is wanted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoTokenizer, BatchEncoding, MPNetConfig, MPNetModel
from transformers.utils import logging

from index.embedding.chunking import TITLE_TOKENS
from rag.question.kinds import LABELS

QUESTION_TOKENS = 64
"""Tokens of a question that are read; the rest of a longer one is left out."""

CLAIM_TOKENS = 96
"""Tokens of a claim that are judged; the rest of a longer one is left out."""

MOST_TOKENS = 512
"""Of a question with its passage; the end of a longer passage is not read."""

LAYERS = 7

START, PAD, STOP, UNKNOWN = 0, 1, 2, 3
WORD_IDS = 4
"""MPNet's ids of BERT's word pieces are BERT's own, and so many more."""
MASK = 30_526

_SCALE = ".scale"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of a question with a passage, or of a claim with a clipping.

    `lead` is the number of tokens of the question (or claim), which stand after the first; `first` is the position of
    the passage's first token; `offsets` are its tokens' character spans, relative to the passage's text.
    """

    ids: list[int]
    lead: int
    first: int
    offsets: list[tuple[int, int]]


class Found(NamedTuple):
    """Logits of a batch of questions with passages. (batch, tokens), `holds` (batch,).

    A sentence's logits of `evidence` and `addressed` are the means over its tokens.
    """

    start: Tensor
    end: Tensor
    evidence: Tensor
    addressed: Tensor
    holds: Tensor


class ReaderNetwork(nn.Module):  # type: ignore[misc]  # torch has no types here
    """Encoder and heads. Made with random weights; `restore` brings the trained ones."""

    def __init__(self, layers: int = LAYERS) -> None:
        super().__init__()
        logging.set_verbosity_error()
        config = MPNetConfig(vocab_size=30_527, num_hidden_layers=layers, max_position_embeddings=514)
        self.encoder = MPNetModel(config, add_pooling_layer=False)
        size = config.hidden_size
        self.span = nn.Linear(size, 2)
        self.sentence = nn.Linear(size, 2)
        self.holds = nn.Linear(size, 1)
        self.supports = nn.Linear(2 * size, 1)
        self.kind = nn.Linear(size, len(LABELS))
        self.leans = nn.Linear(size, 1)

    def forward(self, ids: Tensor, mask: Tensor) -> Found:
        """What questions with passages are answered by. `ids` and `mask` are (batch, tokens)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        start, end = self.span(hidden).float().unbind(-1)
        evidence, addressed = self.sentence(hidden).float().unbind(-1)
        return Found(start, end, evidence, addressed, self.holds(hidden[:, 0]).float().squeeze(-1))

    def judge(self, ids: Tensor, mask: Tensor, claims: Tensor) -> Tensor:
        """Log odds (batch,) that the clippings support the claims.

        `claims` (batch, tokens) is 1 on the claim's tokens.
        """
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        share = (claims / claims.sum(1, keepdim=True)).to(hidden.dtype)
        claim = (hidden * share.unsqueeze(-1)).sum(1)
        return self.supports(torch.cat([hidden[:, 0], claim], 1)).float().squeeze(-1)

    def sort(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the questions' kinds (batch, labels), and log odds (batch,) that they lean on the earlier ones."""
        first = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
        return self.kind(first).float(), self.leans(first).float().squeeze(-1)

    def save(self, path: Path, *, packed: bool) -> None:
        """Write the weights: packed, matrices are 8-bit integers with a scale a row; else everything is bfloat16."""
        tensors = {}
        for name, value in self.state_dict().items():
            if packed and value.ndim == 2 and value.numel() > 10_000:  # the heads stay as they are
                scale = value.float().abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
                tensors[name] = (value.float() / scale).round().to(torch.int8)
                tensors[name + _SCALE] = scale
            else:
                tensors[name] = value.to(torch.bfloat16).contiguous() if value.is_floating_point() else value
        save_file(tensors, path)

    def restore(self, path: Path) -> None:
        """Take the weights from a file that `save` wrote. ValueError if they are another network's."""
        read = load_file(path)
        weights = {
            name: value.float() * read[name + _SCALE] if name + _SCALE in read else value.float()
            for name, value in read.items()
            if not name.endswith(_SCALE)
        }
        own = self.state_dict()
        if {n: v.shape for n, v in weights.items()} != {n: v.shape for n, v in own.items() if v.is_floating_point()}:
            raise ValueError(f"{path.name} does not belong to this network")
        self.load_state_dict(weights, strict=False)


class PairEncoder:
    """Turns a question and a passage, or a claim and a clipping, into what the network reads."""

    def __init__(self, base: Path) -> None:
        """`base` is the folder of the embedding model, whose word pieces are the network's."""
        self._tokenizer = AutoTokenizer.from_pretrained(str(base), local_files_only=True)
        self._unknown = int(self._tokenizer.unk_token_id)

    def encode(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Encoded]:
        """The question with each (title, text)."""
        asked = self._ids([question])[0][:QUESTION_TOKENS]
        titles = self._ids([title for title, _ in passages])
        texts = self._tokens([text for _, text in passages])
        return [
            _joined(asked, title[:TITLE_TOKENS], self._shifted(ids), offsets)
            for title, ids, offsets in zip(titles, texts.input_ids, texts.offset_mapping, strict=True)
        ]

    def encode_claim(self, claim: str, question: str, clippings: Sequence[str]) -> list[Encoded]:
        """The claim with each clipping. A short answer comes with the question that it answers; else that is ""."""
        stated, asked = self._ids([claim, question])
        texts = self._tokens(clippings)
        return [
            _joined(stated[:CLAIM_TOKENS], asked[:QUESTION_TOKENS], self._shifted(ids), offsets)
            for ids, offsets in zip(texts.input_ids, texts.offset_mapping, strict=True)
        ]

    def encode_question(self, question: str, earlier: Sequence[str] = ()) -> Encoded:
        """The question with the earlier ones, oldest first; the last of them is read first."""
        asked, *before = self._ids([question, *reversed(earlier)])
        turns = [token for ids in before for token in [*ids[:QUESTION_TOKENS], STOP]]
        return _joined(asked[:QUESTION_TOKENS], [], turns, [])

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [self._shifted(ids) for ids in self._tokens(texts).input_ids]

    def _shifted(self, ids: Sequence[int]) -> list[int]:
        return [UNKNOWN if n == self._unknown else n + WORD_IDS for n in ids]

    def _tokens(self, texts: Sequence[str]) -> BatchEncoding:
        return self._tokenizer(
            list(texts), add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
        )


def _joined(lead: list[int], beside: list[int], text: list[int], offsets: list[tuple[int, int]]) -> Encoded:
    before = [START, *lead, STOP, *beside, STOP]
    room = MOST_TOKENS - len(before) - 1
    return Encoded([*before, *text[:room], STOP], len(lead), len(before), offsets[:room])


def padded(rows: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
    """Ids and mask (rows, longest row)."""
    width = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [PAD] * (width - len(row.ids)) for row in rows])
    return ids, (ids != PAD).long()


def claim_mask(rows: Sequence[Encoded]) -> Tensor:
    """1 on the tokens of each row's claim (rows, longest row)."""
    width = max(len(row.ids) for row in rows)
    places = torch.arange(width)
    leads = torch.tensor([max(row.lead, 1) for row in rows])
    return ((places >= 1) & (places <= leads[:, None])).float()


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
