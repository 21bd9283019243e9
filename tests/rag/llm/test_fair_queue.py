"""First come, first served; whoever leaves lets those behind move up."""

from __future__ import annotations

import threading

import pytest

from rag.llm.fair_queue import Turns


def test_places_are_given_in_order() -> None:
    turns = Turns()
    tickets = [turns.join() for _ in range(3)]
    assert [ticket.place for ticket in tickets] == [0, 1, 2]
    tickets[0].leave()
    assert [ticket.place for ticket in tickets[1:]] == [0, 1]


def test_leaving_from_the_middle_moves_up_only_those_behind() -> None:
    turns = Turns()
    first, second, third, fourth = (turns.join() for _ in range(4))
    second.leave()
    second.leave()
    assert [ticket.place for ticket in (first, third, fourth)] == [0, 1, 2]
    assert turns.join().place == 3


@pytest.mark.parametrize(("at_once", "places"), [(1, [0, 1, 2, 3]), (2, [0, 0, 1, 2]), (4, [0, 0, 0, 0])])
def test_several_may_be_served_at_once(at_once: int, places: list[int]) -> None:
    turns = Turns(at_once)
    assert [ticket.place for ticket in [turns.join() for _ in range(4)]] == places


def test_waiting_ends_with_the_time_or_with_the_place() -> None:
    turns = Turns()
    first, second, third = (turns.join() for _ in range(3))
    assert third.wait(0.0) == 2
    moved: list[int] = []
    waiting = threading.Thread(target=lambda: moved.append(third.wait(60)))
    waiting.start()
    first.leave()
    waiting.join(timeout=60)
    assert moved == [1]
    assert second.place == 0


def test_many_threads_are_served_one_at_a_time_in_the_order_they_joined() -> None:
    turns = Turns()
    held = turns.join()
    tickets = [turns.join() for _ in range(8)]
    served: list[int] = []
    inside: list[int] = []

    def serve(number: int) -> None:
        while tickets[number].place:
            tickets[number].wait(60)
        inside.append(number)
        assert inside == [number]
        served.append(number)
        inside.remove(number)
        tickets[number].leave()

    threads = [threading.Thread(target=serve, args=(n,)) for n in reversed(range(8))]
    for thread in threads:
        thread.start()
    held.leave()
    for thread in threads:
        thread.join(timeout=60)
    assert served == list(range(8))
