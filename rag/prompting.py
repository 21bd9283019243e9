"""From evidence to the messages that the model reads, within what it can hold.

What stays the same comes first (the system message), so that its part of the model's cache is used again. The
prompt is counted with the model's own tokenizer; what does not fit is left out from the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import prompts
from index.errors import WrongUse
from index.sentences import Span
from rag.answer import Evidence
from rag.generation import Generator, Message


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for the model, and the clippings they show, as (evidence, span), best first."""

    messages: tuple[Message, ...]
    clippings: tuple[tuple[Evidence, Span], ...]

    @property
    def shown(self) -> tuple[Evidence, ...]:
        """The evidence of this prompt, narrowed to the spans shown: the closed set that citations resolve against."""
        by_marker: dict[int, list[Span]] = {}
        evidence = {e.marker: e for e, _ in self.clippings}
        for item, span in self.clippings:
            by_marker.setdefault(item.marker, []).append(span)
        return tuple(Evidence(marker, evidence[marker].hit, tuple(spans)) for marker, spans in by_marker.items())


def fit_prompt(
    question: str, clippings: Sequence[tuple[Evidence, Span]], generator: Generator, *, answer_tokens: int
) -> Prompt:
    """The prompt with as many of the clippings, best first, as the model can hold beside the answer.

    WrongUse if not even one fits.
    """
    for count in range(len(clippings), 0, -1):
        prompt = _prompt(question, clippings[:count])
        if generator.count_tokens(prompt.messages) + answer_tokens <= generator.context_tokens:
            return prompt
    raise WrongUse(
        f"The question and one clipping do not fit into the {generator.context_tokens} tokens that {generator.name} "
        "reads. Ask a shorter question, or choose another model with --llm."
    )


def _prompt(question: str, clippings: Sequence[tuple[Evidence, Span]]) -> Prompt:
    lines = [
        prompts.render("clipping", marker=str(e.marker), text=" ".join(e.hit.article.text[s[0] : s[1]].split()))
        for e, s in clippings
    ]
    asked = prompts.render("question", clippings="\n".join(lines), question=question)
    messages = (Message("system", prompts.render("system")), Message("user", asked))
    return Prompt(messages, tuple(clippings))
