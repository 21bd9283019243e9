"""A sandbox for files of risky formats: a child process with limits on time, memory and output.

PDF, Word and EPUB files are compressed, nested and often damaged, and some are constructed to make their reader hang or
exhaust the memory. Each child process reads one file and returns plain data; if it fails or crashes, only this file
fails, with a reason. Memory and output are limited where the operating system supports it (Linux, macOS in part); time
is limited everywhere.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from index.decoding.archives import unpacked
from index.formats.document import LARGEST_TEXT, Document

SECONDS = 10.0
"""Time limit for an empty file, including about 0.5 s for the start of the child process."""

SECONDS_PER_MEGABYTE = 10.0
"""Additional time for each megabyte of the file; pypdf needs about 3 s."""

MOST_SECONDS = 600.0
"""Upper bound of the time limit, however large the file."""

MEMORY = 1_000_000_000
"""Address space that the child process may use, in bytes."""

# Largest output in bytes; in JSON, a character can take six bytes.
_OUTPUT = 6 * LARGEST_TEXT
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


def read_in_sandbox(path: str, suffix: str, *, compressed: bool, size: int) -> Document:
    """Reads the file at `path` of `size` bytes in the format of `suffix`; `compressed`: it is gzipped as well.

    Raises ValueError, with a message for users, if reading fails in any way, crashes or takes too long.
    """
    seconds = min(SECONDS + SECONDS_PER_MEGABYTE * size / 1e6, MOST_SECONDS)
    arguments = json.dumps([sys.path, str(Path(__file__).parents[1]), path, suffix, compressed, seconds, MEMORY])
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [sys.executable, "-c", _START, arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        try:
            status = child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ValueError(f"took longer than {seconds:.0f} seconds to read, and was given up") from None
        finally:
            child.kill()
            child.wait()
        output.seek(0)
        return _result(output.read(), status)


def _result(output: bytes, status: int) -> Document:
    try:
        said: dict[str, Any] = json.loads(output)
        if reason := said.get("reason"):
            raise ValueError(str(reason))
        dropped = tuple((str(text), str(why)) for text, why in said["dropped"])
        return Document(tuple(map(str, said["paragraphs"])), dict(said["facts"]), dropped)
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError, KeyError, AttributeError):
        how = f"signal {-status}" if status < 0 else f"status {status}"
        raise ValueError(f"made its reader fail ({how}); it is damaged, or made to do so") from None


def serve(path: str, suffix: str, compressed: bool, seconds: float, memory: int) -> None:
    """Runs in the child process: reads one file and writes the result, as one JSON object, to standard output."""
    _limit(seconds, memory)
    # pypdf would load these for images and fonts, which are not needed: half of its start-up time, and attack surface.
    sys.modules |= dict.fromkeys(("PIL", "fontTools"))  # type: ignore[arg-type]
    answer: dict[str, Any]
    try:
        answer = asdict(_read(path, suffix, compressed))
        if sum(map(len, answer["paragraphs"])) > LARGEST_TEXT:
            answer = {"reason": f"holds more than the {LARGEST_TEXT / 1e6:,.0f} MB of text of one article; split it"}
    except MemoryError:
        answer = {"reason": f"needs more than {memory / 1e6:,.0f} MB of memory to read"}
    except RecursionError:
        answer = {"reason": "is damaged: its parts are nested too deeply"}
    except OSError as error:
        answer = {"reason": f"cannot be read: {(error.strerror or str(error)).lower()}"}
    except ValueError as error:
        answer = {"reason": str(error)}
    sys.stdout.write(json.dumps(answer))  # in ASCII, so that any character of a damaged file can be written
    sys.stdout.flush()


def _read(path: str, suffix: str, compressed: bool) -> Document:
    read = _READERS[suffix]
    with open(path, "rb") as file:
        if not compressed:
            return read(file)
        with unpacked(file, os.fstat(file.fileno()).st_size) as plain:
            return read(io.BytesIO(plain.read()))


# Imported only when needed: importing pypdf alone takes longer than reading files of the other formats.
def _read_pdf(file: BinaryIO) -> Document:
    from index.formats.pdf import read_pdf

    return read_pdf(file)


def _read_docx(file: BinaryIO) -> Document:
    from index.formats.docx import read_docx

    return read_docx(file)


def _read_epub(file: BinaryIO) -> Document:
    from index.formats.epub import read_epub

    return read_epub(file)


_READERS = {".pdf": _read_pdf, ".docx": _read_docx, ".epub": _read_epub}

SUFFIXES = tuple(_READERS)
"""The suffixes of the formats that are read in the sandbox."""


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
