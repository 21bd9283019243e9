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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.addresses import is_address
from index.article import Article
from index.connection import DATABASE, readable
from index.derived import Derived, no_earlier, vector_file, word_file
from index.embedding import DEFAULT_EMBEDDER, Embedder, load_embedder
from index.errors import CannotRun, NoIndex, WrongEmbedder, WrongUse
from index.fields import NO_COLUMNS, Columns
from index.filters import Filters
from index.holdings import Tally
from index.lock import writer_lock
from index.repair import RepairReport, repair
from index.report import Progress, ProgressCallback, UpdateReport
from index.rollback import rollback
from index.salvage import salvage
from index.schema import FORMAT
from index.search import Hit, IsWord, Weights, question_terms, search, sentence_vectors, spelling, whole_article
from index.store import Store
from index.update import rebuild, update
from index.verify import vector_file_problems, word_file_problems
from index.versions import Version


@dataclass(frozen=True, slots=True)
class Status:
    """What an index holds; `megabytes` is what its folder takes on disk.

    `versions` are the current one and those that can be returned to, the latest first.
    """

    folder: str
    articles: int
    chunks: int
    sentences: int
    embedder: str
    version: int
    megabytes: float
    first_published: str | None
    last_published: str | None
    format: int
    versions: tuple[Version, ...]


def _size(file: Path) -> int:
    """Bytes of a file; 0 for what is none, or goes while one looks: temporary files come and go."""
    with suppress(FileNotFoundError):
        return file.stat().st_size if file.is_file() else 0
    return 0


def _vocabulary(embedder: Embedder) -> IsWord:
    """Whether the embedding model reads something as one piece: common words it does, slips of a finger it does not."""
    return lambda word: embedder.count_tokens([word]) == [1]


def _silent(_: Progress) -> None:
    """Show no progress."""


