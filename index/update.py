"""Bring an index up to date with files: add, change, skip, remove.

Two steps, so that a stop at any moment loses nothing: first the missing vectors are computed and stored under
their content's key, batch by batch; then one transaction puts all articles in place and makes a new version.
Text that has been embedded before, under whatever name, is not embedded again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from index.addresses import is_address
from index.article import Article, article_id
from index.chunking import TITLE_TOKENS, Chunk, chunk_article
from index.embedding import Embedder, Passage
from index.errors import UnreadableFile
from index.fields import NO_COLUMNS, Columns
from index.reading import gather
from index.sources import Source, find_sources
from index.store import Store

PASSAGES_PER_COMMIT = 256
"""Passages embedded between two commits, some seconds of work: what a kill can cost."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an update is: `done` of `total` units of the `stage` ("reading" files or "embedding" passages)."""

    stage: str
    done: int
    total: int


ProgressCallback = Callable[[Progress], None]


@dataclass(slots=True)
class UpdateReport:
    """What an update did, by article uri (for failures, by file or row)."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[UnreadableFile] = field(default_factory=list)
    embedded: int = 0
    version: int = 0

    def __str__(self) -> str:
        """One line for people."""
        kinds = ("added", "changed", "unchanged", "removed", "failed")
        counts = [f"{len(getattr(self, kind))} {kind}" for kind in kinds]
        return f"{', '.join(counts)}; {self.embedded} passages embedded; index version {self.version}"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An article ready to be written: its chunks and the keys of their vectors."""

    article: Article
    file: str
    chunks: list[Chunk]
    keys: list[str]


def update(
    store: Store,
    load_embedder: Callable[[], Embedder],
    paths: Sequence[Path | str],
    *,
    columns: Columns = NO_COLUMNS,
    prune: bool = False,
    progress: ProgressCallback,
) -> UpdateReport:
    """Index the files under `paths`, and what is at the addresses among them; see `find_sources`.

    With `prune`, articles under the paths whose file is gone are removed.

    The embedder is loaded only if there is something to embed: finding that nothing changed takes no model. A file or
    row that fails is reported, leaves what was indexed of it alone, and is tried again next time.
    """
    report = UpdateReport(version=store.version)
    sources = find_sources(paths, columns)
    changes = _Changes(store, report)
    for done, source in enumerate(sources):
        progress(Progress("reading", done, len(sources)))
        changes.read(source)
    if prune:
        changes.prune([path for path in paths if not is_address(path)], {source.name for source in sources})
    prepared: list[_Prepared] = []
    if changes.articles:
        embedder = load_embedder()
        prepared = [_prepare(article, file, embedder) for article, file in changes.articles]
        report.embedded = embed_missing(store, embedder, prepared, progress)
    if prepared or changes.gone or changes.files:
        _commit(store, changes, prepared)
    report.version = store.version
    return report


def rebuild(store: Store, embedder: Embedder, *, progress: ProgressCallback) -> UpdateReport:
    """Cut and embed every stored article anew, with whatever `embedder` is given, then swap."""
    hashes = store.article_hashes()
    prepared = [_prepare(article, hashes[article.uri][0], embedder) for article in store.articles()]
    report = UpdateReport(changed=[p.article.uri for p in prepared])
    report.embedded = embed_missing(store, embedder, prepared, progress, again=True)
    with store.transaction():
        for p in prepared:
            store.put_article(p.article, p.file, p.chunks, p.keys)
        store.set_meta("embedder", embedder.name)
        store.set_meta("dimension", str(embedder.dimension))
        store.drop_unused_embeddings()
        store.next_version()
    report.version = store.version
    return report


