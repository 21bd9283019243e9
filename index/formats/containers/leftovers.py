"""Recognises files that lie among articles and are none: parts of saved pages, and lock files of office programs."""

from __future__ import annotations

import os
import re
from collections.abc import Collection

SAVED_PAGE = "part of a saved page"
LOCK_FILE = "lock file"

# The folder in which a browser saves the pictures, scripts and frames of "X.html"; its name is in the user's language.
_FOLDER = re.compile(
    r"(?P<page>.+)(?:[_-]files?|[_-]dateien|_fichiers|_archivos|_ficheros|_arquivos|_bestanden|-filer|_pliki)", re.I
)


def leftover_kinds(paths: Collection[str]) -> dict[str, str]:
    """Returns those of the paths of files that are no articles, each with `SAVED_PAGE` or `LOCK_FILE`."""
    pages = {stem for stem, suffix in map(os.path.splitext, paths) if suffix.lower() in (".html", ".htm")}
    beside: dict[str, bool] = {"": False}
    found = {}
    for path in paths:
        if _is_beside_page(os.path.dirname(path), pages, beside):
            found[path] = SAVED_PAGE
        elif os.path.basename(path).startswith("~$"):
            found[path] = LOCK_FILE
    return found


def _is_beside_page(folder: str, pages: Collection[str], known: dict[str, bool]) -> bool:
    """Returns whether a folder, or one around it, belongs to one of the pages; `known` are folders judged before."""
    if folder not in known:
        match, above = _FOLDER.fullmatch(folder), os.path.dirname(folder)
        known[folder] = (match is not None and match["page"] in pages) or (
            above != folder and _is_beside_page(above, pages, known)
        )
    return known[folder]
