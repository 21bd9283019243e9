"""Converts Markdown to plain text and the metadata of its front matter.

The markup is removed and the wording kept: links are replaced by their text, images and HTML comments are removed.
Handles what the Markdown dialects have in common, and the marks of note vaults (links between notes, highlights, ids of
blocks, private comments), with regular expressions and line by line; it is no full parser, and the lines of code blocks
are kept as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]

from index.cleaning.metadata import fields_in
from index.decoding.table_lines import table_lines

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(?P<yaml>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_PAIR = re.compile(r"^(?P<key>[A-Za-z_-]{2,20}):[ \t]*+(?P<value>\S.*)$", re.M)
# Largest number of characters of front matter: YAML is slow, and a longer block is something else.
_LONGEST_FRONT_MATTER = 20_000

# Every pattern takes linear time, whatever is repeated in the text: a repetition that runs up to a delimiter also stops
# at the opening one, or is possessive (+), or is limited to the length of link titles.
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
# Note vaults: comments that are not displayed, ids of blocks, kinds of boxes, embedded notes, links between notes.
_PRIVATE = re.compile(r"(?<![\w%])%%[^%\n]+%%(?![\w%])|^[ \t]*%%(?!%).{0,2000}?%%[ \t]*$", re.S | re.M)
_BLOCK_ID = re.compile(r"(?:^|(?<=\s))\^[A-Za-z0-9-]{1,60}[ \t]*$", re.M)
_BOX = re.compile(r"^(?P<quote> {0,3}>[ \t]?)\[!\w{1,30}\][+-]?", re.M)
_EMBEDDED = re.compile(r"!\[\[[^\[\]\n]++\]\]")
_NOTE_LINK = re.compile(r"\[\[(?:[^\[\]\n|]*+\|)?(?P<text>[^\[\]\n|]++)\]\](?:\([^()\s]*+\))?")
_HIGHLIGHT = re.compile(r"==(?=\S)(?P<text>[^=\n]+?)(?<=\S)==")
# The part of an exported file of highlights that names the article: a heading and a list of facts.
_METADATA = re.compile(r"^#{1,4}[ \t]+metadata[ \t]*\n(?P<facts>(?:[ \t]*(?:[-*][ \t].*)?(?:\n|\Z))++)", re.I | re.M)
_FACT = re.compile(r"^[ \t]*(?:[-*][ \t]+)?\**(?P<key>[^\W\d_][^:*\n]{0,30})\**:{1,2}\**[ \t]*(?P<value>\S.*)$", re.M)
_SECTION = re.compile(r"^#{1,4}[ \t]+(?:(?:new )?highlights\b.*|metadata[ \t]*)$", re.I | re.M)
# The same without a heading of its own: lines of facts at the top or right below the first heading. Two colons mark one
# in note programs ("author:: Ruth Adair"); with one colon, there must be two lines at least, with a known name in one.
_LISTED = re.compile(
    r"(?P<heading>\s*(?:^#{1,6}[ \t]+.*\n)?\s*)"
    r"(?P<facts>(?:^[ \t]*(?:[-*][ \t]+)?\**[^\W\d_][^:*\n]{0,30}\**:{1,2}\**(?:[ \t].*)?(?:\n|\Z)(?:[ \t]*\n)*)+)",
    re.M,
)
_ATTRIBUTE = re.compile(r"^[ \t]*(?:[-*][ \t]+)?[^\W\d_][\w -]{0,30}::(?=[ \t]|$)[^\n]*$", re.M)
_TAGS = re.compile(r"^[ \t]*(?:#[^\W\d][\w/-]*#?[ \t]*)+$", re.M)
_TASK = re.compile(r"(?:^[ \t]*[-*][ \t]+|[ \t]-[ \t]+)\[[ xX]\][ \t]+", re.M)
# A note of Joplin ends in a block of its facts; "type_" tells notes from folders, pictures and tags.
_JOPLIN = re.compile(r"(?:\A|\n\n)(?P<facts>id: [0-9a-f]{32}\n(?:[a-z_]+:.*\n)*type_: (?P<kind>\d+))\s*\Z")
_JOPLIN_NOTE = "1"
_TEMPLATE = re.compile(r"\{\{[^{}\n]{1,60}\}\}")
_QUERY = re.compile(r"^```(?:dataview|dataviewjs|query|tasks)\b.*?^```[ \t]*$", re.S | re.M)
_BACK_LINK = re.compile(r"\(\[(?:view highlight|location|page|open)\b[^\[\]]*\]\([^()\s]*\)\)", re.I)
_HEADING = re.compile(r"^ {0,3}(?P<level>#{1,6})[ \t]+(?P<text>.*)$", re.M)
_UNDERLINED = re.compile(r"^(?P<text>[^\s#>*-].*)\n {0,3}(?:=+|-{2,})[ \t]*$", re.M)
_IMAGE = re.compile(r"!\[[^\[\]]*+\](?:\([^()\s]*+(?:\([^()]*+\)[^()]*)*+(?:\s++[\"'(][^)]{0,1000}+)?\)|\[[^\]]*+\])")
_LINK = re.compile(r"\[(?P<text>[^\[\]]++)\](?:\((?:[^()\s]|\([^()]*+\))*+(?:\s++[\"'][^)]{0,1000}+)?\)|\[[^\]]*+\])")
_FOOTNOTE = re.compile(r"\[\^[^\[\]]++\]:?")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]++\]:[ \t]*+(?:https?://|<|/|#|mailto:).*$", re.M)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]++)>")
_TAG = re.compile(
    r"</?(?:p|div|span|br|hr|em|strong|b|i|u|a|sup|sub|small|figure|figcaption|img|center|font)\b[^<>]*>", re.I
)
_BOLD = re.compile(
    r"(?<![\w*])\*\*\*?(?=\S)(?P<star>[^*]+?)(?<=\S)\*\*\*?(?![\w*])|(?<!\w)__(?=\S)(?P<line>[^_]+?)(?<=\S)__(?!\w)"
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
    """The parts of a Markdown file: front matter (keys in lower case), heading ("" if there is none) and text.

    `dropped` are pairs of what is not part of the text and the reason. `kind` names what the file is in place of an
    article (a template, or what a program keeps beside its notes); "" if it is one.
    """

    facts: dict[str, Any]
    heading: str
    text: str
    dropped: tuple[tuple[str, str], ...] = ()
    kind: str = ""


def read_markdown(raw: str) -> Markdown:
    """Parses a Markdown file. Never raises: front matter that is not valid YAML is read line by line."""
    raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    facts: dict[str, Any] = {}
    if match := _JOPLIN.search(raw):
        return _note(raw[: match.start()], match)
    if (match := _FRONT_MATTER.match(raw)) and len(match["yaml"]) <= _LONGEST_FRONT_MATTER:
        facts = {key: _unlinked(value) for key, value in _front_matter(match["yaml"]).items()}
        if facts or not match["yaml"].strip():
            raw = raw[match.end() :]
    if match := _METADATA.search(raw):
        facts = _facts(match["facts"]) | facts
        raw = _SECTION.sub("", raw[: match.start("facts")] + raw[match.end() :])
    elif (match := _LISTED.match(raw)) and _are_facts(match["facts"]):
        facts = _facts(match["facts"]) | facts
        raw = _without_outline(raw[: match.start("facts")] + raw[match.end() :])
    dropped = tuple((match[0].strip(), reason) for pattern, reason in _LEFT_OUT for match in pattern.finditer(raw))
    for pattern, _ in _LEFT_OUT:
        raw = pattern.sub("", raw)
    kind = "template" if _is_template(facts, raw) else ""
    return Markdown(facts, _title(_bare(raw)), without_marks(raw), dropped, kind)


# What note programs do not show, or show apart from the text, with the reasons given for it.
_LEFT_OUT = ((_PRIVATE, "private comment"), (_ATTRIBUTE, "attribute of a note"), (_TAGS, "tags"))


def _facts(lines: str) -> dict[str, Any]:
    listed = {fact["key"].lower(): without_marks(fact["value"]).strip() for fact in _FACT.finditer(lines)}
    facts = {_KEYS.get(key, key): value for key, value in listed.items()}
    if "url" not in fields_in([*facts]) and (match := _TARGET.search(lines)):
        facts["url"] = match[1]
    return facts


_TARGET = re.compile(r"\]\((https?://[^()\s]+)\)")


def _without_outline(raw: str) -> str:
    """Returns the lines of an outline (Logseq's, of which all are items) as paragraphs, without its marks."""
    top = [line for line in raw.splitlines() if line.strip() and not line[0].isspace()]
    if not top or not all(line.startswith("- ") for line in top):
        return raw
    return _OUTLINE.sub("\n", _BLOCK.sub("", raw))


_OUTLINE = re.compile(r"^[ \t]*- (?:(?:TODO|DOING|DONE|LATER|NOW|WAITING) )?|^[ \t]+", re.M)
_BLOCK = re.compile(r"#\+(?:BEGIN|END)_\w{1,20}[ \t]*$", re.M)


def _are_facts(lines: str) -> bool:
    """Returns whether lines with colons are facts, rather than the beginning of the text."""
    if all(map(_ATTRIBUTE.fullmatch, filter(str.strip, lines.splitlines()))):
        return True
    facts = _facts(lines)
    short = all(len(value) < _LONGEST_FACT for value in facts.values())
    return len(facts) > 1 and short and bool(fields_in([*facts]) - {"text", "comments", "id"})


def _note(text: str, match: re.Match[str]) -> Markdown:
    """Returns a note of Joplin, whose first line is its title; or what else such a file holds."""
    facts = {fact["key"].lower(): fact["value"].strip() for fact in _FACT.finditer(match["facts"])}
    if match["kind"] != _JOPLIN_NOTE or facts.get("is_conflict") == "1":
        return Markdown({}, "", "", kind="folder, tag or the like of Joplin")
    title, _, text = text.partition("\n")
    note = read_markdown(text)
    known = {"title": title.strip(), "author": facts.get("author"), "url": facts.get("source_url")}
    made = {"created": facts.get("user_created_time") or facts.get("created_time")}
    return replace(note, facts={key: value for key, value in (known | made).items() if value} | note.facts)


def _is_template(facts: Mapping[str, Any], text: str) -> bool:
    """Returns whether a note is a pattern for others, with places to fill in ("{{title}}") in all that it has."""
    values = [str(value) for value in facts.values() if value]
    return bool(_TEMPLATE.search(text) or any(map(_TEMPLATE.search, values))) and not _TEMPLATE.sub("", text).strip()


_KEYS = {"full title": "title", "published date": "date", "source url": "url"}
# Number of characters of the longest fact; a longer line with a colon is text.
_LONGEST_FACT = 300


def without_marks(raw: str) -> str:
    """Returns Markdown text without its markup; headings become paragraphs of their own."""
    text = _TABLE.sub(_rows, _TASK.sub("\n\n", _bare(raw)))
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
    raw = _FENCE.sub("", _QUERY.sub("", _HTML_COMMENT.sub("", raw)))
    return _DEFINITION.sub("", _BOX.sub(r"\g<quote>", _BLOCK_ID.sub("", raw)))


def _plain(text: str) -> str:
    """Returns the text without inline markup."""
    text = _NOTE_LINK.sub(lambda m: m["text"].replace("#", " > "), _EMBEDDED.sub("", _BACK_LINK.sub("", text)))
    text = _LINK.sub(_link_text, _IMAGE.sub("", text))
    text = _AUTOLINK.sub(r"\1", _FOOTNOTE.sub("", text))
    text = _TAG.sub("", _HARD_BREAK.sub("", text))
    for pattern in (_BOLD, _ITALIC):
        text = pattern.sub(lambda m: m["star"] or m["line"], text)
    text = _HIGHLIGHT.sub(r"\g<text>", _STRUCK.sub(r"\1", text))
    return _ESCAPE.sub(r"\1", _CODE.sub(r"\g<code>", text))


def _unlinked(value: Any) -> Any:
    """Returns a value of the front matter with the names of notes in place of links to them."""
    if isinstance(value, list):
        return [_unlinked(one) for one in value]
    return _NOTE_LINK.sub(r"\g<text>", value) if isinstance(value, str) else value


def _link_text(match: re.Match[str]) -> str:
    """Returns the text of a link; none if it is only a sign, as of a link back to what was highlighted."""
    return match["text"] if any(map(str.isalnum, match["text"])) else ""


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
