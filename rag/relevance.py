"""How well a sentence answers a question: features of the pair, and the fitted score made of them.

The features are cheap and explainable; their weights were fitted on training questions by `scripts/fit.py`, which
also prints how well they separate. The one score serves twice: to choose the sentences shown as evidence, and to
refuse when even the best is too low. It belongs to one embedding model, because cosines do.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import Hit
from index.sentences import Span
from rag import wording
from rag.expecting import Expects, counted, counts, expectation, holds

MODEL_FILE = Path(__file__).with_name("relevance.json")

FrequencyLookup = Callable[[Sequence[str]], tuple[list[int], int]]
"""For words, the number of chunks that hold each, and the number of chunks (`Index.document_frequencies`)."""


_OF_A_PEOPLE = re.compile(
    r"\b([A-Z]\w+(?:an|ish|ese|ic|i)|French|Greek|Dutch|Swiss|Thai|Welsh|Czech|Arab|Kurd|Serb|Croat) ([a-z]\w+)"
)
"""An adjective of nationality and the noun it belongs to."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is known about a question and one sentence of a passage found for it.

    `cosine`: of question and sentence. `coverage`, `context`: share of the question's words, weighted by rarity,
    that stand in the sentence, in its passage with title; `thin`, `bare`: how far these fall below a half. `passage`:
    the hit's score. `length`: words of the sentence, logarithm. `counts`, `miscounts`: 1 if the question asks how many
    of something and a number in the sentence counts it, or none does. `fits`, `lacks`: 1 for the kind of thing asked
    for, if the sentence holds one, or does not. None depends on capitals: a question in capitals finds the same.
    """

    cosine: float
    coverage: float
    context: float
    passage: float
    thin: float
    bare: float
    length: float
    counts: float
    miscounts: float
    fits: dict[Expects, float]
    lacks: dict[Expects, float]

    def vector(self) -> list[float]:
        """The features in the order of `FEATURES`."""
        plain = [getattr(self, name) for name in _PLAIN]
        return plain + [self.fits.get(kind, 0.0) for kind in _KINDS] + [self.lacks.get(kind, 0.0) for kind in _KINDS]


_PLAIN = ("cosine", "coverage", "context", "passage", "thin", "bare", "length", "counts", "miscounts")
_KINDS = tuple(kind for kind in Expects if kind is not Expects.ANYTHING)
FEATURES = _PLAIN + tuple(f"fits_{kind.value}" for kind in _KINDS) + tuple(f"lacks_{kind.value}" for kind in _KINDS)
"""Names of the features, in the order of `Features.vector`."""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted score: logistic regression on the features.

    `threshold` is the probability below which a question is refused: of the training questions whose answer is in the
    index, 5 % fall below it.
    """

    embedder: str
    bias: float
    weights: dict[str, float]
    threshold: float

    @classmethod
    def load(cls, path: Path = MODEL_FILE) -> Model:
        """Read what `scripts/fit.py` wrote."""
        return cls(**{name: value for name, value in json.loads(path.read_text()).items() if name != "fitted_on"})

    def probability(self, features: Features) -> float:
        """Probability in (0, 1) that the sentence holds the answer."""
        total = self.bias + sum(
            self.weights[name] * value for name, value in zip(FEATURES, features.vector(), strict=True)
        )
        return 1 / (1 + math.exp(-total))


TAKEN_OVER = 0.3
"""Weight of a word that a follow-up takes over from an earlier question, against one that was typed."""


class Asked:
    """A question, taken apart once for all sentences that it is compared with."""

    def __init__(self, question: str, frequencies: FrequencyLookup, focus: str | None = None) -> None:
        """`focus` is the part that was typed; words taken over from earlier questions count less."""
        self.expects = expectation(question)
        self.counted = counted(question)
        self.stems = sorted(wording.question_stems(question))
        found, chunks = frequencies(self.stems)
        typed = wording.stems(question if focus is None else focus)
        self._rarity = {
            stem: math.log(1 + (chunks - n + 0.5) / (n + 0.5)) * (1.0 if stem in typed else TAKEN_OVER)
            for stem, n in zip(self.stems, found, strict=True)
        }

    def covered(self, stems: frozenset[str]) -> float:
        """Share of the question's words in `stems`, weighted by rarity; 1 for a question without words."""
        total = sum(self._rarity.values())
        return sum(weight for stem, weight in self._rarity.items() if stem in stems) / total if total else 1.0


def features(asked: Asked, hit: Hit) -> list[Features]:
    """Features of each sentence of the hit, in order."""
    context = f"{hit.article.title}. {hit.text}"
    passage = wording.stems(context)
    return [_features(asked, hit, span, cosine, passage) for span, cosine in _sentences(hit)]


def names_another(question: str, hit: Hit) -> bool:
    """Whether the passage has the question's noun only with other nationalities ("Turkish" for "Russian soldiers")."""
    others = _peoples(f"{hit.article.title}. {hit.text}")
    return any(noun in others and not wanted & others[noun] for noun, wanted in _peoples(question).items())


def says_something(question: str, sentence: str) -> bool:
    """Whether the sentence holds a thing of the kind that is asked for, which the question itself does not."""
    return holds(expectation(question), sentence, wording.question_stems(question))


def _sentences(hit: Hit) -> list[tuple[Span, float]]:
    return list(zip(hit.chunk.sentences, hit.sentence_cosines, strict=True))


def _features(asked: Asked, hit: Hit, span: Span, cosine: float, passage: frozenset[str]) -> Features:
    text = hit.article.text[span[0] : span[1]]
    stems = wording.stems(text)
    fits = holds(asked.expects, text, frozenset(asked.stems))
    counting = bool(asked.counted) and counts(asked.counted, wording.words(text))
    coverage, context = asked.covered(stems), asked.covered(passage)
    return Features(
        cosine=cosine,
        coverage=coverage,
        context=context,
        passage=hit.score,
        thin=max(0.0, 0.5 - coverage),
        bare=max(0.0, 0.5 - context),
        length=math.log(1 + len(text.split())),
        counts=float(counting),
        miscounts=float(bool(asked.counted) and not counting),
        fits={asked.expects: float(fits)},
        lacks={asked.expects: float(not fits)},
    )


def _peoples(text: str) -> dict[str, set[str]]:
    """For each noun with an adjective of nationality before it, those adjectives: {"soldier": {"turkish"}}."""
    found: dict[str, set[str]] = {}
    for adjective, noun in _OF_A_PEOPLE.findall(text):
        found.setdefault(wording.stem(noun), set()).add(wording.stem(adjective.lower()))
    return found
