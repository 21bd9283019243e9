"""What is embedded of a chunk, and the name under which its vectors are stored: the hash of all they depend on.

So text that was embedded before, under whatever name, is not embedded again, and vectors prove what they belong to.
"""

from __future__ import annotations

import hashlib

from index.article import Article
from index.chunking import Chunk
from index.embedding import Passage


def passage_of(article: Article, chunk: Chunk) -> Passage:
    """The chunk as the embedding model reads it."""
    spans = tuple((start - chunk.start, end - chunk.start) for start, end in chunk.sentences)
    return Passage(article.title, article.text[chunk.start : chunk.end], spans)


def content_key(passage: Passage, embedder: str) -> str:
    """Name of a passage's vectors: everything they depend on."""
    content = "\x00".join([embedder, passage.title, passage.text, repr(passage.sentences)])
    return hashlib.sha256(content.encode()).hexdigest()
