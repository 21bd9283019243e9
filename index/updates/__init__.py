"""How an index changes: updates, rollback, verification, repair."""
