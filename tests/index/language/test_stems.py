"""Stems of words, from any number of threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from index.language.stems import stem


def test_stems_are_right_from_many_threads() -> None:
    endings = ("alising", "ionally", "ation", "iveness", "ements", "fulness", "ities", "ably")
    words = [
        f"{beginning}{ending}" for beginning in ("nation", "relat", "organ", "comm", "fright") for ending in endings
    ]
    right = [stem(word) for word in words]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: [stem.__wrapped__(word) for word in words], range(200)))
    assert found == [right] * 200
