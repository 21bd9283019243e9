"""Model files of a hub: located on this machine, or downloaded if, and only if, the user asks for it.

    HubFile.find()   path of the file, if it is on this machine; contacts no server
    pull(file)       hub -> partial file, resumed if interrupted -> SHA-256 checked -> huggingface_hub's cache folder

Files are stored in huggingface_hub's cache folder (HF_HOME) and layout, so that other programs share them; HF_ENDPOINT,
HF_TOKEN and HF_HUB_OFFLINE have the same meaning as there. The download is implemented here, because huggingface_hub 1
discards a partial file when the process ends, and does not check the downloaded bytes against the hub's SHA-256.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
from tqdm import tqdm

from index.errors import CannotRun, ModelMissing

TIMEOUT = 20.0
"""Seconds without a byte from the hub after which a connection counts as broken."""

FRUITLESS = 3
"""Consecutive attempts without a new byte after which a download fails."""

WAIT = 1.0
"""Seconds between two attempts."""

_UNFINISHED = ".clippings.incomplete"

SPARE_BYTES = 200_000_000
"""Bytes that a download leaves free on the disk, because a full disk harms other programs, too."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """One .gguf file of a repository on a model hub; `str()` gives `owner/repository:file`."""

    repo: str
    path: str

    def __str__(self) -> str:
        return f"{self.repo}:{self.path}"

    @classmethod
    def parse(cls, text: str) -> HubFile | None:
        """Parses `owner/repository:file.gguf`; returns None if the text has another form."""
        found = re.fullmatch(r"([\w.-]+/[\w.-]+):((?:[\w.+-]+/)*[\w.+-]+\.gguf)", text)
        return cls(*found.groups()) if found else None

    def find(self) -> Path | None:
        """Returns the path of the file on this machine; None if it was not downloaded."""
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(self.repo, self.path)
        return Path(found) if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class Download:
    """A downloaded file, its size in bytes, and its SHA-256 as given by the hub, None if the hub gives none."""

    path: Path
    size: int
    sha256: str | None


def pull(file: HubFile, *, quiet: bool = False) -> Download:
    """Downloads a file, resuming an interrupted download; an intact file that is already there is kept.

    Raises ModelMissing if the hub has no such file, requires a token for it, or sends bytes whose size or SHA-256
    differ from those it gives; CannotRun if the hub cannot be reached, downloads are disabled, or the disk is full.
    """
    from huggingface_hub import hf_hub_download

    with _explained(file):
        wanted = _ask(file)
        if not wanted.is_at(wanted.blob):
            _fetch(file, wanted, quiet=quiet)
        path = hf_hub_download(file.repo, file.path)  # finds the blob in the cache, and only links the file name to it
    return Download(Path(path), wanted.size, wanted.sha256)


def arrived(file: HubFile) -> int:
    """Returns the number of bytes on this machine of an unfinished download; 0 if there is none."""
    return max((_size(part) for part in _blobs(file).glob(f"*{_UNFINISHED}")), default=0)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The hub's metadata of a file, and the path of its blob in huggingface_hub's cache."""

    url: str
    size: int
    etag: str
    blob: Path

    @property
    def sha256(self) -> str | None:
        """The SHA-256 of the file, which is the etag of large files; None for small ones, whose etag is a git hash."""
        return self.etag if re.fullmatch(r"[0-9a-f]{64}", self.etag) else None

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` has the expected size and, if known, SHA-256."""
        if _size(path) != self.size:
            return False
        if self.sha256 is None:
            return True
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == self.sha256


def _ask(file: HubFile) -> _Wanted:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import FileMetadataError

    url = hf_hub_url(file.repo, file.path)
    metadata = get_hf_file_metadata(url, timeout=TIMEOUT)
    # The etag is used as a file name, so it must not contain other characters.
    if not (metadata.commit_hash and metadata.size and metadata.etag and re.fullmatch(r"[\w-]+", metadata.etag)):
        raise FileMetadataError
    return _Wanted(url, metadata.size, metadata.etag, _blobs(file) / metadata.etag)


def _blobs(file: HubFile) -> Path:
    """Returns the folder where huggingface_hub stores the blobs of a repository's files."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / f"models--{file.repo.replace('/', '--')}" / "blobs"


def _fetch(file: HubFile, wanted: _Wanted, *, quiet: bool) -> None:
    part = wanted.blob.with_name(f"{wanted.etag}{_UNFINISHED}")
    part.parent.mkdir(parents=True, exist_ok=True)
    with _alone(file, part):
        if _size(part) > wanted.size:
            part.unlink()
        _check_space(file, part.parent, wanted.size - _size(part))
        bar: tqdm[Any]
        with tqdm(
            total=wanted.size, initial=_size(part), desc=file.path, unit="B", unit_scale=True, disable=quiet or None
        ) as bar:
            kept = _size(part) > 0
            _transfer(wanted, part, bar)
            sound = wanted.is_at(part)
            if kept and not sound:  # a power cut may have damaged the partial file: download it again, once
                part.unlink()
                _transfer(wanted, part, bar)
                sound = wanted.is_at(part)
        if not sound:
            part.unlink()
            raise ModelMissing(
                f"{file}: what {_hub()} sent is not the file that it states (size or SHA-256 differ). It was removed; "
                f"try again with: clippings models pull {file}"
            )
        with part.open("rb+") as whole:  # otherwise a power cut could leave the final name without its bytes
            os.fsync(whole.fileno())
        part.replace(wanted.blob)


def _transfer(wanted: _Wanted, part: Path, bar: tqdm[Any]) -> None:
    """Repeats attempts until the file is complete.

    Raises httpx.TransportError after three consecutive attempts without a new byte.
    """
    import httpx

    fruitless = 0
    while (before := _size(part)) < wanted.size:
        try:
            _go_on(wanted, part, bar)
            problem: httpx.TransportError = httpx.RemoteProtocolError("the hub ended too early")
        except httpx.TransportError as error:
            problem = error
        fruitless = 0 if _size(part) > before else fruitless + 1
        if fruitless == FRUITLESS:
            raise problem
        if _size(part) < wanted.size:
            time.sleep(WAIT)


def _go_on(wanted: _Wanted, part: Path, bar: tqdm[Any]) -> None:
    """One attempt: appends the missing bytes to the partial file, or replaces it if the hub ignores the range."""
    from huggingface_hub import get_session, hf_raise_for_status
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented, but not marked so

    headers = build_hf_headers() | {"Accept-Encoding": "identity", "Range": f"bytes={_size(part)}-"}
    # Redirects lead to a storage host; httpx does not send the token to another host.
    with get_session().stream("GET", wanted.url, headers=headers, timeout=TIMEOUT, follow_redirects=True) as response:
        hf_raise_for_status(response)
        with part.open("ab" if response.status_code == 206 else "wb") as out:
            bar.update(out.tell() - bar.n)
            for piece in response.iter_bytes():
                out.write(piece)
                bar.update(len(piece))
                if out.tell() > wanted.size:
                    return


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _check_space(file: HubFile, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise CannotRun(
            f"{file} needs {_megabytes(needed + SPARE_BYTES)} MB in {folder}, but only {_megabytes(free)} MB are free. "
            "Make room, or set HF_HOME to a folder on a larger disk."
        )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f}"


@contextmanager
def _alone(file: HubFile, part: Path) -> Iterator[None]:
    """Holds a lock, in huggingface_hub's lock folder, so that two processes never write the same partial file."""
    repository = part.parent.parent
    locks = repository.parent / ".locks" / repository.name
    locks.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(locks / f"{part.name}.lock", timeout=0):
            yield
    except filelock.Timeout:
        raise CannotRun(f"{file} is being downloaded by another command. Wait for it to end.") from None


def _hub() -> str:
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


@contextmanager
def _explained(file: HubFile) -> Iterator[None]:
    """Converts errors of the hub, the network and the disk into errors with a message for the user."""
    import httpx
    from huggingface_hub import errors

    again = f"clippings models pull {file}"
    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise CannotRun(f"{file} was not downloaded, because HF_HUB_OFFLINE is set. Unset it, then: {again}") from None
    except errors.HfHubHTTPError as error:
        raise _refused(file, error, again) from error
    except (errors.FileMetadataError, errors.HFValidationError) as error:
        raise CannotRun(
            f"{_hub()} does not describe {file} as a model hub does. Check the name and HF_ENDPOINT, then: {again}"
        ) from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise CannotRun(f"{_hub()} cannot be reached. Check the connection, then: {again}") from error
    except (httpx.HTTPError, errors.LocalEntryNotFoundError) as error:
        raise CannotRun(
            f"The connection to {_hub()} failed while {file} was fetched. What has arrived is kept; go on with: {again}"
        ) from error
    except OSError as error:
        place, reason = error.filename or _blobs(file), error.strerror or error
        raise CannotRun(f"{file} could not be written to {place}: {reason}. Then: {again}") from error


def _refused(file: HubFile, error: Exception, again: str) -> CannotRun:
    """Returns the error, with a message for the user, for an HTTP error status of the hub."""
    from huggingface_hub import errors

    page = f"{_hub()}/{file.repo}"
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if isinstance(error, errors.GatedRepoError):
        return ModelMissing(f"{file} asks for consent: accept its licence at {page}, set HF_TOKEN, then: {again}")
    if isinstance(error, errors.RepositoryNotFoundError):
        return ModelMissing(f"{_hub()} has no repository {file.repo}, or shows it only with a token (HF_TOKEN).")
    if status == 404:
        return ModelMissing(f"{_hub()} has no file {file.path} in {file.repo}. See which there are: {page}/tree/main")
    if status in (401, 403):
        needed = f"only with a valid token (status {status}). Set HF_TOKEN, then: {again}"
        return ModelMissing(f"{_hub()} gives {file} {needed}")
    return CannotRun(f"{_hub()} answered with status {status} for {file}. Try later: {again}")
