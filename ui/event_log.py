"""The log of the server: one line of JSON for each event, without the text of questions or articles.

`event("answer", seconds=1.2, private={"question": …})` writes one line; the fields in `private` are left out unless
requested. So are the messages of exceptions, which may quote anything, and the log messages of other packages. Secrets
are never passed to the log.
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
    """Log an event. Costs almost nothing if no log is written."""
    if _events.isEnabledFor(logging.INFO):
        _events.info(name, extra={"fields": fields})


def write_to(target: str, *, private: bool = False) -> logging.Handler:
    """Write the log to a file (opened again if it was moved, as by log rotation), or to standard error for "-".

    `private` adds questions, answers and the text of all messages. Raises WrongUse if the file cannot be written.
    """
    try:
        handler = logging.StreamHandler(sys.stderr) if target == STANDARD_ERROR else WatchedFileHandler(_made(target))
    except OSError as error:
        raise WrongUse(f"The log cannot be written to {target}: {error.strerror}.") from error
    handler.setFormatter(JsonLines(private=private))
    if target != STANDARD_ERROR:
        terminal = logging.StreamHandler()  # shows errors, too, but no events
        terminal.setLevel(logging.WARNING)
        logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[terminal])
    logging.getLogger().addHandler(handler)
    _events.setLevel(logging.INFO)
    return handler


def _made(target: str) -> Path:
    """Returns the path of the file, which is created if necessary, readable for its owner only."""
    path = Path(target).expanduser()
    path.touch(mode=0o600)
    return path


class JsonLines(logging.Formatter):
    """Formats each record as one line of JSON: time (UTC), level, logger, event, then the event's own fields."""

    def __init__(self, *, private: bool) -> None:
        super().__init__()
        self._private = private

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line for one record."""
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
