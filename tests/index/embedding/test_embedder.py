"""Passages to vectors: the arithmetic against NumPy, and the real model against its own library."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read_file

from index.article import Article
from index.embedding import embedder as embedding
from index.embedding.chunking import TITLE_TOKENS, chunk_article
from index.embedding.embedder import (
    BATCH_TOKENS,
    MINILM,
    Embedder,
    Passage,
    SentenceTransformerEmbedder,
    _batches,
    _pool,
    _token_spans,
    load_embedder,
)
from index.errors import ModelMissing, WrongEmbedder
from index.formats.registry import find_files

SAMPLES = Path(embedding.__file__).parents[1] / "sample_articles"


def test_batches_are_filled_in_order() -> None:
    assert list(_batches([1000, 5, 1043, 1, 3000, 200])) == [[0, 1, 2], [3], [4], [5]]
    assert list(_batches([])) == []


@given(st.lists(st.integers(1, 3000), max_size=80))
def test_batches_hold_every_row_once_within_the_limit(lengths: list[int]) -> None:
    batches = list(_batches(lengths))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or sum(lengths[i] for i in batch) <= BATCH_TOKENS


def test_a_full_batch_is_closed_before_the_limit() -> None:
    assert [len(batch) for batch in _batches([256] * 17)] == [8, 8, 1]


def test_token_spans_follow_the_characters() -> None:
    # "It rained. No." with tokens It / rain / ##ed / . / No / . after [CLS] and a title of two tokens
    offsets = [(0, 2), (3, 7), (7, 9), (9, 10), (11, 13), (13, 14)]
    assert _token_spans([(0, 10), (11, 14)], offsets, 3) == ((3, 7), (7, 9))
    assert _token_spans([], offsets, 3) == ()


def test_token_span_of_a_sentence_without_tokens_is_empty() -> None:
    assert _token_spans([(0, 2), (3, 4), (5, 7)], [(0, 2), (5, 7)], 1) == ((1, 2), (2, 2), (2, 3))
    assert _token_spans([(0, 2)], [], 1) == ((1, 1),)


def test_pooling_is_the_normalised_mean_of_the_tokens() -> None:
    tokens = np.random.default_rng(1).normal(size=(9, 5)).astype(np.float32) * 7
    pooled = _pool(tokens, [(1, 4), (4, 9), (6, 6)])
    for vector, rows in zip(pooled, [tokens, tokens[1:4], tokens[4:9], tokens], strict=True):
        mean = sum(row.astype(np.float64) for row in rows) / len(rows)
        assert vector == pytest.approx(mean / np.sqrt((mean**2).sum()), abs=1e-6)
    assert pooled.dtype == np.float32


def test_a_zero_vector_stays_zero() -> None:
    assert _pool(np.zeros((3, 4), np.float32), [(0, 1)]).tolist() == [[0] * 4] * 2


@pytest.mark.parametrize("name", ["all-mpnet-base-v2", "all-MiniLM-L6-v2@float16", "hash@1", ""])
def test_an_unknown_model_is_refused_by_name(name: str) -> None:
    with pytest.raises(WrongEmbedder, match=f"The embedding model {name} is not known here"):
        load_embedder(name)


@pytest.mark.parametrize(
    ("name", "fast", "precision"),
    [
        ("all-MiniLM-L6-v2", True, "bfloat16"),
        ("all-MiniLM-L6-v2", False, "float32"),
        ("all-MiniLM-L6-v2@float32", True, "float32"),
        ("all-MiniLM-L6-v2@bfloat16", False, "bfloat16"),
    ],
)
def test_precision_is_the_recorded_one_or_what_the_cpu_is_fast_at(
    monkeypatch: pytest.MonkeyPatch, name: str, fast: bool, precision: str
) -> None:
    loaded: list[Any] = []
    monkeypatch.setattr(embedding, "cpu_has_fast_bfloat16", lambda: fast)
    monkeypatch.setattr(embedding.PackagedFile, "locate", lambda self: Path("/models") / self.path)
    monkeypatch.setattr(embedding, "SentenceTransformerEmbedder", lambda *a, **k: loaded.append((*a, k)))
    load_embedder(name)
    assert loaded == [(Path("/models/model"), "all-MiniLM-L6-v2", {"precision": precision})]


def test_a_folder_without_a_model_is_model_missing(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"no model")
    with pytest.raises(ModelMissing, match="cannot be loaded"):
        SentenceTransformerEmbedder(tmp_path, "broken", precision="float32")


def sample_passages(embedder: Embedder) -> list[Passage]:
    articles = [a for file in find_files([SAMPLES])[:2] for a in read_file(file).articles]
    return [passage for article in articles for passage in passages_of(article, embedder)]


def passages_of(article: Article, embedder: Embedder) -> list[Passage]:
    chunks = chunk_article(article, embedder.count_tokens, max_tokens=embedder.max_tokens - TITLE_TOKENS)
    return [
        Passage(article.title, article.text[c.start : c.end], tuple((a - c.start, b - c.start) for a, b in c.sentences))
        for c in chunks
    ]


@pytest.mark.models
def test_minilm_says_what_it_is(minilm: Embedder) -> None:
    assert (minilm.name, minilm.dimension, minilm.max_tokens) == ("all-MiniLM-L6-v2@float32", 384, 254)
    # [CLS] and [SEP] are not counted: bridge . / nothing / one character each / una ##ffa ##ble .
    assert minilm.count_tokens(["Bridge.", "", "日本語", "unaffable."]) == [2, 0, 3, 4]
    assert minilm.count_tokens([]) == []
    assert minilm.embed_passages([]) == []


@pytest.mark.models
def test_minilm_gives_a_passage_the_same_bits_alone_and_in_a_batch(minilm: Embedder) -> None:
    short = [Passage("", "Yes.", ((0, 4),)), Passage("T", "No. Yes.", ((0, 3), (4, 8)))]
    passages = [*short, *sample_passages(minilm)[:5], short[0]]
    assert len(passages) == 8
    together = minilm.embed_passages(passages)
    backwards = minilm.embed_passages(passages[::-1])[::-1]
    for passage, vectors, others in zip(passages, together, backwards, strict=True):
        assert vectors.shape == (1 + len(passage.sentences), 384)
        assert np.array_equal(vectors, minilm.embed_passages([passage])[0])
        assert np.array_equal(vectors, others)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.models
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_row_has_the_same_bits_whatever_rows_are_beside_it(precision: str) -> None:
    embedder = load_embedder(f"all-MiniLM-L6-v2@{precision}")
    chance = np.random.default_rng(0)
    rows = [[101, *chance.integers(1000, 20_000, length).tolist(), 102] for length in (0, 0, 1, 14, 14, 15, 60, 254)]
    encoder = embedder._encoder
    together = encoder(rows)
    for row, tokens in zip(rows, together, strict=True):
        assert tokens.shape == (len(row), 384)
        assert np.array_equal(tokens, encoder([row])[0])
    with embedder.threads() as pool:
        for tokens, others in zip(together, pool.submit(encoder, rows[::-1]).result()[::-1], strict=True):
            assert np.array_equal(tokens, others)


@pytest.mark.models
@pytest.mark.parametrize(("precision", "cosine"), [("float32", 0.999999), ("bfloat16", 0.999)])
def test_token_vectors_are_those_of_transformers(precision: str, cosine: float) -> None:
    import torch
    from transformers import AutoModel

    theirs = AutoModel.from_pretrained(str(MINILM.locate().parent), local_files_only=True)
    chance = np.random.default_rng(1)
    rows = [[101, *chance.integers(1000, 20_000, length).tolist(), 102] for length in (3, 40, 40, 200)]
    for row, tokens in zip(rows, load_embedder(f"all-MiniLM-L6-v2@{precision}")._encoder(rows), strict=True):
        with torch.inference_mode():
            expected = theirs(input_ids=torch.tensor([row])).last_hidden_state[0].numpy()
        lengths = np.linalg.norm(tokens, axis=1) * np.linalg.norm(expected, axis=1)
        assert ((tokens * expected).sum(axis=1) / lengths).min() >= cosine


@pytest.mark.models
def test_threads_compute_alone_and_others_as_before(minilm: Embedder) -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with minilm.threads() as pool:
            started = Barrier(2)
            counts = [pool.submit(lambda: (started.wait(), torch.get_num_threads())[1]) for _ in range(2)]
            assert [count.result() for count in counts] == [1, 1]
        assert torch.get_num_threads() == 2
        with ThreadPoolExecutor(1) as others:
            assert others.submit(torch.get_num_threads).result() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.models
def test_minilm_vectors_are_those_of_sentence_transformers(minilm: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(MINILM.locate().parent), device="cpu", local_files_only=True)
    passages = sample_passages(minilm)[:4]
    whole = np.stack([vectors[0] for vectors in minilm.embed_passages(passages)])
    expected = theirs.encode(
        [f"{p.title} {p.text}" for p in passages], normalize_embeddings=True, show_progress_bar=False
    )
    cosines = (whole * expected).sum(axis=1)
    assert cosines.min() >= 0.99999
    question = "How many people drowned?"
    expected = theirs.encode(question, normalize_embeddings=True, show_progress_bar=False)
    assert float(minilm.embed_question(question) @ expected) >= 0.99999


@pytest.mark.models
def test_minilm_sentence_vectors_are_the_means_of_their_own_tokens(minilm: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(MINILM.locate().parent), device="cpu", local_files_only=True)
    title, text = "Flood", "Thirty-one drowned. Żółw slept."
    whole, first, second = minilm.embed_passages([Passage(title, text, ((0, 19), (20, 31)))])[0]
    tokens = theirs.encode(f"{title} {text}", output_value="token_embeddings", show_progress_bar=False).numpy()
    # [CLS] flood | thirty - one drowned . | z ##o ##ł ##w slept . | [SEP]
    after_first = 2 + minilm.count_tokens(["Thirty-one drowned."])[0]
    for vector, rows in ((whole, tokens), (first, tokens[2:after_first]), (second, tokens[after_first:-1])):
        mean = rows.mean(axis=0)
        assert float(vector @ mean / np.linalg.norm(mean)) >= 0.99999
    assert float(first @ second) < 0.9


@pytest.mark.models
def test_minilm_reads_the_beginning_of_a_question_that_is_too_long(minilm: Embedder) -> None:
    beginning = " ".join(["flood"] * 254)
    vector = minilm.embed_question(f"{beginning} bridge bridge bridge")
    assert np.array_equal(vector, minilm.embed_question(beginning))
    assert not np.allclose(vector, minilm.embed_question(f"bridge {beginning}"))


@pytest.mark.models
def test_minilm_reads_a_question_that_is_no_valid_text(minilm: Embedder) -> None:
    assert np.array_equal(minilm.embed_question("Where\udce9"), minilm.embed_question("Where?"))


@pytest.mark.models
def test_minilm_reads_a_passage_that_is_longer_than_its_input_in_windows(minilm: Embedder) -> None:
    first, second = " ".join(["flood"] * 253), " ".join(["bridge"] * 253)
    spans = ((0, len(first)), (len(first) + 1, len(first) + 1 + len(second)))
    whole, *sentences = minilm.embed_passages([Passage("One", f"{first} {second}", spans)])[0]
    alone = [minilm.embed_passages([Passage("One", text, ((0, len(text)),))])[0][1] for text in (first, second)]
    assert [float(own @ other) for own, other in zip(sentences, alone, strict=True)] == pytest.approx([1, 1], abs=2e-2)
    assert float(sentences[0] @ sentences[1]) < min(float(whole @ sentence) for sentence in sentences)


@pytest.mark.models
def test_minilm_reads_only_the_beginning_of_a_long_title(minilm: Embedder) -> None:
    title, text = " ".join(["flood"] * TITLE_TOKENS), "It rained."
    short, long = minilm.embed_passages(
        [Passage(title, text, ((0, 10),)), Passage(f"{title} bridge", text, ((0, 10),))]
    )
    assert np.array_equal(short, long)
    shorter = minilm.embed_passages([Passage("flood", text, ((0, 10),))])[0]
    assert not np.allclose(short, shorter)


@pytest.mark.models
def test_minilm_reads_every_chunk_with_the_longest_title(minilm: Embedder) -> None:
    # "dog" and "bark" are one token each, "dogbark" is three: put together again, the halves would be one too many.
    title, text = " ".join(["flood"] * TITLE_TOKENS), "-" * 102 + "dogbark" + "-" * 102
    assert minilm.count_tokens(["dog", "bark", "dogbark", text]) == [1, 1, 3, 207]
    passages = passages_of(Article("/a", title, text), minilm)
    assert "".join(p.text for p in passages) == text
    assert len(minilm.embed_passages(passages)) == len(passages)
