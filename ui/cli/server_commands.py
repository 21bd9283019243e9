"""The functions behind `clippings mcp` and `clippings auth`; each returns what to print, as in `commands`."""

from __future__ import annotations

import argparse
import getpass
import sys

from index.errors import WrongUse
from rag import open_chatbot
from ui.access.accounts import Accounts
from ui.cli.outcome import Outcome, settings_of


def mcp(arguments: argparse.Namespace) -> Outcome:
    """Serve an assistant over standard input and output until it closes them."""
    chatbot = open_chatbot(settings_of(arguments), use_llm=not arguments.no_llm)
    from ui.doors.mcp_stdio import serve  # here, because it needs an optional package

    serve(chatbot)
    return Outcome("", {})


def auth_add(arguments: argparse.Namespace) -> Outcome:
    """Add a user, or set a user's new password."""
    accounts = _accounts(arguments)
    accounts.add(arguments.name, _password())
    text = f"{arguments.name} may log in. Serve with: clippings chat --auth {accounts.path}"
    return Outcome(text, {"name": arguments.name, "file": str(accounts.path)})


def auth_key(arguments: argparse.Namespace) -> Outcome:
    """Create an API key of a user, or delete all of them."""
    accounts = _accounts(arguments)
    if arguments.drop:
        dropped = accounts.drop_keys(arguments.name)
        return Outcome(f"{dropped} keys of {arguments.name} are invalid now.", {"dropped": dropped})
    key = accounts.add_key(arguments.name)
    text = f"{key}\nThis is the only time that it is shown. Send it as: Authorization: Bearer KEY"
    return Outcome(text, {"name": arguments.name, "key": key})


def auth_list(arguments: argparse.Namespace) -> Outcome:
    """List the users."""
    people = _accounts(arguments).people
    rows = [
        {"name": name, "password": bool(person["password"]), "keys": len(person["keys"])}
        for name, person in sorted(people.items())
    ]
    lines = [f"{r['name']}  {'password' if r['password'] else 'no password'}, {r['keys']} API keys" for r in rows]
    return Outcome("\n".join(lines) or "Nobody.", {"people": rows})


def auth_remove(arguments: argparse.Namespace) -> Outcome:
    """Remove a user, with their keys and sessions."""
    _accounts(arguments).remove(arguments.name)
    return Outcome(f"{arguments.name} is out.", {"removed": arguments.name})


def _accounts(arguments: argparse.Namespace) -> Accounts:
    file = settings_of(arguments).auth
    if not file:
        raise WrongUse("In which file are the accounts? Name it with --auth FILE; it is made if it is not there.")
    return Accounts(file)


def _password() -> str:
    """Returns a new password: typed twice, or the first line of piped input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise WrongUse("The two are not the same. Nothing was changed.")
    return password
