"""The archive as the interfaces list and change it."""
