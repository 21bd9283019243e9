"""From evidence to the messages that the model reads, within what it can hold.

What stays the same comes first (the system message), so that its part of the model's cache is used again. The
prompt is counted with the model's own tokenizer; what does not fit is left out from the end.

A small or slow model reads the best sentences, a large and fast one whole passages. A model that was trained on these
prompts also reads what the reader takes for the answer ("Marked").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import prompts
from index.errors import WrongUse
from index.sentences import Span
from rag.answer import Evidence
from rag.generation import LARGE, Generator, Message
from rag.retrieval.evidence import Candidate, whole_quotation

READING_SECONDS = 1.5
"""Longest that whole passages may take to be read before the first word is written."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for the model, and the clippings they show, as (evidence, span), best first.

    `tokens` of the messages are known once they were counted, to see whether they fit.
    """

    messages: tuple[Message, ...]
    clippings: tuple[tuple[Evidence, Span], ...]
    tokens: int = 0

    @property
    def shown(self) -> tuple[Evidence, ...]:
        """The evidence of this prompt, narrowed to the spans shown: the closed set that citations resolve against.

        A passage that is shown whole is cited by its sentences.
        """
        by_marker: dict[int, list[Span]] = {}
        evidence = {e.marker: e for e, _ in self.clippings}
        for item, span in self.clippings:
            by_marker.setdefault(item.marker, []).extend(_citable(item, span))
        return tuple(Evidence(marker, evidence[marker].hit, tuple(spans)) for marker, spans in by_marker.items())


def warm(generator: Generator) -> None:
    """Let the model read what all prompts begin with, before the first question comes."""
    generator.warm(prompt_of("", []).messages)


def write_prompt(
    question: str,
    sentences: Sequence[tuple[Evidence, Span]],
    passages: Sequence[Evidence],
    generator: Generator,
    *,
    answer_tokens: int,
    found: str = "",
) -> Prompt:
    """The prompt with whole `passages` for a model that reads them in time, else with `sentences`; see `fit_prompt`."""
    if generator.adapted:
        return fit_prompt(question, sentences, generator, answer_tokens=answer_tokens, found=found)
    if generator.parameters >= LARGE:
        whole = [(e, (e.hit.chunk.start, e.hit.chunk.end)) for e in passages]
        prompt = _largest(question, whole, generator, answer_tokens)
        if prompt and reads_whole_passages(generator, generator.count_tokens(prompt.messages)):
            return prompt
    return fit_prompt(question, sentences, generator, answer_tokens=answer_tokens)


def reads_whole_passages(generator: Generator, tokens: int) -> bool:
    """Whether the model has the size to make sense of whole passages, and reads `tokens` of them in 1.5 s."""
    return generator.parameters >= LARGE and tokens <= READING_SECONDS * generator.reading_speed


def fit_prompt(
    question: str,
    clippings: Sequence[tuple[Evidence, Span]],
    generator: Generator,
    *,
    answer_tokens: int,
    found: str = "",
) -> Prompt:
    """The prompt with as many of the clippings, best first, as the model can hold beside the answer.

    `found` is what the reader takes for the answer, with its marker; empty for a model that has not learnt to read it.
    WrongUse if not even one clipping fits.
    """
    if prompt := _largest(question, clippings, generator, answer_tokens, found):
        return prompt
    fixed = generator.count_tokens(prompt_of("", []).messages) + answer_tokens
    if fixed >= generator.context_tokens:
        raise WrongUse(
            f"{generator.name} holds {generator.context_tokens} tokens, but the instructions and an answer of "
            f"{answer_tokens} take {fixed}. Choose another model with --llm, or lower the setting answer_tokens."
        )
    raise WrongUse(
        f"The question and one clipping do not fit into the {generator.context_tokens} tokens that {generator.name} "
        "reads. Ask a shorter question, or choose another model with --llm."
    )


def _largest(
    question: str,
    clippings: Sequence[tuple[Evidence, Span]],
    generator: Generator,
    answer_tokens: int,
    found: str = "",
) -> Prompt | None:
    for count in range(len(clippings), 0, -1):
        prompt = prompt_of(question, clippings[:count], found)
        tokens = generator.count_tokens(prompt.messages)
        if tokens + answer_tokens <= generator.context_tokens:
            return replace(prompt, tokens=tokens)
    return None


def prompt_of(question: str, clippings: Sequence[tuple[Evidence, Span]], found: str = "") -> Prompt:
    """The messages with all of these clippings, however long."""
    lines = [
        prompts.render("clipping", marker=str(e.marker), text=" ".join(e.hit.article.text[s[0] : s[1]].split()))
        for e, s in clippings
    ]
    shown = {"clippings": "\n".join(lines), "question": question}
    asked = prompts.render("question_marked", found=found, **shown) if found else prompts.render("question", **shown)
    messages = (Message("system", prompts.render("system")), Message("user", asked))
    return Prompt(messages, tuple(clippings))


def marked(candidate: Candidate, evidence: Evidence) -> str:
    """What the reader takes for the answer, with its marker: "in 1858 [1]"; empty if it has not read."""
    text = " ".join(candidate.answer_text.split())
    return f"{text} [{evidence.marker}]" if text else ""


def _citable(evidence: Evidence, span: Span) -> tuple[Span, ...]:
    hit = evidence.hit
    if span != (hit.chunk.start, hit.chunk.end):
        return (span,)
    return tuple(dict.fromkeys(whole_quotation(hit, sentence) for sentence in hit.chunk.sentences))
