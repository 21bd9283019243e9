"""Converts Markdown to plain text and the metadata of its front matter.

The markup is removed and the wording kept: links are replaced by their text, images and HTML comments are removed.
Handles what the Markdown dialects have in common, with regular expressions and line by line; it is no full parser, and
the lines of code blocks are kept as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]

from index.decoding.table_lines import table_lines

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(?P<yaml>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_PAIR = re.compile(r"^(?P<key>[A-Za-z_-]{2,20}):[ \t]*+(?P<value>\S.*)$", re.M)
# Largest number of characters of front matter: YAML is slow, and a longer block is something else.
_LONGEST_FRONT_MATTER = 20_000

# Every pattern takes linear time, whatever is repeated in the text: a repetition that runs up to a delimiter also stops
# at the opening one, or is possessive (+), or is limited to the length of link titles.
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_HEADING = re.compile(r"^ {0,3}(?P<level>#{1,6})[ \t]+(?P<text>.*)$", re.M)
_UNDERLINED = re.compile(r"^(?P<text>[^\s#>*-].*)\n {0,3}(?:=+|-{2,})[ \t]*$", re.M)
_IMAGE = re.compile(r"!\[[^\[\]]*+\](?:\([^()\s]*+(?:\([^()]*+\)[^()]*)*+(?:\s++[\"'(][^)]{0,1000}+)?\)|\[[^\]]*+\])")
_LINK = re.compile(r"\[(?P<text>[^\[\]]++)\](?:\((?:[^()\s]|\([^()]*+\))*+(?:\s++[\"'][^)]{0,1000}+)?\)|\[[^\]]*+\])")
_FOOTNOTE = re.compile(r"\[\^[^\[\]]++\](?!:)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]++\]:[ \t]*+(?:https?://|<|/|#|mailto:).*$", re.M)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]++)>")
_TAG = re.compile(
    r"</?(?:p|div|span|br|hr|em|strong|b|i|u|a|sup|sub|small|figure|figcaption|img|center|font)\b[^<>]*>",
    re.I,
)
_BOLD = re.compile(
    r"(?<![\w*])\*\*\*?(?=\S)(?P<star>[^*]+?)(?<=\S)\*\*\*?(?![\w*])|"
    r"(?<!\w)__(?=\S)(?P<line>[^_]+?)(?<=\S)__(?!\w)"
)
_ITALIC = re.compile(
    r"(?<![\w*])\*(?=\S)(?P<star>[^*\n]+?)(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)(?P<line>[^_\n]+?)(?<=\S)_(?!\w)"
)
_STRUCK = re.compile(r"~~(?=\S)(.+?)~~")
_CODE = re.compile(r"(?<!`)(`++)(?P<code>[^`]++)\1")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~).*$", re.M)
_QUOTE = re.compile(r"^ {0,3}(?:>[ \t]?)+", re.M)
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$", re.M)
_TABLE = re.compile(
    r"^[ \t]*+\S[^\n|]*+\|[^\n]*+\n[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+\|[-:| \t]*+(?:\n[^\n|]*+\|[^\n]*+)++\n?", re.M
)
_CELLS = re.compile(r"(?<!\\)\|")
_HARD_BREAK = re.compile(r"(?:(?<! ) {2,}+|\\)$", re.M)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")


@dataclass(frozen=True, slots=True)
class Markdown:
    """The parts of a Markdown file: front matter (keys in lower case), heading ("" if there is none) and text."""

    facts: dict[str, Any]
    heading: str
    text: str


def read_markdown(raw: str) -> Markdown:
    """Parses a Markdown file. Never raises: front matter that is not valid YAML is read line by line."""
    raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    facts: dict[str, Any] = {}
    if (match := _FRONT_MATTER.match(raw)) and len(match["yaml"]) <= _LONGEST_FRONT_MATTER:
        facts = _front_matter(match["yaml"])
        if facts or not match["yaml"].strip():
            raw = raw[match.end() :]
    return Markdown(facts, _title(_bare(raw)), without_marks(raw))


def without_marks(raw: str) -> str:
    """Returns Markdown text without its markup; headings become paragraphs of their own."""
    text = _TABLE.sub(_rows, _bare(raw))
    text = _HEADING.sub(lambda m: f"\n{_unclosed(m['text'])}\n", text)
    text = _UNDERLINED.sub(lambda m: f"\n{m['text']}\n", text)
    return _plain(_RULE.sub("", _QUOTE.sub("", text)))


def _rows(table: re.Match[str]) -> str:
    """Returns a table's rows as paragraphs; the line of dashes below its headings is left out."""
    lines = [line for n, line in enumerate(table[0].strip().split("\n")) if n != 1]
    cells = [[cell.strip().replace("\\|", "|") for cell in _CELLS.split(line.strip().strip("|"))] for line in lines]
    return "\n" + "\n\n".join(table_lines(cells, headings=1)) + "\n\n"


def _title(bare: str) -> str:
    """Returns the article's title: the first heading that is of level 1 or at the very beginning; "" if none."""
    headings = [*_HEADING.finditer(bare), *_UNDERLINED.finditer(bare)]
    begins = len(bare) - len(bare.lstrip())
    for match in sorted(headings, key=re.Match.start):
        first_level = match.groupdict().get("level") == "#" or match[0].rstrip().endswith("=")
        if first_level or match.start() <= begins:
            return _plain(_unclosed(match["text"]))
    return ""


def _unclosed(heading: str) -> str:
    """Returns a heading without the closing "#" characters that it may have."""
    return heading.rstrip(" \t").rstrip("#").rstrip(" \t")


def _bare(raw: str) -> str:
    return _DEFINITION.sub("", _FENCE.sub("", _HTML_COMMENT.sub("", raw)))


def _plain(text: str) -> str:
    """Returns the text without inline markup."""
    text = _LINK.sub(r"\g<text>", _IMAGE.sub("", text))
    text = _AUTOLINK.sub(r"\1", _FOOTNOTE.sub("", text))
    text = _TAG.sub("", _HARD_BREAK.sub("", text))
    for pattern in (_BOLD, _ITALIC):
        text = pattern.sub(lambda m: m["star"] or m["line"], text)
    return _ESCAPE.sub(r"\1", _CODE.sub(r"\g<code>", _STRUCK.sub(r"\1", text)))


class _FrontMatter(yaml.SafeLoader):  # type: ignore[misc,unused-ignore]
    """A YAML loader without merge keys (`<<`), with which a small document can expand exponentially."""

    def flatten_mapping(self, node: Any) -> None:
        """Does not expand merge keys; front matter that has one is read line by line."""


def _front_matter(text: str) -> dict[str, Any]:
    try:
        loaded = _FrontMatter(text).get_single_data()
    except (yaml.YAMLError, ValueError, TypeError, ArithmeticError, RecursionError):
        # A colon in a title ("title: Russia: what next") or a date like 2021-13-45 must not cost the whole article.
        loaded = {m["key"]: m["value"].rstrip(" \t").strip("\"'") for m in _PAIR.finditer(text)}
    if not isinstance(loaded, dict):
        return {}
    return {key.lower(): value for key, value in loaded.items() if isinstance(key, str) and value is not None}
