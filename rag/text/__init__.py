"""Analysis of words, numbers and dates in texts, shared by question analysis, retrieval and checks of answers."""
