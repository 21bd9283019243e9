"""Read the training questions (SQuAD schema) and index their articles, for the scripts that fit something."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import Index
from index.embedding.embedder import Embedder


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question about the article called `article`; `answers` is empty if the article does not hold one."""

    text: str
    answers: tuple[str, ...]
    article: str


def load(folder: Path) -> tuple[dict[str, str], list[TrainingQuestion]]:
    """Articles (title -> text) and questions of every SQuAD-schema file in `folder`."""
    articles: dict[str, str] = {}
    questions: list[TrainingQuestion] = []
    for path in sorted(folder.glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8"))["data"]:
            title = entry["title"].replace("_", " ")
            contexts = list(dict.fromkeys(" ".join(p["context"].split()) for p in entry["paragraphs"]))
            articles[title] = "\n\n".join([articles[title], *contexts] if title in articles else contexts)
            for qa in (qa for paragraph in entry["paragraphs"] for qa in paragraph["qas"]):
                answers = () if qa.get("is_impossible") else tuple(sorted({a["text"] for a in qa["answers"]}))
                questions.append(TrainingQuestion(" ".join(qa["question"].split()), answers, title))
    return articles, questions


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file that `load` reads."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.json"))}


def build_index(folder: Path, articles: dict[str, str], embedder: Embedder) -> Index:
    """An index of the articles in `folder`; each has its title as row id."""
    rows = [json.dumps({"id": title, "title": title, "text": text}) for title, text in articles.items()]
    folder.mkdir(parents=True)
    (folder / "articles.jsonl").write_text("\n".join(rows), encoding="utf-8")
    index = Index.create(folder / "index", embedder=embedder)
    index.update([folder / "articles.jsonl"])
    return index


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines, gzipped or not. SystemExit if it is missing."""
    if not path.exists():
        raise SystemExit(f"{path} is missing")
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in content.decode().splitlines() if line.strip()]
