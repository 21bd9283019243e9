"""Turn the model's output into sentences with citations, to passages of the prompt only.

Citation markers are resolved only against the evidence of the prompt: [0], [99] and 【3】 never refer to a passage that
was not in it. Each sentence cites the spans that support it best, whichever marker the model wrote.
"""

from __future__ import annotations

import re
from dataclasses import replace

from index.language.sentences import Span, sentence_spans
from rag.answer import Citation, Evidence, Level, Sentence
from rag.grounding.guards import without_counterpart
from rag.grounding.verifier import Verdict

_MARKER = re.compile(r"\s*[\[【(]\s*(?:clippings?\s*)?(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*[\]】)]", re.IGNORECASE)
_PREAMBLE = re.compile(r"^(?:the answer(?: to (?:this|the|your) question)? is:?|answer:|a:)\s*", re.IGNORECASE)


def split_sentences(text: str) -> list[str]:
    """Splits the model's output into sentences, with markers, each marker in the sentence that it follows."""
    flat = " ".join(_MARKER.sub(lambda m: m.group().strip() + " ", text).split())
    pieces: list[str] = []
    for start, end in sentence_spans(flat):
        piece = flat[start:end]
        if pieces and _MARKER.fullmatch(piece):
            pieces[-1] += f" {piece}"
        else:
            pieces.append(piece)
    return pieces


def strip_markers(text: str) -> tuple[str, list[int]]:
    """Returns the text without markers, enclosing quotes and "Answer:" before it, and the markers' numbers in order."""
    numbers = [int(n) for group in _MARKER.findall(text) for n in re.findall(r"\d+", group)]
    plain = _MARKER.sub("", text).strip().strip('"').strip()
    plain = re.sub(r"\s+([.,;:!?])", r"\1", _PREAMBLE.sub("", plain))
    return plain[:1].upper() + plain[1:], numbers


def cited(text: str, verdict: Verdict, level: Level) -> tuple[Sentence, tuple[Citation, ...]]:
    """Returns the model's sentence, given without markers, as a Sentence, with citations of the verdict's spans."""
    citations = tuple(
        replace(citation_of(item, span, support=verdict.probability), answer=_within(text, item, span))
        for item, span in verdict.spans
    )
    markers = tuple(dict.fromkeys(item.marker for item, _ in verdict.spans))
    strange = without_counterpart(text, verdict.clipping) if level is Level.OWN_WORDS else ()
    return Sentence(text, markers, level, strange=strange), citations


def _within(text: str, item: Evidence, span: Span) -> Span | None:
    """Returns where the text of a short answer occurs in the span, to be highlighted; None if it does not occur."""
    words = re.compile(re.escape(text.rstrip(".")), re.IGNORECASE)
    found = words.search(item.hit.article.text, *span)
    return found.span() if found and found.group() else None


def quote(item: Evidence, span: Span, answer: Span | None = None) -> tuple[Sentence, tuple[Citation, ...]]:
    """Returns a span of the evidence as a quoted Sentence with its citation.

    `answer` is the part of the span that is the answer itself, if known; it is ignored if it is outside the span.
    """
    inside = answer is not None and span[0] <= answer[0] and answer[1] <= span[1]
    citation = replace(citation_of(item, span, support=1.0), answer=answer if inside else None)
    return Sentence(_ended(" ".join(citation.quote.split())), (item.marker,), Level.QUOTED), (citation,)


def _ended(text: str) -> str:
    """Returns the text, with a full stop added if it does not end in a punctuation mark."""
    return text if text[-1:] in ".!?…:;。！？؟۔।\"'”’»)]" else f"{text}."


def citation_of(item: Evidence, span: Span, *, support: float) -> Citation:
    """Returns the citation of a span of the evidence's article."""
    article = item.hit.article
    return Citation(
        marker=item.marker,
        article_id=article.id,
        title=article.title,
        uri=article.uri,
        published=article.published,
        author=article.author,
        source=article.source,
        url=article.url,
        quote=article.text[span[0] : span[1]],
        start=span[0],
        end=span[1],
        support=round(support, 3),
        also_in=item.hit.also_in,
    )
