"""What scripts/fuzz/fuzz.py feeds for minutes, for a moment: good inputs of every target, damaged at random."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from damaging import damaged
from hypothesis import HealthCheck, given, settings

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "fuzz"))

from fuzz_targets import TARGETS

BRIEF = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_keeps_its_promises(target: str) -> None:
    for seed in TARGETS[target].seeds:

        @BRIEF
        @given(damaged(seed))
        def check(data: bytes) -> None:
            TARGETS[target].run(data)

        TARGETS[target].run(seed)
        check()


def test_a_target_tells_a_broken_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    from index.embedding import chunking
    from index.formats import registry

    def broken(data: bytes, uri: str) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setitem(registry.READERS, ".txt", broken)
    with pytest.raises(KeyError):
        TARGETS["txt"].run(TARGETS["txt"].seeds[0])
    whole = chunking.chunk_article
    monkeypatch.setattr(chunking, "chunk_article", lambda *given, **limits: whole(*given, **limits)[:-1])
    with pytest.raises(AssertionError, match="text is lost or doubled"):
        TARGETS["chunking"].run(TARGETS["chunking"].seeds[0])
