"""HTML and Markdown of answers, evidence and lists."""
