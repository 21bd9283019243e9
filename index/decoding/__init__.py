"""Decodes bytes to characters: character sets, compressed files, and safe parsing of markup."""
