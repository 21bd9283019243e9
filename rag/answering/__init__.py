"""From the retrieved sentences to the Answer: selection of sentences, prompts, refusals and small talk."""
