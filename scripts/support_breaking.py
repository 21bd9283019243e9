"""Rules that make a sentence which the clipping no longer supports, though most of its words are the clipping's."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

from support_keeping import part_or_whole
from support_statements import statement
from support_text import (
    MONTH,
    MONTHS,
    NUMBER_WORDS,
    SAYING,
    Rule,
    Source,
    capitalised,
    content,
    differ,
    in_its_words,
    lowered,
    names_in,
    one_of,
    replaced,
)

from index.wordforms import BASE

_YEAR = r"\b(?:1[0-9]|20)\d\d\b"
_QUALIFIED = "least most than over nearly to about".split()
"""Words before a number after which another number may be as true: "at least 33" and "at least 30"."""
_NUMBER = re.compile(
    r"(?<![\w.,–-])" + "".join(f"(?<!{word} )" for word in [*_QUALIFIED, *MONTHS]) + r"\d+(?:,\d{3})*(?:\.\d+)?"
    r"(?![\w–-]|[.,]\d)"
)
_SPELLED = re.compile(rf"(?<![\w-])(?:{'|'.join(NUMBER_WORDS[2:])})(?![\w-])")
_DATE = re.compile(
    rf"\b(?P<m>{MONTH})(?: \d{{1,2}},?)? \d{{4}}\b|\b\d{{1,2}} (?P<n>{MONTH})\b|(?P<o>{MONTH}) \d{{1,2}}\b"
)
_BE = re.compile(
    r"\b(?:is|are|was|were|can|could|will|would|must|should)\b(?! not| n't| never| no\b|n't)"
    r"|\b(?:has|have|had)(?= [a-z]+(?:ed|en)\b)"
)
_SPEAKER = re.compile(
    rf"(?:^|^In \d{{4}}, |, )(?P<who>(?:(?:the|The) )?(?:[\w.’'-]+ ){{0,4}}[\w.’'-]+) (?:{'|'.join(SAYING)}) that "
)
_NO_SPEAKER = re.compile(r"\b(?:it|they|this|who|which|that|there|he|she|but|is|was|are|were|each)\b", re.IGNORECASE)
_UNSURE = re.compile(
    r"^(?:In \d{4}, )?(?P<who>[^,;:()\"]{2,60}?) (?:(?:has|have|had) )?(?:also |often |sometimes )?(?:been )?"
    r"(?:claim|argue|allege|believe|suggest|assert|think|thought|hypothesi[sz]e|speculate|contend|estimate|fear|"
    r"propose|assume|predict|expect|doubt|deny|denie|dispute)(?:d|s|ed)? that (?P<what>[^;\"]+\.)$"
)
_PASSIVE_DOUBT = re.compile(
    r"\b(is|are|was|were) (?:often |sometimes |widely |generally )?(?:believed|thought|alleged|rumou?red|supposed|said|"
    r"expected|estimated|presumed|claimed) to (be|have)\b"
)
_MODAL = re.compile(r"\b(?:may|might|could) (?:also |well |sometimes )?(be|have)\b(?! not)")
_ADVERB = re.compile(
    r",? ?\b(?:allegedly|reportedly|supposedly|possibly|probably|perhaps|presumably|apparently),?(?= )"
)
_SYMMETRIC = re.compile(
    r"marri|\bmet\b|meet|border|resembl|merg|equal|fought|fight|play|connect|link|relat|differ|adjoin|shar|talk|compar|"
    r"associat|ally|allied|interact|neighbo|call|named|known|combin|unit|join|signed|competed|touch|oppos|and|\bor\b|like|"
    r"with\b|between|near|\bas\b|than|divided|along|both|renamed|became|dubbed|titled"
)
_PAST = frozenset(form for form, base in BASE.items() if form != base)
_OPPOSITES = tuple(
    tuple(pair.split("/"))
    for pair in (
        "before/after more than/less than above/below first/last north/south northern/southern east/west "
        "eastern/western increased/decreased increase/decrease largest/smallest highest/lowest higher/lower "
        "older/younger rose/fell won/lost larger/smaller early/late earlier/later male/female men/women "
        "majority/minority maximum/minimum accepted/rejected supported/opposed inside/outside upper/lower "
        "with/without including/excluding always/never increasing/decreasing best/worst most/least stronger/weaker "
        "faster/slower positive/negative internal/external oldest/newest left/right"
    )
    .replace("more than", "more_than")
    .replace("less than", "less_than")
    .split()
)
_MANY = f"[Mm]any|[Ss]everal|[Vv]arious|[Nn]umerous|{'|'.join(NUMBER_WORDS[2:])}"
_QUANTIFIERS = (
    (r"\b(?:some|many|several|most) of the\b", "all of the"),
    (r"^(?:Some|Many|Several|Most)(?= (?!of\b|other)[a-z]+s\b)", "All"),
    (r"\b(?<!as )(?<!how )(?<!the )(?:some|many|several)(?= (?!of\b|other|years|times)[a-z]+s\b)", "all"),
    (r"\bone of the(?= (?:[a-z]+est|most|first|last)\b)", "the"),
    (r"\b(?:often|usually|sometimes|generally|typically|frequently|occasionally|rarely)(?= )", "always"),
    (r"\b(?:mainly|mostly|primarily|partly|largely|chiefly|predominantly)(?= )", "entirely"),
    (r"\b(?:almost|nearly|virtually) (?=all|every|entirely|always|no )", ""),
)
_TO_REAL = re.compile(
    r"\b(?:attempted|tried|sought|hoped|wanted|planned|intended|failed|refused|threatened) to\b(?= [a-z])"
)
_NOT = (
    (
        r"\b(was|were|is|are|could|would|should|had|has|have|can|must|does|do|did|will) not "
        r"(?!only|just|necess|all|until|be until)",
        r"\1 ",
    ),
    (r"\bcannot (?!only)", "can "),
    (r"\bnever (?!before)", ""),
    (r"\bno longer ", "still "),
    (r"\bfailed to\b", "managed to"),
    (r"\b(?:had|has|have) no (?=[a-z]+)", "had some "),
    (r"\bdenied\b(?= (?:that|any|having|the))", "admitted"),
    (r"\bwithout (?!doubt)", "with "),
)


def _pick(rng: random.Random, made: Iterator[str]) -> str | None:
    found = list(dict.fromkeys(made))
    return rng.choice(found) if found else None


def entity_swapped(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    match = one_of(rng, (m for m in names_in(text, source) if m.group() in source.article.names))
    near = [s for s in source.article.sources if s.passage == source.passage]
    for pool in (near, source.article.sources):
        others = [m.group() for s in rng.sample(pool, min(len(pool), 9)) for m in names_in(s.clipping, source)]
        fitting = [name for name in others if match and differ(name, match.group()) and name not in text]
        if match and fitting:
            return replaced(text, match, rng.choice(fitting))
    return None


def roles_swapped(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    found = names_in(text, source)
    return _pick(rng, (_exchanged(text, a, b) for a, b in pairwise(found) if _one_does_it_to_the_other(text, a, b)))


def _one_does_it_to_the_other(text: str, a: re.Match[str], b: re.Match[str]) -> bool:
    between = text[a.end() : b.start()]
    words = between.split()
    does = any(w in _PAST or re.fullmatch(r"[a-z]{2,}ed", w) for w in words) or " by " in between
    lower = re.fullmatch(r"(?: [a-z]+){1,6} ", between) is not None
    return lower and does and not _SYMMETRIC.search(between) and differ(a.group(), b.group())


def _exchanged(text: str, a: re.Match[str], b: re.Match[str]) -> str:
    return text[: a.start()] + b.group() + text[a.end() : b.start()] + a.group() + text[b.end() :]


def number_changed(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    match = one_of(rng, [*_NUMBER.finditer(text), *_SPELLED.finditer(text)])
    if not match:
        return None
    if match.group() in NUMBER_WORDS:
        number = NUMBER_WORDS.index(match.group())
        return replaced(text, match, NUMBER_WORDS[number - 1 if number == 20 or rng.random() < 0.5 else number + 1])
    whole, dot, fraction = match.group().replace(",", "").partition(".")
    if re.fullmatch(_YEAR, match.group()):
        return replaced(text, match, str(int(whole) + rng.choice([-10, -2, -1, 1, 2, 10])))
    new = int(whole) + 1 if dot else rng.choice([int(whole) + 1, int(whole) + 10, int(whole) * 10, int(whole) * 1000])
    if not new:
        return None
    return replaced(text, match, (f"{new:,}" if "," in match.group() or new > 9999 else str(new)) + dot + fraction)


def numbers_exchanged(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    found = sorted([*_NUMBER.finditer(text), *_SPELLED.finditer(text)], key=re.Match.start)
    return _pick(rng, (_exchanged(text, a, b) for a, b in pairwise(found) if _count_two_things(text, a, b)))


def _count_two_things(text: str, a: re.Match[str], b: re.Match[str]) -> bool:
    """Whether exchanging the numbers says something else: not in "in 1914 and 1918" nor in "two men and two women"."""
    between = text[a.end() : b.start()]
    years = [re.fullmatch(_YEAR, m.group()) is not None for m in (a, b)]
    tail = text[b.end() :].split()[:1]
    return (
        years[0] == years[1]
        and a.group() != b.group()
        and len(re.findall(r"[a-z]{3,}", between)) >= (4 if years[0] else 2)
        and between.split()[:1] != tail
    )


def date_swapped(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    match = one_of(rng, _DATE.finditer(text))
    if not match:
        return None
    month = match["m"] or match["n"] or match["o"]
    day = re.search(r"\b\d{1,2}\b", match.group())
    if day and rng.random() < 0.4:
        new = int(day.group()) + rng.choice([1, 2]) if int(day.group()) < 27 else int(day.group()) - rng.choice([1, 2])
        return replaced(text, match, replaced(match.group(), day, str(new)))
    return replaced(
        text, match, match.group().replace(month, rng.choice([m for m in MONTHS if m not in source.clipping]))
    )


def year_as_count(source: Source, rng: random.Random) -> str | None:
    text = source.clipping
    year = one_of(rng, re.finditer(rf"{_YEAR}(?!s)", text))
    thing = one_of(
        rng, re.finditer(rf"\b(?:{_MANY})(?= (?:[a-z]+ )?(?!this|was|has|his|years|times)[a-z]{{2,}}[^su\W]s\b)", text)
    )
    if not year or not thing or abs(year.start() - thing.start()) < 6:
        return None
    made = replaced(text, thing, year.group())
    return capitalised(re.sub(rf"^In {year.group()}, ", "", made))


def polarity_added(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    if re.search(r"\b(?:not|no|never|nor|only)\b|n't", text):
        return None
    match = one_of(rng, _BE.finditer(text))
    ways = [f"{rng.choice(['Critics', 'Officials', 'Historians', 'Experts'])} denied that {lowered(text)}"]
    if match:
        never = rng.choice([" not", " never", " not", "n't"])
        if never == "n't" and match.group() in ("can", "will", "must"):
            never = " not"
        ways += [replaced(text, match, match.group() + never)] * 4
    return rng.choice(ways)


def polarity_dropped(source: Source, rng: random.Random) -> str | None:
    text = source.clipping
    if re.search(r"\b(?:whether|not only|if|unless|until|nor|neither|rather|but)\b", text):
        return None
    return _pick(rng, (capitalised(re.sub(old, new, text, count=1)) for old, new in _NOT if re.search(old, text)))


def speaker_swapped(source: Source, rng: random.Random) -> str | None:
    text = source.clipping
    match = _SPEAKER.search(text) or re.match(r"According to (?P<who>[^,]{3,50}),", text)
    if not match or _NO_SPEAKER.search(match["who"]):
        return None
    names = [m.group() for m in names_in(text[match.end() :], source)] + [
        m.group() for s in source.article.sources if s.passage == source.passage for m in names_in(s.clipping, source)
    ]
    others = [name for name in names if differ(name, match["who"]) or " " not in match["who"]]
    others = [name for name in others if not set(name.split()) & set(match["who"].split())]
    if not others:
        return None
    return text[: match.start("who")] + rng.choice(others) + text[match.end("who") :]


def attribution_dropped(source: Source, rng: random.Random) -> str | None:
    match = _UNSURE.match(source.clipping)
    return capitalised(match["what"]) if match and " that " not in f" {match['who']} " else None


def doubt_dropped(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    if "so that" in text:
        return None
    forms = {"be": "is", "have": "has"}
    ways = []
    if match := _MODAL.search(text):
        ways.append(replaced(text, match, forms[match[1]]))
    if match := _PASSIVE_DOUBT.search(text):
        ways.append(replaced(text, match, match[1] if match[2] == "be" else "has"))
    if match := _ADVERB.search(text):
        ways.append(capitalised(replaced(text, match, "").strip()))
    if match := _TO_REAL.search(text):
        ways.append(replaced(text, match, "managed to"))
    return rng.choice(ways) if ways else None


def quantifier_changed(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    return _pick(rng, (re.sub(old, new, text, count=1) for old, new in _QUANTIFIERS if re.search(old, text)))


def opposite(source: Source, rng: random.Random) -> str | None:
    text = part_or_whole(source, rng)
    if " not " in text:
        return None
    ways = []
    for pair in _OPPOSITES:
        one, other = (word.replace("_", " ") for word in pair)
        for old, new in ((one, other), (other, one)):
            if len(re.findall(rf"\b{old}\b", text)) == 1 and not re.search(rf"\b{new}\b", text):
                ways.append(re.sub(rf"\b{old}\b", new, text))
    return rng.choice(ways) if ways else None


def wrong_answer(source: Source, rng: random.Random) -> str | None:
    """A question about the clipping, answered with what answers another question about it."""
    made = [
        text
        for question, right in source.asked
        for other, answers in source.asked
        for answer in answers[:1]
        if other != question
        and _another(answer, right, source.clipping)
        and (text := statement(question, answer, source.clipping))
        and in_its_words(text, source.clipping)
    ]
    return rng.choice(made) if made else None


def _another(answer: str, right: tuple[str, ...], clipping: str) -> bool:
    """Whether the answer stands well apart from the right ones, in words and in place."""
    return all(
        _apart(clipping, answer, text)
        and not set(answer.lower().split()) & set(text.lower().split())
        and bool(re.search(r"\d", answer)) == bool(re.search(r"\d", text))
        for text in right
    )


def _apart(clipping: str, one: str, other: str) -> bool:
    """Whether more than a list's comma stands between the two: "English and Swahili" are two right answers."""
    left, right = sorted((clipping.find(one), clipping.find(other)))
    return left >= 0 and len(clipping[left:right].split()) - len(one.split()) > 4 and "most" not in clipping


