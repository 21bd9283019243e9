"""Operations on articles for programs: list, open, add by upload or address, remove.

They block; call them in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from index import Article, Filters, Index
from index.article import article_id
from index.errors import UnreadableFile, WrongUse
from index.updates.report import UpdateReport
from index.urls import is_address
from ui.archive import uploads
from ui.archive.service import ArchiveService
from ui.doors.schemas import ArticleFacts, ArticleText
from ui.http_errors import Refused
from ui.paths import ARTICLES

_LIST = f"List what there is with GET {ARTICLES}."


class Shelf:
    """The articles of one index."""

    def __init__(self, index: Index, *, private_addresses: bool) -> None:
        """`private_addresses` says whether addresses in the server's own network may be fetched."""
        self._index = index
        self._service = ArchiveService(index, private_addresses=private_addresses)

    def page(self, filters: Filters, title: str, *, limit: int, offset: int) -> dict[str, Any]:
        """Returns one page of the list, as `schemas.ArticlePage`."""
        found, total = self._index.page(filters, title=title, limit=limit, offset=offset)
        rows = [ArticleFacts.of(article) for article in found]
        return {"total": total, "limit": limit, "offset": offset, "articles": rows}

    def article(self, name: str) -> Article:
        """Returns the article with this id. Raises Refused with status 404 if there is none."""
        found = self._index.article(name)
        if found is None:
            raise Refused(404, f"No article has the id “{name[:100]}”.", _LIST)
        return found

    def opened(self, name: str) -> dict[str, Any]:
        """Returns the article with this id, as `schemas.ArticleText`."""
        return ArticleText.of(self.article(name))

    def add_files(self, files: Sequence[tuple[str, BinaryIO]]) -> dict[str, Any]:
        """Index uploaded files; returns a `schemas.Report`. Files that cannot be read are not kept."""
        return self._report(self._service.add_files(files))

    def add_address(self, address: str) -> dict[str, Any]:
        """Index the page or feed at an address; returns a `schemas.Report`."""
        if not is_address(address):
            raise WrongUse(f"“{address[:200]}” is no address: it must begin with http:// or https://.")
        return self._report(self._service.add_address(address))

    def remove(self, ids: Sequence[str]) -> dict[str, Any]:
        """Remove articles, all or none; returns a `schemas.Removed`.

        An uploaded file is deleted with the last of its articles.
        """
        with uploads.turn(self._index.folder):  # another change may remove them before its turn comes
            for name in ids:
                self.article(name)
            removed = self._service.remove(list(dict.fromkeys(ids)))
        rows = [{"id": article.id, "uri": article.uri} for article in removed]
        return {"removed": rows, "version": self._index.version}

    def _report(self, report: UpdateReport) -> dict[str, Any]:
        kinds = {
            kind: [{"id": article_id(uri), "uri": uri} for uri in getattr(report, kind)]
            for kind in ("added", "changed", "unchanged", "removed")
        }
        moved = [asdict(move) for move in report.moved]
        failed = [{"name": self._short(failure), "reason": failure.reason} for failure in report.failed]
        renamed = [asdict(move) for move in report.renamed]
        return kinds | {"moved": moved, "failed": failed, "renamed": renamed, "version": report.version}

    def _short(self, failure: UnreadableFile) -> str:
        """Returns the name under which a failed file was uploaded."""
        folder = str(self._index.folder / uploads.FOLDER) + "/"
        return failure.uri.removeprefix(folder) if failure.uri.startswith(folder) else failure.uri
