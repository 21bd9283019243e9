"""Quality and latency on the user's own questions, dialogues and support pairs: what `clippings eval` reports.

    file -> rows -> asked or judged, one by one -> figures with intervals, by kind; compared with an earlier run; drawn

`load` reads the rows and says what each of the three kinds holds; `grading` has the rules of a good answer, `matching`
those by which a text holds a string. Figures that are means come with 95 % intervals (`bootstrap`).
"""

from __future__ import annotations

from rag.evaluation.bootstrap import Interval
from rag.evaluation.compare import Change, compare, load_results
from rag.evaluation.figures import Measured, by_kind, by_phenomenon, counts, intervals, summary
from rag.evaluation.load import load_questions, load_rows, sample
from rag.evaluation.pairs import Judge, PairResult, judged_by
from rag.evaluation.plot import plot
from rag.evaluation.questions import Result
from rag.evaluation.rows import Dialogue, NuggetQuestion, Pair, Question, Row, count_items
from rag.evaluation.run import evaluate
from rag.evaluation.squad_metrics import contains, first_words
from rag.evaluation.tables import group_table

__all__ = [
    "Change",
    "Dialogue",
    "Interval",
    "Judge",
    "Measured",
    "NuggetQuestion",
    "Pair",
    "PairResult",
    "Question",
    "Result",
    "Row",
    "by_kind",
    "by_phenomenon",
    "compare",
    "contains",
    "count_items",
    "counts",
    "evaluate",
    "first_words",
    "group_table",
    "intervals",
    "judged_by",
    "load_questions",
    "load_results",
    "load_rows",
    "plot",
    "sample",
    "summary",
]
