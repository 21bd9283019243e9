"""FAISS against a few lines of NumPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.search.vectors import VectorIndex

CHUNKS = np.array([3, 4, 10, 25, 26], np.int64)
COUNTS = np.array([2, 4, 3, 2, 5], np.int64)
DIMENSION = 24


def random_vectors(seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=(count, DIMENSION)) for count in COUNTS]
    return [(a / np.linalg.norm(a, axis=1, keepdims=True)).astype(np.float16) for a in arrays]


def built(arrays: list[np.ndarray]) -> VectorIndex:
    return VectorIndex.from_vectors(iter(arrays), CHUNKS, COUNTS, DIMENSION)


def question(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


def brute_force(arrays: list[np.ndarray], vector: np.ndarray, rows: int, allowed: set[int] | None = None) -> list[int]:
    scored = [
        (-float(row.astype(np.float32) @ vector), int(chunk))
        for chunk, array in zip(CHUNKS, arrays, strict=True)
        for row in array
        if allowed is None or chunk in allowed
    ]
    return list(dict.fromkeys(chunk for _, chunk in sorted(scored)[:rows]))


@pytest.mark.parametrize("rows", [1, 2, 5, 16, 1000])
def test_nearest_chunks_are_those_of_a_full_comparison(rows: int) -> None:
    arrays = random_vectors()
    vectors = built(arrays)
    assert len(vectors) == 16
    for seed in range(20):
        assert vectors.nearest_chunks(question(seed), rows=rows, allowed=None) == brute_force(
            arrays, question(seed), rows
        )


@pytest.mark.parametrize("allowed", [{4}, {3, 26}, {10, 25, 999}, {3, 4, 10, 25, 26}, {999}, set()])
def test_only_allowed_chunks_are_found(allowed: set[int]) -> None:
    arrays = random_vectors()
    vectors = built(arrays)
    for seed in range(10):
        for rows in (3, 100):
            expected = brute_force(arrays, question(seed), rows, allowed)
            assert (
                vectors.nearest_chunks(question(seed), rows=rows, allowed=np.array(sorted(allowed), np.int64))
                == expected
            )


def test_equally_near_chunks_are_all_found_once() -> None:
    arrays = random_vectors()
    arrays[1][2] = arrays[3][0] = arrays[4][4] = arrays[0][1]
    vector = arrays[0][1].astype(np.float32)
    assert sorted(built(arrays).nearest_chunks(vector, rows=4, allowed=None)) == [3, 4, 25, 26]
    assert sorted(built(arrays).nearest_chunks(vector, rows=4, allowed=np.array([4, 26]))[:2]) == [4, 26]


def test_cosines_are_those_of_the_chunks_own_rows() -> None:
    arrays = random_vectors()
    vectors = built(arrays)
    for chunk, array in zip(CHUNKS, arrays, strict=True):
        expected = array.astype(np.float32) @ question(7)
        assert vectors.cosines(question(7), [int(chunk)])[0] == pytest.approx(expected, abs=1e-6)


def test_length_of_the_vectors_counts() -> None:
    # Inner product, not cosine: a stand-in's or a damaged vector of length 3 wins over the same one of length 1.
    arrays = random_vectors()
    arrays[2][0] = arrays[0][0] * np.float16(3)
    assert built(arrays).nearest_chunks(arrays[0][0].astype(np.float32), rows=2, allowed=None) == [10, 3]


def test_more_chunks_than_one_block_keep_their_order() -> None:
    count = 2500
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(count, 1, 8)).astype(np.float16)
    ids = np.arange(100, 100 + count)
    vectors = VectorIndex.from_vectors(iter(rows), ids, np.ones(count, np.int64), 8)
    for i in (0, 1023, 1024, 2047, 2048, 2499):
        assert vectors.cosines(np.eye(8, dtype=np.float32)[3], [100 + i])[0].tolist() == [float(rows[i, 0, 3])]


def test_an_empty_index_finds_nothing() -> None:
    empty = VectorIndex.from_vectors(iter([]), CHUNKS[:0], COUNTS[:0], DIMENSION)
    assert len(empty) == 0
    assert empty.nearest_chunks(question(0), rows=10, allowed=None) == []
    assert empty.nearest_chunks(question(0), rows=10, allowed=np.array([1])) == []


def test_counts_that_do_not_match_the_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match="16 vectors, but the chunks own 17"):
        VectorIndex.from_vectors(iter(random_vectors()), CHUNKS, COUNTS + (COUNTS == 3), DIMENSION)


def test_a_saved_file_searches_the_same(tmp_path: Path) -> None:
    arrays = random_vectors()
    path = tmp_path / "vectors-0.faiss"
    built(arrays).save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["vectors-0.faiss"]
    loaded = VectorIndex.load(path, CHUNKS, COUNTS)
    assert loaded.nearest_chunks(question(1), rows=9, allowed=None) == brute_force(arrays, question(1), 9)
    assert np.array_equal(loaded.cosines(question(1), [26])[0], built(arrays).cosines(question(1), [26])[0])


def test_a_file_of_other_chunks_is_refused(tmp_path: Path) -> None:
    built(random_vectors()).save(tmp_path / "v.faiss")
    with pytest.raises(ValueError, match="16 vectors, but the chunks own 14"):
        VectorIndex.load(tmp_path / "v.faiss", CHUNKS[1:], COUNTS[1:])


@pytest.mark.parametrize("keep", [0, 3, 40, -1])
def test_a_damaged_file_is_a_runtime_error(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "v.faiss"
    built(random_vectors()).save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RuntimeError):
        VectorIndex.load(path, CHUNKS, COUNTS)


# Many vectors: sketched.


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> tuple[list[np.ndarray], np.ndarray]:
    """Four thousand chunks of one vector each around two hundred centres, and their ids."""
    monkeypatch.setattr("index.search.vectors.EXACT_UP_TO", 1000)
    monkeypatch.setattr("index.search.vectors.PROPOSED", 1000)
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(200, 1, 64)).repeat(20, axis=0) + 0.5 * rng.normal(size=(4000, 1, 64))
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    return list(rows.astype(np.float16)), np.arange(10, 4010)


def index_of(arrays: list[np.ndarray], ids: np.ndarray) -> VectorIndex:
    return VectorIndex.from_vectors(iter(arrays), ids, np.ones(len(ids), np.int64), 64)


def ten_nearest(vectors: VectorIndex, seed: int, allowed: np.ndarray | None = None) -> list[int]:
    vector = np.random.default_rng(seed).normal(size=64).astype(np.float32)
    return vectors.nearest_chunks(vector / np.linalg.norm(vector), rows=10, allowed=allowed)


def test_sketches_find_nearly_what_a_full_comparison_finds(sketched: tuple[list[np.ndarray], np.ndarray]) -> None:
    arrays, ids = sketched
    vectors = index_of(arrays, ids)
    found = [len(set(ten_nearest(vectors, n)) & set(ten_nearest(vectors, n, ids))) for n in range(50)]
    assert sum(found) / 500 >= 0.98


def test_a_filter_is_exact_also_among_many(sketched: tuple[list[np.ndarray], np.ndarray]) -> None:
    arrays, ids = sketched
    vectors, allowed = index_of(arrays, ids), ids[::7]
    matrix = np.concatenate(arrays)[::7].astype(np.float32)
    for seed in range(20):
        vector = np.random.default_rng(seed).normal(size=64).astype(np.float32)
        best = np.argsort(-(matrix @ (vector / np.linalg.norm(vector))))[:10]
        assert ten_nearest(vectors, seed, allowed) == allowed[best].tolist()


def test_sketches_are_saved_beside_and_searched_the_same(
    sketched: tuple[list[np.ndarray], np.ndarray], tmp_path: Path
) -> None:
    arrays, ids = sketched
    path = tmp_path / "vectors-0.faiss"
    vectors = index_of(arrays, ids)
    vectors.save(path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["vectors-0.faiss", "vectors-0.sketches.faiss"]
    loaded = VectorIndex.load(path, ids, np.ones(4000, np.int64))
    assert [ten_nearest(loaded, n) for n in range(9)] == [ten_nearest(vectors, n) for n in range(9)]
    (tmp_path / "vectors-0.sketches.faiss").unlink()
    with pytest.raises(RuntimeError):
        VectorIndex.load(path, ids, np.ones(4000, np.int64))


@pytest.mark.parametrize("gone", [slice(0, 0), slice(0, 5), slice(1500, 2500)], ids=["added", "some gone", "many gone"])
def test_an_updated_index_is_one_built_from_scratch(sketched: tuple[list[np.ndarray], np.ndarray], gone: slice) -> None:
    arrays, ids = sketched
    keep = np.ones(3000, bool)
    keep[gone] = False
    chosen = [*np.flatnonzero(keep), *range(3000, 4000)]
    fetched: list[int] = []

    def fetch(wanted: np.ndarray) -> list[np.ndarray]:
        fetched.extend(wanted.tolist())
        return [arrays[i - 10] for i in wanted]

    before = index_of(arrays[:3000], ids[:3000])
    updated = before.updated(ids[chosen], np.ones(len(chosen), np.int64), fetch)
    scratch = index_of([arrays[i] for i in chosen], ids[chosen])
    assert fetched == ids[3000:].tolist()
    assert [ten_nearest(updated, n) for n in range(30)] == [ten_nearest(scratch, n) for n in range(30)]
    assert np.array_equal(
        updated.cosines(np.eye(64, dtype=np.float32)[0], [4000])[0], arrays[3990][:, 0].astype(np.float32)
    )
    assert len(before) == 3000 and ten_nearest(before, 1) == ten_nearest(index_of(arrays[:3000], ids[:3000]), 1)


def test_an_update_may_leave_nothing_or_begin_with_nothing() -> None:
    arrays = random_vectors()
    by_id = dict(zip(CHUNKS.tolist(), arrays, strict=True))
    empty = built(arrays).updated(CHUNKS[:0], COUNTS[:0], lambda ids: [])
    assert len(empty) == 0
    again = empty.updated(CHUNKS, COUNTS, lambda ids: [by_id[i] for i in ids.tolist()])
    assert again.nearest_chunks(question(3), rows=16, allowed=None) == brute_force(arrays, question(3), 16)


def test_a_new_chunk_below_one_that_stays_is_refused() -> None:
    with pytest.raises(ValueError, match="lower id"):
        built(random_vectors()).updated(np.array([3, 5, 26]), np.array([2, 1, 5]), lambda ids: [])


def test_chunks_whose_vectors_differ_are_counted(tmp_path: Path) -> None:
    arrays = random_vectors()
    built(arrays).save(tmp_path / "v.faiss")
    loaded = VectorIndex.load(tmp_path / "v.faiss", CHUNKS, COUNTS)
    assert loaded.differing(iter(arrays)) == 0
    arrays[1][3, 5] += np.float16(0.01)
    arrays[4][0, 0] = np.nextafter(arrays[4][0, 0], np.float16(2))
    assert loaded.differing(iter(arrays)) == 2
    with pytest.raises(ValueError, match="argument 2 is longer"):
        loaded.differing(iter(arrays[:4]))


def test_an_index_made_from_a_file_does_not_change_the_file(tmp_path: Path) -> None:
    arrays = random_vectors()
    built(arrays).save(tmp_path / "v.faiss")
    before = (tmp_path / "v.faiss").read_bytes()
    loaded = VectorIndex.load(tmp_path / "v.faiss", CHUNKS, COUNTS)
    more = [*arrays, arrays[0]]
    updated = loaded.updated(np.append(CHUNKS, 40), np.append(COUNTS, COUNTS[0]), lambda ids: [arrays[0]])
    assert updated.differing(iter(more)) == 0
    assert loaded.differing(iter(arrays)) == 0
    assert (tmp_path / "v.faiss").read_bytes() == before


def test_a_cosine_has_the_same_bits_whatever_chunks_are_asked_for_with_it() -> None:
    arrays = random_vectors()
    vectors = built(arrays)
    together, edges = vectors.cosines(question(3), CHUNKS.tolist())
    assert np.diff(edges).tolist() == COUNTS.tolist()
    for chunk, start, end in zip(CHUNKS.tolist(), edges, edges[1:], strict=False):
        own, among = vectors.cosines(question(3), [chunk])[0], vectors.cosines(question(3), [26, chunk, 3])
        assert np.array_equal(own, together[start:end])
        assert np.array_equal(own, among[0][among[1][1] : among[1][2]])
    nothing, edges = vectors.cosines(question(3), [])
    assert (len(nothing), edges.tolist()) == (0, [0])
