"""Retrieval: from a Question to the ranked passages and sentences that may answer it."""
