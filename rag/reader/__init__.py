"""The reader: where a passage answers a question, and whether a clipping supports a claim."""
