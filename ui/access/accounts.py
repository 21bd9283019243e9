"""The accounts file: the names of the users, with the hashes of their passwords and API keys.

The file is read again whenever it changes, so that new users can log in, and removed users are locked out, at once.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
from pathlib import Path
from typing import TypedDict

from index.atomic_write import appearing
from index.errors import WrongUse
from ui.access import passwords

_log = logging.getLogger(__name__)


class Account(TypedDict):
    """The stored data of one user: the password's hash, empty if there is none, and the hashes of the API keys."""

    password: str
    keys: list[str]


class Accounts:
    """The accounts in one file. If the file disappears later, look-ups find no user instead of failing."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser().absolute()
        self._state: tuple[int, int] | None = None
        self._people: dict[str, Account] = {}

    @classmethod
    def open(cls, path: Path | str) -> Accounts:
        """Returns the accounts in an existing file.

        Raises WrongUse if it cannot be read, or holds no user or a damaged password.
        """
        accounts = cls(path)
        try:
            accounts._people = _read(accounts.path)
        except OSError as error:
            raise WrongUse(
                f"{accounts.path} cannot be read: {error.strerror}. Make it with: clippings auth add NAME --auth FILE"
            ) from error
        if not accounts._people:
            raise WrongUse(f"Nobody is in {accounts.path}. Add somebody with: clippings auth add NAME --auth FILE")
        for name, person in accounts._people.items():
            if person["password"] and not passwords.is_hash(person["password"]):
                raise WrongUse(accounts._damaged(name))
        return accounts

    @property
    def people(self) -> dict[str, Account]:
        """The users now in the file, by name; empty if it cannot be read."""
        try:
            status = self.path.stat()
            state = (status.st_mtime_ns, status.st_size)
            if state != self._state:
                self._people, self._state = _read(self.path), state
        except (OSError, WrongUse):
            self._people, self._state = {}, None
        return self._people

    def add(self, name: str, password: str) -> None:
        """Add a user, or set a user's new password. Raises WrongUse for an invalid name or a too short password."""
        kept = passwords.hash_password(password)
        people = self._stored()
        _checked(name)
        people[name] = {"password": kept, "keys": people[name]["keys"] if name in people else []}
        self._write(people)

    def add_key(self, name: str) -> str:
        """Create and return an API key of a user, who is added if unknown. Only the key's hash is stored."""
        key = passwords.new_key()
        people = self._stored()
        person = people.setdefault(_checked(name), {"password": "", "keys": []})
        person["keys"].append(passwords.hash_key(key))
        self._write(people)
        return key

    def drop_keys(self, name: str) -> int:
        """Delete all API keys of a user, and return how many there were. Raises WrongUse for an unknown user."""
        people = self._stored()
        dropped = len(self._known(people, name)["keys"])
        people[name]["keys"] = []
        self._write(people)
        return dropped

    def remove(self, name: str) -> None:
        """Remove a user, with their keys and sessions. Raises WrongUse for an unknown user."""
        people = self._stored()
        self._known(people, name)
        del people[name]
        self._write(people)

    def is_password(self, name: str, password: str) -> bool:
        """Whether this is the user's password; no password fits a damaged hash, which is logged.

        Takes about 0.3 s, also for an unknown user.
        """
        person = self.people.get(name)
        kept = person["password"] if person else ""
        try:
            return passwords.is_password(password, kept or passwords.NOBODY) and bool(kept)
        except ValueError:
            _log.error("%s", self._damaged(name))
            return False

    def of_key(self, key: str) -> str | None:
        """Returns the name of the user who has this API key; None if nobody has."""
        found = passwords.hash_key(key)
        matches = [
            name for name, person in self.people.items() for kept in person["keys"] if hmac.compare_digest(kept, found)
        ]
        return matches[0] if matches else None

    def session(self, name: str) -> str:
        """Returns a session token for a user whose password has just been checked."""
        return passwords.session(name, self.people[name]["password"])

    def of_session(self, token: str) -> str | None:
        """Returns the name of the user with this session token; None if it is invalid or has expired."""
        name = passwords.claimed_name(token)
        person = self.people.get(name) if name else None
        return name if person and person["password"] and passwords.is_session(token, person["password"]) else None

    def _stored(self) -> dict[str, Account]:
        try:
            return _read(self.path)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise WrongUse(f"{self.path} cannot be read: {error.strerror}.") from error

    def _known(self, people: dict[str, Account], name: str) -> Account:
        if name not in people:
            raise WrongUse(f"Nobody in {self.path} is called {name!r}. List them with: clippings auth list --auth FILE")
        return people[name]

    def _damaged(self, name: str) -> str:
        return (
            f"The password of {name!r} in {self.path} is damaged, so nobody can log in with it. "
            f"Set a new one with: clippings auth add {name} --auth FILE"
        )

    def _write(self, people: dict[str, Account]) -> None:
        """Replace the file atomically; only its owner may read it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with appearing(self.path) as temporary:
                temporary.touch(0o600, exist_ok=False)
                temporary.write_text(json.dumps({"people": people}, indent=2, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise WrongUse(f"{self.path} cannot be written: {error.strerror}.") from error


def _checked(name: str) -> str:
    if not re.fullmatch(r"[\w.@+-]{1,64}", name):
        raise WrongUse(f"{name!r} is no name: up to 64 letters, digits and . @ + - _, no spaces.")
    return name


def _read(path: Path) -> dict[str, Account]:
    """Returns the users in the file. Raises OSError if it cannot be read, WrongUse if it is no accounts file."""
    try:
        people = json.loads(path.read_text(encoding="utf-8"))["people"]
        return {
            str(name): {"password": str(person["password"]), "keys": [str(key) for key in person["keys"]]}
            for name, person in people.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WrongUse(
            f"{path} is no file of accounts. Make one with: clippings auth add NAME --auth FILE (another FILE)"
        ) from error
