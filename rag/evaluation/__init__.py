"""Measures quality and latency on the user's own questions, dialogues and support pairs, for `clippings eval`.

    file -> rows -> results, one by one -> figures with intervals, by kind; comparison with an earlier run; plot

`load` reads the rows, and its documentation describes their three kinds; `grading` defines a good answer, and
`matching` when a text contains a string. Figures that are means are given with 95 % intervals (`bootstrap`).
"""

from __future__ import annotations

from rag.evaluation.compare import Change, compare, load_results
from rag.evaluation.figures import Measured, by_kind, by_phenomenon, counts, intervals, summary
from rag.evaluation.load import load_questions, load_rows, sample
from rag.evaluation.measures.bootstrap import Interval
from rag.evaluation.measures.squad_metrics import contains, first_words
from rag.evaluation.pairs import Judge, PairResult, judged_by
from rag.evaluation.plot import plot
from rag.evaluation.questions import Result
from rag.evaluation.rows import Dialogue, NuggetQuestion, Pair, Question, Row, count_items
from rag.evaluation.run import evaluate
from rag.evaluation.tables import group_table

__all__ = [
    "Change", "Dialogue", "Interval", "Judge", "Measured", "NuggetQuestion", "Pair", "PairResult", "Question",
    "Result", "Row", "by_kind", "by_phenomenon", "compare", "contains", "count_items", "counts", "evaluate",
    "first_words", "group_table", "intervals", "judged_by", "load_questions", "load_results", "load_rows", "plot",
    "sample", "summary",
]  # fmt: skip
