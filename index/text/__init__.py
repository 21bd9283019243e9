"""Sentence segmentation and language identification."""
