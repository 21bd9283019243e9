"""Whose turn it is, with the language model or to search: first come, first served, and everybody can see the place.

ticket = turns.join()
try:
    while ticket.place:
        ticket.wait(seconds)
    ...the model is ours...
finally:
    ticket.leave()
"""

from __future__ import annotations

import threading

POLL_SECONDS = 0.1
"""How late a stop may be noticed by those who wait."""


class Turns:
    """A queue for something that serves `at_once` at the same time. Every method may be called from any thread."""

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once
        self._line: list[Ticket] = []
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many wait, those who are served not counted."""
        with self._changed:
            return max(0, len(self._line) - self._at_once)

    def join(self) -> Ticket:
        """A place at the end. Whoever joins must leave."""
        with self._changed:
            ticket = Ticket(self)
            self._line.append(ticket)
            return ticket


class Ticket:
    """One place in a queue."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @property
    def place(self) -> int:
        """How many turns until it is ours, counting our own wait: 0 when it is our turn, 1 for the next."""
        with self._turns._changed:
            return self._place()

    def wait(self, timeout: float) -> int:
        """Wait until the place changes, at most `timeout` seconds; the place then."""
        with self._turns._changed:
            before = self._place()
            self._turns._changed.wait_for(lambda: self._place() != before, timeout)
            return self._place()

    def leave(self) -> None:
        """Give the place up, whether served or not; those behind move up. Harmless the second time."""
        with self._turns._changed:
            if self in self._turns._line:
                self._turns._line.remove(self)
                self._turns._changed.notify_all()

    def _place(self) -> int:
        line = self._turns._line
        return max(0, line.index(self) - self._turns._at_once + 1) if self in line else 0
