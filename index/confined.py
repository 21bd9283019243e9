"""Read a file of a risky format in a child process with limits on time, memory and output.

PDF, Word and EPUB files are packed, nested and often damaged, and some are made to hang or to fill the memory. One
child reads one file and passes plain data back; whatever becomes of it is one failed file with its reason. The
limits on memory and output hold where the system has them (Linux, macOS in part); time is limited everywhere.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from index.document import LARGEST_TEXT, Document
from index.unpacking import unpacked

SUFFIXES = (".pdf", ".docx", ".epub")
"""What files of these formats end with."""

SECONDS = 10.0
"""Time for any file; the start of the child, half a second, is in it."""

SECONDS_PER_MEGABYTE = 10.0
"""Time for each megabyte more. pypdf needs about 3."""

MOST_SECONDS = 600.0
"""Time for the largest file."""

MEMORY = 1_000_000_000
"""Bytes of address space that the child may take."""

# As JSON a character can take six bytes.
_OUTPUT = 6 * LARGEST_TEXT
# Without the packages that the other modules of `index` load on import: they take longer than most files.
_START = """
import json, sys, types
sys.path[:], folder, *arguments = json.loads(sys.argv[1])
package = types.ModuleType("index")
package.__path__ = [folder]
sys.modules["index"] = package
from index.confined import serve
serve(*arguments)
"""


def read_confined(path: str, suffix: str, *, compressed: bool, size: int) -> Document:
    """Read the file at `path` of `size` bytes as the format of `suffix`; `compressed`: it is gzipped as well.

    Raises ValueError with a reason for people, whatever the file does to its reader.
    """
    seconds = min(SECONDS + SECONDS_PER_MEGABYTE * size / 1e6, MOST_SECONDS)
    arguments = json.dumps([sys.path, str(Path(__file__).parent), path, suffix, compressed, seconds, MEMORY])
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
    """What the child does: read one file and write the result, as one JSON object, to standard output."""
    _limit(seconds, memory)
    # pypdf would load them for pictures and fonts, which nobody wants here: half of its start, and more to attack.
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
    sys.stdout.write(json.dumps(answer))  # ASCII: any character of a broken file can be written
    sys.stdout.flush()


def _read(path: str, suffix: str, compressed: bool) -> Document:
    read = _reader(suffix)
    with open(path, "rb") as file:
        if not compressed:
            return read(file)
        with unpacked(file, os.fstat(file.fileno()).st_size) as plain:
            return read(io.BytesIO(plain.read()))


def _reader(suffix: str) -> Callable[[BinaryIO], Document]:
    # Each imported for its own files only: pypdf alone takes longer to start than the others take to read.
    if suffix == ".pdf":
        from index.pdf import read_pdf

        return read_pdf
    if suffix == ".docx":
        from index.docx import read_docx

        return read_docx
    from index.epub import read_epub

    return read_epub


def _limit(seconds: float, memory: int) -> None:
    """Limit this process; what the system has no limit for stays without."""
    with suppress(ImportError):
        import resource  # not on Windows

        # Processor time too, for when the parent is killed and nobody is left to end the child.
        for kind, limit in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, _OUTPUT),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, int(seconds) + 1),
        ):
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (limit, limit))
