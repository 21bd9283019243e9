#!/usr/bin/env python3
"""Measure clippings against the stock pipelines of other libraries, in one run on one machine.

    scripts/bench.py retrieval ARTICLES.jsonl QUESTIONS.jsonl [--limit N] [--only NAME …]

All systems get the same articles, questions and embedding model. Needs the extra `bench`
(pip install 'clippings[bench]'). Prints a table for people and, as the last line, one JSON object. "within 150w" is
the fair column: passages differ in length. Times are of everything a system does for a question.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}

from index import Index  # noqa: E402
from index.embedding import MINILM  # noqa: E402
from rag.evaluation import Question, load_questions, sample  # noqa: E402
from rag.metrics import contains, first_words  # noqa: E402
from rag.relevance import Model  # noqa: E402
from rag.retrieval import retrieve  # noqa: E402

TOP_K = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One article: id, title and text."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage found, and the id of the article that it is from."""

    article: str
    text: str


Search = Callable[[str], list[Passage]]


def clippings(rows: list[Row], scratch: Path) -> Search:
    """The program measured."""
    path = scratch / "articles.jsonl"
    path.write_text(
        "\n".join(json.dumps({"id": r.id, "title": r.title, "text": r.text}) for r in rows), encoding="utf-8"
    )
    index = Index.create(scratch / "index")
    index.update([path])
    model = Model.load()
    return lambda question: [
        Passage(hit.article.uri.rpartition("#")[2], hit.text) for hit in retrieve(index, question, model, top_k=TOP_K)
    ]


def langchain(rows: list[Row], scratch: Path) -> Search:
    """Chunks of 1,000 characters with 200 overlapping, as in langchain's own tutorial; FAISS."""
    splitter = importlib.import_module("langchain_text_splitters").RecursiveCharacterTextSplitter(
        chunk_size=1000, chunk_overlap=200
    )
    embeddings = importlib.import_module("langchain_huggingface").HuggingFaceEmbeddings(model_name=_model())
    chunks = [(chunk, r.id) for r in rows for chunk in splitter.split_text(r.text)]
    store = importlib.import_module("langchain_community.vectorstores").FAISS.from_texts(
        [text for text, _ in chunks], embeddings, [{"article": article} for _, article in chunks]
    )
    return lambda question: [
        Passage(d.metadata["article"], d.page_content) for d in store.similarity_search(question, k=TOP_K)
    ]


def llama_index(rows: list[Row], scratch: Path) -> Search:
    """VectorStoreIndex with its defaults: chunks of 1,024 tokens, of which this embedding model reads 256."""
    core = importlib.import_module("llama_index.core")
    model = importlib.import_module("llama_index.embeddings.huggingface").HuggingFaceEmbedding(model_name=_model())
    documents = [core.Document(text=r.text, metadata={"title": r.title}, id_=r.id) for r in rows]
    retriever = core.VectorStoreIndex.from_documents(documents, embed_model=model).as_retriever(similarity_top_k=TOP_K)
    return lambda question: [Passage(n.node.ref_doc_id, n.node.get_content()) for n in retriever.retrieve(question)]


def txtai(rows: list[Row], scratch: Path) -> Search:
    """Embeddings with content, over chunks of 150 words (txtai brings no default of its own)."""
    words = {r.id: r.text.split() for r in rows}
    chunks = [(r.id, " ".join(words[r.id][i : i + 150])) for r in rows for i in range(0, len(words[r.id]), 150)]
    embeddings = importlib.import_module("txtai").Embeddings(path=_model(), content=True)
    embeddings.index([(n, text, None) for n, (_, text) in enumerate(chunks)])
    return lambda question: [Passage(*chunks[int(found["id"])]) for found in embeddings.search(question, TOP_K)]


SYSTEMS = {"clippings": clippings, "langchain": langchain, "llama-index": llama_index, "txtai": txtai}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    retrieval = kinds.add_parser("retrieval", help="ranking and speed against langchain, llama-index and txtai")
    retrieval.add_argument("articles", type=Path)
    retrieval.add_argument("questions", type=Path)
    retrieval.add_argument("--limit", type=int)
    retrieval.add_argument("--only", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    retrieval.set_defaults(run=bench_retrieval)
    options = parser.parse_args()
    options.run(options)


def bench_retrieval(options: argparse.Namespace) -> None:
    """Index and search with every system; one row each."""
    lines = [json.loads(line) for line in options.articles.read_text(encoding="utf-8").splitlines()]
    rows = [Row(str(r["id"]), r["title"], r["text"]) for r in lines]
    questions = [q for q in sample(load_questions(options.questions), options.limit) if q.answerable]
    table = {}
    for name in options.only:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        table[name] = _measure(SYSTEMS[name], rows, questions)
    columns = list(next(iter(table.values())))
    print("| system | " + " | ".join(columns) + " |\n|" + " --- |" * (len(columns) + 1))
    for name, figures in table.items():
        print(f"| {name} | " + " | ".join(f"{value:,}" for value in figures.values()) + " |")
    print(json.dumps({"articles": len(rows), "questions": len(questions), **table}))


def _measure(
    build: Callable[[list[Row], Path], Search], rows: list[Row], questions: list[Question]
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        search = build(rows, Path(scratch))
        seconds = time.perf_counter() - start
        search("warm up")
        ranks: list[int | None] = []
        within: dict[int, list[bool]] = {150: [], 500: []}
        times: list[float] = []
        for question in questions:
            asked = time.perf_counter()
            passages = search(question.text)
            times.append(1000 * (time.perf_counter() - asked))
            right = (p.text if question.article in (None, p.article) else "" for p in passages)
            ranks.append(next((n for n, text in enumerate(right, 1) if contains(text, question.answers)), None))
            for limit, held in within.items():
                held.append(contains(first_words((p.text for p in passages), limit), question.answers))
    share = {f"answer@{k}": statistics.mean(r is not None and r <= k for r in ranks) for k in (1, 5, 10)}
    share["mrr"] = statistics.mean(1 / r if r else 0.0 for r in ranks)
    share |= {f"within {limit}w": statistics.mean(held) for limit, held in within.items()}
    words = sum(len(r.text.split()) for r in rows)
    return {name: round(float(value), 3) for name, value in share.items()} | {
        "words indexed/s": round(words / seconds),
        "search p50 ms": round(statistics.median(times), 1),
        "search p95 ms": round(statistics.quantiles(times, n=20)[-1], 1),
    }


def _model() -> str:
    return str(MINILM.locate().parent)


if __name__ == "__main__":
    main()
