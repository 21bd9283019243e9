"""Kills, torn writes, power cuts and errors of the disk: the index is the old one or the new one, and can be finished.

A few experiments of each kind; scripts/reliability/faults.py makes hundreds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from harness import LIST, Fault, Workshop, missing, workshop

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

WORKS = ("create", "update", "rebuild", "rollback", "repair", "salvage", "pull")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with workshop(tmp_path_factory.mktemp("faults")) as shop:
        yield shop


def test_every_work_is_tried(shop: Workshop) -> None:
    assert tuple(shop.works) == WORKS


@pytest.mark.parametrize(("turn", "kind"), enumerate(LIST))
def test_a_fault_leaves_the_old_or_the_new_and_the_command_finishes_it(shop: Workshop, turn: int, kind: str) -> None:
    name = WORKS[turn % len(WORKS)]
    verdict = shop.try_out(name, shop.draw(name, kind, random.Random(turn)))
    assert verdict.wrong == []
    assert verdict.hit or kind == "timed"


def test_a_command_without_its_transaction_is_noticed(shop: Workshop) -> None:
    late = Fault("kill", "write", shop.known("update").counts["write"] * 3 // 4, False, 0)
    assert shop.try_out("update", late, "no transaction").wrong != []


def test_a_command_without_its_fsync_is_noticed(shop: Workshop) -> None:
    last = Fault("power", "remove", shop.known("update").counts["remove"], False, 1)
    assert shop.try_out("update", last, "no fsync").wrong != []
