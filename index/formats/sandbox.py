"""A sandbox for files of risky formats: a child process with limits on time, memory and output.

Documents, mails and archives are compressed, nested and often damaged, and some are constructed to make their reader
hang or exhaust the memory. Each child process reads one file and returns plain data, an item a line; if it fails or
crashes, only the rest of this file fails, with a reason. Memory and output are limited where the operating system
supports it (Linux, macOS in part); time is limited everywhere.
"""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

from index.cleaning.metadata import NO_COLUMNS, Columns
from index.decoding.archives import unpacked
from index.formats.containers.members import SELF_UNPACKED, Task, read_items
from index.formats.documents.document import LARGEST_TEXT, Document, Failed, Item, Member, Remark, Row, Skipped

SECONDS = 10.0
"""Time limit for an empty file, including about 0.5 s for the start of the child process."""

SECONDS_PER_MEGABYTE = 10.0
"""Additional time for each megabyte of the file; pypdf needs about 3 s."""

MOST_SECONDS = 600.0
"""Upper bound of the time limit, however large the file."""

MEMORY = 1_000_000_000
"""Address space that the child process may use, in bytes."""

# Largest output in bytes, for all the articles of a file; in JSON, a character can take six bytes.
_OUTPUT = 40 * LARGEST_TEXT
# Formats that are read from the beginning to the end, and may be larger than the memory.
_STREAMED = (".mbox", ".xml", ".enex")
_ITEMS = {item.__name__: item for item in (Document, Row, Member, Failed, Skipped, Remark)}
# Avoids `index/__init__.py`, whose imports take longer than reading most files.
_START = """
import json, sys, types
sys.path[:], folder, *arguments = json.loads(sys.argv[1])
package = types.ModuleType("index")
package.__path__ = [folder]
sys.modules["index"] = package
from index.formats.sandbox import serve
serve(*arguments)
"""


class Interrupted(ValueError):
    """The child process was ended or crashed, so that reading the same file may succeed another time."""


def read_in_sandbox(
    path: str, suffix: str, *, compressed: bool, size: int, texts: Sequence[str] = (), columns: Columns = NO_COLUMNS
) -> Iterator[Item]:
    """Yields what is in the file at `path` of `size` bytes in the format of `suffix`; `compressed`: it is gzipped, too.

    Files in it with a suffix of `texts` are returned unread; `columns` are the keys that the user named for a JSON
    file. Raises ValueError, with a message for users, where reading fails in any way, crashes or takes too long.
    """
    seconds = min(SECONDS + SECONDS_PER_MEGABYTE * size / 1e6, MOST_SECONDS)
    arguments = json.dumps(
        [sys.path, str(Path(__file__).parents[1]), path, suffix, compressed, seconds, MEMORY, [*texts], {**columns}]
    )
    with tempfile.TemporaryFile() as output:
        status = _run(arguments, output, seconds)
        output.seek(0)
        broken = False
        for item in map(_item, output):
            if isinstance(item, Failed) and not item.name:  # the rest of the file cannot be read
                raise ValueError(item.reason)
            if item is not None:
                yield item
            broken = broken or item is None
    if status is None:
        raise Interrupted(f"took longer than {seconds:.0f} seconds to read, and was given up")
    if status or broken:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        raise Interrupted(f"made its reader fail ({how}); it is damaged, or made to do so")


def _run(arguments: str, output: IO[bytes], seconds: float) -> int | None:
    """Runs a child process and returns its exit status, negative if a signal ended it; None if it took too long."""
    child = subprocess.Popen(
        [sys.executable, "-c", _START, arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL
    )
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        child.kill()
        child.wait()


def _item(line: bytes) -> Item | None:
    """Returns the item in a line of the output; None if there is none, because the child was ended in the middle."""
    try:
        ((name, values),) = json.loads(line).items()
        if name == "Member":
            values["data"] = base64.b64decode(values["data"])
            values["dropped"] = tuple(map(str, values.get("dropped", ())))
        if name == "Document":
            values["paragraphs"] = tuple(map(str, values["paragraphs"]))
            values["dropped"] = tuple((str(text), str(why)) for text, why in values["dropped"])
        item: Item = _ITEMS[name](**values)
        return item
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def serve(
    path: str, suffix: str, compressed: bool, seconds: float, memory: int, texts: list[str], columns: dict[str, str]
) -> None:
    """Runs in the child process: reads one file and writes each item as a line of JSON to standard output."""
    _limit(seconds, memory)
    # pypdf would load these for images and fonts, which are not needed: half of its start-up time, and attack surface.
    sys.modules |= dict.fromkeys(("PIL", "fontTools"))  # type: ignore[arg-type]
    try:
        for item in _read(path, suffix, compressed, Task(tuple(texts), columns)):
            _write(item)
        return
    except MemoryError:
        reason = f"needs more than {memory / 1e6:,.0f} MB of memory to read"
    except RecursionError:
        reason = "is damaged: its parts are nested too deeply"
    except OSError as error:
        reason = f"cannot be read: {(error.strerror or str(error)).lower()}"
    except ValueError as error:
        reason = str(error)
    _write(Failed("", reason))


def _write(item: Item) -> None:
    if isinstance(item, Document) and sum(map(len, item.paragraphs)) + len(item.markup) > LARGEST_TEXT:
        item = Failed(item.name, f"holds more than the {LARGEST_TEXT / 1e6:,.0f} MB of text of one article; split it")
    values = asdict(item)
    if isinstance(item, Member):
        values["data"] = base64.b64encode(item.data).decode()
    # In ASCII, so that any character of a damaged file can be written.
    sys.stdout.write(json.dumps({type(item).__name__: values}) + "\n")
    sys.stdout.flush()


def _read(path: str, suffix: str, compressed: bool, task: Task) -> Iterator[Item]:
    with open(path, "rb") as file:
        if not compressed or suffix in SELF_UNPACKED:
            yield from read_items(file, suffix, task)
            return
        with unpacked(file, os.fstat(file.fileno()).st_size) as plain:
            yield from read_items(plain if suffix in _STREAMED else io.BytesIO(plain.read()), suffix, task)


def _limit(seconds: float, memory: int) -> None:
    """Sets resource limits for this process, as far as the operating system supports them."""
    with suppress(ImportError):
        import resource  # not on Windows

        # Limits processor time too, in case the parent is killed and cannot end the child any more.
        for kind, limit in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, _OUTPUT),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, int(seconds) + 1),
        ):
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (limit, limit))
