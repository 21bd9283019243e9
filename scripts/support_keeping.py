"""Rules that make a sentence which the clipping still supports: a part of it, or the same in another form."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from support_statements import statement
from support_text import (
    MONTH,
    MONTHS,
    NAME,
    NUMBER_WORDS,
    SAYING,
    TENS,
    Rule,
    Source,
    capitalised,
    in_its_words,
    lowered,
    names_in,
    one_of,
    replaced,
)

_NUMBERED = "article articles chapter section sections number day page age level type class to".split()
_UNITS = "percent per million billion to or and km m kg mm cm ft mi".split()
Change = Callable[[str], str | None]

_HEDGED = re.compile(
    r"\b(?:no|not|never|nor|none|only|except|unless|if|than|claim\w*|argue\w*|alleg\w*|said|says|suggest\w*|believ\w*|"
    r"according|deni\w*|fictional|theor\w*|hypothes\w*)\b|n't",
    re.IGNORECASE,
)
"""Words after which a part of the sentence may say something else than the whole."""

_VAGUE = re.compile(
    r"\b(?:among|credited|considered|one of|may|might|could|would|some|about|likely|perhaps|probably)\b"
)
_YEAR = r"(?:1[0-9]|20)\d\d"
_SPEAKER = r"(?P<who>(?:The |the )?[^,;:()\"]{2,50}?)"
_SPOKEN = re.compile(rf"^{_SPEAKER} (?P<verb>{'|'.join(SAYING)}) that (?P<what>[^;\"]+)\.$")
_NO_SPEAKER = re.compile(r"\b(?:it|they|who|which|that|is|are|was|were|has|have|now|also)\b", re.IGNORECASE)
_ACCORDING = re.compile(r"^According to (?P<who>[^,;\"]{3,60}), (?P<what>[^;\"]+)\.$")
_PASSIVE = re.compile(
    rf"^(?P<what>(?:The|A|An) [a-z][a-z ]+|(?:The )?{NAME}) (?:was|were) (?P<verb>[a-z]{{2,}}ed) by "
    rf"(?P<who>(?:the )?{NAME})(?P<tail> in {_YEAR})?(?:\.$|, (?:who|which|and (?:it|he|she|was|is)|but|as|after)\b)"
)
_ACTIVE = re.compile(
    rf"^(?:In {_YEAR}, )?(?P<who>(?:the |The )?{NAME}) "
    r"(?P<verb>(?!need|seem|appear|happen|receiv|resembl|agre)[a-z]{2,}ed) "
    rf"(?P<what>the (?:[a-z]+ ){{0,2}}[a-z]+(?: of (?:the )?{NAME})?|{NAME})(?P<tail> in {_YEAR})?(?:\.$|, )"
)
_TITLE = re.compile(
    r"New|Old|Great(?:er)?|Upper|Lower|Vice|Prime|North\w*|South\w*|East\w*|West\w*|Central|Mount|Lake|Saint|San|Los|"
    r"Super|Royal|Grand|High|River|Anti\w*|Non\w*|Neo\w*|Early|Late"
)
"""First words of two that are no given names: "New France" is not France."""
_ALIASES = (
    ("the United States", "the US"),
    ("the US", "the United States"),
    ("U.S.", "US"),
    ("the UK", "the United Kingdom"),
)


def trimmed(text: str, rng: random.Random) -> str | None:
    """The sentence without one part that it can do without; None if it has none."""
    trims: list[Change] = [
        _without_date,
        _without_relative,
        _without_brackets,
        _without_rest,
        _first_half,
        _second_half,
    ]
    return _first(rng.sample(trims, len(trims)), text)


def part_or_whole(source: Source, rng: random.Random) -> str:
    """The clipping or, as often, a part of it that is as true."""
    return (rng.random() < 0.5 and trimmed(source.clipping, rng)) or source.clipping


def _first(changes: Sequence[Change], text: str) -> str | None:
    return next((new for change in changes if (new := change(text)) and new != text and len(new.split()) > 4), None)


def _without_date(text: str) -> str | None:
    match = re.match(
        rf"(?:In|On|During) (?:the )?(?:early |late )?(?:{MONTH} )?(?:\d+,? )?{_YEAR}s?, (?=[A-Za-z])", text
    )
    return capitalised(text[match.end() :]) if match and not _HEDGED.search(text) else None


def _without_relative(text: str) -> str | None:
    clause = r", (?:which|who|whose) [^,;()\"]+"
    if _HEDGED.search(text):
        return None
    if inner := re.search(rf"{clause}, (?=(?:is|was|were|are|has|had|would|can|will|did|[a-z]+ed)\b)", text):
        return f"{text[: inner.start()]} {text[inner.end() :]}"
    return f"{text[: last.start()]}." if (last := re.search(rf"{clause}\.$", text)) else None


def _without_brackets(text: str) -> str | None:
    match = re.search(r" \([^()]+\)", text)
    return replaced(text, match, "") if match else None


def _without_rest(text: str) -> str | None:
    joints = r"and (?:he|she|it|they|there) |but |while |whereas |although |though |[a-z]+ing (?:the|a|an|it|them|its) "
    match = re.search(rf", (?:{joints})[^,;()\"]+\.$", text)
    return (
        f"{text[: match.start()]}." if match and not _HEDGED.search(text) and "," not in text[: match.start()] else None
    )


def _first_half(text: str) -> str | None:
    first, mark, _ = text.partition("; ")
    return f"{first}." if mark and len(first.split()) > 5 and not _HEDGED.search(text) and ":" not in first else None


def _second_half(text: str) -> str | None:
    first, mark, second = text.rpartition("; ")
    plain = not _HEDGED.search(first) and ":" not in text and ";" not in first
    return capitalised(second) if mark and re.match(r"(?:the|a) |[A-Z]", second) and plain else None


def verbatim(source: Source, rng: random.Random) -> str | None:
    return source.clipping


def part(source: Source, rng: random.Random) -> str | None:
    return trimmed(source.clipping, rng)


def number_form(source: Source, rng: random.Random) -> str | None:
    forms: list[Change] = [_digits_spelled, _spelled_digits, _scaled, _unscaled, _percent, _ungrouped]
    return _first(rng.sample(forms, len(forms)), part_or_whole(source, rng))


def _digits_spelled(text: str) -> str | None:
    for match in re.finditer(r"(?<=[a-z] )\d{1,2}(?= [a-z])", text):
        number, before, after = (
            int(match.group()),
            text[: match.start()].split()[-1],
            text[match.end() :].split()[0].rstrip(".,;"),
        )
        if number and before.islower() and before not in _NUMBERED and after not in _UNITS:
            return replaced(text, match, spelled(number))
    return None


def spelled(number: int) -> str:
    """A number below 100 in words."""
    if number <= 20:
        return NUMBER_WORDS[number]
    tens = TENS[number // 10 * 10]
    return f"{tens}-{NUMBER_WORDS[number % 10]}" if number % 10 else tens


def _spelled_digits(text: str) -> str | None:
    words = "|".join(NUMBER_WORDS[2:])
    match = re.search(rf"(?<= )(?:{words})(?= (?!million|hundred|thousand|billion|or|to)[a-z])", text)
    return replaced(text, match, str(NUMBER_WORDS.index(match.group()))) if match else None


def _scaled(text: str) -> str | None:
    match = re.search(r"(?<= )(\d+)(?:\.(\d))? million(?= [a-z])", text)
    return replaced(text, match, f"{int(match[1])},{match[2] or 0}00,000") if match else None


def _unscaled(text: str) -> str | None:
    match = re.search(r"(?<= )(\d{1,3}),(\d)00,000\b", text)
    return replaced(text, match, f"{match[1]}{'.' + match[2] if match[2] != '0' else ''} million") if match else None


def _percent(text: str) -> str | None:
    if match := re.search(r"(?<=\d)%", text):
        return replaced(text, match, " percent")
    return replaced(text, match, "%") if (match := re.search(r"(?<=\d) per ?cent\b", text)) else None


def _ungrouped(text: str) -> str | None:
    match = re.search(r"(?<= )(\d{1,2}),(\d{3})\b(?!,)", text)
    return replaced(text, match, match[1] + match[2]) if match else None


def date_form(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    american = rf"(?<!–)\b(?P<m>{MONTH}) (?P<d>\d{{1,2}})(?:, (?P<y>\d{{4}})\b,?|\b(?![\d,.]*\d))"
    british = rf"(?<![–,.])\b(?P<d>\d{{1,2}}) (?P<m>{MONTH})\b(?: (?P<y>\d{{4}})\b)?"
    match = re.search(american, text) or re.search(british, text)
    if not match or not 0 < int(match["d"]) < 32:
        return None
    month, day, year = match["m"], int(match["d"]), match["y"] or ""
    short = month if len(month) < 5 else f"{month[: 4 if month == 'September' else 3]}."
    forms = [f"{day} {month} {year}", f"{short} {day}{', ' if year else ''}{year}", f"{day} {short} {year}"]
    forms.append(f"{month} {day}{', ' if year else ''}{year}")
    if year:
        forms.append(f"{year}-{MONTHS.index(month) + 1:02}-{day:02}")
    form = rng.choice([form.strip() for form in forms if form.strip() not in text])
    comma = "," if match.group().endswith(",") else ""
    return replaced(text, match, form + comma)


def date_moved(source: Source, rng: random.Random) -> str | None:
    match = re.match(
        rf"(?P<when>(?:In|On) (?:{MONTH} )?(?:\d\d?, )?{_YEAR}), (?P<what>[^,;:()\"]+)\.$", source.clipping
    )
    if not match or re.search(rf"\b(?:that|which|who|and|but|until|to|when|while|if|{_YEAR})\b", match["what"]):
        return None
    return f"{capitalised(match['what'])} {match['when'][0].lower()}{match['when'][1:]}."


def speaker_kept(source: Source, rng: random.Random) -> str | None:
    if match := _ACCORDING.match(source.clipping):
        what, who = match["what"], match["who"]
        return rng.choice(
            [f"{capitalised(what)}, according to {who}.", f"{capitalised(who)} said that {lowered(what)}."]
        )
    match = _SPOKEN.match(source.clipping)
    if not match or len(match["who"].split()) > 6 or _NO_SPEAKER.search(match["who"]):
        return None
    return f"{capitalised(match['what'])}, {lowered(match['who'])} {match['verb']}."


def voice(source: Source, rng: random.Random) -> str | None:
    if match := _PASSIVE.match(source.clipping):
        return f"{capitalised(match['who'])} {match['verb']} {lowered(match['what'])}{match['tail'] or ''}."
    match = _ACTIVE.match(source.clipping)
    if not match or not any(m.group() in match["who"] for m in names_in(source.clipping, source)):
        return None
    return f"{capitalised(match['what'])} was {match['verb']} by {lowered(match['who'])}{match['tail'] or ''}."


def shortened_not(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    match = re.search(r"\b(was|were|is|are|did|does|do|had|has|have|could|would|should) not\b(?! only)", text)
    if match:
        return replaced(text, match, f"{match[1]}n't")
    return replaced(text, match, "can't") if (match := re.search(r"\bcannot\b", text)) else None


def name_form(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    match = one_of(rng, (m for m in names_in(text, source) if _is_person(m.group(), source)))
    if match:
        return replaced(text, match, match.group().split()[-1])
    for old, new in _ALIASES:
        if match := re.search(rf"(?<!\w)(?<!\d ){re.escape(old)}(?![\w-]| [A-Z]| of America)", text):
            return replaced(text, match, new)
    return None


def _is_person(name: str, source: Source) -> bool:
    """Whether it looks like "first name, surname", where the article also uses the surname alone."""
    first, _, last = name.partition(" ")
    if last not in source.article.names or first in source.article.names or _TITLE.fullmatch(first):
        return False
    text = " ".join(s.clipping for s in source.article.sources)
    followers = {m[1] for m in re.finditer(rf"\b{first} (\w+)", text)}
    acts = re.search(
        rf"\b{last}(?:'s|’s| (?:was|had|wrote|said|died|became|argued|moved|went|won|made|did|also)\b)", text
    )
    return (
        followers == {last}
        and acts is not None
        and not re.search(rf"\b(?:[Tt]he|[Aa]) {last}\b|\b{last.lower()}\b", text)
    )


def answered(source: Source, rng: random.Random) -> str | None:
    if _HEDGED.search(source.clipping) or _VAGUE.search(source.clipping):
        return None
    found = [
        made
        for question, answers in source.asked
        for answer in answers[:1]
        if (made := statement(question, answer, source.clipping)) and in_its_words(made, source.clipping)
    ]
    return rng.choice(found) if found else None


RULES: dict[str, Rule] = {
    "active and passive": voice,
    "speaker kept, moved": speaker_kept,
    "date moved to the end": date_moved,
    "date in another form": date_form,
    "negation shortened": shortened_not,
    "name in another form": name_form,
    "number in another form": number_form,
    "answer as a statement": answered,
    "part of the clipping": part,
    "verbatim": verbatim,
}
"""Kind of pair -> the rule that makes its sentence; rarest first."""
