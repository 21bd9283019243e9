"""Times of whole answers, beside those of llama.cpp alone with a prompt of the same length in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from common import report

from rag import Answer, Settings, open_chatbot
from rag.evaluation import load_questions, sample
from rag.llm.adapter import ADAPTER_FILE
from rag.llm.catalogue import check_installed
from rag.llm.generation import CONTEXT_TOKENS, EMBEDDED_LLM, LlamaGenerator, cores
from rag.llm.llama_file import load_llama
from rag.llm.requantize import faster_copy


class Bare:
    """llama.cpp with the same weights, adapter, threads and context, and nothing around it."""

    def __init__(self, path: Path, adapter: Path | None) -> None:
        self._llama = load_llama(faster_copy(path), context_tokens=CONTEXT_TOKENS, threads=cores(), adapter=adapter)

    def seconds(self, like: Answer) -> float:
        """To read as many tokens of the answer's passages and write as many, also where the model would have ended."""
        text = "\n".join(evidence.hit.text for evidence in like.passages)
        tokens = self._llama.tokenize(text.encode(), add_bos=False, special=False)
        tokens = (tokens * (1 + like.tokens_read // len(tokens)))[: like.tokens_read]
        start = time.perf_counter()
        for _ in islice(self._llama.generate(tokens, temp=0.0, repeat_penalty=1.0), like.tokens_written):
            pass
        return time.perf_counter() - start


def bench(index: Path, questions: Path, limit: int = 60, llm: str = EMBEDDED_LLM) -> None:
    """Medians in seconds over the questions that the model was asked, against llama.cpp alone.

    It gets the same weights and a prompt of the same length. "model" is what comes after the evidence; "around_model"
    is how much longer that takes than llama.cpp alone, "overhead" how much longer the whole answer; both as shares.
    """
    chatbot = open_chatbot(Settings.load({"index": str(index), "llm": llm}))
    assert isinstance(chatbot.generator, LlamaGenerator)
    bare = Bare(Path(check_installed(llm)), ADAPTER_FILE if chatbot.generator.adapted else None)
    chatbot.warm()
    timings, alone, tokens = [], [], []
    for question in sample(load_questions(questions), limit):
        answer = chatbot.ask(question.text) if question.answerable else None
        if answer and answer.tokens_written:
            timings.append(answer.timings)
            tokens.append((answer.tokens_read, answer.tokens_written))
            alone.append(bare.seconds(answer))
    model = [t.total - (t.evidence or 0.0) for t in timings]
    report(
        {
            "questions": len(timings),
            "first_evidence_s": _median([t.evidence or 0.0 for t in timings]),
            "first_word_s": _median([t.first_word or 0.0 for t in timings]),
            "total_s": _median([t.total for t in timings]),
            "prompt_tokens": _median([read for read, _ in tokens]),
            "written_tokens": _median([written for _, written in tokens]),
            "model_s": _median(model),
            "bare_s": _median(alone),
            "around_model": round(sum(model) / sum(alone) - 1, 3),
            "overhead": round(sum(t.total for t in timings) / sum(alone) - 1, 3),
        }
    )


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)
