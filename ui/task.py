"""Work that the page starts and whose progress it shows. Independent of Gradio."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from index.errors import ClippingsError
from ui.conversations.run import BEAT_SECONDS

_log = logging.getLogger(__name__)

BROKEN = "Something went wrong inside clippings; the terminal it runs in says what."

Seen = TypeVar("Seen")


class Task(Generic[Seen]):
    """Work in a thread of its own, which continues after the browser that started it has disconnected.

    Iterate over it for its progress, every `BEAT_SECONDS` until it ends. Afterwards `problem` is an error message for
    people, empty on success.
    """

    def __init__(
        self, work: Callable[[], object], look: Callable[[], Seen], doing: str, *, broken: str = BROKEN
    ) -> None:
        """Start `work` at once; `look` returns its progress.

        After a fault of ours `problem` is `broken`, and the log says that `doing` ("downloading a model") failed.
        """
        self.problem = ""
        self._look = look
        self._ended = threading.Event()
        threading.Thread(target=self._run, args=(work, doing, broken), name="clippings-task", daemon=True).start()

    def __iter__(self) -> Iterator[Seen]:
        while not self._ended.wait(BEAT_SECONDS):
            yield self._look()

    def _run(self, work: Callable[[], object], doing: str, broken: str) -> None:
        try:
            work()
        except ClippingsError as error:
            self.problem = str(error)
        except Exception:  # the page must not wait for ever; the log holds the traceback
            _log.exception("%s failed", doing)
            self.problem = broken
        finally:
            self._ended.set()
