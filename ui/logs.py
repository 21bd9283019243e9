"""The log of a server: a line of JSON for each event, without what people asked or what articles say.

`event("answer", seconds=1.2, private={"question": …})` is a line of its own; `private` is left out unless asked for.
So are the messages of exceptions, which may quote anything, and the words of other packages' messages. Secrets are
never handed to a log.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

from index.errors import WrongUse

STANDARD_ERROR = "-"

_OURS = ("index", "rag", "ui")

_events = logging.getLogger("ui.events")


def event(name: str, **fields: Any) -> None:
    """Log an event. Costs next to nothing where there is no log."""
    if _events.isEnabledFor(logging.INFO):
        _events.info(name, extra={"fields": fields})


def write_to(target: str, *, private: bool = False) -> logging.Handler:
    """Write the log to a file (opened anew when it is moved away), or to standard error for "-".

    `private` adds questions, answers and the words of all messages. WrongUse if the file cannot be written.
    """
    try:
        handler = logging.StreamHandler(sys.stderr) if target == STANDARD_ERROR else WatchedFileHandler(_made(target))
    except OSError as error:
        raise WrongUse(f"The log cannot be written to {target}: {error.strerror}.") from error
    handler.setFormatter(JsonLines(private=private))
    if target != STANDARD_ERROR:
        terminal = logging.StreamHandler()  # faults show there, too; events do not
        terminal.setLevel(logging.WARNING)
        logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[terminal])
    logging.getLogger().addHandler(handler)
    _events.setLevel(logging.INFO)
    return handler


def _made(target: str) -> Path:
    """The file, which only its owner can read if it is new."""
    path = Path(target).expanduser()
    path.touch(mode=0o600)
    return path


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, event, then the event's own fields."""

    def __init__(self, *, private: bool) -> None:
        super().__init__()
        self._private = private

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": time, "level": record.levelname.lower(), "logger": record.name}
        line["event"] = self._event(record)
        fields = dict(getattr(record, "fields", {}))
        private = fields.pop("private", {})
        line |= fields
        if self._private:
            line |= private
        if record.exc_info and record.exc_info[1]:
            line |= self._fault(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)

    def _event(self, record: logging.LogRecord) -> str:
        ours = record.name.partition(".")[0] in _OURS
        return record.getMessage() if ours or self._private else "a message of another package"

    def _fault(self, error: BaseException) -> dict[str, Any]:
        frames = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        fault: dict[str, Any] = {"error": type(error).__name__, "at": frames}
        return fault | ({"error_message": str(error)} if self._private else {})
