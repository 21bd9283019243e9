"""Make a statement of a question and its answer, where the form of the question allows it safely.

"When was the bridge opened?" and "1971" become "The bridge was opened in 1971."
"""

from __future__ import annotations

import re

from support_text import MONTH, MONTHS, capitalised

from index.wordforms import BASE

_PARTICIPLE = (
    r"[a-z]{2,}ed|born|built|made|held|sent|given|taken|written|won|begun|found|sold|led|set|known|shown|drawn"
)
_BE = r"(?P<be>was|were|is|are)"
_WHEN = r"(?:When|In (?:what|which) (?:year|month)|What year|On (?:what|which) (?:date|day))"
_PASSIVE_WHEN = re.compile(rf"^{_WHEN} {_BE} (?P<x>.+?) (?P<v>{_PARTICIPLE})\b(?P<rest>[^?,]*)\?$")
_DID_WHEN = re.compile(rf"^{_WHEN} did (?P<rest>[^?,]+)\?$")
_WHO_DID = re.compile(r"^Who (?P<rest>(?!did|does|do|else|all)[a-z]+ [^?,]+)\?$")
_COUNTED = re.compile(
    r"^How many (?P<n>(?!.*\b(?:do|did|does|there)\b)[a-z][\w' -]*?) "
    r"(?P<rest>(?:was|were|are|is|have|had|can|will|live|lived|died|took)\b[^?,]*)\?$"
)
_NAMED = re.compile(rf"^(?:What|Who) {_BE} (?P<x>the [^?,]+)\?$")
_WHERE = re.compile(rf"^Where {_BE} (?P<x>.+?) (?P<v>{_PARTICIPLE})\b(?P<rest>[^?,]*)\?$")
_UNSAFE = re.compile(
    r" (?:of|in|by|for|to|at|as|on|from)$|\b(?:most|[a-z]+est|level|population|length|average|percentage|cost|number)\b"
)
"""Not "the largest lake", which may be one of several, and nothing that a name cannot answer."""
_MOVED = re.compile(r"\b(?:or|not)\b|\?.")


def statement(question: str, answer: str, clipping: str) -> str | None:
    """A sentence that answers the question; None if no rule fits."""
    question, answer = capitalised(question.strip()), answer.strip().rstrip(".,;")
    if _MOVED.search(question) or len(answer.split()) > 8 or answer.lower() in question.lower():
        return None
    for rule in (_when_passive, _when_did, _counted, _who_did, _named, _where):
        if made := rule(question, answer, clipping):
            return capitalised(" ".join(made.split()))
    return None


def past_of(verb: str, clipping: str) -> str | None:
    """The past form of the verb that the clipping uses, if it uses one."""
    for match in re.finditer(r"[a-z]+", clipping):
        word = match.group()
        if BASE.get(word) == verb or (word.endswith("ed") and word[:-2] in (verb, verb[:-1], verb + verb[-1:])):
            return word
    return None


def _when_passive(question: str, answer: str, clipping: str) -> str | None:
    match, time = _PASSIVE_WHEN.match(question), _time(answer)
    if not match or not time or not _together(clipping, match["v"], answer):
        return None
    return f"{match['x']} {match['be']} {match['v']}{match['rest']} {time}."


def _when_did(question: str, answer: str, clipping: str) -> str | None:
    match, time = _DID_WHEN.match(question), _time(answer)
    if not match or not time:
        return None
    words = match["rest"].split()
    for place, word in enumerate(words[1:], 1):
        past = past_of(word, clipping)
        if past and _together(clipping, past, answer):
            return f"{' '.join([*words[:place], past, *words[place + 1 :]])} {time}."
    return None


def _together(clipping: str, verb: str, answer: str) -> bool:
    """Whether verb and time belong together as far as one can see: in one clause, with no other year about."""
    places = sorted((clipping.find(verb), clipping.find(answer)))
    between = clipping[max(places[0], 0) : places[1]]
    years = re.findall(r"\b\d{4}\b", clipping)
    return len(years) < 2 and not re.search(r"\b(?:who|which|that|whose)\b|[;(]", between)


def _counted(question: str, answer: str, clipping: str) -> str | None:
    match = _COUNTED.match(question)
    number = re.match(
        r"(?:(?:about|over|around|more than|at least|approximately|nearly) )?[\d,.]*\d(?: million)?", answer
    )
    if not match or not number or number.group() not in clipping:
        return None
    if re.search(r"%|percent|per cent", answer + match["n"]):
        return None
    return f"{number.group()} {match['n']} {match['rest']}."


def _who_did(question: str, answer: str, clipping: str) -> str | None:
    match = _WHO_DID.match(question)
    if (
        not match
        or not re.match(r"(?:the |The )?[A-Z]", answer)
        or re.match(r"(?:is|was|are|were) the ", match["rest"])
    ):
        return None
    return f"{answer} {match['rest']}."


def _named(question: str, answer: str, clipping: str) -> str | None:
    match = _NAMED.match(question)
    if not match or not re.match(r"(?:the |The )?[A-Z]", answer) or _UNSAFE.search(match["x"]):
        return None
    return f"{match['x']} {match['be']} {answer}."


def _where(question: str, answer: str, clipping: str) -> str | None:
    match = _WHERE.match(question)
    before = re.search(rf"\b(in|at|on|near) (?:the )?{re.escape(answer)}", clipping)
    if not match or not before or match["rest"].strip():
        return None
    return f"{match['x']} {match['be']} {match['v']} {before.group()}."


def _time(answer: str) -> str | None:
    """The answer as a phrase of time: "in 1971", "on 3 May 1971"."""
    plain = re.sub(r"^(?:in|on) ", "", answer)
    if re.fullmatch(rf"(?:{MONTH} )?\d{{4}}|{'|'.join(MONTHS)}", plain):
        return f"in {plain}"
    if re.fullmatch(rf"(?:{MONTH} \d{{1,2}}|\d{{1,2}} {MONTH})(?:,? \d{{4}})?", plain):
        return f"on {plain}"
    return None
