"""Indexing and retrieval of articles: reads, chunks and embeds them, and returns the best passages for a question.

    file -> Article -> Chunk -> vectors -> Hit

`Index` is the interface of this package; every other module implements one step. Nothing here depends on language
models, prompts or the user interface.
"""

from index.article import Article
from index.embedding.chunking import Chunk
from index.index import Index, Status
from index.search.deduplicate import AlsoIn
from index.search.search import Hit, Weights
from index.storage.database.filters import Filters

__all__ = ["AlsoIn", "Article", "Chunk", "Filters", "Hit", "Index", "Status", "Weights"]
