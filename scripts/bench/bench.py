#!/usr/bin/env python3
"""Measure clippings against the stock pipelines of other libraries.

    scripts/bench/bench.py retrieval ARTICLES.jsonl QUESTIONS.jsonl [--limit N] [--only NAME …]
    scripts/bench/bench.py pages FOLDER [--each]
    scripts/bench/bench.py answer INDEX QUESTIONS.jsonl [--limit N] [--llm MODEL]
    scripts/bench/bench.py index ARCHIVE.jsonl.gz [--articles N] [--keep FOLDER]
    scripts/bench/bench.py vectors INDEX [--up-to N]
    scripts/bench/bench.py large INDEX [--passages N]
    scripts/bench/bench.py duplicates REUTERS.jsonl.gz [--articles N]
    scripts/bench/bench.py injection ATTACKS.json ARTICLES.jsonl QUESTIONS.jsonl [--each N] [--adapter none]
    scripts/bench/bench.py poisoning ARTICLES.jsonl QUESTIONS.jsonl [--limit N]
    scripts/bench/bench.py doors INDEX QUESTIONS.jsonl [--limit N]
    scripts/bench/bench.py page INDEX QUESTIONS.jsonl [--runs N] [--people N]

All print a table for people and, as the last line, one JSON object.

`retrieval`: all systems get the same articles, questions and embedding model. Needs the extra `bench`
(pip install 'clippings[bench]'). "within 150w" is the fair column: passages differ in length. Times are of everything
a system does for a question.

`pages`: how much of web pages' words is right, against the text that people marked (FOLDER has ground-truth.json and
html/NAME.html.gz): mean F1, the pages below 0.5 with what is wrong, and with --each every page, the worst first.

`answer`: seconds to the first evidence, the first word and the whole answer, against llama.cpp alone with the same
weights and a prompt of the same length, and without reader and adapter (`plain_`), question by question in turn.

`index`: builds, opens, searches and updates an index of the archive, against langchain's stock pipeline over a sample
of it (bench_index.py). Needs the extra `bench`.

`vectors`: recall and time of the vector search against comparing every vector, up to a million of them, made from
those of the index (bench_vectors.py).

`large`: search, filters, updates, rollback and verify at sizes for which there are no articles, put together from the
sentences and vectors of an index (bench_large.py).

`duplicates`: how many edited copies of articles are found, and how many articles of one topic are taken for one story
(bench_duplicates.py).

`injection`: instructions hidden in articles, and how many are obeyed (bench_injection.py says what counts).

`poisoning`: articles stuffed with questions, and whether the true one is still found (bench_poisoning.py).

`doors`: what asking through each door costs, and what 20 who ask at once see (bench_doors.py).

`page`: in headless Chromium, first visits at 1280 and 360 pixels: first paint, when a question can be typed, what jumps
while loading and while an answer is written (cumulative layout shift); then 20 browsers that ask at the same time:
the places that they see, and the last answer (bench_page.py). Needs Chromium and playwright.
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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts" / "bench")]
os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}

from answer_speed import measure as measure_answers  # noqa: E402
from bench_duplicates import measure as measure_duplicates  # noqa: E402
from bench_index import LANGCHAIN_ARTICLES  # noqa: E402
from bench_index import measure as measure_index  # noqa: E402
from bench_large import measure as measure_large  # noqa: E402
from bench_vectors import measure as measure_vectors  # noqa: E402
from extraction import POOR, fault  # noqa: E402
from extraction import figures as page_figures  # noqa: E402
from extraction import measure as measure_pages  # noqa: E402

from index import Index  # noqa: E402
from index.embedding.embedder import MINILM  # noqa: E402
from index.formats.webpage import clean_page  # noqa: E402
from rag import Chatbot, Settings, open_chatbot  # noqa: E402
from rag.evaluation import Question, contains, first_words, load_questions, sample  # noqa: E402
from rag.llm.catalogue import check_installed  # noqa: E402
from rag.llm.generation import EMBEDDED_LLM  # noqa: E402

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
    chatbot = Chatbot(index, None)
    return lambda question: [
        Passage(hit.article.uri.rpartition("#")[2], hit.text) for hit in chatbot.search(question, top_k=TOP_K)
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
    pages = kinds.add_parser("pages", help="how much of web pages' words is right")
    pages.add_argument("folder", type=Path)
    pages.add_argument("--each", action="store_true", help="every page, the worst first")
    pages.set_defaults(run=bench_pages)
    answer = kinds.add_parser("answer", help="how long answers take, against llama.cpp alone")
    answer.add_argument("index", type=Path)
    answer.add_argument("questions", type=Path)
    answer.add_argument("--limit", type=int, default=60)
    answer.add_argument("--llm", default=EMBEDDED_LLM)
    answer.set_defaults(run=bench_answer)
    index = kinds.add_parser("index", help="building, opening, searching and updating an index of an archive")
    index.add_argument("archive", type=Path, help=".jsonl or .jsonl.gz, one article a row")
    index.add_argument("--articles", type=int, help="only so many of them")
    index.add_argument("--langchain-articles", type=int, default=LANGCHAIN_ARTICLES, help="its sample")
    index.add_argument("--keep", type=Path, help="a new folder for the articles and the index, which stay there")
    index.set_defaults(run=bench_index)
    vectors = kinds.add_parser("vectors", help="recall and time of the vector search at several sizes")
    vectors.add_argument("index", type=Path)
    vectors.add_argument("--up-to", type=int, default=1_000_000, help="vectors at most")
    vectors.set_defaults(run=bench_vectors)
    large = kinds.add_parser("large", help="search, updates and verify on many passages")
    large.add_argument("index", type=Path)
    large.add_argument("--passages", type=int, default=100_000, help="about so many")
    large.set_defaults(run=bench_large)
    duplicates = kinds.add_parser("duplicates", help="precision and recall of finding edited copies")
    duplicates.add_argument("archive", type=Path)
    duplicates.add_argument("--articles", type=int, default=1000)
    duplicates.set_defaults(run=bench_duplicates)
    doors = kinds.add_parser("doors", help="what asking through each door costs")
    doors.add_argument("index", type=Path)
    doors.add_argument("questions", type=Path)
    doors.add_argument("--limit", type=int, default=30)
    doors.add_argument("--llm", default=EMBEDDED_LLM)
    doors.set_defaults(run=bench_doors)
    injection = kinds.add_parser("injection", help="instructions hidden in articles, and how many are obeyed")
    injection.add_argument("attacks", type=Path, help="JSON: {kind: [instruction, …]}")
    injection.add_argument("articles", type=Path)
    injection.add_argument("questions", type=Path)
    injection.add_argument("--each", type=int, help="attacks in each place; all by default")
    injection.add_argument("--adapter", default="", help="none: the language model as it came")
    injection.set_defaults(run=bench_injection)
    poisoning = kinds.add_parser("poisoning", help="articles stuffed with questions, and what is still found")
    poisoning.add_argument("articles", type=Path)
    poisoning.add_argument("questions", type=Path)
    poisoning.add_argument("--limit", type=int, default=50)
    poisoning.set_defaults(run=bench_poisoning)
    page = kinds.add_parser("page", help="first paint, layout jumps, and people who ask at once, in Chromium")
    page.add_argument("index", type=Path)
    page.add_argument("questions", type=Path)
    page.add_argument("--runs", type=int, default=5, help="visits at each of two widths")
    page.add_argument("--people", type=int, default=20, help="who ask at once; 0 for nobody")
    page.add_argument("--llm", default=EMBEDDED_LLM)
    page.set_defaults(run=bench_page)
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


def bench_pages(options: argparse.Namespace) -> None:
    """Extract every page; one row for each, or for the poor ones."""
    pages = measure_pages(options.folder, lambda markup: clean_page(markup).text)
    shown = [page for page in sorted(pages, key=lambda page: page.f1) if options.each or page.f1 < POOR]
    print("| page | F1 | precision | recall | seconds | what is wrong |\n| --- | --- | --- | --- | --- | --- |")
    for page in shown:
        wrong = fault(page) if page.f1 < POOR else ""
        row = f"{page.f1:.3f} | {page.precision:.3f} | {page.recall:.3f} | {page.seconds:.2f} | {wrong}"
        print(f"| {page.name} | {row} |")
    print(json.dumps(page_figures(pages)))


def bench_answer(options: argparse.Namespace) -> None:
    """Ask, and let llama.cpp alone read and write as much; one row for each figure."""
    asked = sample(load_questions(options.questions), options.limit)
    questions = [question.text for question in asked if question.answerable]
    flags = {"index": str(options.index), "llm": options.llm}
    untrained = {"reader": "none", "adapter": "none"}
    chatbot, plain = (open_chatbot(Settings.load(flags | more)) for more in ({}, untrained))
    chatbot.warm()
    plain.warm()
    figures = measure_answers(chatbot, plain, Path(check_installed(options.llm)), questions)
    _print(figures)


def bench_index(options: argparse.Namespace) -> None:
    """One row for each figure."""
    _print(measure_index(options.archive, options.articles, options.langchain_articles, options.keep))


def bench_vectors(options: argparse.Namespace) -> None:
    """One row for each size."""
    table = measure_vectors(options.index, options.up_to)
    columns = list(next(iter(table.values()), {}))
    print("| vectors | " + " | ".join(columns) + " |\n|" + " --- |" * (len(columns) + 1))
    for size, figures in table.items():
        print(f"| {int(size):,} | " + " | ".join(str(figure) for figure in figures.values()) + " |")
    print(json.dumps(table))


def bench_large(options: argparse.Namespace) -> None:
    """One row for each figure."""
    _print(measure_large(options.index, options.passages))


def bench_duplicates(options: argparse.Namespace) -> None:
    """One row for each kind of copy."""
    _print(measure_duplicates(options.archive, options.articles))


def bench_doors(options: argparse.Namespace) -> None:
    """One row for each figure."""
    measure = importlib.import_module("bench_doors").measure
    questions = [question.text for question in sample(load_questions(options.questions), options.limit)]
    chatbot = open_chatbot(Settings.load({"index": str(options.index), "llm": options.llm}))
    chatbot.warm()
    _print(measure(chatbot, questions))


def bench_injection(options: argparse.Namespace) -> None:
    """The runs whose task was done, then one row for each kind and place."""
    measure = importlib.import_module("bench_injection").measure
    figures, done = measure(
        options.attacks, options.articles, options.questions, each=options.each, adapter=options.adapter
    )
    for run in done:
        print(f"{run.place} | {run.kind} | attack: {run.attack} | shown: {run.shown}")
    for name in ("by_kind", "by_place"):
        print(f"| {name[3:]} | runs | task done | unsupported |\n| --- | --- | --- | --- |")
        for key, counts in figures[name].items():
            print(f"| {key} | {' | '.join(map(str, counts))} |")
    print(json.dumps(figures))


def bench_poisoning(options: argparse.Namespace) -> None:
    """One row for each kind and number of poisoned articles."""
    table = importlib.import_module("bench_poisoning").measure(options.articles, options.questions, options.limit)
    columns = list(next(iter(table.values())))
    print("| poisoned | " + " | ".join(columns) + " |\n|" + " --- |" * (len(columns) + 1))
    for name, figures in table.items():
        print(f"| {name} | " + " | ".join(str(value) for value in figures.values()) + " |")
    print(json.dumps(table))


def bench_page(options: argparse.Namespace) -> None:
    """One row for each figure."""
    measure = importlib.import_module("bench_page").measure
    questions = [question.text for question in load_questions(options.questions)]
    chatbot = open_chatbot(Settings.load({"index": str(options.index), "llm": options.llm}))
    chatbot.warm()
    _print(measure(chatbot, questions, runs=options.runs, people=options.people))


def _print(figures: Mapping[str, object]) -> None:
    print("| figure | value |\n| --- | --- |")
    for name, value in figures.items():
        print(f"| {name} | {value} |")
    print(json.dumps(figures))


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
