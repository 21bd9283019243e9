"""Turn what a model wrote into sentences with citations; a closed set.

Markers resolve against the evidence of this prompt and nothing else: [0], [99] and 【3】 never become a passage that
was not shown. Each sentence is matched with the evidence sentence that supports it, whatever marker the model put.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.sentences import Span, sentence_spans
from rag.answer import Citation, Evidence, Origin, Sentence
from rag.support import check_phrase, check_support

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


def cite(
    written: str, evidence: Sequence[Evidence], question: str = ""
) -> tuple[Sentence, tuple[Citation, ...]] | None:
    """The sentence with the clipping that supports it best; None if none of the evidence does.

    Evidence that the model marked is looked at first, then the rest in order. With the `question` a few words of a
    clipping that answer it are as good as a sentence.
    """
    text, marked = strip_markers(written)
    ordered = sorted(evidence, key=lambda e: e.marker not in marked)
    for item in ordered:
        for span in item.spans:
            clipping = item.hit.article.text[span[0] : span[1]]
            verdict = check_support(text, clipping)
            if not verdict.supported and question:
                verdict = check_phrase(text, question, clipping)
            if verdict.supported:
                citation = replace(citation_of(item, span, support=verdict.score), answer=_within(text, item, span))
                return Sentence(text, (item.marker,), Origin.MODEL), (citation,)
    return None


def _within(text: str, item: Evidence, span: Span) -> Span | None:
    """Where the words of a short answer stand in the span, so that they can be marked; None if they do not."""
    words = re.compile(re.escape(text.rstrip(".")), re.IGNORECASE)
    found = words.search(item.hit.article.text, *span)
    return found.span() if found and found.group() else None


def quote(item: Evidence, span: Span, answer: Span | None = None) -> tuple[Sentence, tuple[Citation, ...]]:
    """The clipping itself as a sentence of the answer; `answer` is the part of it that answers, if that is known."""
    inside = answer is not None and span[0] <= answer[0] and answer[1] <= span[1]
    citation = replace(citation_of(item, span, support=1.0), answer=answer if inside else None)
    return Sentence(_ended(" ".join(citation.quote.split())), (item.marker,), Origin.CLIPPING), (citation,)


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
