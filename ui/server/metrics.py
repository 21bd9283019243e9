"""Prometheus metrics, for `/metrics`: answers, times, tokens, queues, requests, the index, the process.

They contain no text of articles or questions, and no user names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from index import Index
from index.errors import ClippingsError, WrongUse
from rag import Answer, Chatbot, Outcome, Step
from ui.event_log import event
from ui.version import program_version

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Upper bounds of the histogram's buckets, in seconds: a search takes 0.02 to 0.1 s, an answer 0.3 s, or a minute in a
long queue."""

OUTCOMES = (*(outcome.value for outcome in Outcome), "stopped", "invalid", "failed")
"""How a question ended: with the outcome of its answer, or "stopped" by the user, also by disconnecting; "invalid" if
it could not be asked; "failed" by a fault."""

TIMES = ("evidence", "first_word", "whole")


class Metrics:
    """The metrics of one server."""

    def __init__(self, chatbot: Chatbot, *, doors: Callable[[], int]) -> None:
        """`doors` returns how many questions wait at the interfaces. Counts the chatbot's answers from now on."""
        self.registry = CollectorRegistry()
        made: dict[str, Any] = {"registry": self.registry}
        self._answers = Counter("clippings_answers", "Questions by how they ended.", ["outcome"], **made)
        self._seconds = Histogram(
            "clippings_answer_seconds", "Seconds from the question to its evidence, its first sentence, all of it.",
            ["until"], buckets=SECONDS, **made,
        )  # fmt: skip
        self._tokens = Counter("clippings_tokens", "Tokens that the language model read and wrote.", ["kind"], **made)
        self._running = Gauge(
            "clippings_answers_in_progress", "Questions being answered, those in a queue too.", **made
        )
        self.requests = Counter("clippings_requests", "Requests by door and HTTP status.", ["door", "status"], **made)
        self._queues(chatbot, doors)
        for outcome in OUTCOMES:  # so that every series exists from the start
            self._answers.labels(outcome)
        for kind in ("read", "written"):
            self._tokens.labels(kind)
        Info("clippings_build", "The program.", **made).info({"version": program_version()})
        self.registry.register(_IndexCollector(chatbot.index))
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        chatbot.watch = self.watched

    def _queues(self, chatbot: Chatbot, doors: Callable[[], int]) -> None:
        length = Gauge("clippings_queue_length", "Questions that wait.", ["queue"], registry=self.registry)
        length.labels("doors").set_function(doors)
        length.labels("search").set_function(lambda: chatbot.searches.waiting)
        length.labels("model").set_function(lambda: chatbot.generator.turns.waiting if chatbot.generator else 0)

    def watched(self, steps: Iterator[Step]) -> Iterator[Step]:
        """Yields the same steps of an answer, counts it, and logs it when it ends."""
        outcome = "stopped"
        facts: dict[str, Any] = {}
        self._running.inc()
        try:
            with closing(steps):  # type: ignore[type-var]
                for step in steps:
                    if isinstance(step, Answer):
                        outcome, facts = step.outcome.value, self._counted(step)
                    yield step
        except WrongUse:
            outcome = "invalid"
            raise
        except Exception as problem:
            outcome, facts = "failed", {"error": type(problem).__name__}
            raise
        finally:
            self._running.dec()
            self._answers.labels(outcome).inc()
            event("answer", outcome=outcome, **facts)

    def _counted(self, answer: Answer) -> dict[str, Any]:
        """Count a whole answer, and return what to log of it."""
        times = (answer.timings.evidence, answer.timings.first_word, answer.timings.total)
        for name, seconds in zip(TIMES, times, strict=True):
            if seconds is not None:
                self._seconds.labels(name).observe(seconds)
        self._tokens.labels("read").inc(answer.tokens_read)
        self._tokens.labels("written").inc(answer.tokens_written)
        return {
            "kind": answer.asked.kind.value,
            "seconds": dict(zip(TIMES, times, strict=True)),
            "passages": len(answer.passages),
            "sentences": len(answer.sentences),
            "tokens_read": answer.tokens_read,
            "tokens_written": answer.tokens_written,
            "model": answer.model,
            "index_version": answer.index_version,
            "private": {"question": answer.question, "answer": answer.text},
        }


class _IndexCollector(Collector):
    """Reads the index at every scrape, so that updates by other processes are included."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._first = index.version

    def collect(self) -> Iterable[Metric]:
        """Yields what the index holds, or only that it cannot be read."""
        readable = GaugeMetricFamily("clippings_index_readable", "1 if the index can be read, else 0.")
        try:
            status = self._index.status()
        except ClippingsError:
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        for name, about, value in (
            ("version", "Number of the index's version.", status.version),
            ("articles", "Articles in the index.", status.articles),
            ("passages", "Passages in the index.", status.chunks),
        ):
            yield GaugeMetricFamily(f"clippings_index_{name}", about, value)
        about = "Changes of the index since this server started, whoever made them."
        yield CounterMetricFamily("clippings_index_updates", about, status.version - self._first)
