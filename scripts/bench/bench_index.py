"""Build an index of an archive and use it, against langchain's stock pipeline; each stage in a process of its own.

Loading the embedding model is not counted, for either. langchain gets a sample of the same articles, because it takes
so long: half of it before clippings builds and half after, because a machine may become slower or faster meanwhile.
Words are those of the articles' text, without titles, divided by seconds from the first article read to an index that
answers. A "cpu" figure divides by seconds of processor time instead, which a busy machine changes less.
"""

from __future__ import annotations

import gzip
import importlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

ADDED = 10
"""Articles added afterwards."""

QUESTIONS = 200
"""Headlines that are searched for."""

LANGCHAIN_ARTICLES = 500


def measure(
    archive: Path, articles: int | None, langchain_articles: int = LANGCHAIN_ARTICLES, keep: Path | None = None
) -> dict[str, Any]:
    """Every figure, by name. The articles and the index stay in the folder `keep`, if one is given."""
    rows = list(load(archive))
    random.Random(0).shuffle(rows)
    rows = rows[: articles or None]
    if keep is not None:
        keep.mkdir(parents=True)
        return _measured(keep, rows, langchain_articles)
    with tempfile.TemporaryDirectory() as scratch:
        return _measured(Path(scratch), rows, langchain_articles)


def _measured(folder: Path, rows: list[dict[str, str]], langchain_articles: int) -> dict[str, Any]:
    (folder / "articles").mkdir()
    write(folder / "articles" / "archive.jsonl", rows[:-ADDED])
    write(folder / "added.jsonl", rows[-ADDED:])
    half = min(len(rows), langchain_articles) // 2
    figures: dict[str, Any] = {"articles": len(rows), "langchain_articles": 2 * half, "load_at_start": _load()}
    spent = {"words": 0.0, "s": 0.0, "cpu_s": 0.0}
    for place, stage in enumerate(("langchain", "build", "langchain", "search", "update", "versions")):
        print(f"{stage} …", file=sys.stderr, flush=True)
        if stage == "langchain":
            start = half if place else 0
            write(folder / "sample.jsonl", rows[start : start + half])
        command = [sys.executable, __file__, stage, str(folder)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        if stage == "langchain":
            spent = {name: spent[name] + found[name] for name in spent}
        else:
            figures |= found
    figures["langchain_words_per_s"] = round(spent["words"] / spent["s"])
    figures["langchain_words_per_cpu_s"] = round(spent["words"] / spent["cpu_s"])
    figures["ratio"] = round(figures["words_per_s"] / figures["langchain_words_per_s"], 2)
    figures["cpu_ratio"] = round(figures["words_per_cpu_s"] / figures["langchain_words_per_cpu_s"], 2)
    figures["load_at_end"] = _load()
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
    model = importlib.import_module("index.embedding.embedder").MINILM.locate().parent
    embeddings = importlib.import_module("langchain_huggingface").HuggingFaceEmbeddings(model_name=str(model))
    embeddings.embed_query("warm up")
    start, busy = time.perf_counter(), time.process_time()
    texts = [row["text"] for row in load(folder / "sample.jsonl")]
    splitter = splitters.RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    faiss.from_texts([chunk for text in texts for chunk in splitter.split_text(text)], embeddings)
    return {"words": _words(texts), "s": time.perf_counter() - start, "cpu_s": time.process_time() - busy}


def build(folder: Path) -> dict[str, Any]:
    """The whole archive."""
    index, embedder = _index(folder, create=True)
    embedder.embed_question("warm up")
    start, busy = time.perf_counter(), time.process_time()
    index.update([folder / "articles"])
    took, busy = time.perf_counter() - start, time.process_time() - busy
    words = _words(row["text"] for row in load(folder / "articles" / "archive.jsonl"))
    status = index.status()
    return {
        "words": words,
        "words_per_s": round(words / took),
        "words_per_cpu_s": round(words / busy),
        "build_s": round(took, 1),
        "passages": status.chunks,
        "vectors": status.chunks + status.sentences,
        "disk_mb": status.megabytes,
        "build_peak_mb": peak_mb(),
    }


def search(folder: Path) -> dict[str, Any]:
    """From a closed index to the first hits, then headlines of it; the model is loaded."""
    index, embedder = _index(folder)
    embedder.embed_question("warm up")
    index.close()
    start = time.perf_counter()
    index = importlib.import_module("index").Index.open(folder / "index", embedder=embedder)
    index.search("What did the Federal Reserve do?", top_k=10)
    reopen = time.perf_counter() - start
    titles = random.Random(1).sample([row["title"] for row in load(folder / "articles" / "archive.jsonl")], QUESTIONS)
    times, busy = timed(titles, lambda title: index.search(title or "nothing", top_k=10))
    return {
        "reopen_s": round(reopen, 3),
        "search_p50_ms": round(1000 * statistics.median(times), 1),
        "search_p95_ms": round(1000 * statistics.quantiles(times, n=20)[-1], 1),
        "search_p50_cpu_ms": round(1000 * statistics.median(busy), 1),
        "search_peak_mb": peak_mb(),
    }


def update(folder: Path) -> dict[str, Any]:
    """Ten more articles, then nothing new."""
    index, embedder = _index(folder)
    embedder.embed_question("warm up")
    (folder / "added.jsonl").rename(folder / "articles" / "added.jsonl")
    added = seconds(lambda: index.update([folder / "articles"]))
    unchanged = seconds(lambda: index.update([folder / "articles"]))
    return {"add_10_s": round(added, 2), "unchanged_update_s": round(unchanged, 2), "update_peak_mb": peak_mb()}


def versions(folder: Path) -> dict[str, Any]:
    """Take the ten articles back, then prove the index whole."""
    index, _ = _index(folder)
    before = index.status().articles
    rollback = seconds(index.rollback)
    verify = seconds(index.verify)
    return {
        "rollback_s": round(rollback, 2),
        "taken_back": before - index.status().articles,
        "verify_s": round(verify, 1),
        "verify_peak_mb": peak_mb(),
    }


STAGES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "langchain": langchain,
    "build": build,
    "search": search,
    "update": update,
    "versions": versions,
}


def _index(folder: Path, *, create: bool = False) -> tuple[Any, Any]:
    """The index and its model, loaded."""
    door = importlib.import_module("index").Index
    index = door.create(folder / "index") if create else door.open(folder / "index")
    return index, index.embedder


def timed(questions: Sequence[Any], run: Callable[[Any], object]) -> tuple[list[float], list[float]]:
    """For each question seconds, and seconds of processor time, which a busy machine changes less."""
    both = []
    for question in questions:
        start, busy = time.perf_counter(), time.process_time()
        run(question)
        both.append((time.perf_counter() - start, time.process_time() - busy))
    return [took for took, _ in both], [busy for _, busy in both]


def seconds(run: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _words(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _load() -> float:
    """Processes that wanted to run, on average over the last minute."""
    return round(os.getloadavg()[0], 1)


def peak_mb() -> int:
    """Most memory that this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    print(json.dumps(STAGES[sys.argv[1]](Path(sys.argv[2]))))
