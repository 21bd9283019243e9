"""From what was found to the Answer: which sentences are shown, and what is said where there is none."""
