"""The SQLite database of an index: articles, chunks, full text and vectors; everything else is derived from it.

A `Store` holds one part for each kind of data, and does what concerns several of them. All writing happens in
transactions, and every change of content makes a new version, so a reader sees either the old index or the new one. The
tables are described in `schema`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from index.errors import CannotRun, NoIndex
from index.storage import integrity
from index.storage.articles import Articles
from index.storage.browse import Browse
from index.storage.chunk_vectors import ChunkVectors
from index.storage.chunks import Chunks
from index.storage.database.connection import readable
from index.storage.database.database import Database
from index.storage.database.meta import Meta
from index.storage.database.schema import FORMAT, make_tables
from index.storage.duplicates import Duplicates
from index.storage.full_text import FullText
from index.storage.read_files import ReadFiles
from index.storage.revisions import Revision
from index.storage.staging import Staging
from index.storage.versions import Versions


class Store:
    """One open connection to the database of an index, and its parts."""

    def __init__(self, database: Database) -> None:
        self.folder = database.folder
        self.database = database
        self.meta = Meta(database)
        self.files = ReadFiles(database)
        self.articles = Articles(database)
        self.chunks = Chunks(database)
        self.vectors = ChunkVectors(database)
        self.full_text = FullText(database)
        self.duplicates = Duplicates(database, self.articles.get)
        self.versions = Versions(database)
        self.browse = Browse(database)
        self.at_new_version: Callable[[], object] = lambda: None
        """Called at the end of the transaction that makes a new version, before others can see that version."""

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Opens the index in `folder`.

        Raises NoIndex if there is none, DamagedIndex if it cannot be read or has another format.
        """
        return cls(Database.open(folder))

    @classmethod
    def create(cls, folder: Path, *, embedder: str, dimension: int) -> Store:
        """Opens the index in `folder`, creating an empty one first if there is none."""
        try:
            return cls.open(folder)
        except NoIndex:
            pass  # made below
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotRun(
                f"The folder {folder} cannot be made: {error.strerror}. Choose another one with --index."
            ) from error
        with readable(folder):
            store = cls(Database(folder))
        with store.transaction():
            make_tables(store.database)
            values = {"format": FORMAT, "embedder": embedder, "dimension": dimension, "version": -1}
            for key, value in values.items():
                store.meta.put(key, value)
            store.next_version("made empty")
        return store

    def close(self) -> None:
        """Closes the connection; a later transaction raises CannotRun."""
        self.database.close()

    def transaction(self, *, write: bool = True) -> AbstractContextManager[None]:
        """See `Database.transaction`."""
        return self.database.transaction(write=write)

    def next_version(self, what: str) -> None:
        """Makes a new version; `what` names the operation. Call it at the end of the transaction with the change."""
        self.duplicates.link()
        number = self.meta.version + 1
        self.meta.put("version", number)
        self.meta.put("snapshot", secrets.token_hex(8))
        self.versions.add(number, what, self.meta.embedder, self.meta.dimension)
        self.at_new_version()

    def staging(self) -> Staging:
        """Returns a new, empty staging area, which replaces an earlier one."""
        return Staging(self.database.connection, self.vectors)

    def revision(self, article_id: str) -> Revision | None:
        """Returns the current revision of an article; None if the article does not exist."""
        return Revision.read(self.database, article_id)

    def put_revision(self, revision: Revision) -> None:
        """Writes a revision of an article, replacing the current one."""
        article_id = revision.article["id"]
        self.remove_article(article_id)
        self.articles.insert(revision.article)
        self.chunks.insert(revision.chunks)
        self.full_text.insert(article_id)

    def remove_article(self, article_id: str) -> None:
        """Removes an article and its chunks, and records them for a rollback; no error if it does not exist."""
        coming = self.meta.version + 1
        self.versions.note(coming, article_id)
        self.vectors.mark_unused(article_id, coming)
        self.full_text.delete(article_id)
        self.chunks.delete(article_id)
        self.articles.delete(article_id)

    def problems(self) -> list[str]:
        """Returns the problems of the database, one line each; see `integrity`."""
        return list(integrity.problems(self.database, self.meta.embedder, self.meta.dimension))

    def damage(self) -> integrity.Damage:
        """Returns which data are damaged, for a repair."""
        return integrity.damage(self.database, self.meta.embedder)
