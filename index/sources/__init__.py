"""The sources of articles: folders, web pages and feeds."""
