"""Build an index of an archive and use it, against langchain's stock pipeline; each stage in a process of its own.

Loading the embedding model is not counted, for either. langchain gets a sample of the same articles, because it takes
so long; words are those of the articles' text, without titles, divided by seconds from the first article read to an
index that answers.
"""

from __future__ import annotations

import gzip
import importlib
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

ADDED = 10
"""Articles added afterwards."""

QUESTIONS = 200
"""Headlines that are searched for."""

LANGCHAIN_ARTICLES = 500


def measure(archive: Path, articles: int | None, langchain_articles: int = LANGCHAIN_ARTICLES) -> dict[str, Any]:
    """Every figure, by name."""
    rows = list(load(archive))
    random.Random(0).shuffle(rows)
    rows = rows[: articles or None]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "articles").mkdir()
        write(folder / "articles" / "archive.jsonl", rows[:-ADDED])
        write(folder / "added.jsonl", rows[-ADDED:])
        write(folder / "sample.jsonl", rows[:langchain_articles])
        figures = {"articles": len(rows), "langchain_articles": len(rows[:langchain_articles])}
        for stage in STAGES:
            print(f"{stage} …", file=sys.stderr, flush=True)
            command = [sys.executable, __file__, stage, str(folder)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            figures |= json.loads(done.stdout.splitlines()[-1])
    figures["ratio"] = round(figures["words_per_s"] / figures["langchain_words_per_s"], 2)
    return figures


def load(archive: Path) -> Iterator[dict[str, str]]:
    """Rows of a `.jsonl` or `.jsonl.gz` that have text, with the fields that clippings reads."""
    with gzip.open(archive, "rt") if archive.suffix == ".gz" else archive.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row.get("text") or row.get("body") or ""
            if text.strip():
                yield {"id": row["id"], "title": row["title"], "text": text, "date": _iso(row.get("date") or "")}


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """One article a line."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _iso(day: str) -> str:
    """The day of "26-FEB-1987 15:01:01.79", as Reuters writes it."""
    try:
        return datetime.strptime(day.split()[0], "%d-%b-%Y").date().isoformat()
    except (ValueError, IndexError):
        return day


def langchain(folder: Path) -> dict[str, Any]:
    """Chunks of 1,000 characters with 200 overlapping, as in langchain's own tutorial; FAISS."""
    splitters = importlib.import_module("langchain_text_splitters")
    faiss = importlib.import_module("langchain_community.vectorstores").FAISS
    model = importlib.import_module("index.embedding").MINILM.locate().parent
    embeddings = importlib.import_module("langchain_huggingface").HuggingFaceEmbeddings(model_name=str(model))
    embeddings.embed_query("warm up")
    start = time.perf_counter()
    texts = [row["text"] for row in load(folder / "sample.jsonl")]
    splitter = splitters.RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    faiss.from_texts([chunk for text in texts for chunk in splitter.split_text(text)], embeddings)
    return {"langchain_words_per_s": _rate(texts, time.perf_counter() - start)}


def build(folder: Path) -> dict[str, Any]:
    """The whole archive."""
    index, embedder = _index(folder, create=True)
    embedder.embed_question("warm up")
    start = time.perf_counter()
    index.update([folder / "articles"])
    seconds = time.perf_counter() - start
    texts = [row["text"] for row in load(folder / "articles" / "archive.jsonl")]
    status = index.status()
    return {
        "words": sum(len(text.split()) for text in texts),
        "words_per_s": _rate(texts, seconds),
        "build_s": round(seconds, 1),
        "passages": status.chunks,
        "vectors": status.chunks + status.sentences,
        "disk_mb": status.megabytes,
        "build_peak_mb": _peak_mb(),
    }


def search(folder: Path) -> dict[str, Any]:
    """From a closed index to the first hits, then headlines of it; the model is loaded."""
    start = time.perf_counter()
    index, embedder = _index(folder)
    opened = time.perf_counter() - start
    embedder.embed_question("warm up")
    start = time.perf_counter()
    index.search("What did the Federal Reserve do?", top_k=10)
    reopen = opened + time.perf_counter() - start
    titles = random.Random(1).sample([row["title"] for row in load(folder / "articles" / "archive.jsonl")], QUESTIONS)
    times = [_seconds(lambda title=title: index.search(title or "nothing", top_k=10)) for title in titles]  # type: ignore[misc]
    return {
        "reopen_s": round(reopen, 3),
        "search_p50_ms": round(1000 * statistics.median(times), 1),
        "search_p95_ms": round(1000 * statistics.quantiles(times, n=20)[-1], 1),
        "search_peak_mb": _peak_mb(),
    }


def update(folder: Path) -> dict[str, Any]:
    """Ten more articles, then nothing new."""
    index, embedder = _index(folder)
    embedder.embed_question("warm up")
    (folder / "added.jsonl").rename(folder / "articles" / "added.jsonl")
    added = _seconds(lambda: index.update([folder / "articles"]))
    unchanged = _seconds(lambda: index.update([folder / "articles"]))
    return {"add_10_s": round(added, 2), "unchanged_update_s": round(unchanged, 2), "update_peak_mb": _peak_mb()}


STAGES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "langchain": langchain,
    "build": build,
    "search": search,
    "update": update,
}


def _index(folder: Path, *, create: bool = False) -> tuple[Any, Any]:
    """The index and its model, loaded."""
    door = importlib.import_module("index").Index
    index = door.create(folder / "index") if create else door.open(folder / "index")
    return index, index.embedder


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _rate(texts: list[str], seconds: float) -> int:
    return round(sum(len(text.split()) for text in texts) / seconds)


def _peak_mb() -> int:
    """Most memory that this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    print(json.dumps(STAGES[sys.argv[1]](Path(sys.argv[2]))))
