"""How well a sentence answers a question: features of the pair, and the fitted score made of them.

The features are cheap and explainable; their weights were fitted on training questions by `scripts/fit.py`, which
also prints how well they separate. The one score serves twice: to choose the sentences shown as evidence, and to
refuse when even the best is too low. It belongs to one embedding model, because cosines do. There are two fits: one
for what a comparison of words and vectors tells, one for when the trained reader has read the passage, too.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index import Hit
from index.sentences import Span
from rag import wording
from rag.expecting import Expects, counted, counts, expectation, holds
from rag.reader import Reading

MODEL_FILE = Path(__file__).with_name("relevance.json")
READING_MODEL_FILE = Path(__file__).with_name("relevance_reading.json")

FrequencyLookup = Callable[[Sequence[str]], tuple[list[int], int]]
"""For words, the number of chunks that hold each, and the number of chunks (`Index.document_frequencies`)."""


_PEOPLES = frozenset(
    (
        "afghan african albanian algerian american angolan arab argentine argentinian armenian asian australian "
        "austrian azerbaijani bahraini bangladeshi belarusian belgian bolivian bosnian brazilian british "
        "bulgarian burmese cambodian cameroonian canadian catalan chadian chechen chilean chinese colombian "
        "congolese croat croatian cuban cypriot czech danish dutch ecuadorian egyptian emirati english eritrean "
        "estonian ethiopian european fijian filipino finnish french gambian georgian german ghanaian greek "
        "guatemalan guinean haitian honduran hungarian icelandic indian indonesian iranian iraqi irish israeli "
        "italian ivorian jamaican japanese jordanian kazakh kenyan korean kosovan kurd kurdish kuwaiti kyrgyz "
        "laotian latvian lebanese liberian libyan lithuanian macedonian malaysian malian maltese mexican moldovan "
        "mongolian montenegrin moroccan mozambican namibian nepali nicaraguan nigerian norwegian omani pakistani "
        "palestinian panamanian paraguayan peruvian polish portuguese qatari romanian russian rwandan saudi "
        "scottish senegalese serb serbian singaporean slovak slovenian somali spanish sudanese swedish swiss "
        "syrian taiwanese tajik tanzanian thai tibetan tunisian turkish turkmen ugandan ukrainian uruguayan uzbek "
        "venezuelan vietnamese welsh yemeni zambian zimbabwean"
    ).split()
)
_LIKE_A_PEOPLE = re.compile(r"[A-Z]\w+(?:an|ish|ese|ic|i)")
"""An adjective of nationality that is not in the list can be told by its capital."""

_PAIR = re.compile(r"\b([^\W\d_]+) (?=([^\W\d_]\w+))")


@dataclass(frozen=True, slots=True)
class Features:
    """What is known about a question and one sentence of a passage found for it.

    `cosine`: of question and sentence. `coverage`, `context`: share of the question's words, weighted by rarity,
    that stand in the sentence, in its passage with title; `thin`, `bare`: how far these fall below a half. `passage`:
    the hit's score. `length`: words of the sentence, logarithm. `counts`, `miscounts`: 1 if the question asks how many
    of something and a number in the sentence counts it, or none does. `fits`, `lacks`: 1 for the kind of thing asked
    for, if the sentence holds one, or does not. None depends on capitals: a question in capitals finds the same.
    `says`, `held`: the reader's score of the best answer in the sentence, and its log odds that the passage holds one
    (`rag.reader`); 0 where it has not read.
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
    says: float = 0.0
    held: float = 0.0

    def vector(self) -> list[float]:
        """The features in the order of `FEATURES`."""
        plain = [getattr(self, name) for name in _PLAIN]
        kinds = [side.get(kind, 0.0) for side in (self.fits, self.lacks) for kind in _KINDS]
        return [*plain, *kinds, self.says, self.held]


_PLAIN = ("cosine", "coverage", "context", "passage", "thin", "bare", "length", "counts", "miscounts")
_KINDS = tuple(kind for kind in Expects if kind is not Expects.ANYTHING)
READ = ("says", "held")
"""The features that the reader gives."""

FEATURES = (*_PLAIN, *(f"{side}_{kind.value}" for side in ("fits", "lacks") for kind in _KINDS), *READ)
"""Names of the features, in the order of `Features.vector`."""


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted score: logistic regression on the features.

    `threshold` is the probability below which a question is refused (scripts/fit.py says how many answerable training
    questions that costs). A feature without a weight counts nothing.
    """

    embedder: str
    bias: float
    weights: dict[str, float]
    threshold: float

    @classmethod
    def load(cls, path: Path = MODEL_FILE) -> Model:
        """Read what `scripts/fit.py` wrote."""
        return cls(**{name: value for name, value in json.loads(path.read_text()).items() if name != "fitted_on"})

    @property
    def fingerprint(self) -> str:
        """Name of this very fit: what was calibrated for it counts for no other."""
        fit = json.dumps([self.embedder, self.bias, self.weights], sort_keys=True)
        return hashlib.sha256(fit.encode()).hexdigest()[:16]

    def probability(self, features: Features) -> float:
        """Probability in (0, 1) that the sentence holds the answer."""
        total = self.bias + sum(
            self.weights.get(name, 0.0) * value for name, value in zip(FEATURES, features.vector(), strict=True)
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


def features(asked: Asked, hit: Hit, reading: Reading | None = None) -> list[Features]:
    """Features of each sentence of the hit, in order; `reading` is what the reader found in it."""
    context = f"{hit.article.title}. {hit.text}"
    passage = wording.stems(context)
    rows = [_features(asked, hit, span, cosine, passage) for span, cosine in _sentences(hit)]
    if reading is None:
        return rows
    return [
        replace(row, says=pointed.score, held=reading.holds)
        for row, pointed in zip(rows, reading.sentences, strict=True)
    ]


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
    for adjective, noun in _PAIR.findall(text):
        if adjective.lower() in _PEOPLES or (noun[0].islower() and _LIKE_A_PEOPLE.fullmatch(adjective)):
            found.setdefault(wording.stem(noun.lower()), set()).add(wording.stem(adjective.lower()))
    return found
