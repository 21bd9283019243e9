"""Questions turned into near misses: a word exchanged for its opposite, or a "not" put in.

People who wrote SQuAD 2.0's unanswerable questions did both (Rajpurkar et al. 2018, arXiv 1806.03822, table 2: antonyms
20 %, negation 9 %); here it is done by rule.
"""

from __future__ import annotations

import random
import re

OPPOSITES = """
first/last largest/smallest biggest/smallest highest/lowest most/least oldest/newest oldest/youngest longest/shortest
best/worst strongest/weakest fastest/slowest earliest/latest richest/poorest greatest/least major/minor maximum/minimum
more/fewer higher/lower larger/smaller greater/smaller longer/shorter older/younger better/worse faster/slower
stronger/weaker earlier/later before/after above/below over/under inside/outside with/without north/south east/west
northern/southern eastern/western left/right upper/lower top/bottom front/back near/far begin/end began/ended start/stop
started/stopped open/close opened/closed increase/decrease increased/decreased increases/decreases rise/fall rose/fell
grow/shrink grew/shrank gain/lose gained/lost win/lose won/lost buy/sell bought/sold enter/leave entered/left join/leave
joined/left support/oppose supported/opposed accept/reject accepted/rejected allow/forbid allowed/forbade allowed/banned
include/exclude included/excluded create/destroy created/destroyed built/demolished founded/dissolved born/died
appointed/dismissed succeeded/preceded attack/defend attacked/defended arrived/departed passed/rejected cause/prevent
caused/prevented love/hate like/dislike agree/disagree agreed/disagreed legal/illegal public/private internal/external
domestic/foreign ancient/modern early/late old/new young/old male/female men/women man/woman father/mother son/daughter
brother/sister husband/wife king/queen rich/poor strong/weak hot/cold warm/cold wet/dry hard/soft light/dark heavy/light
positive/negative common/rare simple/complex formal/informal direct/indirect natural/artificial permanent/temporary
possible/impossible successful/unsuccessful popular/unpopular known/unknown true/false good/bad high/low long/short
large/small urban/rural liberal/conservative always/never import/export imported/exported
"""

_PAIRS = [pair.split("/") for pair in OPPOSITES.split()]
_OF: dict[str, list[str]] = {}
for _a, _b in _PAIRS:
    _OF.setdefault(_a, []).append(_b)
    _OF.setdefault(_b, []).append(_a)

_WORD = re.compile(r"[a-z]+")
_VERB = re.compile(r"\b(?:did|does|do|is|are|was|were|can|could|has|have|had|would|will)\b")


def opposite(question: str, pick: random.Random) -> str | None:
    """The question with one word exchanged for its opposite; None if it has no such word."""
    words = [m for m in _WORD.finditer(question) if m.group() in _OF]
    if not words:
        return None
    word = pick.choice(words)
    return question[: word.start()] + pick.choice(_OF[word.group()]) + question[word.end() :]


def negated(question: str) -> str | None:
    """The question with "not" after its last helping verb; None if it has no such verb or is negative already."""
    verbs = list(_VERB.finditer(question))
    if not verbs or re.search(r"\bnot\b|\bnever\b|n't", question):
        return None
    at = verbs[-1].end()
    return f"{question[:at]} not{question[at:]}"
