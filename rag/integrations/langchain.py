"""clippings as a retriever for LangChain; requires `langchain-core`."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from index import Filters
from rag import search
from rag.answer import hit_to_json


class ClippingsRetriever(BaseRetriever):
    """Returns the `top_k` best passages of the index in the folder `index` (that of the settings if None) as Documents.

    `metadata` has title, date, author, source, uri, offsets and scores. Raises ClippingsError like `rag.search`.
    """

    index: str | None = None
    top_k: int | None = None
    filters: Filters = Filters()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = search(query, index=self.index, top_k=self.top_k, filters=self.filters)
        rows = [hit_to_json(hit) for hit in found]
        return [
            Document(page_content=row.pop("text"), id=f"{row['article_id']}:{row['start']}", metadata=row)
            for row in rows
        ]
