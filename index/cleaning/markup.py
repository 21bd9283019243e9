"""Makes plain text of the markup in the fields of exports: HTML, character references, editors' comments.

A field is read as HTML only if it has tags or references of HTML; all other text is returned as it is.
"""

from __future__ import annotations

import re
from html import unescape

from index.decoding.html_blocks import block_texts, parse_markup
from index.decoding.html_tables import replace_tables

_NAMES = (
    "a|abbr|article|b|blockquote|body|br|caption|cite|code|div|dl|dt|dd|em|figcaption|figure|font|h[1-6]|header|hr|html|i|"
    "iframe|img|li|main|mark|ol|p|picture|pre|s|script|section|small|span|strong|style|sub|sup|table|tbody|td|th|thead|tr|"
    "u|ul|video"
)
_TAG = re.compile(rf"<(?:/?(?:{_NAMES})(?:\s[^<>]*)?/?>|!--)", re.I)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.I)
# WordPress's shortcodes with a picture's caption, and those that only show something ("[gallery ids=…]").
_CAPTION = re.compile(r"\[(caption|wp_caption)\b[^\[\]]*\][^\[\]]*\[/\1\]", re.I)
_SHORTCODE = re.compile(
    r"\[(?:gallery|embed|audio|video|playlist)\b[^\[\]]*\](?:[^\[\]]*\[/(?:embed|audio|video)\])?", re.I
)
_BLOCK = re.compile(
    r"<(?:p|div|br|li|h[1-6]|table|blockquote|ul|ol|dl|pre|section|article|hr|figure|script|style)\b", re.I
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_NOT_ARTICLE = frozenset({"picture", "video", "audio", "button"})


def has_markup(text: str) -> bool:
    """Returns whether a text has tags or character references of HTML."""
    return bool(_TAG.search(text) or _REFERENCE.search(text))


def without_markup(text: str) -> str:
    """Returns the text of HTML, its paragraphs separated by blank lines, without pictures.

    Their captions are paragraphs that `boilerplate` recognises, so that cleaning removes and lists them.
    A text whose tags are escaped once more ("&lt;p&gt;") is read like one whose tags are not. Blank lines separate
    paragraphs as well, since some editors leave it at them. Text without markup is returned as it is.
    """
    if not has_markup(text):
        return text
    if not _TAG.search(text):
        plain = unescape(text)
        return without_markup(plain) if _TAG.search(plain) else plain
    markup = _CAPTION.sub(r"\n\n\g<0>\n\n", _SHORTCODE.sub("\n\n", text))
    markup = _BLANK_LINE.sub("<br>", markup) if _BLOCK.search(text) else markup
    tree = parse_markup(f"<div>{markup}</div>")
    if not _BLOCK.search(text):
        return str(tree.text_content())  # its lines are as in plain text
    for caption in list(tree.iter("figcaption")):
        if next(caption.getparent().iter("table"), None) is None:
            caption.text = f"Caption: {caption.text or ''}"
    replace_tables(tree)
    return "\n\n".join(block_texts(tree, without=_NOT_ARTICLE))


def line_without_markup(text: str) -> str:
    """Returns a title or a name without markup, on one line."""
    return " ".join(without_markup(text).split()) if has_markup(text) else text
