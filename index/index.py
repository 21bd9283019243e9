"""The Index: a searchable collection of articles in one folder. It is the interface of this package.

    index = Index.create(folder)
    index.update([Path("articles")])
    hits = index.search("How many were wounded?", top_k=5)

The embedding model is loaded when it is first needed, so opening takes milliseconds. An Index may be used from
several threads, and reads the new version when another process has updated the folder.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.cleaning.metadata import NO_COLUMNS, Columns
from index.embedding.embedder import DEFAULT_EMBEDDER, Embedder, load_embedder
from index.errors import EMPTY_QUESTION, CannotRun, NoIndex, WrongEmbedder, WrongUse
from index.language.identification import language_of_question
from index.search.question_words import Forms, question_terms, word_forms
from index.search.search import Hit, Weights, search, sentence_vectors, spelling, vocabulary, whole_article
from index.search.snapshot import Derived, no_earlier, vector_file, word_file
from index.storage.browse import Tally
from index.storage.database.connection import DATABASE, readable
from index.storage.database.database import no_index
from index.storage.database.filters import Filters
from index.storage.database.lock import writer_lock
from index.storage.database.schema import FORMAT
from index.storage.salvage import salvage
from index.storage.store import Store
from index.storage.versions import Version
from index.updates.repair import RepairReport, repair
from index.updates.report import Progress, ProgressCallback, UpdateReport, silent
from index.updates.rollback import preview, rollback
from index.updates.update import rebuild, update
from index.updates.verify import vector_file_problems, word_file_problems
from index.urls import is_address


@dataclass(frozen=True, slots=True)
class Status:
    """Statistics of an index; `megabytes` (10^6 bytes) is the size of its folder on disk, `undated` the number of
    articles without a date.

    `versions` are the current one and those to which it can be rolled back, the latest first.
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
    undated: int
    format: int
    versions: tuple[Version, ...]


def _size(file: Path) -> int:
    """Returns the size of a file in bytes; 0 if it is no file, or was just deleted, as temporary files are."""
    with suppress(FileNotFoundError):
        return file.stat().st_size if file.is_file() else 0
    return 0


