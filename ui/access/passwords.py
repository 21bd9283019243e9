"""Hashes of passwords and API keys, and the session tokens of logged-in users.

A password is stored as its scrypt hash, which takes 32 MB and about 0.3 s to check; an API key, which is too random to
be guessed, as its SHA-256. Comparisons take constant time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

from index.errors import WrongUse

LEAST_CHARACTERS = 8
"""Minimum length of a password, in characters."""

SESSION_SECONDS = 30 * 24 * 3600
"""How long a session lasts, in seconds."""

_COST, _BLOCK, _PARALLEL = 2**15, 8, 3  # one of the settings in OWASP's Password Storage Cheat Sheet
_MEMORY = 64 * 2**20
_KEY_PREFIX = "clippings-"


def hash_password(password: str) -> str:
    """Returns what to store of a password: "scrypt:", parameters, salt, hash. Raises WrongUse if it is too short."""
    if len(password) < LEAST_CHARACTERS:
        raise WrongUse(f"The password has fewer than {LEAST_CHARACTERS} characters. Choose a longer one.")
    salt = secrets.token_bytes(16)
    return ":".join(["scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), salt.hex(), _scrypt(password, salt).hex()])


NOBODY = ":".join(["scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), "00" * 16, "00" * 32])
"""A hash that no password has. It is checked for unknown users, so that the time taken does not reveal which names
exist."""


def is_password(password: str, kept: str) -> bool:
    """Whether `kept` is the hash of this password. Raises ValueError if `hash_password` did not make it."""
    kind, cost, block, parallel, salt, digest = kept.split(":")
    if kind != "scrypt":
        raise ValueError(f"{kind} is no kind of hash that is known here")
    found = _scrypt(password, bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _scrypt(password: str, salt: bytes, cost: int = _COST, block: int = _BLOCK, parallel: int = _PARALLEL) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=_MEMORY, dklen=32)


def new_key() -> str:
    """Returns a new API key of 256 random bits."""
    return _KEY_PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """Returns the hash that is stored of an API key."""
    return hashlib.sha256(key.encode()).hexdigest()


def session(name: str, kept: str, *, now: float | None = None) -> str:
    """Returns a token that identifies a logged-in user for `SESSION_SECONDS`.

    It is signed with the stored password hash, so a new password ends every session.
    """
    until = int((time.time() if now is None else now) + SESSION_SECONDS)
    claim = f"{base64.urlsafe_b64encode(name.encode()).decode()}.{until}"
    return f"{claim}.{_signature(claim, kept)}"


def claimed_name(token: str) -> str | None:
    """Returns the name in a token, whose signature is not checked here; None if it is malformed."""
    try:
        return base64.urlsafe_b64decode(token.split(".")[0].encode()).decode()
    except ValueError:
        return None


def is_session(token: str, kept: str, *, now: float | None = None) -> bool:
    """Whether `session` made the token with the same `kept`, and it has not expired."""
    claim, _, signature = token.rpartition(".")
    until = claim.rpartition(".")[2]
    true = hmac.compare_digest(signature.encode(), _signature(claim, kept).encode())
    return true and until.isdecimal() and int(until) > (time.time() if now is None else now)


def _signature(claim: str, kept: str) -> str:
    return hmac.new(kept.encode(), claim.encode(), hashlib.sha256).hexdigest()
