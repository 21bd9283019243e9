"""From a Question to the passages and sentences that may answer it."""
