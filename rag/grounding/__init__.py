"""Whether the clippings support what is said, and which of them: verdicts and citations."""
