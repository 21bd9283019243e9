"""Near-duplicates: which articles report the same story."""
