"""The command line: `clippings COMMAND`. Reads arguments, calls a command, prints what it returns.

Every command takes `--json` and then prints one JSON object as its last line. Errors are one line for people on
standard error. Exit status: 0 done, 1 done but some input failed, 2 wrong use, 3 cannot run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TextIO

from index.cleaning.metadata import NO_COLUMNS, Columns, parse_columns
from index.errors import CannotRun, ClippingsError, WrongUse
from index.formats.registry import SUFFIXES
from index.urls import is_address
from ui.cli import commands, eval_command, index_commands, server_commands
from ui.cli.outcome import Outcome

Command = Callable[[argparse.Namespace], Outcome]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    _open_streams()
    arguments = build_parser().parse_args(argv)
    try:
        outcome: Outcome = arguments.run(arguments)
        _say(outcome, as_json=arguments.json)
    except ClippingsError as error:
        return _fail(str(error), error.exit_status, as_json=arguments.json)
    except KeyboardInterrupt:
        return _fail(
            "Stopped. What was finished is kept; the same command goes on from there.", 130, as_json=arguments.json
        )
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            _send_to_nobody(stream)  # the reader of our output has exited
        return 0
    return outcome.status


def _open_streams() -> None:
    """Open all standard streams that the caller closed (`>&-`): the next file opened would get their number."""
    while (free := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(free)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (until the end)


def _say(outcome: Outcome, *, as_json: bool) -> None:
    try:
        for problem in outcome.problems:
            print(problem, file=sys.stderr)
        if as_json:
            print(json.dumps(outcome.data, ensure_ascii=False))
        elif outcome.text:
            print(outcome.text)
        sys.stdout.flush()  # here, so that a closed pipe raises within `try`
    except BrokenPipeError:
        raise
    except OSError as error:
        _send_to_nobody(sys.stdout)
        raise CannotRun(f"The work is done, but its output cannot be written: {error.strerror}.") from error


def _fail(message: str, status: int, *, as_json: bool) -> int:
    said = [(sys.stderr, message)]
    if as_json:
        said.append((sys.stdout, json.dumps({"error": message}, ensure_ascii=False)))
    for stream, text in said:
        try:
            print(text, file=stream, flush=True)
        except OSError:  # nobody reads it; the exit status reports the failure
            _send_to_nobody(stream)
    return status


def _send_to_nobody(stream: TextIO) -> None:
    """Redirect the stream to the null device, so that its buffer does not fail again when the interpreter exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser of the whole command line."""
    common = _common(default=argparse.SUPPRESS)
    parser = argparse.ArgumentParser(
        prog="clippings",
        description="Ask your own articles. Every sentence of the answer carries the clipping that proves it.",
        parents=[_common(default=None)],
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: Command, about: str) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(name, help=about, description=about, parents=[common])
        sub.set_defaults(run=run)
        return sub

    _chat(add)
    _ask_and_search(add)
    _index(subparsers, common)
    _evaluation(add)
    _serving(add, subparsers, common)
    _models(add("models", commands.models, "what can answer here, with size, memory and licence"), common)
    add("doctor", commands.doctor, "what is installed, what is missing, and the command that fixes it")
    return parser


def _common(*, default: str | None) -> argparse.ArgumentParser:
    """Returns the options of every command, which may be given before or after its name.

    Those after it have SUPPRESS as `default`, so that an absent option does not overwrite one given before.
    """
    common = argparse.ArgumentParser(add_help=False)
    flag = default if default == argparse.SUPPRESS else False
    common.add_argument("--index", metavar="DIR", default=default, help="folder of the index")
    common.add_argument("--json", action="store_true", default=flag, help="one JSON object as the last line")
    common.add_argument("--quiet", action="store_true", default=flag, help="no progress")
    return common


Adder = Callable[[str, Command, str], argparse.ArgumentParser]


def _chat(add: Adder) -> None:
    chat = add("chat", commands.chat, "update the index from PATH, then open the chat page")
    _places(chat, "*")
    chat.add_argument("--host", help="address to listen on (127.0.0.1)")
    chat.add_argument("--port", type=int, help="port of the page (7860)")
    chat.add_argument("--root-path", metavar="PATH", help="path or address under which a proxy shows the page")
    _auth_file(chat, "who may come in, made by `clippings auth`; needed to let other machines in")
    chat.add_argument("--no-browser", action="store_true", help="do not open a browser")
    chat.add_argument(
        "--log", metavar="FILE", default="", help="write a line of JSON for each event; - is standard error"
    )
    chat.add_argument(
        "--log-questions", action="store_true", help="with questions and answers, which are left out else"
    )
    _limits(chat)
    _model(chat)


def _serving(
    add: Adder, subparsers: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    _model(add("mcp", server_commands.mcp, "answer an assistant that speaks MCP over standard input and output"))
    about = "who may come in where clippings serves others: people, their passwords and API keys"
    auth = subparsers.add_parser("auth", help=about, description=about, parents=[common])
    actions = auth.add_subparsers(metavar="ACTION", required=True)
    for name, run, about in (
        ("add", server_commands.auth_add, "add a person, or give them a new password (asked for, or piped in)"),
        ("key", server_commands.auth_key, "make an API key for a program, which acts as this person"),
        ("list", server_commands.auth_list, "who is in the file"),
        ("remove", server_commands.auth_remove, "take a person out, with their keys"),
    ):
        action = actions.add_parser(name, help=about, description=about, parents=[common])
        action.set_defaults(run=run)
        _auth_file(action, "the file, made if it is not there")
        if name != "list":
            action.add_argument("name", metavar="NAME")
        if name == "key":
            action.add_argument("--drop", action="store_true", help="make all keys of this person invalid instead")


def _auth_file(parser: argparse.ArgumentParser, about: str) -> None:
    parser.add_argument("--auth", metavar="FILE", help=about)


def _ask_and_search(add: Adder) -> None:
    for name, run, about in (
        ("ask", commands.ask, "answer a question, with citations"),
        ("search", commands.search, "the passages found for a question, no answer"),
    ):
        sub = add(name, run, about)
        sub.add_argument("question", metavar="QUESTION")
        sub.add_argument("--top-k", type=int, metavar="N", help="passages looked at (5)")
        _limits(sub)
        if name == "ask":
            _model(sub)


def _limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--after",
        type=_date,
        metavar="DATE",
        help="only articles published on this day or later (2020-01-31); those without a date are left out",
    )
    parser.add_argument(
        "--before",
        type=_date,
        metavar="DATE",
        help="only articles published on this day or earlier; those without a date are left out",
    )
    parser.add_argument("--source", metavar="NAME", help="only from sources whose name holds this, whatever its case")
    parser.add_argument("--author", metavar="NAME", help="only by authors whose name holds this, whatever its case")


def _index(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    about = "add, change, inspect and remove what is indexed"
    actions = subparsers.add_parser("index", help=about, description=about, parents=[common]).add_subparsers(
        metavar="ACTION", required=True
    )

    def add(name: str, run: Command, about: str) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=about, description=about, parents=[common])
        sub.set_defaults(run=run)
        return sub

    update = add("update", index_commands.index_update, "index files: add, change, skip; a report by file")
    _places(update, "+")
    update.add_argument("--prune", action="store_true", help="remove articles under PATH whose file is gone")
    update.add_argument("--watch", action="store_true", help="go on when files change, until Ctrl-C")
    _verbose(update)
    preview = add("preview", commands.index_preview, "what would be kept of a file, and what is thrown away")
    preview.add_argument("file", metavar="FILE", type=_place, help="an article file, or an http address")
    _map(preview)
    rebuild = add("rebuild", index_commands.index_rebuild, "cut and embed every stored article anew, then swap")
    model_help = "another embedding model, or a folder that holds one (the index's own)"
    rebuild.add_argument("--model", metavar="NAME", help=model_help)
    add("status", index_commands.index_status, "counts, model, size and versions")
    add("list", index_commands.index_list, "every article")
    remove = add("remove", index_commands.index_remove, "take articles out")
    remove.add_argument("names", nargs="+", metavar="ARTICLE", help="id, uri or file name")
    add("verify", index_commands.index_verify, "check the files: database, articles, offsets, full text, vectors")
    add("repair", index_commands.index_repair, "make anew what is damaged and can be made from the articles' text")
    rollback = add("rollback", index_commands.index_rollback, "return to the previous version, as a new one")
    rollback.add_argument("--to", type=int, metavar="NUMBER", help="return to this version (see index status)")
    _verbose(rollback)


def _verbose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-v", "--verbose", action="store_true", help="list every article, however many")


def _models(models: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    models.set_defaults(action="list")
    actions = models.add_subparsers(metavar="ACTION")
    actions.add_parser("list", help="the models that can be chosen by name (done without an ACTION)", parents=[common])
    about = "download a model, or go on with a download"
    pull = actions.add_parser("pull", help=about, description=about, parents=[common])
    pull.add_argument("name", metavar="NAME", help="a name of the list, or OWNER/REPOSITORY:FILE.gguf of a model hub")
    pull.set_defaults(action="pull")


def _evaluation(add: Adder) -> None:
    about = "quality and latency on your own questions, dialogues and support pairs"
    evaluation = add("eval", eval_command.evaluate, about)
    evaluation.add_argument("questions", metavar="FILE.jsonl", type=Path)
    evaluation.add_argument(
        "--retrieval-only", action="store_true", help="passages only, no answers (questions with `answers`)"
    )
    evaluation.add_argument(
        "--own-words", action="store_true", help="also measure what the model writes before anything is checked"
    )
    evaluation.add_argument("--limit", type=int, metavar="N", help="a random sample of N rows, always the same")
    evaluation.add_argument(
        "--out", type=Path, metavar="FILE", help="write every question's, turn's and pair's result there, as JSON lines"
    )
    evaluation.add_argument(
        "--compare", type=Path, metavar="FILE", help="how it changed since the run whose --out that is"
    )
    evaluation.add_argument(
        "--plot", type=Path, metavar="FILE.png", help="draw answer@k, the refusal curve and latencies"
    )
    evaluation.add_argument(
        "--calibrate",
        type=float,
        nargs="?",
        const=0.05,
        metavar="SHARE",
        help="from now on refuse in this index so that at most SHARE (0.05) of these answerable questions are refused",
    )
    evaluation.add_argument("--top-k", type=int, metavar="N", help="passages looked at for an answer (5)")
    _model(evaluation)


def _places(parser: argparse.ArgumentParser, count: str) -> None:
    about = f"article files ({' '.join(SUFFIXES)}), folders of them, or http addresses of pages and feeds"
    parser.add_argument("paths", nargs=count, metavar="PATH", type=_place, help=about)
    _map(parser)


def _map(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--map",
        type=_columns,
        default=NO_COLUMNS,
        metavar="FIELD=COLUMN,…",
        help="where a table or a JSON file has its fields, if not under their usual names: title=headline,text=body; "
        "an inner one by its path: text=article.body",
    )


def _place(text: str) -> Path | str:
    return text if is_address(text) else Path(text)


def _columns(text: str) -> Columns:
    try:
        return parse_columns(text)
    except WrongUse as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--llm",
        metavar="MODEL",
        help="a name of `clippings models list`, the path of a .gguf chat model, OWNER/REPOSITORY:FILE.gguf of a hub, "
        "or the http address of an OpenAI-compatible server (URL#MODEL chooses one of its models)",
    )
    parser.add_argument("--no-llm", action="store_true", help="quote clippings only, load no language model")
    parser.add_argument(
        "--no-reader", dest="reader", action="store_const", const="none", help="choose sentences by their words alone"
    )
    parser.add_argument(
        "--no-adapter", dest="adapter", action="store_const", const="none", help="the language model as it comes"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        default=None,
        help="of the model's sentences show only those that are surely supported",
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2020-01-31") from None
