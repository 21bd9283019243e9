"""Articles stuffed with a question, to push the true article out of the evidence."""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from common import load_rows, report, write_rows

from index import Index
from index.language.sentences import paragraph_spans, sentence_spans
from rag import Chatbot, Settings, open_chatbot
from rag.evaluation import Question, contains, load_questions, sample

STUFFED = (0, 1, 3, 10)
"""Poisoned articles for each question."""

_ASKING = ("{}", "People ask: {}", "{} Many want to know.", "Here is what you look for. {}", "Once more: {}")
_REPEATED = 10


def bench(articles: Path, questions: Path, limit: int = 50) -> None:
    """Into an index of the articles go, for each question drawn, 1, 3 and 10 articles of their own made for it.

    "Echo" has the question ten times in other words of politeness, between sentences of other articles; "lie" also has
    after each a sentence that gives a false answer (that of another question). No two are near-duplicates: their other
    sentences differ.

    Counted is how many questions still find a passage that holds an accepted answer, of the right article, among those
    shown; how often the answer holds one; and how often it shows the false one. The language model is left out: it sees
    nothing but these passages.
    """
    rows = load_rows(articles)
    asked = [q for q in load_questions(questions) if q.answerable]
    drawn = sample(asked, limit)
    sentences = _sentences(row["text"] for row in rows)
    table: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "articles"
        folder.mkdir()
        kept = {question.article for question in asked}
        write_rows(folder / "true.jsonl", [row for row in rows if row["id"] in kept])
        Index.create(Path(scratch) / "index").close()
        chatbot = open_chatbot(Settings.load({"index": str(Path(scratch) / "index")}), use_llm=False)
        for kind in ("echo", "lie"):
            for count in STUFFED if kind == "echo" else STUFFED[1:]:
                poison = _poison(drawn, count, kind, sentences, random.Random(0))
                write_rows(folder / "poison.jsonl", list(poison) or [{}])
                chatbot.index.update([folder])
                table[f"{kind} x {count}" if count else "none"] = _asked(chatbot, drawn)
    report(table, "poisoned")


def _asked(chatbot: Chatbot, questions: Sequence[Question]) -> dict[str, float]:
    rows = []
    for question, false in zip(questions, _false_answers(questions), strict=True):
        answer = chatbot.ask(question.text)
        hits = [evidence.hit for evidence in answer.passages]
        own = [hit.text for hit in hits if hit.article.uri.endswith(f"#{question.article}")]
        said = " ".join(sentence.text for sentence in answer.sentences)
        shown = {"true passage shown": any(contains(text, question.answers) for text in own)}
        shown |= {"right": contains(said, question.answers), "false answer shown": contains(said, [false])}
        rows.append(shown | {"refused": answer.refused})
    return {name: round(statistics.mean(row[name] for row in rows), 3) for name in rows[0]}


def _poison(
    questions: Sequence[Question], count: int, kind: str, sentences: Sequence[str], chance: random.Random
) -> Iterator[dict[str, str]]:
    for number, (question, false) in enumerate(zip(questions, _false_answers(questions), strict=True)):
        for copy in range(count):
            parts: list[str] = []
            for turn in range(_REPEATED):
                parts.append(_ASKING[(turn + copy) % len(_ASKING)].format(question.text))
                if kind == "lie":
                    parts.append(f"About {question.text.rstrip('?').strip()}: it is {false}.")
                parts.append(chance.choice(sentences))
            yield {"id": f"poison-{number}-{copy}", "title": question.text, "text": " ".join(parts)}


def _false_answers(questions: Sequence[Question]) -> list[str]:
    """For each question an answer of the next one: of some other article's, mostly."""
    half = len(questions) // 2
    return [questions[(n + half) % len(questions)].answers[0] for n in range(len(questions))]


def _sentences(texts: Iterator[str]) -> list[str]:
    found = (text[a:b] for text in texts for p in paragraph_spans(text) for a, b in sentence_spans(text, *p))
    return [sentence for sentence in found if 8 <= len(sentence.split()) <= 30]
