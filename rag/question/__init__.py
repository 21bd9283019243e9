"""What a question asks for: made once, then passed along."""
