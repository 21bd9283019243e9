"""The functions behind the commands of `clippings`. Each returns what to print, and itself prints only progress."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from tqdm import tqdm

from index import Filters, Index
from index.errors import CannotRun, UnreadableFile, WrongUse
from index.formats.parsed import Draft
from index.sources.sources import preview
from rag import open_chatbot, open_searcher
from rag.answer import Outcome as Asked
from rag.answer import hit_to_json, undated_note
from rag.answering.refusal import nothing_found
from rag.llm.catalogue import catalogue, pull_model
from rag.settings import Settings
from ui.cli.doctor import run_checks
from ui.cli.index_commands import update
from ui.cli.outcome import Outcome, settings_of
from ui.cli.text import also_in_lines, answer_text, failure_lines, headline, indented, preview_text


def chat(arguments: argparse.Namespace) -> Outcome:
    """Update the index, then serve the page until it is stopped."""
    from ui.server import memory

    memory.few_heaps()  # first, because existing heaps stay in use
    settings = settings_of(arguments)
    filters = _filters(arguments)
    problems: list[str] = []
    if arguments.paths:
        report = update(arguments, settings)
        problems = failure_lines(report.failed)
        tqdm.write("\n".join([*problems, str(report)]))
    elif settings.index == Settings().index:  # only the default index: another name may be mistyped
        Index.create(settings.index).close()  # articles can be added on the page
    chatbot = open_chatbot(settings, use_llm=not arguments.no_llm)
    chatbot.warm()  # takes seconds, for which the first question would otherwise wait
    from ui.server.serve import serve  # here, because Gradio takes 2 s to load, for this command only

    serve(
        chatbot,
        host=settings.host,
        port=settings.port,
        root_path=settings.root_path,
        auth=settings.auth,
        open_browser=not arguments.no_browser,
        filters=filters,
        log=arguments.log,
        log_questions=arguments.log_questions,
    )
    return Outcome("", {}, [], 1 if problems else 0)


PREVIEWED = 3
"""Number of articles and failures that are shown of a file that holds more."""


def ask(arguments: argparse.Namespace) -> Outcome:
    """Answer one question."""
    chatbot = open_chatbot(settings_of(arguments), use_llm=not arguments.no_llm)
    answer = chatbot.ask(arguments.question, filters=_filters(arguments))
    return Outcome(answer_text(answer), answer.to_json())


def search(arguments: argparse.Namespace) -> Outcome:
    """Search for passages, without an answer."""
    chatbot = open_searcher(settings_of(arguments))
    filters = _filters(arguments)
    hits = chatbot.search(arguments.question, filters=filters)
    undated = chatbot.index.undated(filters)
    lines = [
        "\n".join(
            [f"{n}. {headline(hit.article)}  (score {hit.score:.2f})", indented(hit.text), *also_in_lines(hit.also_in)]
        )
        for n, hit in enumerate(hits, 1)
    ]
    text = "\n\n".join(lines) or _nothing(filters)
    note = [f"({undated_note(undated)})"] if undated else []
    return Outcome("\n\n".join([text, *note]), {"hits": [hit_to_json(hit) for hit in hits], "undated": undated})


def _nothing(filters: Filters) -> str:
    """Returns why a search found nothing, and what to do about it."""
    outcome, said = nothing_found(filters)
    if outcome is Asked.OUTSIDE_LIMITS:
        return f"{said} What there is: clippings index list"
    return f"{said} Add some: clippings index update FOLDER"


def index_preview(arguments: argparse.Namespace) -> Outcome:
    """Show what would be kept of a file."""
    found = preview(arguments.file, arguments.map, limit=PREVIEWED + 1)
    more = len(found) > PREVIEWED
    found = found[:PREVIEWED]
    drafts = [draft for draft in found if isinstance(draft, Draft)]
    failed = [str(failure) for failure in found if isinstance(failure, UnreadableFile)]
    texts = [preview_text(draft) for draft in drafts]
    if more:
        texts.append(f"These are the first {PREVIEWED}; clippings index update reads them all.")
    data = {"articles": [_preview_json(d) for d in drafts], "failed": failed, "more": more}
    return Outcome("\n\n".join(texts), data, failed, 1 if failed else 0)


def models(arguments: argparse.Namespace) -> Outcome:
    """List the language models that can be used, or download one of them."""
    if arguments.action == "pull":
        return _pull(arguments)
    entries = catalogue()
    lines = [
        f"{e.name}  {e.parameters} parameters, file {e.file_megabytes} MB, memory {e.memory_megabytes} MB, "
        + f"{e.licence}, "
        + (f"recommended for {e.recommended} GB of memory, " if e.recommended else "")
        + ("installed" if e.installed else f"not installed: {e.command}")
        for e in entries
    ]
    others = (
        "All sizes are approximate. Any other chat model: --llm PATH.gguf, --llm OWNER/REPOSITORY:FILE.gguf (pull it "
        "first), or --llm http://ADDRESS of an OpenAI-compatible server"
    )
    data = [asdict(entry) | {"command": entry.command} for entry in entries]
    return Outcome("\n".join([*lines, others]), {"models": data})


def _pull(arguments: argparse.Namespace) -> Outcome:
    found = pull_model(arguments.name, quiet=arguments.quiet)
    unchecked = "the hub states no SHA-256, so only its size was checked"
    checked = "its SHA-256 is the one stated" if found.sha256 else unchecked
    text = f"{found.path}\n{found.size / 1e6:,.0f} MB; {checked}. Use it with: --llm {arguments.name}"
    return Outcome(text, {"name": arguments.name} | asdict(found) | {"path": str(found.path)})


def doctor(arguments: argparse.Namespace) -> Outcome:
    """Check what is installed and what is missing, with the command that fixes it."""
    checks = run_checks(settings_of(arguments))
    lines = [f"{'ok     ' if c.ok else 'MISSING'}  {c.name:<24}{c.detail}" for c in checks]
    missing = any(not c.ok and c.required for c in checks)
    return Outcome(
        "\n".join(lines), {"checks": [asdict(c) for c in checks]}, [], CannotRun.exit_status if missing else 0
    )


def _filters(arguments: argparse.Namespace) -> Filters:
    if arguments.after and arguments.before and arguments.after > arguments.before:
        raise WrongUse(f"--after {arguments.after} is later than --before {arguments.before}; nothing lies between.")
    return Filters(arguments.after, arguments.before, arguments.source, arguments.author)


def _preview_json(draft: Draft) -> dict[str, Any]:
    article = draft.article()
    published = article.published.isoformat() if article.published else None
    return {"uri": draft.uri, **asdict(draft.cleaned), "published": published, "language": article.language}
