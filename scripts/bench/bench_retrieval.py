"""Ranking and speed of passages, beside the stock pipelines of langchain, llama-index and txtai."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from common import load_rows, milliseconds, print_table, seconds, timed, write_rows

from index import Index
from index.embedding.embedder import MINILM
from rag import Chatbot
from rag.evaluation import Question, contains, first_words, load_questions, sample

TOP_K = 10

Row = dict[str, Any]
"""One article: id, title and text."""

Passages = list[tuple[str, str]]
"""What was found: of each passage its article's id, and its text."""

Search = Callable[[str], Passages]


def clippings(rows: Sequence[Row], scratch: Path) -> Search:
    """The program measured."""
    path = scratch / "articles.jsonl"
    write_rows(path, rows)
    index = Index.create(scratch / "index")
    index.update([path])
    chatbot = Chatbot(index, None)
    return lambda question: [
        (hit.article.uri.rpartition("#")[2], hit.text) for hit in chatbot.search(question, top_k=TOP_K)
    ]


def langchain_embeddings() -> Any:
    """The embedding model of the index, for langchain."""
    from langchain_huggingface import HuggingFaceEmbeddings

    return HuggingFaceEmbeddings(model_name=_model())


def langchain_store(rows: Sequence[Row], embeddings: Any) -> Any:
    """Chunks of 1,000 characters with 200 overlapping, as in langchain's own tutorial; FAISS."""
    from langchain_community.vectorstores import FAISS
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = [(chunk, row["id"]) for row in rows for chunk in splitter.split_text(row["text"])]
    return FAISS.from_texts([text for text, _ in chunks], embeddings, [{"article": article} for _, article in chunks])


def langchain(rows: Sequence[Row], scratch: Path) -> Search:
    """`langchain_store`."""
    store = langchain_store(rows, langchain_embeddings())
    return lambda question: [
        (d.metadata["article"], d.page_content) for d in store.similarity_search(question, k=TOP_K)
    ]


def llama_index(rows: Sequence[Row], scratch: Path) -> Search:
    """VectorStoreIndex with its defaults: chunks of 1,024 tokens, of which this embedding model reads 256."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    documents = [Document(text=r["text"], metadata={"title": r["title"]}, id_=r["id"]) for r in rows]
    store = VectorStoreIndex.from_documents(documents, embed_model=HuggingFaceEmbedding(model_name=_model()))
    retriever = store.as_retriever(similarity_top_k=TOP_K)
    return lambda question: [(n.node.ref_doc_id, n.node.get_content()) for n in retriever.retrieve(question)]


def txtai(rows: Sequence[Row], scratch: Path) -> Search:
    """Embeddings with content, over chunks of 150 words (txtai brings no default of its own)."""
    from txtai import Embeddings

    words = {row["id"]: row["text"].split() for row in rows}
    chunks = [(id_, " ".join(said[at : at + 150])) for id_, said in words.items() for at in range(0, len(said), 150)]
    embeddings = Embeddings(path=_model(), content=True)
    embeddings.index([(number, text, None) for number, (_, text) in enumerate(chunks)])
    return lambda question: [chunks[int(found["id"])] for found in embeddings.search(question, TOP_K)]


SYSTEMS = {"clippings": clippings, "langchain": langchain, "llama-index": llama_index, "txtai": txtai}
System = StrEnum("System", list(SYSTEMS))  # type: ignore[misc]  # the choices of --only


def bench(articles: Path, questions: Path, limit: int | None = None, only: list[System] = list(System)) -> None:  # noqa: B006
    """Ranking and speed against langchain, llama-index and txtai; --only may be given for each of several systems.

    All systems get the same articles, questions and embedding model. "within 150w" is the fair column: passages differ
    in length. Times are of everything a system does for a question.
    """
    rows = [row | {"id": str(row["id"])} for row in load_rows(articles)]
    asked = [q for q in sample(load_questions(questions), limit) if q.answerable]
    table = {}
    for name in only:
        print(f"measuring {name.value} …", file=sys.stderr, flush=True)
        table[name.value] = _measure(SYSTEMS[name.value], rows, asked)
    print_table(table, "system")
    print(json.dumps({"articles": len(rows), "questions": len(asked), **table}))


def _measure(
    build: Callable[[Sequence[Row], Path], Search], rows: Sequence[Row], questions: Sequence[Question]
) -> dict[str, float]:
    found: list[Passages] = []
    with tempfile.TemporaryDirectory() as scratch:
        searches: list[Search] = []
        took = seconds(lambda: searches.append(build(rows, Path(scratch))))
        searches[0]("warm up")
        times, _ = timed(questions, lambda question: found.append(searches[0](question.text)))
    ranks = [_rank(question, passages) for question, passages in zip(questions, found, strict=True)]
    share = {f"answer@{k}": statistics.mean(r is not None and r <= k for r in ranks) for k in (1, 5, 10)}
    share["mrr"] = statistics.mean(1 / r if r else 0.0 for r in ranks)
    for limit in (150, 500):
        share[f"within {limit}w"] = statistics.mean(
            contains(first_words((text for _, text in passages), limit), question.answers)
            for question, passages in zip(questions, found, strict=True)
        )
    return {name: round(float(value), 3) for name, value in share.items()} | {
        "words indexed/s": round(sum(len(row["text"].split()) for row in rows) / took),
        "search p50 ms": milliseconds(times),
        "search p95 ms": milliseconds(times, 95),
    }


def _rank(question: Question, passages: Passages) -> int | None:
    """Of the first passage that holds an accepted answer, of the right article where that is known."""
    right = (text if question.article in (None, article) else "" for article, text in passages)
    return next((n for n, text in enumerate(right, 1) if contains(text, question.answers)), None)


def _model() -> str:
    return str(MINILM.locate().parent)
