"""Conversations: running the answers, and storing the turns."""
