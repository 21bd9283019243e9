"""Exports a conversation as Markdown, HTML or JSON, and an answer as plain text for the clipboard, with sources.

In a file a source is one quotation of one article, with the same number throughout. On the clipboard the numbers are
the markers of the answer. Pure functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from rag.answer import UNSURE, Citation, Level, Sentence
from ui.conversations.conversation import Stage, Turn
from ui.render.markup import day, known, one_line, rendered, safe_url

FORMATS = {"md": "Markdown", "html": "HTML", "json": "JSON"}
"""The endings of files, with the names of their formats."""


@dataclass(frozen=True, slots=True)
class ExportedSentence:
    """A sentence with the numbers of its sources; `as_of` is the day of the report where it matters, else empty.

    What a clipping says word for word stands between quotation marks; `UNSURE` stands before what is not surely
    supported.
    """

    text: str
    numbers: tuple[int, ...]
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class ExportedTurn:
    """One turn: lead, sentences with the numbers of their sources, and a remark if it was stopped or failed."""

    turn: Turn
    lead: str
    sentences: tuple[ExportedSentence, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class Export:
    """A conversation with its sources, numbered from 1 in the order in which they are cited."""

    title: str
    turns: tuple[ExportedTurn, ...]
    sources: tuple[Citation, ...]


def export(title: str, turns: Sequence[Turn]) -> Export:
    """Returns the conversation with its sources numbered."""
    numbers: dict[tuple[str, str], int] = {}
    sources: list[Citation] = []
    for citation in (citation for turn in turns for citation in turn.citations):
        if _source_key(citation) not in numbers:
            sources.append(citation)
            numbers[_source_key(citation)] = len(sources)
    return Export(title, tuple(_exported(turn, numbers) for turn in turns), tuple(sources))


def file_name(title: str, form: str) -> str:
    """Returns a file name that every system accepts: "how-many-people-died.md"."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-")
    return f"{plain or 'conversation'}.{form}"


def written(made: Export, form: str) -> str:
    """Returns the file's text; `form` is a key of FORMATS."""
    return {"md": _markdown, "html": _html, "json": _json}[form](made)


def plain(turn: Turn) -> str:
    """Returns one answer with its sources by marker, for the clipboard."""
    said = [f"{_dated(each.sentence)}{_marked(each.sentence)} {_markers(each.sentence)}".strip() for each in turn.said]
    text = ("\n" if turn.listed else " ").join(filter(None, [turn.lead, *said]))
    lines = [turn.question, "", text]
    if turn.citations:
        sources = dict.fromkeys(f"[{citation.marker}] {_source_text(citation)}" for citation in turn.citations)
        lines += ["", *sources]
    return "\n".join(lines)


LEGEND = f"{UNSURE} in the model's words, not surely supported: compare the source."


def _marked(sentence: Sentence) -> str:
    """Returns the text of a sentence, between quotation marks if it is quoted and has none."""
    if sentence.level is Level.QUOTED:
        return sentence.text if sentence.text[:1] in '“"„«' else f"“{sentence.text}”"
    return f"{UNSURE} {sentence.text}" if sentence.level is Level.OWN_WORDS else sentence.text


def _dated(sentence: Sentence) -> str:
    return f"As of {day(sentence.as_of)}: " if sentence.as_of else ""


def _markers(sentence: Sentence) -> str:
    return "".join(f"[{marker}]" for marker in sentence.markers)


def _has_unsure(made: Export) -> bool:
    return any(said.sentence.level is Level.OWN_WORDS for exported in made.turns for said in exported.turn.said)


def _source_key(citation: Citation) -> tuple[str, str]:
    return citation.uri, citation.quote


def _exported(turn: Turn, numbers: dict[tuple[str, str], int]) -> ExportedTurn:
    sentences = []
    for said in turn.said:
        cited = tuple(dict.fromkeys(numbers[_source_key(citation)] for citation in said.citations))
        sentences.append(ExportedSentence(_marked(said.sentence), cited, _dated(said.sentence).strip()))
    remarks = {Stage.STOPPED: "The answer was stopped here.", Stage.FAILED: turn.problem}
    return ExportedTurn(turn, turn.lead, tuple(sentences), remarks.get(turn.stage, ""))