class Index:
    """Articles in a folder, searchable. Make one with `open` or `create`."""

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        self._store = store
        self._embedder = embedder
        self._chosen = embedder is not None
        self._derived = Derived()
        self._lock = threading.RLock()
        self._stopped = threading.Event()

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
        """Close the files, once what other threads read of them is read; using the Index then raises CannotRun."""
        with self._lock:  # SQLite's memory would be taken from under a thread that reads, which ends the process
            self._store.close()

    def stop_changes(self) -> None:
        """Have updates and rebuilds that are under way in other threads end soon, with CannotRun; none begins any more.

        What was embedded is kept, so that the next one goes on from there.
        """
        self._stopped.set()

    @property
    def folder(self) -> Path:
        """Where the index lies."""
        return self._store.folder

    @property
    def version(self) -> int:
        """Number of the content's version; every update that changes something makes the next."""
        with self._lock, self._store.transaction(write=False):
            return self._store.version

    @property
    def embedder_name(self) -> str:
        """Name of the embedding model that the index was made with; nothing is loaded."""
        with self._lock, self._store.transaction(write=False):
            return self._store.meta("embedder") or DEFAULT_EMBEDDER

    @property
    def embedder(self) -> Embedder:
        """The embedding model that was chosen, or else the index's own, loaded when first needed and after a rebuild.

        ModelMissing if it is not installed.
        """
        with self._lock:
            made_with = self.embedder_name
            if self._embedder is None or not (self._chosen or self._embedder.name == made_with):
                self._embedder = load_embedder(made_with)
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

        WrongUse for an empty question, and for a negative number of chunks.
        """
        if top_k < 0:
            raise WrongUse(f"{top_k} passages cannot be asked for.")
        if not question.strip():
            raise WrongUse("The question is empty. Ask something, for example: clippings ask 'Who won?'")
        while True:
            embedder = self.embedder
            vector = embedder.embed_question(question)
            with self._lock, self._store.transaction(write=False):
                # Another process may have rebuilt the index with another model in between.
                if not self._chosen and embedder.name != self._store.meta("embedder"):
                    continue
                self._check(embedder)
                derived = self._derived.load(self._store)
                return search(
                    self._store,
                    derived,
                    question,
                    vector,
                    top_k=top_k,
                    filters=filters,
                    weights=weights,
                    is_word=_vocabulary(embedder),
                )

    def whole(self, article_id: str, question: str) -> list[Hit]:
        """All chunks of one article in their order, scored for the question; empty if there is no such article."""
        vector = self.embedder.embed_question(question)
        with self._lock, self._store.transaction(write=False):
            return whole_article(self._store, self._derived.load(self._store), article_id, vector)

    def sentence_vectors(self, hits: Sequence[Hit]) -> list[NDArray[np.float32]]:
        """For each hit the unit vectors of its sentences, (sentences, dimension).

        KeyError if one belongs to another version of the index; search again then.
        """
        with self._lock, self._store.transaction(write=False):
            return sentence_vectors(self._store, int(self._store.meta("dimension") or 0), hits)

    def spelling(self, question: str) -> dict[str, str]:
        """Words of the question that are misspelt, each with the word of the articles that was probably meant."""
        is_word = _vocabulary(self.embedder)
        with self._lock, self._store.transaction(write=False):
            return spelling(self._store, question_terms(question), is_word)

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
                if self._chosen and self._embedder is not None:
                    self._check(self._embedder)
            places = [p if is_address(p) else Path(p).expanduser() for p in paths]
            shown = self._stoppable(progress)
            return update(store, lambda: self.embedder, places, columns=columns, prune=prune, progress=shown)

    def rebuild(self, *, embedder: Embedder | None = None, progress: ProgressCallback = _silent) -> UpdateReport:
        """Cut and embed every stored article again, with another embedding model if one is given."""
        with self._writing() as store:
            report = rebuild(store, embedder or self.embedder, progress=self._stoppable(progress))
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
                    store.read_again(hashes[article.uri][0])
                store.next_version("remove")
        return found

    def rollback(self, number: int | None = None) -> UpdateReport:
        """Return to an earlier version (the one before this, without a `number`), as a new version.

        Raises CannotRun if no earlier version is kept, WrongUse if this one is not.
        """
        with self._writing() as store:
            return rollback(store, number)

    def articles(self) -> Iterator[Article]:
        """Every article, by uri."""
        with self._lock, self._store.transaction(write=False):
            return iter(list(self._store.articles()))

    def page(
        self,
        filters: Filters = Filters(),  # noqa: B008 (frozen)
        *,
        title: str = "",
        words: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[Article], int]:
        """`limit` of the articles after the first `offset`, and how many there are in all.

        Only those that the filters let through, whose title holds `title`, and which hold all the `words`, in title,
        source, author, file name or, in any form and begun or whole, in their text; words between quotation marks in a
        row. Case does not matter. The latest first, those without a date last.
        """
        with self._lock, self._store.transaction(write=False):
            return self._store.page(filters, title=title, words=words, limit=limit, offset=offset)

    def excerpts(self, ids: Sequence[str], words: str) -> dict[str, list[tuple[str, bool]]]:
        """Where the texts of these articles hold any of the `words`: a piece of text by id, in parts.

        Each part says whether it is one of the words. Articles whose text holds none are left out.
        """
        with self._lock, self._store.transaction(write=False):
            return self._store.excerpts(ids, words)

    def tally(self) -> list[Tally]:
        """How many articles there are of each month and source, in order of months, the undated first."""
        with self._lock, self._store.transaction(write=False):
            return self._store.tally()

    def article(self, article_id: str) -> Article | None:
        """The article with this id; None if there is none."""
        with self._lock, self._store.transaction(write=False):
            return next(self._store.articles([article_id]), None)

    def find(self, name: str) -> Article:
        """The one article with this id, uri, or end of uri (file name, row id). WrongUse if none or several."""
        if (found := self.article(name)) is not None:  # many are removed by id: do not read all for each of them
            return found
        matches = [a for a in self.articles() if name == a.uri or a.uri.endswith((f"/{name}", f"#{name}"))]
        if len(matches) == 1:
            return matches[0]
        many = f"{len(matches)} articles are" if matches else "No article is"
        raise WrongUse(f"{many} called {name!r}. List them with: clippings index list")

    def document_frequencies(self, terms: Sequence[str]) -> tuple[list[int], int]:
        """For each term the number of chunks that hold it (stemmed), and the number of all chunks."""
        with self._lock, self._store.transaction(write=False):
            return self._store.document_frequency(terms), self._store.chunk_count()

    def status(self) -> Status:
        """Counts, model, version and size. NoIndex if the folder was removed."""
        with self._lock, self._store.transaction(write=False):
            counts = self._store.counts()
            first, last = self._store.published_range()
            size = sum(map(_size, self.folder.iterdir()))
            return Status(
                folder=str(self.folder),
                **counts,
                embedder=self._store.meta("embedder") or "",
                version=self._store.version,
                megabytes=round(size / 1e6, 1),
                first_published=first,
                last_published=last,
                format=FORMAT,
                versions=tuple(self._store.versions()),
            )

    def verify(self) -> list[str]:
        """What is wrong with the files, one line each; empty if all is well."""
        with self._lock, self._store.transaction(write=False):
            found = self._store.problems()
            dimension = int(self._store.meta("dimension") or 0)
            path = vector_file(self.folder, self._store.snapshot)
            if not found:  # it is made from the database, so it can only be as sound
                stored = self._store.vectors(dimension)
                chunk_ids, counts = self._store.vector_rows()
                found += vector_file_problems(path, chunk_ids, counts, stored, dimension)
                words = word_file(self.folder, self._store.snapshot)
                found += word_file_problems(words, chunk_ids, self._store.passages)
            return found

    @classmethod
    def repaired(
        cls, folder: Path | str, *, embedder: Embedder | None = None, progress: ProgressCallback = _silent
    ) -> RepairReport:
        """Repair the index in `folder`, also one that cannot be opened any more: then what can be read is saved first.

        Raises NoIndex if there is none, DamagedIndex if nothing of it can be saved, and what `repair` raises.
        """
        folder = Path(folder).expanduser().absolute()
        if not (folder / DATABASE).is_file():
            raise NoIndex(f"No index in {folder}. Build one with: clippings index update FOLDER_OF_ARTICLES")
        with writer_lock(folder), readable(folder):
            lost = salvage(folder)
        index = cls.open(folder, embedder=embedder)
        try:
            report = index.repair(progress=progress)
        finally:
            index.close()
        return replace(report, read_again=sorted({*report.read_again, *lost}))

    def repair(self, *, progress: ProgressCallback = _silent) -> RepairReport:
        """Make what is derived anew where it is damaged; the report names the articles that must be read again."""
        with self._writing(anew=True) as store:
            return repair(store, lambda: self.embedder, progress=self._stoppable(progress))

    def _stoppable(self, progress: ProgressCallback) -> ProgressCallback:
        """The same, but a stop is raised from it."""

        def show(made: Progress) -> None:
            self._check_stopped()
            progress(made)

        return show

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise CannotRun(
                f"The change of the index in {self.folder} was stopped, because the program ends. What was embedded is "
                "kept; do the same again, and it goes on from there."
            )

    def _check(self, embedder: Embedder) -> None:
        made_with = self._store.meta("embedder")
        if embedder.name != made_with:
            raise WrongEmbedder(
                f"The index in {self.folder} was made with the embedding model {made_with}, not {embedder.name}. "
                "Use that model, or make the index anew with: clippings index rebuild"
            )

    @contextmanager
    def _writing(self, *, anew: bool = False) -> Iterator[Store]:
        """Only one process writes, over a connection of its own, so that this Index can be searched meanwhile.

        The derived files are made before the new version is seen, so that no search waits for them: from those of the
        version before, or `anew`.
        """
        self._check_stopped()
        with writer_lock(self.folder), readable(self.folder):
            with self._lock, self._store.transaction(write=False):
                before = no_earlier if anew else self._derived.before_update(self._store)
            store, prepared = Store.open(self.folder), Derived()
            store.at_new_version = lambda: prepared.prepare(store, before)
            try:
                yield store
            finally:
                store.close()
            with self._lock, self._store.transaction(write=False):
                self._derived.follow(self._store, prepared, before)