class Index:
    """A searchable index of articles in a folder. Use `open` or `create` to get one."""

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        self._store = store
        self._embedder = embedder
        self._chosen = embedder is not None
        self._derived = Derived()
        self._lock = threading.RLock()
        self._stopped = threading.Event()

    @classmethod
    def open(cls, folder: Path | str, *, embedder: Embedder | None = None) -> Index:
        """Opens the index in `folder`.

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
        """Opens the index in `folder`; creates an empty one if there is none."""
        folder = Path(folder).expanduser().absolute()
        try:
            return cls.open(folder, embedder=embedder)
        except NoIndex:
            pass  # made below
        embedder = embedder or load_embedder(DEFAULT_EMBEDDER)
        return cls(Store.create(folder, embedder=embedder.name, dimension=embedder.dimension), embedder)

    def close(self) -> None:
        """Closes the files, after waiting for reads by other threads; using the Index then raises CannotRun."""
        with self._lock:  # closing a SQLite connection while another thread reads from it would crash the process
            self._store.close()

    def stop_changes(self) -> None:
        """Makes running updates, rebuilds and repairs in other threads stop soon with CannotRun, and prevents new ones.

        The vectors already computed are kept, so the next update continues from there.
        """
        self._stopped.set()

    @property
    def folder(self) -> Path:
        """The folder of the index."""
        return self._store.folder

    @property
    def version(self) -> int:
        """The version number of the content; every update that changes something increments it."""
        with self._lock, self._store.transaction(write=False):
            return self._store.meta.version

    @property
    def embedder_name(self) -> str:
        """The name of the embedding model that the index was made with; does not load the model."""
        with self._lock, self._store.transaction(write=False):
            return self._store.meta.embedder or DEFAULT_EMBEDDER

    @property
    def embedder(self) -> Embedder:
        """The embedder given by the caller; otherwise the index's own, loaded on first use and after a model change.

        Raises ModelMissing if the model is not installed.
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
        filters: Filters = Filters(),
        weights: Weights = Weights(),
        language: str = "en",
    ) -> list[Hit]:
        """Returns the `top_k` best chunks for the question, best first; fewer if the index has fewer.

        `language` is the question's (`question_language`). Raises WrongUse if the question is empty, `top_k` negative.
        """
        if top_k < 0:
            raise WrongUse(f"{top_k} passages cannot be asked for.")
        if not question.strip():
            raise WrongUse(EMPTY_QUESTION)
        while True:
            embedder = self.embedder
            vector = embedder.embed_question(question)
            with self._lock, self._store.transaction(write=False):
                # Another process may have rebuilt the index with another model since the question was embedded.
                if not self._chosen and embedder.name != self._store.meta.embedder:
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
                    is_word=vocabulary(embedder),
                    language=language,
                )

    def whole(self, article_id: str, question: str) -> list[Hit]:
        """Returns all chunks of one article in text order, scored for the question; empty if the id is unknown."""
        vector = self.embedder.embed_question(question)
        with self._lock, self._store.transaction(write=False):
            return whole_article(self._store, self._derived.load(self._store), article_id, vector)

    def sentence_vectors(self, hits: Sequence[Hit]) -> list[NDArray[np.float32]]:
        """Returns for each hit the unit vectors of its sentences, of shape (sentences, dimension).

        Raises KeyError if a hit's chunk is no longer in the index because of an update; then search again.
        """
        with self._lock, self._store.transaction(write=False):
            return sentence_vectors(self._store, self._store.meta.dimension, hits)

    def spelling(self, question: str) -> dict[str, str]:
        """Returns the misspelt words of the question, each mapped to the word of the articles probably meant."""
        is_word = vocabulary(self.embedder)
        with self._lock, self._store.transaction(write=False):
            return spelling(self._store, question_terms(question), is_word)

    def warm(self) -> None:
        """Loads the model and the vectors now, so that the first question does not wait for them."""
        self.search("warm up", top_k=1)

    def update(
        self,
        paths: Sequence[Path | str],
        *,
        columns: Columns = NO_COLUMNS,
        prune: bool = False,
        progress: ProgressCallback = silent,
    ) -> UpdateReport:
        """Indexes the files under `paths`, and the pages and feeds at addresses; see `index.updates.update.update`.

        Raises WrongUse if a path does not exist, IndexBusy while another process writes.
        """
        with self._writing() as store:
            with self._lock:
                if self._chosen and self._embedder is not None:
                    self._check(self._embedder)
            places = [p if is_address(p) else Path(p).expanduser() for p in paths]
            shown = self._stoppable(progress)
            return update(store, lambda: self.embedder, places, columns=columns, prune=prune, progress=shown)

    def rebuild(self, *, embedder: Embedder | None = None, progress: ProgressCallback = silent) -> UpdateReport:
        """Chunks and embeds every stored article again, with another embedding model if one is given."""
        with self._writing() as store:
            report = rebuild(store, embedder or self.embedder, progress=self._stoppable(progress))
            self._embedder = embedder or self.embedder
            return report

    def remove(self, names: Sequence[str]) -> list[Article]:
        """Removes and returns the articles with these names. Raises WrongUse, and removes none, if `find` does."""
        with self._writing() as store:
            found = [self.find(name) for name in names]
            hashes = store.articles.hashes()
            with store.transaction():
                for article in found:
                    store.remove_article(article.id)
                    store.files.read_again(hashes[article.uri][0])
                store.next_version("remove")
        return found

    def rollback(self, number: int | None = None) -> UpdateReport:
        """Restores the content of an earlier version (by default the previous one), as a new version.

        Raises CannotRun if no earlier version is kept, WrongUse if version `number` is not kept.
        """
        with self._writing() as store:
            return rollback(store, number)

    def rollback_preview(self, number: int) -> UpdateReport:
        """Returns what `rollback` to this version would add, change and remove; raises like it."""
        with self._lock, self._store.transaction(write=False):
            return preview(self._store, number)

    def articles(self) -> Iterator[Article]:
        """Returns an iterator over all articles, ordered by uri."""
        with self._lock, self._store.transaction(write=False):
            return iter(list(self._store.articles.all()))

    def page(
        self, filters: Filters = Filters(), *, title: str = "", words: str = "", limit: int = 50, offset: int = 0
    ) -> tuple[list[Article], int]:
        """Returns at most `limit` matching articles after the first `offset`, and the number of all that match.

        An article matches if it passes the filters, its title contains `title`, and each of the `words` occurs in its
        title, source, author, file name or text (there in any inflected form, or as a prefix of a word). Words between
        quotation marks must be adjacent. Case is ignored. The latest come first, those without a date last.
        """
        with self._lock, self._store.transaction(write=False):
            return self._store.browse.page(filters, title=title, words=words, limit=limit, offset=offset)

    def excerpts(self, ids: Sequence[str], words: str) -> dict[str, list[tuple[str, bool]]]:
        """Returns, by article id, an excerpt of the text that contains some of the `words`, split into parts.

        Each part is a pair of its text and whether it is a match. Articles whose text has no match are omitted.
        """
        with self._lock, self._store.transaction(write=False):
            return self._store.browse.excerpts(ids, words)

    def tally(self) -> list[Tally]:
        """Returns the number of articles by month and source, ordered by month, those without a date first."""
        with self._lock, self._store.transaction(write=False):
            return self._store.browse.tally()

    def undated(self, filters: Filters) -> int:
        """Returns how many articles a search cannot consider, as they have no date and the filters limit the dates."""
        if not (filters.after or filters.before):
            return 0
        with self._lock, self._store.transaction(write=False):
            return self._store.articles.undated(filters)

    def article(self, article_id: str) -> Article | None:
        """Returns the article with this id; None if there is none."""
        with self._lock, self._store.transaction(write=False):
            return next(self._store.articles.get([article_id]), None)

    def find(self, name: str) -> Article:
        """Returns the article with this id, uri, file name or row id. Raises WrongUse if none or several match."""
        if (found := self.article(name)) is not None:  # avoids reading all articles for every one removed by id
            return found
        matches = [a for a in self.articles() if name == a.uri or a.uri.endswith((f"/{name}", f"#{name}"))]
        if len(matches) == 1:
            return matches[0]
        many = f"{len(matches)} articles are" if matches else "No article is"
        raise WrongUse(f"{many} called {name!r}. List them with: clippings index list")

    def document_frequencies(self, terms: Sequence[str]) -> tuple[list[int], int]:
        """Returns the number of chunks that contain each term (stemmed), and the number of all chunks."""
        with self._lock, self._store.transaction(write=False):
            return self._store.full_text.frequencies(terms), self._store.chunks.count()

    def question_language(self, question: str) -> str:
        """Returns the language of a question (ISO 639-1): English, unless it is surely or probably another."""
        return language_of_question(question, self._languages)

    def _languages(self) -> frozenset[str]:
        with self._lock, self._store.transaction(write=False):
            return self._derived.load(self._store).languages

    def word_forms(self, question: str, language: str) -> tuple[dict[Forms, int], int]:
        """Returns a question's content words in all forms, the number of chunks of each, and that of all."""
        with self._lock, self._store.transaction(write=False):
            derived = self._derived.load(self._store)
            words = word_forms(question, language, derived.languages - {"en"})
            return {forms: max(derived.bm25.frequencies(forms)) for forms in words}, self._store.chunks.count()

    def status(self) -> Status:
        """Returns the counts, model, version and size. Raises NoIndex if the folder was removed."""
        with self._lock, self._store.transaction(write=False):
            first, last = self._store.articles.published_range()
            size = sum(map(_size, self.folder.iterdir()))
            return Status(
                folder=str(self.folder),
                articles=self._store.articles.count(),
                chunks=self._store.chunks.count(),
                sentences=self._store.chunks.count_sentences(),
                embedder=self._store.meta.embedder,
                version=self._store.meta.version,
                megabytes=round(size / 1e6, 1),
                first_published=first,
                last_published=last,
                undated=self._store.articles.undated(Filters()),
                format=FORMAT,
                versions=tuple(self._store.versions.kept()),
            )

    def verify(self) -> list[str]:
        """Returns the problems found in the files, one line each; empty if there are none."""
        with self._lock, self._store.transaction(write=False):
            found = self._store.problems()
            dimension = self._store.meta.dimension
            path = vector_file(self.folder, self._store.meta.snapshot)
            if not found:  # the vector and word files derive from the database, so they are compared with a sound one
                stored = self._store.vectors.get(dimension)
                chunk_ids, counts = self._store.vectors.counts()
                found += vector_file_problems(path, chunk_ids, counts, stored, dimension)
                words = word_file(self.folder, self._store.meta.snapshot)
                found += word_file_problems(words, chunk_ids, self._store.chunks.passages)
            return found

    @classmethod
    def repaired(
        cls, folder: Path | str, *, embedder: Embedder | None = None, progress: ProgressCallback = silent
    ) -> RepairReport:
        """Repairs the index in `folder`. If the database is damaged, what can be read of it is salvaged first.

        Raises NoIndex if there is none, DamagedIndex if nothing can be salvaged, and the errors of `repair`.
        """
        folder = Path(folder).expanduser().absolute()
        if not (folder / DATABASE).is_file():
            raise no_index(folder)
        with writer_lock(folder), readable(folder):
            lost = salvage(folder)
        index = cls.open(folder, embedder=embedder)
        try:
            report = index.repair(progress=progress)
        finally:
            index.close()
        return replace(report, read_again=sorted({*report.read_again, *lost}))

    def repair(self, *, progress: ProgressCallback = silent) -> RepairReport:
        """Regenerates damaged derived data; the report lists the articles that must be read from their files again."""
        with self._writing(anew=True) as store:
            return repair(store, lambda: self.embedder, progress=self._stoppable(progress))

    def _stoppable(self, progress: ProgressCallback) -> ProgressCallback:
        """Returns a callback that calls `progress`, but raises CannotRun after `stop_changes`."""

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
        made_with = self._store.meta.embedder
        if embedder.name != made_with:
            raise WrongEmbedder(
                f"The index in {self.folder} was made with the embedding model {made_with}, not {embedder.name}. "
                "Use that model, or make the index anew with: clippings index rebuild"
            )

    @contextmanager
    def _writing(self, *, anew: bool = False) -> Iterator[Store]:
        """Holds the writer lock, and yields a store with its own connection; this Index can be searched meanwhile.

        The derived files are built before the new version becomes visible, so that no search waits for them: from those
        of the previous version, or from the database alone if `anew`.
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
