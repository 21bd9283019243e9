"""Builds the model's prompt from the evidence, within the context length.

The constant part (the system message) comes first, so that the model's prompt cache is reused. The prompt's length is
counted with the model's own tokenizer; clippings that do not fit are left out, the least likely first.

A capable model gets whole passages, an instruction for the kind of question, and the last turns of the conversation if
the question depends on them. A small model gets the best sentences; one that was trained on these prompts also gets the
answer that the reader marked ("Marked").
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import prompts
from index.errors import WrongUse
from index.language.sentences import Span
from rag.answer import Evidence
from rag.llm.generation import Generator, Message
from rag.question.question import Exchange, Question
from rag.retrieval.evidence import Candidate, whole_quotation

TURNS = 2
"""The number of latest turns of the conversation in the prompt."""

TURN_CHARACTERS = 600
"""Characters to which the answer of such a turn is truncated."""

NOT_SAID = "NOT SAID"
"""The reply that the prompt requests from a capable model if the clippings do not contain the answer."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for the model, and the clippings they contain, as (evidence, span), best first.

    `tokens` is the length of the messages, or 0 as long as it has not been counted.
    """

    messages: tuple[Message, ...]
    clippings: tuple[tuple[Evidence, Span], ...]
    tokens: int = 0

    @property
    def shown(self) -> tuple[Evidence, ...]:
        """The evidence restricted to the spans in this prompt: only these can be cited.

        A passage that the prompt contains as a whole is cited by its sentences.
        """
        by_marker: dict[int, list[Span]] = {}
        evidence = {e.marker: e for e, _ in self.clippings}
        for item, span in self.clippings:
            by_marker.setdefault(item.marker, []).extend(_citable(item, span))
        return tuple(Evidence(marker, evidence[marker].hit, tuple(spans)) for marker, spans in by_marker.items())


def warm(generator: Generator) -> None:
    """Puts the common prefix of the prompts for small models into the model's cache, before the first question."""
    generator.warm(prompt_of("", []).messages)


def answer_prompt(
    question: Question,
    passages: Sequence[Evidence],
    turns: Sequence[Exchange],
    generator: Generator,
    *,
    answer_tokens: int,
) -> Prompt:
    """Returns the prompt for a capable model with as many whole passages, best first, as fit.

    Raises WrongUse if not even one fits.
    """
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
    """Returns the prompt for a small model with as many clippings, best first, as fit into the context with the answer.

    `found` is the answer marked by the reader, with its citation marker; empty for a model that was not trained on it.
    Raises WrongUse if not even one clipping fits.
    """
    return _fitted(lambda some: prompt_of(question, some, found), clippings, generator, answer_tokens)


def _fitted(
    make: Callable[[Sequence[tuple[Evidence, Span]]], Prompt],
    clippings: Sequence[tuple[Evidence, Span]],
    generator: Generator,
    answer_tokens: int,
) -> Prompt:
    """Returns the prompt of `make` with the most clippings that fits. Raises WrongUse if not even one clipping fits."""
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
    """Returns the prompt for a small model with all of these clippings, whatever its length."""
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
    """Returns the answer marked by the reader, with its citation marker: "in 1858 [1]"; empty without a reader."""
    text = " ".join(candidate.answer_text.split())
    return f"{text} [{evidence.marker}]" if text else ""


def _citable(evidence: Evidence, span: Span) -> tuple[Span, ...]:
    hit = evidence.hit
    if span != (hit.chunk.start, hit.chunk.end):
        return (span,)
    return tuple(dict.fromkeys(whole_quotation(hit, sentence) for sentence in hit.chunk.sentences))
