"""Identity and hash of an Article."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError, replace
from datetime import date
from typing import Any

import pytest

from index.article import Article, article_id

ARTICLE = Article("/a.md", "Title", "Text.", "Ann", "Post", date(2021, 3, 14), "https://post.example/a", ("Yes.",))


def test_id_comes_from_the_uri_alone() -> None:
    assert ARTICLE.id == article_id("/a.md") == hashlib.sha256(b"/a.md").hexdigest()[:16]
    assert replace(ARTICLE, title="Other", text="Other.").id == ARTICLE.id
    assert replace(ARTICLE, uri="/b.md").id != ARTICLE.id


def test_same_content_elsewhere_has_the_same_hash() -> None:
    assert replace(ARTICLE, uri="/b.md").sha256 == ARTICLE.sha256


def test_hash_stays_what_indexes_have_recorded() -> None:
    # A different value here means that every article of every index counts as changed.
    content = '["Title", "Text.", "Ann", "Post", "2021-03-14", "https://post.example/a", ["Yes."]]'
    assert ARTICLE.sha256 == hashlib.sha256(content.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Title."},
        {"text": "Text"},
        {"author": None},
        {"author": ""},
        {"source": "Ann", "author": "Post"},
        {"published": date(2021, 3, 15)},
        {"url": None},
        {"comments": ()},
        {"comments": ("Ye", "s.")},
    ],
)
def test_any_other_content_has_another_hash(change: dict[str, Any]) -> None:
    assert replace(ARTICLE, **change).sha256 != ARTICLE.sha256


def test_an_article_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        ARTICLE.text = "Other."  # type: ignore[misc]