class _Changes:
    """What the files hold against what the index holds."""

    def __init__(self, store: Store, report: UpdateReport) -> None:
        self._report = report
        self._known_files = store.file_hashes()
        self._known_articles = store.article_hashes()
        self.articles: list[tuple[Article, str]] = []
        self.gone: list[str] = []
        self.files: dict[str, str | None] = {}

    def read(self, source: Source) -> None:
        """Sort one source's articles into added, changed and unchanged; and those gone from it into removed."""
        file = source.name
        owned = {uri for uri, (owner, _) in self._known_articles.items() if owner == file}
        try:
            source = source.remembering(self._known_files.get(file))
            fingerprint = source.fingerprint()
        except OSError as error:
            self._fail(file, [UnreadableFile(file, f"cannot be read: {error.strerror}")])
            return
        if self._known_files.get(file) == fingerprint:
            self._report.unchanged.extend(sorted(owned))
            return
        reading = gather(source.drafts())
        for article in reading.articles:
            self._sort(article, file)
        if reading.failures:
            self._fail(file, list(reading.failures))
            return
        self.files[file] = fingerprint
        self._remove(sorted(owned - {article.uri for article in reading.articles}))

    def prune(self, paths: Sequence[Path | str], present: set[str]) -> None:
        """Remove articles whose file lay under `paths` and is not there any more."""
        roots = [os.path.abspath(path) for path in paths]  # as in `find_files`
        files = {file for file, _ in self._known_articles.values()} | set(self._known_files)
        for file in sorted(files - present):
            if any(Path(file).is_relative_to(root) for root in roots) and _is_gone(file):
                self._remove(sorted(uri for uri, (owner, _) in self._known_articles.items() if owner == file))
                self.files[file] = None

    def _sort(self, article: Article, file: str) -> None:
        known = self._known_articles.get(article.uri)
        if known is not None and known[1] == article.sha256:
            self._report.unchanged.append(article.uri)
            return
        (self._report.added if known is None else self._report.changed).append(article.uri)
        self.articles.append((article, file))

    def _fail(self, file: str, failures: list[UnreadableFile]) -> None:
        self._report.failed.extend(failures)
        if file in self._known_files:
            self.files[file] = None

    def _remove(self, uris: list[str]) -> None:
        self._report.removed.extend(uris)
        self.gone.extend(uris)


def _commit(store: Store, changes: _Changes, prepared: Iterable[_Prepared]) -> None:
    content_changed = bool(changes.gone)
    with store.transaction():
        for uri in changes.gone:
            store.remove_article(article_id(uri))
        for p in prepared:
            store.put_article(p.article, p.file, p.chunks, p.keys)
            content_changed = True
        for file, fingerprint in changes.files.items():
            if fingerprint is None:
                store.forget_file(file)
            else:
                store.put_file(file, fingerprint)
        store.drop_unused_embeddings()
        if content_changed:
            store.next_version()


def _prepare(article: Article, file: str, embedder: Embedder) -> _Prepared:
    chunks = chunk_article(article, embedder.count_tokens, max_tokens=embedder.max_tokens - TITLE_TOKENS)
    return _Prepared(article, file, chunks, [_key(_passage(article, chunk), embedder.name) for chunk in chunks])


def _passage(article: Article, chunk: Chunk) -> Passage:
    spans = tuple((start - chunk.start, end - chunk.start) for start, end in chunk.sentences)
    return Passage(article.title, article.text[chunk.start : chunk.end], spans)


def _key(passage: Passage, embedder: str) -> str:
    """Name of a passage's vectors: everything they depend on."""
    content = "\x00".join([embedder, passage.title, passage.text, repr(passage.sentences)])
    return hashlib.sha256(content.encode()).hexdigest()


def embed_missing(
    store: Store,
    embedder: Embedder,
    prepared: Sequence[_Prepared],
    progress: ProgressCallback,
    *,
    again: bool = False,
) -> int:
    """Embed and store the vectors that are missing (all of them with `again`); how many passages that were."""
    passages = {key: _passage(p.article, chunk) for p in prepared for chunk, key in zip(p.chunks, p.keys, strict=True)}
    missing = set(passages) if again else store.missing_embeddings(list(passages))
    wanted = [key for key in passages if key in missing]
    for done, keys in _batched(wanted, PASSAGES_PER_COMMIT):
        progress(Progress("embedding", done, len(wanted)))
        vectors = embedder.embed_passages([passages[key] for key in keys])
        with store.transaction():
            store.put_embeddings({key: array.astype(np.float16) for key, array in zip(keys, vectors, strict=True)})
    progress(Progress("embedding", len(wanted), len(wanted)))
    return len(wanted)


def _batched(items: Sequence[str], size: int) -> Iterator[tuple[int, list[str]]]:
    """Slices of `items` with the number of items before each."""
    iterator = iter(items)
    done = 0
    while batch := list(islice(iterator, size)):
        yield done, batch
        done += len(batch)


def _is_gone(file: str) -> bool:
    """Whether there is no such file; one that merely cannot be reached is not gone."""
    try:
        os.stat(file)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
