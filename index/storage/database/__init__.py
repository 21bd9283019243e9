"""The SQLite file of an index: opening it, transactions, the schema, and the writer lock."""
