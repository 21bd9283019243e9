"""Take a question apart when it asks for several things, so that each can be searched for.

    "What did both Ms Tansley and Mr Revell say about the price?" -> what each of them said
    "Which came first, the flood or the inquiry?"                 -> when each was
    "Who won, and how many votes did she get?"                    -> both questions
    "How did the toll change between March and June 2021?"         -> one part for each month
    "Were there more dead in 2019 than in 2021?"                   -> one part for each year

Told by form alone and without regard to capitals; a question of no such form is one part, itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from rag.followup import leaning, refers
from rag.wording import MONTHS

MAX_PARTS = 4
"""More are not searched for: each takes its share of the passages that are shown."""

_ASK = r"(?:who|whom|whose|when|where|why|how|what|which)"
_DO = r"(?:do|does|did|has|have|had|will|would|can|could|should)"
_BE = r"(?:is|are|was|were)"
_AUXILIARY = rf"(?:{_DO}|{_BE}|may|might|must)"
_PLACE = (
    r"(?:about|according to|after|against|at|before|between|by|concerning|during|for|from|in|into|on|over|regarding"
    r"|since|than|to|towards?|under|until|when|while|with)"
)
_LARGER = (
    r"(?:more|less|fewer|most|least|first|last|better|best|worse|worst|(?:earl|cost|heav)i(?:er|est)"
    r"|(?:great|larg|bigg|small|high|low|long|short|old|young|lat|soon|fast|slow|cheap|dear|strong|weak|rich|poor"
    r"|deep|wid|tall)(?:er|est))"
)
_SAY = (
    r"(?:say|said|tell|told|think|thought"
    r"|(?:claim|argue|promise|answer|warn|predict|propose|recommend|suggest)(?:e?d)?)"
)
_MONTHS = "|".join(MONTHS)
_DAY = rf"(?:(?:{_MONTHS})\s+)?(?:19|20)\d\d|(?:{_MONTHS})"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# Marks that give a question no structure: quotation marks, brackets and what full-text queries are made of.
_MARKS = _form(r"[\"*^()\[\]{}“”„«»…|+~`]+|(?<!\S)-+(?=\w)")
_PLEASE = _form(rf"^(?:please\s+)?(?:(?:can you\s+)?tell me|say|explain|list|name|give me)\s+(?=(?:\w+ )?{_ASK}\b)")
_SENTENCE = _form(
    rf"[?!]*\?[?!]*\s*(?=(?:(?:and|but|also|so|if so),?\s+)*(?:{_PLACE}\s+)?(?:{_ASK}|{_AUXILIARY})\b|and\s+{_PLACE}\b)"
)
_LEAD = _form(r"^(?:(?:and|but|also|so)\b,?\s+)+")
_AND_ASK = _form(rf",?\s+and\s+(?:also\s+|then\s+)?(?=(?:{_PLACE}\s+)?{_ASK}\b)")
_COMMA_ASK = _form(rf",\s+(?=(?:how|what|who|when|where|why)\b(?:\s+\w+){{0,2}}?\s+{_AUXILIARY}\b)")
_QUESTION = _form(rf"^(?:(?:and|but|so)\s+)?(?:{_PLACE}\s+)?(?:{_ASK}|{_AUXILIARY})\b")
_INVERTED = _form(rf"^(?:{_PLACE}\s+)?{_ASK}\b(?:\s+\w+){{0,3}}?\s+{_AUXILIARY}\b")
_MORE_OF_IT = _form(rf"^(?:{_PLACE}\s+)?{_ASK}\s+(?:else|(?:\w+\s+)?(?:other|others|another|third|fourth)\b)")
_ASKING = _form(
    rf"^(?:{_PLACE}\s+)?(?:how\s+(?:many|much|long|old|far|often|well|high)\b|(?:what|which)(?:\s+\w+){{1,2}}?"
    rf"(?=\s+{_AUXILIARY}\b)|{_ASK}\b)"
)
_BARE = _form(
    rf"^(?:{_PLACE}\s+)?(?:how\s+(?:many|much|long|far|often)|(?:what|which)\s+(?!{_AUXILIARY}\b)\w+|{_ASK})$"
)
_GAP = _form(rf"^(?:(?:how\s+(?:many|much)|what|who|where)\s+)?(?P<rest>(?:{_PLACE}|afterwards?|later|now|today)\b.*)")

_BOTH = _form(
    rf"(?P<lead>^|[,:]\s*|\b(?:do|does|did|will|would|can|could|by|about)\s+|^(?:{_ASK}|how\s+\w+)\s+{_BE}\s+)"
    r"both\s+(?P<a>[^,?;:]+?)\s+and\s+(?P<rest>.+)"
)
_THINGS = rf"(?P<list>(?:(?!\b{_AUXILIARY}\b)[^?;:])+?)"
_EACH = _form(rf"^(?P<lead>.*?\b{_DO}\s+){_THINGS}\s+each\s+(?!other\b)(?P<tail>\w.*)")
_SAYING = _form(rf"^(?P<lead>what(?:\s+{_DO})?\s+){_THINGS}(?P<tail>\s+{_SAY}(?:\s+.*)?)$")
_DIFFER = _form(rf"^(?P<lead>(?:how|where|in what)\s+{_DO}\s+){_THINGS}(?P<tail>\s+(?:differ|disagree)\b.*)$")
_SIZES = _form(
    rf"^(?P<lead>how\s+(?:old|long|big|large|high|tall|deep|wide|heavy|fast|far|expensive)\s+{_BE}\s+)"
    rf"(?P<list>(?:(?!\b(?:{_PLACE}|{_AUXILIARY})\b)[^?;:])+)(?P<tail>)$"
)
_OTHERS = {"other", "others"}
_AND = _form(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s+as\s+well\s+as\s+")
_OR = _form(rf"^(?P<lead>.*?\b{_LARGER}\b[^,:]*?)(?:\s*[,:]|\s+[–—-])\s+(?P<list>[^:]+?\s+or\s+[^,:]+)$")
_ALTERNATIVE = _form(r",?\s+or\s+|,\s+")
_WHICH_FIRST = _form(
    r"^(?:which|what|who)\b(?:\s+of\b[^,]*)?(?:\s+\w+)?\s+(?:came|happened|was|is|occurred|began|started)\s+"
    r"(?:the\s+)?(?:first|last|earli(?:er|est)|later|latest)\b$"
)
_FIRST = _form(
    rf"^(?:{_BE}|do|does|did)\s+(?!it\b)(?P<a>.+?)\s+or\s+(?P<b>.+?)"
    r"(?:(?<=\w)\s+(?:come|happen|occur|begin|start|open|take place))\s+(?:first|last|earlier|later|sooner)$"
)
_FIRST_OF = _form(
    r"^(?:which|what|who)\s+(?:came|happened|was|is)\s+(?:first|earlier|later|last)\s+(?P<a>\w.*?),?\s+or\s+(?P<b>.+)$"
)
_THAN = _form(
    rf"^(?P<a>(?:{_PLACE}\s+[^,]+,\s+)?{_AUXILIARY}\b.*\b{_LARGER}\b.*)\s+(?:than|or)\s+(?P<b>{_PLACE}\s+.+)$"
)
_AROUND = _form(r"\b(?:before and after|after and before)\b")
_BETWEEN = _form(
    rf"\b(?:between|from)\s+(?P<a>[^?,]*?\b(?:{_DAY}))\s+(?:and|to|until|till)\s+(?P<b>[^?,]*?\b(?:{_DAY}))\b(?!\s+\d)"
)
_FROM_TO = _form(r"^(?:from|between)\s+(?P<a>[^,]+?)\s+(?:to|and|until)\s+(?P<b>[^,]+),\s+(?P<ask>(?:by )?how\b.*)$")
_DATED = _form(rf"\s*\b(?:in|of|during|by|on)\s+(?:{_DAY})\b")
_CHANGE = _form(
    r"\bhow\b.*\b(?:chang|evol|develop|differ|shift|mov|var(?:y|ied)|gr[eo]w|r[io]se\b|risen|f[ae]ll|increas|decreas|declin|drop"
    r"|climb|compar|becom|becam)|\bthe same\b"
)
_VERSUS = _form(r"^(?P<a>.+?),?\s+(?:versus|vs\.?|as against)\s+(?P<b>.+)$")
_COMPARE = _form(r"^(?:compare|contrast)\s+(?P<a>.+)\s+(?:and|with|against|versus)\s+(?P<b>.+)$")
_TOPICS = _form(
    r"^(?:both\s+|neither\s+|either\s+)?(?P<a>[^:;]+?),?\s+(?:and|nor|as well as|versus|vs\.?)\s+(?P<b>[^:;]+?)\s*[:;]"
    rf"\s+(?P<ask>(?:\w+\s+)?{_ASK}\b.*\b(?:they|them|their|each|both|two)\b.*)$"
)
_THEN = _form(r"^first,?\s+(?P<a>[^:;?]+?)[,;]?\s+(?:and\s+)?then\s+(?P<b>[^:;?]+?)\s*[:;]\s+(?P<ask>.+)$")
_YEAR = _form(r"\b(?:19|20)\d\d\b")


def parts(question: str) -> list[str]:
    """The questions that `question` consists of, in order; itself alone if it asks one thing."""
    text = _PLEASE.sub("", " ".join(_MARKS.sub(" ", question).split()).strip(" .,:;?!¿¡–—-"))
    found = [part for piece in _questions(text) for part in _taken_apart(piece.strip(" ?!.,"))]
    return [_sentence(part) for part in found[:MAX_PARTS]] if len(found) > 1 else [question]


def _sentence(part: str) -> str:
    text = " ".join(part.split()).strip(" ?!.,")
    return f"{text[:1].upper()}{text[1:]}?"


def _taken_apart(piece: str) -> list[str]:
    rules = (_then, _topics, _around, _versus, _both, _each, _either, _over_time, _than, _same)
    return next((found for rule in rules if (found := rule(piece))), [piece] if piece else [])


# Questions joined into one


def _questions(text: str) -> list[str]:
    """The questions that stand side by side, each complete in itself."""
    sentences = (_LEAD.sub("", sentence.strip(" ?!")) for sentence in _SENTENCE.split(text))
    pieces = [clause for sentence in sentences for clause in _clauses(sentence) if clause]
    whole: list[str] = []
    for n, piece in enumerate(pieces, 1):
        whole.append(_complete(piece, whole, " ".join(pieces[n : n + 1])))
    return whole


def _clauses(sentence: str) -> list[str]:
    pieces = _AND_ASK.split(sentence)
    if len(pieces) > 1:
        pieces = [clause for piece in pieces for clause in _COMMA_ASK.split(piece)]
    first, *later = pieces
    return pieces if _QUESTION.match(first) and all(_goes_on(first, piece) for piece in later) else [sentence]


def _goes_on(first: str, piece: str) -> bool:
    """Whether a piece after "and" asks for something new, and is no clause within the first question."""
    if _MORE_OF_IT.match(piece):
        return False
    within = [match.group().lower() for match in re.finditer(rf"\b{_ASK}\b", first, re.IGNORECASE)][1:]
    asking = re.search(rf"\b{_ASK}\b", piece, re.IGNORECASE)
    if within and asking:
        return asking.group().lower() not in within and bool(_INVERTED.match(piece))
    return True


def _complete(piece: str, earlier: Sequence[str], following: str) -> str:
    """The piece with what it leaves out: "and why?", "when and where …", "and what in June?", "… did it cost?"."""
    if _BARE.match(piece) and (source := earlier[-1] if earlier else following):
        return f"{piece} {_ASKING.sub('', source).strip()}"
    if not earlier:
        return piece
    if (gap := _GAP.match(piece)) and not _INVERTED.match(piece):
        return _like(earlier[-1], gap["rest"]) or f"{earlier[-1]} {gap['rest']}"
    said_already = _ASKING.sub("", piece) in earlier[-1]  # of "when and where did it open"
    return piece if said_already or not refers(piece) else leaning(piece, earlier[-1])


def _like(left: str, right: str) -> str:
    """The sentence `left` with `right` in place of its end, from where most words are the same; empty if none is."""
    words = left.split()
    alike = {n: _shared(words[n:], right.split()) for n in range(1, len(words))}
    best = max(alike, key=lambda n: (alike[n], n), default=0)
    return " ".join([*words[:best], right]) if best and alike[best] else ""


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0].lower() == pair[1].lower(), zip(one, other, strict=False)))


# One question for several things


def _then(piece: str) -> list[str]:
    match = _THEN.match(piece)
    return [f"{match[one]}: {match['ask']}" for one in "ab"] if match else []


def _topics(piece: str) -> list[str]:
    """Of "Both the mayor and the clerk: what did they say?" what each said."""
    match = _TOPICS.match(piece)
    return [f"{match[one]}: {match['ask']}" for one in "ab"] if match else []


def _around(piece: str) -> list[str]:
    return [_AROUND.sub(word, piece) for word in ("before", "after")] if _AROUND.search(piece) else []


def _both(piece: str) -> list[str]:
    match = _BOTH.search(piece)
    if not match:
        return []
    before = piece[: match.start()] + match["lead"]
    second, tail = _second(match["a"], match["rest"], verb=bool(re.search(rf"\b{_DO}\s+$", match["lead"], re.I)))
    return [f"{before}{one} {tail}" for one in (match["a"], second)]


def _second(first: str, rest: str, *, verb: bool) -> tuple[str, str]:
    """Where the second thing ends in `rest`: before a preposition that the first has not, and before a verb.

    The verb is the word before the preposition or the end; after "is" there may be none, and the things are taken to
    have as many words as each other.
    """
    own = set(first.lower().split())
    words = rest.split()
    stop = next(
        (n for n, w in enumerate(words) if n and w.lower() not in own and re.fullmatch(_PLACE, w.strip(",:;"), re.I)),
        len(words),
    )
    stop = next((n + 1 for n, word in enumerate(words[:stop]) if word[-1] in ",:;"), stop)
    if verb:
        stop = max(1, stop - 1)
    elif stop == len(words):
        stop = max(1, min(stop, len(first.split())))
    return " ".join(words[:stop]).strip(",:;"), " ".join(words[stop:])


def _each(piece: str) -> list[str]:
    """Of "What do the mayor and the clerk each say?" and "What did the mayor and the clerk say?" what each says."""
    for form in (_EACH, _SAYING, _DIFFER, _SIZES):
        if match := form.match(piece):
            things = [thing for thing in _AND.split(match["list"]) if thing]
            if len(things) > 1 and not _OTHERS.intersection(map(str.lower, things)):
                return [f"{match['lead']}{thing} {match['tail']}" for thing in things]
    return []


def _either(piece: str) -> list[str]:
    """Of "Who got more votes, Pell or Ostrow?" the votes of each; of "Did A or B come first?" when each was."""
    if match := _FIRST.match(piece) or _FIRST_OF.match(piece):
        return [f"When was {match[one]}" for one in "ab"]
    match = _OR.match(piece)
    if not match or not _QUESTION.match(piece) or " either " in f" {piece.lower()} ":
        return []
    lead = "When was" if _WHICH_FIRST.match(match["lead"]) else f"{match['lead']},"
    return [f"{lead} {thing}" for thing in _ALTERNATIVE.split(match["list"])]


def _over_time(piece: str) -> list[str]:
    """Of "change between March and June 2021": in March 2021, in June 2021; not of a sum over that time."""
    if not _CHANGE.search(piece):
        return []
    if match := _BETWEEN.search(piece):
        year = _YEAR.search(match["b"])
        ends = [end if _YEAR.search(end) or not year else f"{end} {year.group()}" for end in (match["a"], match["b"])]
        return [f"{piece[: match.start()]}in {end}{piece[match.end() :]}" for end in ends]
    match = _FROM_TO.match(piece)
    return [f"{match['ask']}, {match[one]}" for one in "ab"] if match else []


def _than(piece: str) -> list[str]:
    """Of "Were there more dead in 2019 than in 2021?" one question for each year."""
    match = _THAN.match(piece)
    other = _like(match["a"], match["b"]) if match else ""
    return [match["a"], other] if match and other else []


def _same(piece: str) -> list[str]:
    """Of "Is the mayor in 2021 the same as in 2025?", where the dates stand apart, one question for each."""
    dates = list(_DATED.finditer(piece)) if _CHANGE.search(piece) else []
    if len(dates) != 2:
        return []
    return [piece[: other.start()] + piece[other.end() :] for other in reversed(dates)]


def _versus(piece: str) -> list[str]:
    if match := _COMPARE.match(piece):
        return [match["a"], _like(match["a"], match["b"]) or _instead(match["a"], match["b"])]
    if not (match := _VERSUS.match(piece)):
        return []
    if _ASKING.match(match["b"]):
        return [match["a"], leaning(match["b"], match["a"]) if refers(match["b"]) else match["b"]]
    other = _like(match["a"], match["b"])
    return [match["a"], other] if other else []


def _instead(left: str, right: str) -> str:
    """The sentence `left` with `right` in place of as many words of its end."""
    return " ".join([*left.split()[: -len(right.split())], right])
