#!/usr/bin/env python3
"""Draw which room of the code imports which: docs/rooms.svg, one box a room, one line an import between rooms.

    scripts/rooms.py

`ROOMS` lists the rooms in the order in which an article becomes an answer. A room may import those before it, no other;
tests/project/test_project.py compares the imports with it. Lines that would point the other way are drawn red.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("index", "prompts", "rag", "ui")

ROOMS = """
index.errors index.article index.urls index.atomic_write index.plural index.language index.decoding index.cleaning
index.formats.documents index.formats.containers index.formats.exports index.formats index.sources index.embedding
index.near_duplicates index.storage.database index.storage index.search index.updates index.index index
prompts
rag.text rag.question rag.answer rag.reader rag.retrieval rag.llm rag.settings rag.grounding rag.answering rag.chatbot
rag.evaluation.measures rag.evaluation rag rag.integrations
ui ui.version ui.paths ui.http_errors ui.event_log ui.shutdown ui.access ui.conversations ui.task ui.archive ui.render
ui.doors ui.page ui.server ui.cli ui.__main__
""".split()
"""Folders, and modules that lie beside them, from the first step to the last."""

BOX, ROW, COLUMN = (190, 24), 34, 330


def room_of(module: str) -> str:
    """The room of a module, by its dotted name. ValueError if it is in none."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if (name := ".".join(parts[:length])) in ROOMS and (length == len(parts) or length > 1):
            return name
    raise ValueError(f"{module} is in no room: add its folder to ROOMS in scripts/rooms.py")


def modules() -> dict[str, Path]:
    """All modules of the product by their dotted names."""
    found = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).glob("**/*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imports() -> Iterator[tuple[str, str]]:
    """Every import of a module of the product by another: (importing module, imported module)."""
    known = modules()
    for module, path in known.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [
                    full if (full := f"{node.module}.{alias.name}") in known else node.module for alias in node.names
                ]
            yield from ((module, name) for name in names if name in known)


def arrows() -> set[tuple[str, str]]:
    """The imports between different rooms: (importing room, imported room)."""
    pairs = {(room_of(module), room_of(imported)) for module, imported in imports()}
    return {(room, other) for room, other in pairs if room != other}


def is_backwards(arrow: tuple[str, str]) -> bool:
    """Whether a room imports one that comes after it."""
    room, other = arrow
    return ROOMS.index(other) > ROOMS.index(room)


def drawing() -> str:
    """The picture as SVG: a column a package, the first step at the top."""
    places = {}
    for column, package in enumerate(package for package in PACKAGES if package != "prompts"):
        rooms = [room for room in ROOMS if room.split(".")[0] == package]
        places |= {room: (20 + column * COLUMN, 20 + row * ROW) for row, room in enumerate(rooms)}
    width, height = BOX
    size = 20 + 2 * COLUMN + width + 20, max(y for _, y in places.values()) + height + 20
    lines = []
    for room, other in sorted(arrow for arrow in arrows() if "prompts" not in arrow):
        (x, y), (a, b) = places[room], places[other]
        bend = 18 + abs(y - b) / 9 if x == a else 0
        start, end = (x + width, a + width) if x == a else (x, a + width)
        y, b = y + height / 2, b + height / 2
        path = f"M{start} {y} C{start + bend} {y} {end + bend} {b} {end} {b}"
        colour = "#c0392b" if is_backwards((room, other)) else "#8a94a6"
        lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="0.8"/>')
    boxes = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="#f4f1ea" stroke="#3b3f46"/>'
        f'<text x="{x + 8}" y="{y + 16}" font-family="monospace" font-size="12" fill="#1d1f23">{room}</text>'
        for room, (x, y) in places.items()
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *lines, *boxes, "</svg>"]) + "\n"


def main() -> None:
    (ROOT / "docs" / "rooms.svg").write_text(drawing(), encoding="utf-8")


if __name__ == "__main__":
    main()
