"""From article files to search hits.

    file -> Article -> Chunk -> vectors -> Hit

`Index` is the door; the other modules are its rooms, one step each. This package knows nothing about language
models, prompts or pages.
"""

from index.article import Article
from index.chunking import Chunk
from index.collapse import AlsoIn
from index.filters import Filters
from index.index import Index, Status
from index.search import Hit, Weights

__all__ = ["AlsoIn", "Article", "Chunk", "Filters", "Hit", "Index", "Status", "Weights"]
