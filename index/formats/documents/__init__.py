"""Formats of one document a file (PDF, Word, OpenDocument, RTF, EPUB), read in the sandbox."""
