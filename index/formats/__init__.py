"""Readers of the file formats, one module for each format."""
