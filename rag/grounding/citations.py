"""Turn what a model wrote into sentences with citations; a closed set.

Markers resolve against the evidence of this prompt and nothing else: [0], [99] and 【3】 never become a passage that
was not shown. Each sentence cites the spans that support it best, whatever marker the model put.
"""

from __future__ import annotations

import re
from dataclasses import replace

from index.sentences import Span, sentence_spans
from rag.answer import Citation, Evidence, Level, Sentence
from rag.grounding.guards import without_counterpart
from rag.grounding.verifier import Verdict

_MARKER = re.compile(r"\s*[\[【(]\s*(?:clippings?\s*)?(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*[\]】)]", re.IGNORECASE)
_PREAMBLE = re.compile(r"^(?:the answer(?: to (?:this|the|your) question)? is:?|answer:|a:)\s*", re.IGNORECASE)


def split_sentences(text: str) -> list[str]:
    """Sentences of what a model wrote, markers still inside, each marker with the sentence before it."""
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
    """The text without its markers, tidied, and the numbers that the markers held, in order."""
    numbers = [int(n) for group in _MARKER.findall(text) for n in re.findall(r"\d+", group)]
    plain = _MARKER.sub("", text).strip().strip('"').strip()
    plain = re.sub(r"\s+([.,;:!?])", r"\1", _PREAMBLE.sub("", plain))
    return plain[:1].upper() + plain[1:], numbers


def cited(text: str, verdict: Verdict, level: Level) -> tuple[Sentence, tuple[Citation, ...]]:
    """What a model wrote, without markers, as a sentence of the answer, with the spans that the verdict rests on."""
    citations = tuple(
        replace(citation_of(item, span, support=verdict.probability), answer=_within(text, item, span))
        for item, span in verdict.spans
    )
    markers = tuple(dict.fromkeys(item.marker for item, _ in verdict.spans))
    strange = without_counterpart(text, verdict.clipping) if level is Level.OWN_WORDS else ()
    return Sentence(text, markers, level, strange=strange), citations


def _within(text: str, item: Evidence, span: Span) -> Span | None:
    """Where the words of a short answer stand in the span, so that they can be marked; None if they do not."""
    words = re.compile(re.escape(text.rstrip(".")), re.IGNORECASE)
    found = words.search(item.hit.article.text, *span)
    return found.span() if found and found.group() else None


def quote(item: Evidence, span: Span, answer: Span | None = None) -> tuple[Sentence, tuple[Citation, ...]]:
    """The clipping itself as a sentence of the answer; `answer` is the part of it that answers, if that is known."""
    inside = answer is not None and span[0] <= answer[0] and answer[1] <= span[1]
    citation = replace(citation_of(item, span, support=1.0), answer=answer if inside else None)
    return Sentence(_ended(" ".join(citation.quote.split())), (item.marker,), Level.QUOTED), (citation,)


def _ended(text: str) -> str:
    """The text with a full stop, if no mark ends it."""
    return text if text[-1:] in ".!?…:;。！？\"'”’»)]" else f"{text}."


def citation_of(item: Evidence, span: Span, *, support: float) -> Citation:
    """Citation of a span of the evidence's article."""
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
