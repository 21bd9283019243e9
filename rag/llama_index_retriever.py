"""clippings as a retriever of LlamaIndex; needs `llama-index-core`."""

from __future__ import annotations

from functools import partial
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index import Filters
from rag import search
from rag.answer import hit_to_json


class ClippingsRetriever(BaseRetriever):
    """The `top_k` best passages of the index in the folder `index` (the user's own if None) as nodes with scores.

    `metadata` has title, date, author, source, uri and offsets; ClippingsError is raised as by `rag.search`.
    """

    def __init__(
        self,
        index: str | None = None,
        top_k: int | None = None,
        filters: Filters = Filters(),  # noqa: B008 (frozen)
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._search = partial(search, index=index, top_k=top_k, filters=filters)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        rows = [hit_to_json(hit) for hit in self._search(query_bundle.query_str)]
        return [NodeWithScore(node=TextNode(text=row.pop("text"), metadata=row), score=row["score"]) for row in rows]
