"""The Index: one folder of articles, ready to be searched. The door of this package.

    index = Index.create(folder)
    index.update([Path("articles")])
    hits = index.search("How many were wounded?", top_k=5)

The embedding model is loaded when it is first needed, so opening takes milliseconds. An Index may be used from
several threads, and notices by itself when another process has updated the folder.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from index.addresses import is_address
from index.article import Article
from index.embedding import DEFAULT_EMBEDDER, Embedder, load_embedder
from index.errors import CannotRun, IndexBusy, NoIndex, WrongEmbedder, WrongUse
from index.fields import NO_COLUMNS, Columns
from index.filters import Filters
from index.search import Hit, Weights, search
from index.store import Store
from index.update import Progress, ProgressCallback, UpdateReport, rebuild, update
from index.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class Status:
    """What an index holds; `megabytes` is what its folder takes on disk."""

    folder: str
    articles: int
    chunks: int
    sentences: int
    embedder: str
    version: int
    megabytes: float
    first_published: str | None
    last_published: str | None


def _silent(_: Progress) -> None:
    """Show no progress."""


class Index:
    """Articles in a folder, searchable. Make one with `open` or `create`."""

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        self._store = store
        self._embedder = embedder
        self._vectors: tuple[str, VectorIndex] | None = None
        self._lock = threading.RLock()

    @classmethod
    def open(cls, folder: Path | str, *, embedder: Embedder | None = None) -> Index:
        """Open the index in `folder`.

        Raises NoIndex if there is none, DamagedIndex if it cannot be read, WrongEmbedder if `embedder` is given and
        is not the one that the index was made with.
        """
        index = cls(Store.open(Path(folder).expanduser().absolute()), embedder)
        try:
            if embedder is not None:
                index._check(embedder)
        except WrongEmbedder:
            index.close()
            raise
        return index

    @classmethod
    def create(cls, folder: Path | str, *, embedder: Embedder | None = None) -> Index:
        """Open the index in `folder`, making an empty one first if there is none."""
        folder = Path(folder).expanduser().absolute()
        try:
            return cls.open(folder, embedder=embedder)
        except NoIndex:
            pass  # made below
        embedder = embedder or load_embedder(DEFAULT_EMBEDDER)
        return cls(Store.create(folder, embedder=embedder.name, dimension=embedder.dimension), embedder)

    def close(self) -> None:
        """Close the files; the Index cannot be used after it."""
        self._store.close()

    @property
    def folder(self) -> Path:
        """Where the index lies."""
        return self._store.folder

    @property
    def version(self) -> int:
        """Number of the content's version; every update that changes something makes the next."""
        with self._lock:
            return self._store.version

    @property
    def embedder(self) -> Embedder:
        """The embedding model, loaded at the first use. ModelMissing if it is not installed."""
        with self._lock:
            if self._embedder is None:
                self._embedder = load_embedder(self._store.meta("embedder") or DEFAULT_EMBEDDER)
                self._check(self._embedder)
            return self._embedder

    def search(
        self,
        question: str,
        *,
        top_k: int = 5,
        filters: Filters = Filters(),  # noqa: B008 (frozen)
        weights: Weights = Weights(),  # noqa: B008 (frozen)
    ) -> list[Hit]:
        """The `top_k` best chunks for the question, best first; fewer when the index has fewer.

        WrongUse for an empty question.
        """
        if not question.strip():
            raise WrongUse("The question is empty. Ask something, for example: clippings ask 'Who won?'")
        vector = self.embedder.embed_question(question)
        with self._lock, self._store.transaction(write=False):
            self._check(self.embedder)  # another process may have rebuilt the index with another model
            vectors = self._load_vectors()
            return search(self._store, vectors, question, vector, top_k=top_k, filters=filters, weights=weights)

    def warm(self) -> None:
        """Load the model and the vectors now, so that the first question does not wait for them."""
        self.search("warm up", top_k=1)

    def update(
        self,
        paths: Sequence[Path | str],
        *,
        columns: Columns = NO_COLUMNS,
        prune: bool = False,
        progress: ProgressCallback = _silent,
    ) -> UpdateReport:
        """Index the files under `paths` and what is at the addresses among them; see `index.update.update`.

        Raises WrongUse for a path that does not exist, IndexBusy while another process writes.
        """
        with self._writing() as store:
            with self._lock:
                if self._embedder is not None:
                    self._check(self._embedder)
            places = [p if is_address(p) else Path(p).expanduser() for p in paths]
            return update(store, lambda: self.embedder, places, columns=columns, prune=prune, progress=progress)

    def rebuild(self, *, embedder: Embedder | None = None, progress: ProgressCallback = _silent) -> UpdateReport:
        """Cut and embed every stored article again, with another embedding model if one is given."""
        with self._writing() as store:
            report = rebuild(store, embedder or self.embedder, progress=progress)
            self._embedder = embedder or self.embedder
            return report

    def remove(self, names: Sequence[str]) -> list[Article]:
        """Take articles out, each named by id, uri or file name. WrongUse, and nothing removed, if one is unknown."""
        with self._writing() as store:
            found = [self.find(name) for name in names]
            hashes = store.article_hashes()
            with store.transaction():
                for article in found:
                    store.remove_article(article.id)
                    store.forget_file(hashes[article.uri][0])
                store.drop_unused_embeddings()
                store.next_version()
        return found

    def articles(self) -> Iterator[Article]:
        """Every article, by uri."""
        with self._lock, self._store.transaction(write=False):
            return iter(list(self._store.articles()))

    def find(self, name: str) -> Article:
        """The one article with this id, uri, or end of uri (file name, row id). WrongUse if none or several."""
        matches = [a for a in self.articles() if name in (a.id, a.uri) or a.uri.endswith((f"/{name}", f"#{name}"))]
        if len(matches) == 1:
            return matches[0]
        found = f"{len(matches)} articles are" if matches else "No article is"
        raise WrongUse(f"{found} called {name!r}. List them with: clippings index list")

    def document_frequencies(self, terms: Sequence[str]) -> tuple[list[int], int]:
        """For each term the number of chunks that hold it (stemmed), and the number of all chunks."""
        with self._lock, self._store.transaction(write=False):
            return self._store.document_frequency(terms), self._store.chunk_count()

    def status(self) -> Status:
        """Counts, model, version and size."""
        with self._lock, self._store.transaction(write=False):
            counts = self._store.counts()
            first, last = self._store.published_range()
            size = sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())
            return Status(
                folder=str(self.folder),
                **counts,
                embedder=self._store.meta("embedder") or "",
                version=self._store.version,
                megabytes=round(size / 1e6, 1),
                first_published=first,
                last_published=last,
            )

    def verify(self) -> list[str]:
        """What is wrong with the files, one line each; empty if all is well."""
        with self._lock, self._store.transaction(write=False):
            return self._store.problems()

    def _check(self, embedder: Embedder) -> None:
        made_with = self._store.meta("embedder")
        if embedder.name != made_with:
            raise WrongEmbedder(
                f"The index in {self.folder} was made with the embedding model {made_with}, not {embedder.name}. "
                "Use that model, or make the index anew with: clippings index rebuild"
            )

    def _load_vectors(self) -> VectorIndex:
        """The vectors of the version that the current transaction sees; rebuilt from the database if need be."""
        snapshot = self._store.snapshot
        if self._vectors is None or self._vectors[0] != snapshot:
            self._vectors = (snapshot, _vectors_of(self._store, snapshot))
        return self._vectors[1]

    @contextmanager
    def _writing(self) -> Iterator[Store]:
        """Only one process writes, over a connection of its own, so that this Index can be searched meanwhile.

        Afterwards the derived file is made, so that the next start is quick.
        """
        lock = FileLock(self.folder / "writer.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise IndexBusy(
                f"Another process is writing to the index in {self.folder}. Wait for it to end, then try again."
            ) from None
        except OSError as error:
            raise CannotRun(f"The index in {self.folder} cannot be written: {error.strerror}.") from error
        try:
            store = Store.open(self.folder)
            try:
                yield store
            finally:
                store.close()
        finally:
            lock.release()
        with self._lock, self._store.transaction(write=False):
            self._load_vectors()


def _vectors_of(store: Store, snapshot: str) -> VectorIndex:
    chunk_ids, counts = store.vector_rows()
    path = store.folder / f"vectors-{snapshot}.faiss"
    if path.is_file():
        try:
            return VectorIndex.load(path, chunk_ids, counts)
        except (RuntimeError, ValueError):
            path.unlink(missing_ok=True)  # damaged: the database has the truth, and the file is made from it below
    dimension = int(store.meta("dimension") or 0)
    vectors = VectorIndex.from_vectors(store.vectors(dimension), chunk_ids, counts, dimension)
    try:
        for old in store.folder.glob("vectors-*.faiss"):
            old.unlink(missing_ok=True)
        vectors.save(path)
    except OSError:
        pass  # a read-only folder can be searched all the same, it only opens more slowly
    return vectors