def unanswered(source: Source, rng: random.Random) -> str | None:
    """A question that the passage does not answer, with a year, number or name of the clipping as its answer."""
    things = [m.group() for m in re.finditer(rf"{_YEAR}|{MONTH} {_YEAR}", source.clipping)]
    things += [m.group() for m in _NUMBER.finditer(source.clipping)]
    things += [m.group() for m in names_in(source.clipping, source)]
    made = [
        text
        for question in source.unanswered
        for thing in things
        if thing not in question
        and (text := statement(question, thing, source.clipping))
        and len(content(text) & content(source.clipping)) * 2 >= len(content(text))
    ]
    return rng.choice(made) if made else None


def same_topic(source: Source, rng: random.Random) -> str | None:
    """The sentence of another passage that shares most with the clipping, without saying it again."""
    here = content(source.clipping)
    others = [
        (len(here & content(s.clipping)) / (len(content(s.clipping)) or 1), s.clipping)
        for s in source.article.sources
        if s.passage != source.passage and 6 < len(s.clipping.split()) < 25
    ]
    share, sentence = max(((share, text) for share, text in others if share < 0.7), default=(0.0, ""))
    return sentence if share >= 0.3 else None


def addition(source: Source, rng: random.Random) -> str | None:
    """A clause or a detail of another sentence of the article, appended."""
    text = part_or_whole(source, rng).rstrip(".")
    other = rng.choice(source.article.sources).clipping
    if other == source.clipping:
        return None
    if rng.random() < 0.5:
        clause = re.match(r"(?:The|It|He|She|They|[A-Z][a-z]+) [^,;:()\"]{15,70}(?=[,;.])", other)
        return f"{text}, and {lowered(clause.group())}." if clause and clause.group() not in source.passage else None
    details = [
        m.group()
        for m in re.finditer(
            rf"\b(?:in|near|during|with|for|by|from) (?:the )?(?:{_YEAR}|[A-Z][a-z]{{3,}}\b(?: [A-Z][a-z]+)*)", other
        )
    ]
    new = [detail for detail in details if detail.split()[-1] not in source.clipping]
    return f"{text} {rng.choice(new)}." if new else None


RULES: dict[str, Rule] = {
    "speaker swapped": speaker_swapped,
    "attribution dropped": attribution_dropped,
    "unanswered question answered": unanswered,
    "another question's answer": wrong_answer,
    "roles swapped": roles_swapped,
    "numbers exchanged": numbers_exchanged,
    "year used as a count": year_as_count,
    "date swapped": date_swapped,
    "polarity dropped": polarity_dropped,
    "doubt dropped": doubt_dropped,
    "quantifier changed": quantifier_changed,
    "opposite word": opposite,
    "number changed": number_changed,
    "polarity added": polarity_added,
    "entity swapped": entity_swapped,
    "same topic": same_topic,
    "detail added": addition,
}
"""Kind of pair -> the rule that makes its sentence; rarest first."""
