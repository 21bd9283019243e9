"""Reads files of the sandboxed formats, and the files in them, within limits that hold for all of these together.

Runs in the child process of `sandbox`. Nothing is written to disk: names of members only name articles.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from index.cleaning.metadata import Columns
from index.decoding.archives import LARGEST_UNPACKED, unpacked
from index.formats.documents.document import Failed, Item, Member, Remark, Row, Skipped, kind_of

DEEPEST = 4
"""Largest number of files that may lie in one another: an article in a mail in a mailbox in an archive."""

SUFFIXES = (
    *(".pdf", ".docx", ".odt", ".rtf", ".epub"),
    *(".json", ".xml", ".enex", ".eml", ".mbox", ".mhtml", ".mht", ".warc", ".zip", ".tar"),
)
"""The suffixes of the formats that are read in the sandbox."""

SELF_UNPACKED = (".warc", ".tar")
"""Formats whose readers undo a compression themselves: each record of the one is compressed by itself."""


@dataclass(slots=True)
class Task:
    """What a child process is to read: `texts` are the suffixes of members that it returns unread, `columns` the keys
    of a JSON file that the user named; `left` is the number of bytes that may still be unpacked, `depth` the number of
    files around the present one.
    """

    texts: tuple[str, ...] = ()
    columns: Columns = field(default_factory=dict)
    left: int = LARGEST_UNPACKED
    depth: int = 0

    def take(self, size: int) -> None:
        """Counts bytes as unpacked. Raises ValueError, with a message for users, if they are too many."""
        if size > self.left:
            raise ValueError(f"would unpack, with the rest of its file, to more than {LARGEST_UNPACKED / 1e6:,.0f} MB")
        self.left -= size

    def reads(self, name: str) -> bool:
        """Returns whether the suffix of a member is that of a format which is read."""
        return kind_of(name)[0] in (*self.texts, *SUFFIXES)


# Readers are imported only when needed: importing pypdf alone takes longer than reading files of the other formats.
def read_items(file: BinaryIO, suffix: str, task: Task) -> Iterable[Item]:  # noqa: C901, the one list of formats
    """Returns the articles and the like in an open file of one of `SUFFIXES`. Raises ValueError if it is damaged."""
    match suffix:
        case ".pdf":
            from index.formats.documents.pdf import read_pdf

            return [read_pdf(file)]
        case ".docx":
            from index.formats.documents.docx import read_docx

            return [read_docx(file)]
        case ".odt":
            from index.formats.documents.odt import read_odt

            return [read_odt(file)]
        case ".rtf":
            from index.formats.documents.rtf import read_rtf

            return [read_rtf(file)]
        case ".epub":
            from index.formats.documents.epub import read_epub

            return read_epub(file)
        case ".json":
            from index.formats.containers.json_file import read_json

            return read_json(file, task.columns)
        case ".xml" | ".enex":
            from index.formats.containers.xml_exports import read_export

            return read_export(file)
        case ".eml":
            from index.formats.containers.mail import read_mail

            return read_mail(file.read(), task)
        case ".mbox":
            from index.formats.containers.mail import read_mailbox

            return read_mailbox(file, task)
        case ".mhtml" | ".mht":
            from index.formats.containers.mail import read_saved_page

            return [read_saved_page(file.read())]
        case ".warc":
            from index.formats.containers.warc import read_warc

            return read_warc(file)
        case ".tar":
            from index.formats.containers.tar_file import read_tar

            return read_tar(file, task)
        case _:
            from index.formats.containers.zip_file import read_zip

            return read_zip(file, task)


def read_member(name: str, data: bytes, task: Task) -> Iterator[Item]:
    """Yields what is in a file that lies in another; what is wrong with it is yielded too, not raised."""
    suffix, compressed = kind_of(name)
    task.depth += 1
    try:
        if task.depth > DEEPEST:
            raise ValueError(f"lies in more than {DEEPEST} files; unpack them")
        if compressed and suffix not in SELF_UNPACKED:
            data = unpacked(io.BytesIO(data), len(data)).read()
            task.take(len(data))
        if suffix in SUFFIXES:
            yield from (inside(name, item) for item in read_items(io.BytesIO(data), suffix, task))
        else:
            yield Member(name, suffix, data) if data else Failed(name, "is empty")
    except RecursionError:
        yield Failed(name, "is damaged: its parts are nested too deeply")
    except ValueError as error:
        yield Failed(name, str(error))
    finally:
        task.depth -= 1


def inside(name: str, item: Item) -> Item:
    """Returns an item of a member, named by both."""
    if isinstance(item, Skipped):
        return item
    if isinstance(item, Remark):
        return Remark(f"{name}: {item.text}")
    if isinstance(item, Row):
        return replace(item, file=f"{name}/{item.file}" if item.file else name)
    return replace(item, name=f"{name}/{item.name}" if item.name else name)
