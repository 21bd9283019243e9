"""From a query to ranked passages: vector search, BM25, filters."""
