"""PDF, Word and EPUB files made by hand, small enough to read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

LEADING = 14
WIDTH = 78


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return data.getvalue()


def docx(*paragraphs: str, body: str = "", doctype: str = "", title: str = "", author: str = "") -> bytes:
    """A Word file; `body` is WordprocessingML put behind the paragraphs."""
    runs = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    core = f"<p xmlns:dc='dc'><dc:title>{title}</dc:title><dc:creator>{author}</dc:creator></p>"
    return archive(
        {
            "word/document.xml": f"{doctype}<w:document xmlns:w='w'><w:body>{runs}{body}</w:body></w:document>",
            "docProps/core.xml": core,
        }
    )


def epub(*pages: str, metadata: str = "", extra: Mapping[str, str | bytes] = {}) -> bytes:
    """A book; every page is the inside of a body."""
    items = "".join(f"<item id='p{n}' href='text/p{n}.xhtml'/>" for n in range(len(pages)))
    spine = "".join(f"<itemref idref='p{n}'/>" for n in range(len(pages)))
    package = (
        f"<package xmlns:dc='dc'><metadata>{metadata}</metadata><manifest>{items}</manifest>"
        f"<spine>{spine}</spine></package>"
    )
    return archive(
        {
            "META-INF/container.xml": "<container><rootfiles><rootfile full-path='OPS/a.opf'/></rootfiles></container>",
            "OPS/a.opf": package,
            **{f"OPS/text/p{n}.xhtml": f"<html><body>{page}</body></html>" for n, page in enumerate(pages)},
            **extra,
        }
    )


def pdf(*pages: Sequence[tuple[float, float, float, str]], title: str = "", author: str = "") -> bytes:
    """A PDF whose pages hold lines of (left, height, size, text) in Helvetica."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for lines in pages:
        shown = "".join(f"BT /F1 {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET\n" for x, y, size, text in lines)
        objects.append(f"<</Length {len(shown)}>>stream\n{shown}endstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    objects.append(f"<</Title({_escaped(title)})/Author({_escaped(author)})>>")
    return _assembled(objects)


def column(text: str, *, top: float = 760, left: float = 70, size: float = 11) -> list[tuple[float, float, float, str]]:
    """Lines of a column: the paragraphs of `text`, one a line of it, wrapped, with a gap between."""
    lines = []
    y = top
    for paragraph in text.split("\n"):
        words = paragraph.split(" ")
        while words:
            line = words.pop(0)
            while words and len(line) + len(words[0]) < WIDTH:
                line += f" {words.pop(0)}"
            lines.append((left, y, size, line))
            y -= LEADING
        y -= LEADING / 2
    return lines


def _assembled(objects: Sequence[str]) -> bytes:
    data = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += "".join(f"{place:010} 00000 n \n" for place in places).encode()
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info {len(objects)} 0 R>>\nstartxref\n{table}\n%%EOF"
    return bytes(data) + trailer.encode()


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
