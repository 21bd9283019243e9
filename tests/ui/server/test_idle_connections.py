"""Which connections are ended; tests/ui/access/test_access.py has real ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from ui.server import idle_connections
from ui.server.idle_connections import LOOKS, SECONDS, Patience


@dataclass(eq=False)
class Connection:
    """What uvicorn keeps of one: `cycle` is its last request."""

    cycle: SimpleNamespace | None = None
    ended: bool = False
    transport: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        self.transport = SimpleNamespace(abort=self.end)

    def end(self) -> None:
        self.ended = True

    def answer(self, *, whole: bool) -> None:
        self.cycle = SimpleNamespace(response_complete=whole)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def looked_at(connection: object, seconds: float, *, busy: bool = False) -> None:
    """Look so long; a `busy` connection has had an answer before each look."""
    clock = Clock()
    watch = Patience(clock)
    while clock.now <= seconds:
        if busy and isinstance(connection, Connection):
            connection.answer(whole=True)
        watch.look([connection])
        clock.now += LOOKS


def test_a_connection_without_a_request_is_ended() -> None:
    early, late, answered = Connection(), Connection(), Connection()
    answered.answer(whole=True)
    looked_at(early, SECONDS - LOOKS)
    looked_at(late, SECONDS)
    looked_at(answered, SECONDS)
    assert [each.ended for each in (early, late, answered)] == [False, True, True]


def test_who_is_being_answered_or_asks_again_and_again_stays() -> None:
    streaming, polling, websocket = Connection(), Connection(), SimpleNamespace()
    streaming.answer(whole=False)
    looked_at(streaming, 3 * SECONDS)
    looked_at(polling, 3 * SECONDS, busy=True)
    looked_at(websocket, 3 * SECONDS)
    assert not streaming.ended
    assert not polling.ended


def test_of_too_many_the_oldest_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_connections, "MOST_WAITING", 2)
    clock = Clock()
    watch = Patience(clock)
    waiting: list[Connection] = []
    for _ in range(4):
        waiting.append(Connection())
        watch.look(each for each in waiting if not each.ended)
        clock.now += LOOKS
    assert [each.ended for each in waiting] == [True, True, False, False]
