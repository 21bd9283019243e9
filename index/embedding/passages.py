"""What is embedded for a chunk, and the key under which its vectors are stored: the hash of all they depend on.

So text that was embedded before, in whatever article, is not embedded again, and the key proves which text its vectors
belong to.
"""

from __future__ import annotations

import hashlib

from index.article import Article
from index.embedding.chunking import Chunk
from index.embedding.embedder import Passage


def passage_of(article: Article, chunk: Chunk) -> Passage:
    """Returns the input of the embedding model for a chunk."""
    spans = tuple((start - chunk.start, end - chunk.start) for start, end in chunk.sentences)
    return Passage(article.title, article.text[chunk.start : chunk.end], spans)


def content_key(passage: Passage, embedder: str) -> str:
    """Returns the key of a passage's vectors: the SHA-256 of everything they depend on."""
    content = "\x00".join([embedder, passage.title, passage.text, repr(passage.sentences)])
    return hashlib.sha256(content.encode()).hexdigest()
