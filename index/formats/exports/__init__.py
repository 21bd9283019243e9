"""Splits texts that hold many articles, as databases and readers export them."""
