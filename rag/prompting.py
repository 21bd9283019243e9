"""From evidence to the messages that the model reads, within what it can hold.

What stays the same comes first (the system message), so that its part of the model's cache is used again. The
prompt is counted with the model's own tokenizer; what does not fit is left out from the end.

A capable model reads whole passages, an instruction for the kind of question, and the last turns of the conversation if
the question leans on them. A small one reads the best sentences; the one that was trained on these prompts also reads
what the reader takes for the answer ("Marked").
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import prompts
from index.errors import WrongUse
from index.sentences import Span
from rag.answer import Evidence
from rag.generation import Generator, Message
from rag.question.question import Exchange, Question
from rag.retrieval.evidence import Candidate, whole_quotation

TURNS = 2
"""Turns of the conversation that a model is given, the last ones."""

TURN_CHARACTERS = 600
"""Of the answer in such a turn; the rest is left out."""

NOT_SAID = "NOT SAID"
"""What a capable model is asked to write where the clippings hold no answer."""


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


def answer_prompt(
    question: Question,
    passages: Sequence[Evidence],
    turns: Sequence[Exchange],
    generator: Generator,
    *,
    answer_tokens: int,
) -> Prompt:
    """What a capable model reads: as many of the whole passages, best first, as fit; WrongUse if not even one does."""
    whole = [(e, (e.hit.chunk.start, e.hit.chunk.end)) for e in passages]
    system = prompts.render("capable", instruction=prompts.render(f"instruction_{question.kind.value}"), none=NOT_SAID)
    before = [Message("system", system)]
    for turn in turns[-TURNS:] if question.leans_on else ():
        shown = textwrap.shorten(turn.answer, TURN_CHARACTERS, placeholder=" …")
        before += [Message("user", turn.question)] + ([Message("assistant", shown)] if shown else [])
    return _fitted(lambda some: _prompt(before, question.typed, some), whole, generator, answer_tokens)


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
    return _fitted(lambda some: prompt_of(question, some, found), clippings, generator, answer_tokens)


def _fitted(
    make: Callable[[Sequence[tuple[Evidence, Span]]], Prompt],
    clippings: Sequence[tuple[Evidence, Span]],
    generator: Generator,
    answer_tokens: int,
) -> Prompt:
    """The prompt with the most clippings that fits; WrongUse if not even one does."""
    for count in range(len(clippings), 0, -1):
        prompt = make(clippings[:count])
        tokens = generator.count_tokens(prompt.messages)
        if tokens + answer_tokens <= generator.context_tokens:
            return replace(prompt, tokens=tokens)
    fixed = generator.count_tokens(make([]).messages) + answer_tokens
    if fixed >= generator.context_tokens:
        raise WrongUse(
            f"{generator.name} holds {generator.context_tokens} tokens, but the instructions and an answer of "
            f"{answer_tokens} take {fixed}. Choose another model with --llm, or lower the setting answer_tokens."
        )
    raise WrongUse(
        f"The question and one clipping do not fit into the {generator.context_tokens} tokens that {generator.name} "
        "reads. Ask a shorter question, or choose another model with --llm."
    )


def prompt_of(question: str, clippings: Sequence[tuple[Evidence, Span]], found: str = "") -> Prompt:
    """The messages for a small model with all of these clippings, however long."""
    return _prompt([Message("system", prompts.render("system"))], question, clippings, found)


def _prompt(
    before: Sequence[Message], question: str, clippings: Sequence[tuple[Evidence, Span]], found: str = ""
) -> Prompt:
    lines = [
        prompts.render("clipping", marker=str(e.marker), text=" ".join(e.hit.article.text[s[0] : s[1]].split()))
        for e, s in clippings
    ]
    shown = {"clippings": "\n".join(lines), "question": question}
    asked = prompts.render("question_marked", found=found, **shown) if found else prompts.render("question", **shown)
    return Prompt((*before, Message("user", asked)), tuple(clippings))


def marked(candidate: Candidate, evidence: Evidence) -> str:
    """What the reader takes for the answer, with its marker: "in 1858 [1]"; empty if it has not read."""
    text = " ".join(candidate.answer_text.split())
    return f"{text} [{evidence.marker}]" if text else ""


def _citable(evidence: Evidence, span: Span) -> tuple[Span, ...]:
    hit = evidence.hit
    if span != (hit.chunk.start, hit.chunk.end):
        return (span,)
    return tuple(dict.fromkeys(whole_quotation(hit, sentence) for sentence in hit.chunk.sentences))
