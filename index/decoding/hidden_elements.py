"""Finds the elements of a web page that a browser does not show, until a script or a click shows them or for good.

Judged by attributes and by the page's own style sheets, since nothing is fetched and no scripts are run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

# Ways to hide an element that scripts undo: a fading page, a folded text.
_FOLDED_STYLE = re.compile(
    r"(?:^|[;\s{])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|"
    r"opacity\s*:\s*0?(?:\.0+)?\s*(?:!important\s*)?(?:[;!}]|$)|"
    r"(?:max-)?height\s*:\s*[01](?:px)?\s*;.*overflow\s*:\s*hidden|"
    r"overflow\s*:\s*hidden\b.*;\s*(?:max-)?height\s*:\s*[01](?:px)?\s*(?:;|$))",
    re.I | re.S,
)
# Ways that nobody undoes: text too small to see, or outside of the window.
_UNREADABLE_STYLE = re.compile(
    r"(?:^|[;\s{])(?:font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|%)?\s*(?:[;!}]|$)|"
    r"color\s*:\s*transparent|clip\s*:\s*rect\(\s*[01][,\s p]|"
    r"(?:left|top|right|text-indent)\s*:\s*-\d{3,}(?:\.\d+)?(?:px|em|rem|vw)|"
    r"(?:max-)?width\s*:\s*[01](?:px)?\s*;.*overflow\s*:\s*hidden|"
    r"overflow\s*:\s*hidden\b.*;\s*(?:max-)?width\s*:\s*[01](?:px)?\s*(?:;|$))",
    re.I | re.S,
)
# Largest number of characters of a style that are examined, since the patterns take quadratic time; no style written
# by hand is longer.
_LONGEST_STYLE = 2000
# A rule of a style sheet. Those inside @media and the like are removed before, since they apply only sometimes. Matched
# only where a rule can begin, since trying every character would take quadratic time.
_RULE = re.compile(r"(?:\A|(?<=[{}@;]))(?P<selectors>[^{}@;]++)\{(?P<style>[^{}]*+)\}")
_AT_RULE = re.compile(r"@[^@{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?(?:\*/|\Z)", re.S)
_SIMPLE = re.compile(r"(?P<kind>[.#])(?P<name>[\w-]+)")
_COLOUR = re.compile(
    r"(?:^|[;\s{])(?P<what>background(?:-color)?|color)\s*:\s*(?P<colour>[^;!}]+?)\s*(?=[;!}]|$)", re.I
)
_WHITE = re.compile(r"white|#fff(?:fff)?|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\)")
_UNSEEN = ("template", "noscript", "datalist")
_WHOLE = ("html", "body", "article", "main")
# Names of classes that style sheets elsewhere may hide.
_FOLDED_CLASS = re.compile(
    r"(?:^|[-_])(?:hid(?:e|den)|collaps\w*|fold(?:ed)?|expand\w*|truncated?|d-none)(?:$|[-_])", re.I
)
# What is written on the buttons that show folded text, in the languages whose pages are most read.
_UNFOLDS = re.compile(
    r"\b(?:more|expand|full|continue|mehr|weiter\w*|suite|plus|m[áa]s|leggi|mostra|continua|ler|mais|meer|verder|"
    r"więcej|dalej|читать|дальше|далее|ещ[её]|читати|далі|більше)\b|展开|展開|全文|もっと|続き|المزيد",
    re.I,
)
_LONGEST_BUTTON = 60
_NEIGHBOURS = 2


class Hidden(NamedTuple):
    """The outermost hidden elements of a page, in its order; none of them is inside another.

    `folded` are hidden in a way that a script or a click can undo; `perhaps` are those that a style sheet elsewhere or
    a mark for screen readers only suggests; `lost` can never be seen.
    """

    folded: list[Any]
    perhaps: list[Any]
    lost: list[Any]


def find_hidden(tree: Any) -> Hidden:
    """Returns the hidden elements below `tree`. A page, body or article that is hidden as a whole is made visible."""
    folding, losing = _hidden_names(tree)
    found = Hidden([], [], [])
    inside: set[Any] = set()
    for element in tree.iter("*"):
        if element.getparent() in inside:
            inside.add(element)
            continue
        if element.tag in _WHOLE:
            reveal(element)
            continue
        kind = _kind(element, folding, losing)
        if kind is not None:
            found[kind].append(element)
            inside.add(element)
    return found


def reveal(element: Any) -> dict[str, str]:
    """Makes an element visible; returns the attributes that it had."""
    before = dict(element.attrib)
    for name in ("hidden", "aria-hidden", "style", "id"):
        element.attrib.pop(name, None)
    if "class" in before and element.tag not in _WHOLE:
        element.set("class", "")
    return before


def is_unfolded_by_click(element: Any, hidden: Sequence[Any]) -> bool:
    """Returns whether a button beside an element shows it: "Read more", or one that names the element's id.

    Neighbours that are `hidden` as well are passed over, since one button may show several paragraphs.
    """
    ident = element.get("id")
    for place in (element, element.getparent()):
        if place is None or place.tag in _WHOLE:
            continue
        for neighbour in _neighbours(place, hidden):
            for button in neighbour.iter("a", "button", "label", "span", "summary", "input"):
                text = " ".join(button.text_content().split()) or button.get("value", "")
                if len(text) <= _LONGEST_BUTTON and (_UNFOLDS.search(text) or (ident and _names(button, ident))):
                    return True
    return False


def _neighbours(element: Any, hidden: Sequence[Any]) -> Iterator[Any]:
    for preceding in (True, False):
        others = (one for one in element.itersiblings(preceding=preceding) if one not in hidden)
        for _, neighbour in zip(range(_NEIGHBOURS), others, strict=False):
            yield neighbour


def _names(button: Any, ident: str) -> bool:
    return any(button.get(name, "").lstrip("#") == ident for name in ("aria-controls", "href", "data-target", "for"))


def _kind(element: Any, folding: set[str], losing: set[str]) -> int | None:
    """Returns the index in `Hidden` of the list where the element belongs; None if it is visible."""
    classes = element.get("class", "").split()
    names = {f"#{element.get('id')}", *(f".{name}" for name in classes)}
    style = element.get("style", "")
    if element.tag in _UNSEEN or _is_unreadable(style) or not losing.isdisjoint(names):
        return 2
    if element.get("hidden") is not None or _is_folded(style) or not folding.isdisjoint(names):
        return 0
    return 1 if element.get("aria-hidden") == "true" or any(map(_FOLDED_CLASS.search, classes)) else None


def _is_folded(style: str) -> bool:
    return bool(_FOLDED_STYLE.search(style[:_LONGEST_STYLE]))


def _is_unreadable(style: str) -> bool:
    """Returns whether a style makes text unreadable for good, for example in the colour of its background."""
    style = style[:_LONGEST_STYLE]
    if _UNREADABLE_STYLE.search(style):
        return True
    colours: Mapping[str, str] = {m["what"].lower()[:5]: m["colour"].lower() for m in _COLOUR.finditer(style)}
    if len(colours) < 2:
        return False
    text, ground = ("white" if _WHITE.fullmatch(colour) else colour for colour in colours.values())
    return text == ground


def _hidden_names(tree: Any) -> tuple[set[str], set[str]]:
    """Returns the classes and ids (`.class`, `#id`) that the style sheets fold, and those they make unreadable."""
    folding: set[str] = set()
    losing: set[str] = set()
    for sheet in tree.iter("style"):
        for rule in _RULE.finditer(_AT_RULE.sub("", sheet.text or "")):
            selectors = [selector.strip() for selector in rule["selectors"].split(",")]
            simple = {selector for selector in selectors if _SIMPLE.fullmatch(selector)}
            folding = folding | simple if _is_folded(rule["style"]) else folding - simple
            losing = losing | simple if _is_unreadable(rule["style"]) else losing - simple
    return folding, losing