def _facts(citation: Citation) -> str:
    """Returns where a source was published: "Courier, 14 March 2021, by Marit Oldacre, bridge.md"."""
    author = f"by {citation.author}" if citation.author else None
    place = safe_url(citation.url) or PurePosixPath(citation.uri).name
    return known(citation.source, citation.published, author, place)


def _source_text(citation: Citation) -> str:
    return f"“{one_line(citation.quote)}” {one_line(citation.title)}. {_facts(citation)}"


def _escaped(text: str) -> str:
    """Returns the text escaped for Markdown, so that nothing in it becomes a link, a tag or a heading."""
    plain = re.sub(r"([\\`*_{}\[\]<>()#|~&!])", r"\\\1", one_line(text))
    return re.sub(r"^(\d*)([-+.])", r"\1\\\2", plain)  # at the start they would make a list


def _markdown(made: Export) -> str:
    lines = [f"# {_escaped(made.title)}"]
    for exported in made.turns:
        lines += ["", f"## {_escaped(exported.turn.question)}", ""]
        lines += [f"Only articles {_escaped(exported.turn.limits)}.", ""] if exported.turn.limits else []
        lines += [_escaped(exported.lead), ""] if exported.lead else []
        for each in exported.sentences:
            as_of = f"*{_escaped(each.as_of)}* " if each.as_of else ""
            line = f"{as_of}{_escaped(each.text)} {''.join(f'[^{n}]' for n in each.numbers)}".strip()
            lines += [f"- {line}"] if exported.turn.listed else [line, ""]
        lines += [""]
        lines += [f"*{_escaped(exported.remark)}*"] if exported.remark else []
    lines += ["", f"*{LEGEND}*"] if _has_unsure(made) else []
    if made.sources:
        lines += ["", "## Sources", ""]
    for number, source in enumerate(made.sources, 1):
        quote = f"“{_escaped(source.quote)}” {_escaped(source.title)}."
        lines.append(f"[^{number}]: {quote} {_markdown_facts(source)}")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _markdown_facts(citation: Citation) -> str:
    url = safe_url(citation.url)
    facts = _facts(citation).removesuffix(url or "\0").rstrip(", ")
    # A Markdown link in angle brackets cannot hold angle brackets or spaces.
    link = f"<{url}>" if url and not set("<> ") & set(url) else ""
    return ", ".join(part for part in (_escaped(facts), link) if part)


def _html(made: Export) -> str:
    page = rendered("export.html", made=made, facts=_facts, legend=LEGEND if _has_unsure(made) else "")
    return f"{page!s}\n"  # no Markup: on the page it is a file's text, which is escaped like any other


def _json(made: Export) -> str:
    turns = [
        {
            "question": exported.turn.question,
            "standalone": exported.turn.standalone,
            "limits": exported.turn.limits,
            "asked": exported.turn.asked,
            "stage": exported.turn.stage.value,
            "outcome": exported.turn.answer.outcome.value if exported.turn.answer else None,
            "leans_on": list(exported.turn.understood.leans_on) if exported.turn.understood else [],
            "lead": exported.lead,
            "sentences": [
                {
                    "text": said.sentence.text,
                    "as_of": said.sentence.as_of.isoformat() if said.sentence.as_of else None,
                    "sources": list(each.numbers),
                    "level": said.sentence.level.value,
                }
                for each, said in zip(exported.sentences, exported.turn.said, strict=True)
            ],
            "remark": exported.remark,
            "model": exported.turn.answer.model if exported.turn.answer else None,
            "index_version": exported.turn.answer.index_version if exported.turn.answer else None,
        }
        for exported in made.turns
    ]
    sources = [{"number": number} | _source_json(source) for number, source in enumerate(made.sources, 1)]
    return json.dumps({"title": made.title, "turns": turns, "sources": sources}, ensure_ascii=False, indent=2) + "\n"


def _source_json(citation: Citation) -> dict[str, Any]:
    names = ("article_id", "title", "uri", "author", "source", "url", "quote", "start", "end")
    published = citation.published.isoformat() if citation.published else None
    return {name: getattr(citation, name) for name in names} | {"published": published}
