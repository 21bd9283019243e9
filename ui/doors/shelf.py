"""What programs do to the articles: list, open, add by upload or address, remove. Blocking; call it in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from index import Article, Filters, Index
from index.addresses import is_address
from index.article import article_id
from index.errors import UnreadableFile, WrongUse
from index.report import UpdateReport
from ui import uploads
from ui.addresses import refuse_private
from ui.doors.failures import Refused
from ui.doors.shapes import ArticleFacts, ArticleText
from ui.logs import event

_LIST = "List what there is with GET /api/articles."


class Shelf:
    """The articles of one index; one change after the other."""

    def __init__(self, index: Index, *, private_addresses: bool) -> None:
        """`private_addresses` says whether machines of the own network may be read from, if they are named."""
        self._index = index
        self._private = private_addresses
        self._writing = uploads.turn(index.folder)

    def page(self, filters: Filters, title: str, *, limit: int, offset: int) -> dict[str, Any]:
        """As `shapes.ArticlePage` says."""
        found, total = self._index.page(filters, title=title, limit=limit, offset=offset)
        rows = [ArticleFacts.of(article) for article in found]
        return {"total": total, "limit": limit, "offset": offset, "articles": rows}

    def article(self, name: str) -> Article:
        """The article with this id; a refusal with 404 if there is none."""
        found = self._index.article(name)
        if found is None:
            raise Refused(404, f"No article has the id “{name[:100]}”.", _LIST)
        return found

    def opened(self, name: str) -> dict[str, Any]:
        """As `shapes.ArticleText` says."""
        return ArticleText.of(self.article(name))

    def add_files(self, files: Sequence[tuple[str, BinaryIO]]) -> dict[str, Any]:
        """Index files that were sent; as `shapes.Report` says. What cannot be read is not kept."""
        with self._writing:
            return self._report(uploads.take_in(self._index.folder, files, self._index.update))

    def add_address(self, address: str) -> dict[str, Any]:
        """Read what is at an address; as `shapes.Report` says."""
        if not is_address(address):
            raise WrongUse(f"“{address[:200]}” is no address: it must begin with http:// or https://.")
        if not self._private:
            refuse_private(address)
        with self._writing:
            return self._report(self._index.update([address]))

    def remove(self, ids: Sequence[str]) -> dict[str, Any]:
        """Take articles out, all or none; as `shapes.Removed` says. An upload goes with the last of its articles."""
        with self._writing:
            for name in ids:
                self.article(name)
            removed = self._index.remove(list(dict.fromkeys(ids)))
            uploads.forget(self._index.folder, removed, self._index.articles)
        event("update", version=self._index.version, removed=len(removed))
        rows = [{"id": article.id, "uri": article.uri} for article in removed]
        return {"removed": rows, "version": self._index.version}

    def _report(self, report: UpdateReport) -> dict[str, Any]:
        kinds = {
            kind: [{"id": article_id(uri), "uri": uri} for uri in getattr(report, kind)]
            for kind in ("added", "changed", "unchanged", "removed")
        }
        moved = [asdict(move) for move in report.moved]
        failed = [{"name": self._short(failure), "reason": failure.reason} for failure in report.failed]
        event("update", version=report.version, **report.counts)
        return kinds | {"moved": moved, "failed": failed, "version": report.version}

    def _short(self, failure: UnreadableFile) -> str:
        """The name that a failed file was sent under."""
        folder = str(self._index.folder / uploads.FOLDER) + "/"
        return failure.uri.removeprefix(folder) if failure.uri.startswith(folder) else failure.uri
