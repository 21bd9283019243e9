"""Checks whether the clippings support a sentence, and cites the spans that do: verdicts and citations."""
