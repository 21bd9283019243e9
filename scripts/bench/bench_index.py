"""Build an index of an archive and use it, beside langchain's stock pipeline; each stage in a process of its own."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext, suppress
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench_retrieval import langchain_embeddings, langchain_store
from common import load_rows, milliseconds, peak_mb, report, seconds, timed, write_rows

from index import Filters, Index
from index.embedding.embedder import Embedder

ADDED = 10
"""Articles added afterwards."""

QUESTIONS = 200
"""Headlines that are searched for."""


def bench(archive: Path, articles: int | None = None, langchain_articles: int = 500, keep: Path | None = None) -> None:
    """Build, open, search and update an index of an archive, against langchain's stock pipeline over a sample of it.

    The archive is .jsonl or .jsonl.gz, one article a row, of which --articles takes only so many. --keep is a new
    folder for the articles and the index, which stay there.

    Loading the embedding model is not counted, for either. langchain gets a sample of the same articles, because it
    takes so long: half of it before clippings builds and half after, because a machine may become slower or faster
    meanwhile. Words are those of the articles' text, without titles, divided by seconds from the first article read to
    an index that answers. A "cpu" figure divides by seconds of processor time, which a busy machine changes less.
    """
    rows = [_article(row) for row in load_rows(archive) if _text(row).strip()]
    random.Random(0).shuffle(rows)
    if keep is not None:
        keep.mkdir(parents=True)
    with nullcontext(keep) if keep else tempfile.TemporaryDirectory() as folder:
        report(_measured(Path(folder), rows[: articles or None], langchain_articles))


def _measured(folder: Path, rows: list[dict[str, str]], langchain_articles: int) -> dict[str, Any]:
    lay_out(folder, rows)
    half = min(len(rows), langchain_articles) // 2
    figures: dict[str, Any] = {"articles": len(rows), "langchain_articles": 2 * half}
    samples = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as processes:
        for place, stage in enumerate((langchain, build, langchain, search, update, versions)):
            print(f"{stage.__name__} …", file=sys.stderr, flush=True)
            if stage is langchain:
                write_rows(folder / "sample.jsonl", rows[half : 2 * half] if place else rows[:half])
                samples.append(processes.submit(stage, folder).result())
            else:
                figures |= processes.submit(stage, folder).result()
    for name, unit in (("s", ""), ("cpu_s", "cpu_")):
        stock = sum(sample["words"] for sample in samples) / sum(sample[name] for sample in samples)
        figures[f"langchain_words_per_{name}"] = round(stock)
        figures[f"{unit}ratio"] = round(figures[f"words_per_{name}"] / stock, 2)
    return figures


def lay_out(folder: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write the articles where the stages look for them, the last ten apart."""
    (folder / "articles").mkdir()
    write_rows(folder / "articles" / "archive.jsonl", rows[:-ADDED])
    write_rows(folder / "added.jsonl", rows[-ADDED:])


def _text(row: dict[str, Any]) -> str:
    return row.get("text") or row.get("body") or ""


def _article(row: dict[str, Any]) -> dict[str, str]:
    """The fields that clippings reads; the day of "26-FEB-1987 15:01:01.79", as Reuters writes it, in ISO."""
    day = row.get("date") or ""
    with suppress(ValueError, IndexError):  # it is written otherwise
        day = datetime.strptime(day.split()[0], "%d-%b-%Y").date().isoformat()
    return {"id": row["id"], "title": row["title"], "text": _text(row), "date": day}


# The stages. Each is given the folder and, where the model of the index is not the one, an embedder.


def langchain(folder: Path) -> dict[str, float]:
    """The sample."""
    embeddings = langchain_embeddings()
    embeddings.embed_query("warm up")
    start, busy = time.perf_counter(), time.process_time()
    rows = load_rows(folder / "sample.jsonl")
    langchain_store(rows, embeddings)
    took, busy = time.perf_counter() - start, time.process_time() - busy
    return {"words": _words(rows), "s": took, "cpu_s": busy}


def build(folder: Path, embedder: Embedder | None = None) -> dict[str, Any]:
    """The whole archive."""
    index = _warm(Index.create(folder / "index", embedder=embedder))
    start, busy = time.perf_counter(), time.process_time()
    index.update([folder / "articles"])
    took, busy = time.perf_counter() - start, time.process_time() - busy
    words, status = _words(load_rows(folder / "articles" / "archive.jsonl")), index.status()
    index.close()
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


def search(folder: Path, embedder: Embedder | None = None) -> dict[str, Any]:
    """From a closed index to the first hits, then headlines of it, also in the last tenth; the model is loaded."""
    index = _warm(Index.open(folder / "index", embedder=embedder))
    loaded = index.embedder
    index.close()
    start = time.perf_counter()
    index = Index.open(folder / "index", embedder=loaded)
    index.search("What did the Federal Reserve do?", top_k=10)
    reopen = time.perf_counter() - start
    rows = load_rows(folder / "articles" / "archive.jsonl")
    days = sorted(row["date"] for row in rows)
    late = Filters(after=date.fromisoformat(days[len(days) * 9 // 10]))
    asked = random.Random(1).sample([row["title"] or "nothing" for row in rows], QUESTIONS)
    times, busy = timed(asked, lambda title: index.search(title, top_k=10))
    filtered, _ = timed(asked, lambda title: index.search(title, top_k=10, filters=late))
    index.close()
    return {
        "reopen_s": round(reopen, 3),
        "search_p50_ms": milliseconds(times),
        "search_p95_ms": milliseconds(times, 95),
        "search_p50_cpu_ms": milliseconds(busy),
        "filtered_p50_ms": milliseconds(filtered),
        "search_peak_mb": peak_mb(),
    }


def update(folder: Path, embedder: Embedder | None = None) -> dict[str, Any]:
    """Ten more articles, then nothing new."""
    index = _warm(Index.open(folder / "index", embedder=embedder))
    (folder / "added.jsonl").rename(folder / "articles" / "added.jsonl")
    added, unchanged = [seconds(lambda: index.update([folder / "articles"])) for _ in range(2)]
    index.close()
    return {"add_10_s": round(added, 2), "unchanged_update_s": round(unchanged, 2), "update_peak_mb": peak_mb()}


def versions(folder: Path, embedder: Embedder | None = None) -> dict[str, Any]:
    """Take the ten articles back, then prove the index whole."""
    index = Index.open(folder / "index", embedder=embedder)
    before = index.status().articles
    figures = {
        "rollback_s": round(seconds(index.rollback), 2),
        "taken_back": before - index.status().articles,
        "verify_s": round(seconds(index.verify), 1),
        "verify_peak_mb": peak_mb(),
    }
    index.close()
    return figures


def _warm(index: Index) -> Index:
    """With its model loaded."""
    index.embedder.embed_question("warm up")
    return index


def _words(rows: Iterable[dict[str, str]]) -> int:
    return sum(len(row["text"].split()) for row in rows)
