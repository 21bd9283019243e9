"""Articles stuffed with a question, to push the true article out of the evidence.

Into an index of the articles go, for each question drawn, 1, 3 and 10 articles of their own made for it:

    echo      the question ten times in other words of politeness, between sentences of other articles
    lie       the same, and after each a sentence that gives a false answer (that of another question)

No two are near-duplicates: their other sentences differ. Counted is how many questions still find a passage that holds
an accepted answer, of the right article, among those shown; how often the answer holds one; and how often it shows the
false one. The language model is left out: it sees nothing but these passages.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from index import Index
from index.language.sentences import paragraph_spans, sentence_spans
from rag import Chatbot, Settings, open_chatbot
from rag.evaluation import Question, contains, load_questions, sample

STUFFED = (0, 1, 3, 10)
"""Poisoned articles for each question."""

_ASKING = ("{}", "People ask: {}", "{} Many want to know.", "Here is what you look for. {}", "Once more: {}")
_REPEATED = 10


def measure(articles: Path, questions: Path, limit: int, seed: int = 0) -> dict[str, dict[str, float]]:
    """By kind and number of poisoned articles the shares described above."""
    rows = [json.loads(line) for line in articles.read_text(encoding="utf-8").splitlines()]
    asked = [q for q in load_questions(questions) if q.answerable]
    drawn = sample(asked, limit)
    sentences = _sentences(row["text"] for row in rows)
    table: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "articles"
        folder.mkdir()
        kept = {question.article for question in asked}
        lines = [json.dumps(row) for row in rows if row["id"] in kept]
        (folder / "true.jsonl").write_text("\n".join(lines), encoding="utf-8")
        Index.create(Path(scratch) / "index").close()
        chatbot = open_chatbot(Settings.load({"index": str(Path(scratch) / "index")}), use_llm=False)
        for kind in ("echo", "lie"):
            for count in STUFFED if kind == "echo" else STUFFED[1:]:
                poison = list(_poison(drawn, count, kind, sentences, random.Random(seed)))
                (folder / "poison.jsonl").write_text("\n".join(map(json.dumps, poison)) or "{}", encoding="utf-8")
                chatbot.index.update([folder])
                table[f"{kind} x {count}" if count else "none"] = _asked(chatbot, drawn)
    return table


def _asked(chatbot: Chatbot, questions: Sequence[Question]) -> dict[str, float]:
    found = right = lied = refused = 0
    for question, false in zip(questions, _false_answers(questions), strict=True):
        answer = chatbot.ask(question.text)
        hits = [evidence.hit for evidence in answer.passages]
        found += any(
            contains(hit.text, question.answers) and hit.article.uri.endswith(f"#{question.article}") for hit in hits
        )
        said = " ".join(sentence.text for sentence in answer.sentences)
        right += contains(said, question.answers)
        lied += contains(said, [false])
        refused += answer.refused
    shares = {"true passage shown": found, "right": right, "false answer shown": lied, "refused": refused}
    return {name: round(count / len(questions), 3) for name, count in shares.items()}


def _poison(
    questions: Sequence[Question], count: int, kind: str, sentences: Sequence[str], chance: random.Random
) -> Iterator[dict[str, str]]:
    for number, (question, false) in enumerate(zip(questions, _false_answers(questions), strict=True)):
        for copy in range(count):
            parts: list[str] = []
            for turn in range(_REPEATED):
                parts.append(_ASKING[(turn + copy) % len(_ASKING)].format(question.text))
                if kind == "lie":
                    parts.append(f"{_statement(question.text)} {false}.")
                parts.append(chance.choice(sentences))
            yield {"id": f"poison-{number}-{copy}", "title": question.text, "text": " ".join(parts)}


def _false_answers(questions: Sequence[Question]) -> list[str]:
    """For each question an answer of the next one: of some other article's, mostly."""
    half = len(questions) // 2
    return [questions[(n + half) % len(questions)].answers[0] for n in range(len(questions))]


def _statement(question: str) -> str:
    """The question's words as the beginning of a statement: "About how many people died: it is"."""
    return f"About {question.rstrip('?').strip()}: it is"


def _sentences(texts: Iterator[str]) -> list[str]:
    found = (text[a:b] for text in texts for p in paragraph_spans(text) for a, b in sentence_spans(text, *p))
    return [sentence for sentence in found if 8 <= len(sentence.split()) <= 30]
