"""Measures: comparison of answers with the expected ones, and confidence intervals of the figures."""
