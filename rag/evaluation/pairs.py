"""Evaluates support pairs: whether a judge accepts claims that their clipping supports, and rejects others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from rag.evaluation.rows import Label, Pair
from rag.grounding.verifier import Verifier

Judge: TypeAlias = Callable[[str, str, str | None], tuple[bool, float]]
"""Takes a clipping, a claim, and a question or None; returns whether the claim passes, and its support in [0, 1]."""


@dataclass(frozen=True, slots=True)
class PairResult:
    """A judge's result for one pair."""

    pair: Pair
    passed: bool
    score: float

    @property
    def is_supported(self) -> bool:
        """Whether the clipping supports the claim, according to the pair's label."""
        return self.pair.label is Label.SUPPORTED

    @property
    def measures(self) -> dict[str, float]:
        """Whether the claim passed, 1 or 0, as `supported_passed` (should be high) or `unsupported_passed` (low)."""
        return {f"{self.pair.label.value}_passed": float(self.passed)}

    def to_json(self) -> dict[str, Any]:
        """Returns the result as plain values, for `--out`."""
        return {
            "clipping": self.pair.clipping,
            "claim": self.pair.claim,
            "question": self.pair.question,
            "label": self.pair.label.value,
            "phenomenon": self.pair.phenomenon,
            "measures": self.measures,
            "passed": self.passed,
            "score": round(self.score, 4),
        }


def judged_by(verifier: Verifier) -> Judge:
    """Returns the judge that uses the verifier, as answers do, with its threshold."""
    return lambda clipping, claim, question: verifier.passes(claim, question or "", clipping)


def judge_pair(pair: Pair, judge: Judge) -> PairResult:
    """Returns the judge's result for one pair."""
    return PairResult(pair, *judge(pair.clipping, pair.claim, pair.question))
