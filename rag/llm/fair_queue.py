"""A first-come, first-served queue, for the language model and for searches, that reports each waiter's position.

ticket = turns.join()
try:
    while ticket.place:
        ticket.wait(seconds)
    ...use the model...
finally:
    ticket.leave()
"""

from __future__ import annotations

import threading

POLL_SECONDS = 0.1
"""Longest time, in seconds, before a waiting thread checks its stop event again."""


class Turns:
    """A queue for a resource that serves `at_once` tickets at the same time. All methods are thread-safe."""

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once
        self._line: list[Ticket] = []
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """The number of waiting tickets, without those being served."""
        with self._changed:
            return max(0, len(self._line) - self._at_once)

    def join(self) -> Ticket:
        """Returns a new ticket at the end of the queue. The caller must call its `leave` afterwards."""
        with self._changed:
            ticket = Ticket(self)
            self._line.append(ticket)
            return ticket


class Ticket:
    """One waiting or served request in a queue. All methods are thread-safe."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @property
    def place(self) -> int:
        """The position in the queue: 0 while this ticket is served (or after `leave`), 1 for the next to be served."""
        with self._turns._changed:
            return self._place()

    def wait(self, timeout: float) -> int:
        """Waits until the position changes, at most `timeout` seconds. Returns the position after that."""
        with self._turns._changed:
            before = self._place()
            self._turns._changed.wait_for(lambda: self._place() != before, timeout)
            return self._place()

    def leave(self) -> None:
        """Removes this ticket from the queue, served or not; later tickets move up. Further calls have no effect."""
        with self._turns._changed:
            if self in self._turns._line:
                self._turns._line.remove(self)
                self._turns._changed.notify_all()

    def _place(self) -> int:
        line = self._turns._line
        return max(0, line.index(self) - self._turns._at_once + 1) if self in line else 0
