"""The SQLite database of an index, and its files."""
