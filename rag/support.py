"""Does this clipping support this sentence? A strict, deterministic check.

A sentence passes only if all of its names, numbers and dates stand in the clipping, nearly all of its other words do
too, its numbers count the same things, and no denial, accusation or doubt was dropped or added. It errs towards
"no": an unsupported sentence is replaced by the clipping itself, which costs style and never truth.
Checks wording, not logic: roles swapped between two names of the same sentence can slip through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag import wording
from rag.counting import miscounted

MIN_OVERLAP = 0.9
"""Share of a sentence's other words that must stand in the clipping."""

MIN_WORDS = 2
"""Words of meaning that a sentence needs: a bare "33." or "HACKED." would be supported by anything that holds it."""

MIN_ORDER = 0.6
"""Share of the shared words that must come in the clipping's order: guards against words shuffled into new claims."""

_NEGATIONS = frozenset("not no never none neither nor without cannot nobody nothing nowhere hardly barely".split())
_DOUBTS = frozenset(
    wording.stem(word)
    for word in (
        "deny denied denial accuse accused accusing accusation allege alleged allegedly claim "
        "claimed reportedly refuse refused decline declined reject rejected unclear unlikely "
        "threaten threatened suspect suspected dispute disputed doubt fail failed may might could "
        "would rumour rumor if unless expect expected plan planned propose proposed"
    ).split()
)
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Support:
    """Verdict on one sentence: `score` in [0, 1] is the share of its words found; `reason` says why not, if not."""

    supported: bool
    score: float
    reason: str = ""


def check_support(sentence: str, clipping: str) -> Support:
    """Whether `clipping` supports `sentence`."""
    said, source = wording.words(sentence), wording.words(clipping)
    if len(said) < MIN_WORDS:
        return Support(False, 0.0, "says too little to be checked")
    stems = {word.stem for word in source}
    score = sum(word.stem in stems for word in said) / len(said)
    strange = [word.stem for word in said if (word.name or word.number) and word.stem not in stems]
    if strange:
        return Support(False, score, f"not in the clipping: {', '.join(strange)}")
    if score < MIN_OVERLAP:
        return Support(False, score, "too little of it is in the clipping")
    for problem in (miscounted(sentence, clipping), _flipped(sentence, clipping), _shuffled(said, source)):
        if problem:
            return Support(False, score, problem)
    return Support(True, score)


def _flipped(sentence: str, clipping: str) -> str:
    """Negations and doubts must be the same on both sides, as far as the clipping's part that the sentence uses."""
    said, part = _cues(sentence), _cues(_used_part(sentence, clipping))
    everywhere = _cues(clipping)
    if added := said - everywhere:
        return f"added: {', '.join(sorted(added))}"
    if dropped := part - said:
        return f"left out: {', '.join(sorted(dropped))}"
    return ""


def _cues(text: str) -> set[str]:
    """Negations (all counted as one) and doubts in the text."""
    tokens = [token.lower().replace("’", "'") for token in _TOKEN.findall(text)]
    negated = any(token in _NEGATIONS or token.endswith("n't") for token in tokens)
    return {wording.stem(token) for token in tokens if wording.stem(token) in _DOUBTS} | ({"not"} if negated else set())


def _used_part(sentence: str, clipping: str) -> str:
    """From the start of the clause of the clipping's first word that the sentence uses, to the end of its last."""
    stems = wording.stems(sentence)
    found = [m for m in _TOKEN.finditer(clipping) if wording.stems(m.group()) & stems]
    if not found:
        return clipping
    start = max(clipping.rfind(mark, 0, found[0].start()) for mark in (";", ". ", "? ", "! ")) + 1
    return clipping[start : found[-1].end()]


def _shuffled(said: tuple[wording.Word, ...], source: tuple[wording.Word, ...]) -> str:
    """The longest run of shared words in the same order must be most of them."""
    order = [word.stem for word in source]
    shared = [word.stem for word in said if word.stem in set(order)]
    if _common_subsequence(shared, order) < MIN_ORDER * len(shared):
        return "its words are the clipping's, in another order"
    return ""


def _common_subsequence(left: list[str], right: list[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(right) + 1)
    for item in left:
        previous = 0
        for column, other in enumerate(right, 1):
            above = row[column]
            row[column] = previous + 1 if item == other else max(above, row[column - 1])
            previous = above
    return row[-1]
