"""Linguistic data about English words."""
