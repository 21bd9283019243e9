"""English number words, and the numbers that they spell: "one hundred and five" is 105, "3 million" is 3000000."""

from __future__ import annotations

import re
from decimal import Decimal

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
"""The numbers from 0 to 19, each at its place."""

_TENS = {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}

SPELLED = {word: value for value, word in enumerate(SMALL)} | _TENS
"""The values of the words below a hundred."""

SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
"""By what the words multiply the number before them."""

PLAIN_NUMBER = re.compile(r"\d+(?:\.\d+)?")
"""A number in digits, without thousands separators."""


def shortest(value: Decimal) -> str:
    """Returns the number in digits, without trailing zeros of a fraction: 1200.50 -> "1200.5"."""
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def first_number(run: list[str]) -> tuple[str, int]:
    """Returns the first number in a run of number words, in digits, and how many of the words it consists of.

    The words are in lower case, numbers without thousands separators: ["3.5", "million", "two"] gives ("3500000", 2).
    """
    if run[0] not in SPELLED:
        scaled = PLAIN_NUMBER.fullmatch(run[0]) and run[1:] and run[1] in SCALES
        return (shortest(Decimal(run[0]) * SCALES[run[1]]), 2) if scaled else (run[0], 1)
    total = taken = 0
    limit = max(SCALES.values()) + 1
    while taken < len(run) and run[taken] in SPELLED:
        part, size = _below_thousand(run[taken:])
        scale = SCALES.get("".join(run[taken + size : taken + size + 1]), 1)
        if scale >= limit:
            break
        total, taken, limit = total + part * scale, taken + size + (scale > 1), scale
    return str(total), taken


def _below_thousand(run: list[str]) -> tuple[int, int]:
    """Returns the value, and the number of words, of "twenty one" or "one hundred (and) five" at the start of `run`."""
    value, size = _below_hundred(run)
    if run[size : size + 1] != ["hundred"]:
        return value, size
    value, size = 100 * value, size + 1
    if run[size:] and run[size] in SPELLED:
        rest, more = _below_hundred(run[size:])
        if run[size + more : size + more + 1] != ["hundred"]:  # "two hundred and three hundred" are two numbers
            return value + rest, size + more
    return value, size


def _below_hundred(run: list[str]) -> tuple[int, int]:
    value = SPELLED[run[0]]
    unit = SPELLED.get(run[1], 0) if value >= 20 and run[1:] else 0
    return (value + unit, 2) if 0 < unit < 10 else (value, 1)
