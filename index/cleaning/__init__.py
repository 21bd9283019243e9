"""Turns the raw text of a file into an article: without boilerplate, with title, date and author."""
