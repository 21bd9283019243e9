"""Hashes of passwords and API keys, and the session tokens of logged-in users.

A password is stored as its scrypt hash, which takes 32 MB and about 0.3 s to check; an API key, which is too random to
be guessed, as its SHA-256. Comparisons take constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from itsdangerous import BadData, TimestampSigner, base64_decode, base64_encode

from index.errors import WrongUse

LEAST_CHARACTERS = 8
"""Minimum length of a password, in characters."""

SESSION_SECONDS = 30 * 24 * 3600
"""How long a session lasts, in seconds."""

_COST, _BLOCK, _PARALLEL = 2**15, 8, 3  # one of the settings in OWASP's Password Storage Cheat Sheet
_MEMORY = 64 * 2**20
_KEY_PREFIX = "clippings-"
_HASH = re.compile(r"scrypt:\d{1,9}:\d{1,9}:\d{1,9}:[0-9a-f]{32}:[0-9a-f]{64}")


def hash_password(password: str) -> str:
    """Returns what to store of a password: "scrypt:", parameters, salt, hash. Raises WrongUse if it is too short."""
    if len(password) < LEAST_CHARACTERS:
        raise WrongUse(f"The password has fewer than {LEAST_CHARACTERS} characters. Choose a longer one.")
    salt = secrets.token_bytes(16)
    return ":".join(["scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), salt.hex(), _scrypt(password, salt).hex()])


NOBODY = ":".join(["scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), "00" * 16, "00" * 32])
"""A hash that no password has. It is checked for unknown users, so that the time taken does not reveal which names
exist."""


def is_hash(kept: str) -> bool:
    """Whether the text has the form of a hash that `hash_password` returns."""
    return _HASH.fullmatch(kept) is not None


def is_password(password: str, kept: str) -> bool:
    """Whether `kept` is the hash of this password. Raises ValueError if `hash_password` did not make it."""
    if not is_hash(kept):
        raise ValueError("not a hash of a password")
    _, cost, block, parallel, salt, digest = kept.split(":")
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


def session(name: str, kept: str) -> str:
    """Returns a token that identifies a logged-in user for `SESSION_SECONDS`.

    It is signed with the stored password hash, so a new password ends every session.
    """
    return _signer(kept).sign(base64_encode(name)).decode()


def claimed_name(token: str) -> str | None:
    """Returns the name in a token, whose signature is not checked here; None if it is malformed."""
    try:
        return base64_decode(token.partition(".")[0]).decode()
    except (BadData, ValueError):
        return None


def is_session(token: str, kept: str) -> bool:
    """Whether `session` made the token with the same `kept`, and it has not expired."""
    return _signer(kept).validate(token, max_age=SESSION_SECONDS)


def _signer(kept: str) -> TimestampSigner:
    return TimestampSigner(kept, salt="clippings.session", digest_method=hashlib.sha256, key_derivation="hmac")
