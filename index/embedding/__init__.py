"""From a text to chunks, and from chunks to vectors."""
