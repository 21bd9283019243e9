"""Support pairs: whether a judge lets a claim pass that its clipping supports, and stops one that it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from rag.evaluation.rows import Label, Pair
from rag.grounding.verifier import Verifier

Judge: TypeAlias = Callable[[str, str, str | None], tuple[bool, float]]
"""From clipping, claim, and question or None to whether the claim passes, and a score in [0, 1], higher the surer."""


@dataclass(frozen=True, slots=True)
class PairResult:
    """What a judge said of one pair."""

    pair: Pair
    passed: bool
    score: float

    @property
    def is_supported(self) -> bool:
        """Whether a person says that the clipping supports the claim."""
        return self.pair.label is Label.SUPPORTED

    @property
    def measures(self) -> dict[str, float]:
        """Whether it passed, 1 or 0, under `supported_passed` (better high) or `unsupported_passed` (better low)."""
        return {f"{self.pair.label.value}_passed": float(self.passed)}

    def to_json(self) -> dict[str, Any]:
        """The result as plain values, for `--out`."""
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
    """The judge in use: the verifier, at its threshold."""
    return lambda clipping, claim, question: verifier.passes(claim, question or "", clipping)


def judge_pair(pair: Pair, judge: Judge) -> PairResult:
    """What the judge says of one pair."""
    return PairResult(pair, *judge(pair.clipping, pair.claim, pair.question))
