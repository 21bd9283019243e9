"""What is known about languages: words, numbers, the calendar, sentences, and which language a text is in."""
