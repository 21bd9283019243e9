"""clippings as a retriever for LlamaIndex; requires `llama-index-core`."""

from __future__ import annotations

from functools import partial
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index import Filters
from rag import search
from rag.answer import hit_to_json


class ClippingsRetriever(BaseRetriever):
    """Returns the `top_k` best passages of the index folder `index` (that of the settings if None) as scored nodes.

    `metadata` has title, date, author, source, uri, offsets and scores. Raises ClippingsError like `rag.search`.
    """

    def __init__(
        self, index: str | None = None, top_k: int | None = None, filters: Filters = Filters(), **options: Any
    ) -> None:
        super().__init__(**options)
        self._search = partial(search, index=index, top_k=top_k, filters=filters)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        rows = [hit_to_json(hit) for hit in self._search(query_bundle.query_str)]
        return [NodeWithScore(node=TextNode(text=row.pop("text"), metadata=row), score=row["score"]) for row in rows]
