"""Extracts the article from a web page.

trafilatura finds the main text, the comments and the metadata. Before that, content that is invisible in a browser is
removed; afterwards, the text is cleaned like that of any other format. Nothing is fetched and no scripts are run, so
content that a page loads dynamically is missing.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped,unused-ignore]
from trafilatura import bare_extraction

from index.cleaning.byline import is_desk, is_person
from index.cleaning.clean import Cleaned, Dropped, clean_paragraphs, lost
from index.cleaning.comments import gather
from index.cleaning.dates import parse_date
from index.cleaning.metadata import Fields, fields_in, read_fields
from index.cleaning.paragraphs import Paragraph, one_line, plain
from index.decoding.charset import decode
from index.decoding.hidden_elements import find_hidden, is_unfolded_by_click, reveal
from index.decoding.html_blocks import block_texts
from index.decoding.html_tables import replace_tables
from index.urls import is_address

# trafilatura's fast mode and its fallbacks (readability, jusText) disagree if one text is this many times as long as
# the other.
_DISAGREEMENT = 1.5
# Number of characters below which the shorter of two such texts is too short for an article.
_TOO_SHORT = 300
# Share of the longer text's surplus that must stand beside the shorter text for the longer one to be chosen. Of 151
# pairs of a right and a wrong text of the sample pages (cut off, with the rest of the page …), 147 are chosen rightly;
# the limits were set on 145 others.
_BESIDE = 0.7
# Number of characters by which a piece of a page is recognised in a text, and the number of characters of a text that
# are searched.
_PIECE = 20
_LONGEST_SEARCHED = 200_000

_DECLARED = re.compile(rb"<(?:meta\b[^>]*?charset\s*=\s*[\"']?|\?xml\b[^>]*?encoding\s*=\s*[\"'])\s*([\w.:-]+)", re.I)
# Pages must declare their encoding within the first 1,024 bytes; some do so a little later.
_DECLARED_WITHIN = 4096
# The comment that browsers, or the program SingleFile, put above a page that they save.
_SAVED = re.compile(
    r"<!--\s*(?:saved from url=\(\d{1,6}\)|page saved with SingleFile\s+url:\s*)(?P<url>https?://\S+)", re.I
)

# Number of characters from which the text of a hidden element can be a part of the article, and the share of the
# article from which hidden text is taken for it, since what hides it is a script that did not run.
_LEAST_FOLDED = 40
_MOST_OF_IT = 0.5
HIDDEN = "hidden, or folded"
"""The reason given for text that a browser does not show."""

MOST_TAGS = 40_000
"""Largest number of "<" in a page. The sample pages have up to 3,194. trafilatura visits each element many times: a
page of 30,000 headings (60,000 tags) took it 8 s."""

MOST_WORDS_OF_A_TAG = 30_000
"""Largest number of words (separated by white space or "/") in a tag. Each can be an attribute, and libxml2 compares
each with all others: 30,000 take it 1 s, and trafilatura 11 s more."""

_LONG_TAG = re.compile(r"<[^<>]{1000,}+")
_MOST_ATTRIBUTES = 100
# Largest number of characters of invalid JSON in a page. trafilatura reads it with patterns that take quadratic time:
# 100 kB took 8 s.
_MOST_BROKEN_JSON = 20_000

# Number of characters of a text that is more than a label, and the share of links in a page that only leads to others.
_SENTENCE = 60
_LINKED = 0.25
_UNSEEN = ("script", "style", "title", "template", "noscript")

# Number of paragraphs from the top in which repetitions of the headline are looked for.
_TOP = 3
_SITE_SUFFIX = re.compile(r"\s+[|–—·»:-]\s+([^|–—·»]{2,60})$")
_RUBRIC = re.compile(r"(?:opinion|analysis|comment|exclusive|breaking) ?[|:] +(?=\S+ \S+ )", re.I)

# It logs an error for every page without text; `registry` reports such a page as a failure of the file.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def clean_page(page: bytes | str, *, charset: str | None = None) -> Cleaned:
    """Extracts and cleans the article on a web page. The text is empty if no article is found.

    `charset` is the encoding declared by the server, which takes precedence over that declared in the page.
    Raises ValueError, with a message for users, if the bytes are not text, or if there are too many tags.
    """
    markup = page if isinstance(page, str) else page_text(page, charset)
    tree = _parsed(_checked(markup))
    if tree is None:
        return Cleaned(title="", text="")
    _drop_traps(tree)
    hidden = tuple(Dropped(line, HIDDEN) for text in dict.fromkeys(_drop_hidden(tree)) if (line := one_line(text)))
    facts = _take_properties(tree)
    replace_tables(tree)
    seen = list(dict.fromkeys(block_texts(tree)))
    headlines = _headlines(tree)
    canonical = next(
        (link.get("href") for link in tree.find_class("p-canonical") if is_address(link.get("href"))), None
    )
    _drop_link_lists(tree)
    found = _extract(tree)
    if found is None:
        return Cleaned(title="", text="", dropped=(*hidden, *_around(seen, "")))
    comments = _comments(tree, found.text)
    sitename = _sitename(found.sitename)
    title = _title(found.title, sitename)
    lines = [p for p in _paragraphs(found.text) if p.text not in comments]
    top = [p for p in lines[:_TOP] if _letters(p.text) not in headlines]
    # If only the headline is left, it is kept: a text of one line is still an article.
    cleaned = clean_paragraphs([*top, *lines[_TOP:]] or lines, title=title)
    extracted = "\n".join(
        [cleaned.title, cleaned.text, *comments, *cleaned.comments, *(dropped.text for dropped in cleaned.dropped)]
    )
    return replace(
        cleaned,
        author=facts.author or _authors(found.author) or cleaned.author,
        source=facts.source or sitename or cleaned.source or found.hostname,
        published=facts.published or parse_date(found.date or "") or cleaned.published or facts.noted,
        url=facts.url or found.url or canonical or _saved_from(markup),
        comments=(*comments, *cleaned.comments),
        dropped=(*cleaned.dropped, *hidden, *_around(seen, extracted), *lost(markup)),
    )


def page_text(page: bytes, charset: str | None = None) -> str:
    """Returns the markup of a page, in the encoding `charset` or else in that which the page declares.

    Raises ValueError, with a message for users, if the bytes are not text.
    """
    return decode(page, declared=charset or _declared(page))


def _saved_from(markup: str) -> str | None:
    match = _SAVED.search(markup, 0, _DECLARED_WITHIN)
    return match["url"] if match else None


def is_list_of_links(page: bytes | str) -> bool:
    """Returns whether a page only leads to others, such as the contents of an export or a browser's bookmarks.

    It has no text of a sentence's length that is not linked, and its links make up a good part of it.
    """
    tree = _parsed(page if isinstance(page, str) else page_text(page))
    if tree is None or tree.find(".//a") is None:
        return False
    body = tree.find("body")
    linked = unlinked = longest = 0
    for element in (tree if body is None else body).iter("*"):
        inside = element.tag == "a" or next(element.iterancestors("a"), None) is not None
        in_paragraph = element.tag == "p" or next(element.iterancestors("p"), None) is not None
        for text, is_linked in ((element.text, inside), (element.tail, inside and element.tag != "a")):
            length = 0 if element.tag in _UNSEEN and text is element.text else len(" ".join((text or "").split()))
            linked += length * is_linked
            unlinked += length * (not is_linked)
            longest = max(longest, length * (not is_linked or in_paragraph))
    return longest < _SENTENCE and linked > _LINKED * (linked + unlinked)


def visible_blocks(markup: str) -> list[str]:
    """Returns the paragraphs of HTML of which everything visible is the article, as in a mail or an entry of a feed.

    Raises ValueError, with a message for users, if there are too many tags.
    """
    tree = _parsed(_checked(markup))
    if tree is None:
        return []
    hidden = find_hidden(tree)
    for element in (*hidden.lost, *hidden.folded):
        element.drop_tree()
    replace_tables(tree)
    return list(block_texts(tree))


def _take_properties(tree: html.HtmlElement) -> Fields:
    """Removes the table of properties that note programs put above a text, and returns the fields in it."""
    for table in tree.iter("table"):
        rows = [[one_line(cell.text_content()) for cell in row.iter("th", "td")] for row in table.iter("tr")]
        facts = {row[0]: row[1].removeprefix("@") for row in rows if len(row) == 2 and row[1]}
        if rows and all(len(row) == 2 for row in rows) and len(fields_in([*facts]) & _STATED) > 1:
            table.drop_tree()
            return read_fields(facts)
        break  # any other first table belongs to the article
    return read_fields({})


_STATED = {"author", "source", "date", "url"}


def _checked(markup: str) -> str:
    if (tags := markup.count("<")) > MOST_TAGS:
        raise ValueError(f"has {tags:,} tags, more than the {MOST_TAGS:,} of a page that is one article; split it")
    if any(len(re.findall(r"[\s/]+", tag[0])) > MOST_WORDS_OF_A_TAG for tag in _LONG_TAG.finditer(markup)):
        raise ValueError(f"has a tag of more than {MOST_WORDS_OF_A_TAG:,} words; take it out")
    return markup


def _around(seen: Sequence[str], extracted: str) -> tuple[Dropped, ...]:
    """Returns the visible blocks of the page that are not in `extracted`, the text extracted from it: menus, boxes …"""
    known = " ".join(extracted.split())
    return tuple(Dropped(text, "outside the article") for text in map(one_line, seen) if text and text not in known)


def _drop_traps(tree: html.HtmlElement) -> None:
    """Removes excessive attributes and invalid JSON, which could keep trafilatura busy for minutes."""
    room = _MOST_BROKEN_JSON
    for element in list(tree.iter("*")):
        if len(element.attrib) > _MOST_ATTRIBUTES:
            element.attrib.clear()
        if element.tag == "script" and "json" in element.get("type", "") and not _is_json(element.text or ""):
            room -= len(element.text or "")
            if room < 0:
                element.drop_tree()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _headlines(tree: html.HtmlElement) -> set[str]:
    """Returns all versions of the headline, as keys: that on the page can differ from that for search engines."""
    shown = [element.text_content() for name in ("h1", "title") for element in tree.iter(name)]
    announced = tree.xpath("//meta[@property='og:title' or @name='twitter:title']/@content")
    return {key for text in (*shown, *announced) if (key := _letters(one_line(text)))}


def _drop_link_lists(tree: html.HtmlElement) -> None:
    """Removes lists of which every item is a link: they refer to other articles, whatever their heading is."""
    for element in list(tree.iter("ul", "ol")):
        items = [item for item in element if item.tag == "li"]
        if len(items) > 1 and all(map(_is_link, items)) and element.getparent() is not None:
            element.drop_tree()


def _is_link(item: html.HtmlElement) -> bool:
    """Returns whether a list item is nothing but a link (at least 90 % of its text), and as long as a headline."""
    length = len(" ".join(item.text_content().split()))
    linked = sum(len(" ".join(link.text_content().split())) for link in item.iter("a"))
    return length > 15 and linked >= 0.9 * length


def _declared(page: bytes) -> str | None:
    match = _DECLARED.search(page[:_DECLARED_WITHIN])
    return match[1].decode("ascii", errors="replace") if match else None


def _parsed(markup: str) -> html.HtmlElement | None:
    """Returns the page's tree without HTML comments; None if there is no markup."""
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, default_doctype=False
    )
    try:
        return html.document_fromstring(plain(markup).encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _drop_hidden(tree: html.HtmlElement) -> list[str]:
    """Removes what a browser does not show and returns its lines, but keeps what belongs to the article.

    Folded text belongs to it if a button beside it unfolds it, or if it is at least half of the article.
    """
    hidden = find_hidden(tree)
    folded = [element for element in (*hidden.folded, *hidden.perhaps) if _may_be_folded_text(element)]
    folded = _not_shown_elsewhere(tree, folded) if folded else []
    lines = [line for e in (*hidden.lost, *hidden.folded) if e not in folded for line in _taken_out(e)]
    if not folded:
        return lines
    by_click = [element for element in folded if is_unfolded_by_click(element, folded)]
    before = [reveal(element) for element in folded]
    found = _extract(tree)
    article = " ".join(((found and found.text) or "").split())
    own = [[line for line in block_texts(element) if line in article] for element in folded]
    most = sum(len(line) for some in own for line in some) >= _MOST_OF_IT * len(article)
    for element, attributes, some in zip(folded, before, own, strict=True):
        if some and (most or element in by_click):
            continue
        element.attrib.update(attributes)
        if element in hidden.folded:
            lines += _taken_out(element)
    return lines


def _not_shown_elsewhere(tree: html.HtmlElement, folded: Sequence[html.HtmlElement]) -> list[html.HtmlElement]:
    """Returns the elements whose text is not, for the most part, visible on the page as well: a copy for machines."""
    inside = {below for element in folded for below in element.iter()}
    seen = [element.text for element in tree.iter() if element not in inside]
    seen += [element.tail for element in tree.iter() if element in folded or element not in inside]
    shown = _pieces(" ".join(filter(None, seen)))
    pieces = {element: _pieces(element.text_content()) for element in folded}
    return [element for element in folded if 2 * len(pieces[element] & shown) < len(pieces[element])]


def _taken_out(element: html.HtmlElement) -> list[str]:
    lines = [] if element.tag in ("template", "noscript") else list(block_texts(element))
    element.drop_tree()
    return lines


def _may_be_folded_text(element: html.HtmlElement) -> bool:
    """Returns whether an element has some text, of which less than half are links."""
    length = len(" ".join(element.text_content().split()))
    linked = sum(len(" ".join(link.text_content().split())) for link in element.iter("a"))
    return length >= _LEAST_FOLDED and 2 * linked < length


def _extract(tree: html.HtmlElement) -> Any:
    """Returns the article as found by trafilatura, or None.

    Each of its modes finds whole other articles on some pages: the fast one searches again if the article is short, the
    other uses readability and jusText. So both are asked, and if they disagree, `_is_whole` decides.
    """
    settings: dict[str, Any] = {
        "include_comments": False,
        "with_metadata": True,
        # The extensive search takes any year on the page for a date, such as that of the copyright notice.
        "date_extraction_params": {"original_date": True, "extensive_search": False},
    }
    fast: Any = bare_extraction(tree, fast=True, **settings)
    slow: Any = bare_extraction(tree, include_comments=False)
    texts = [(found and found.text) or "" for found in (fast, slow)]
    shorter, longer = sorted(texts, key=len)
    if len(longer) < _DISAGREEMENT * len(shorter):
        return fast
    chosen = shorter if len(shorter) >= _TOO_SHORT and _is_whole(tree, shorter, longer) else longer
    return fast if chosen == texts[0] else bare_extraction(tree, **settings)


def _is_whole(tree: html.HtmlElement, shorter: str, longer: str) -> bool:
    """Returns whether `shorter` is the whole article, because most of what `longer` adds stands elsewhere on the page.

    The place of `shorter` is the smallest element with nine tenths of it.
    """
    elements = list(tree.iter("*"))
    known = _pieces(shorter)
    added = _pieces(longer) - known
    # Numbers of characters below each element that are in `shorter`, and of those that are only in `longer`.
    lengths = {element: [0, 0] for element in elements}
    # From the last to the first, so that children come before their parents.
    for element in reversed(elements):
        parent = element.getparent()
        for owner, text in ((element, element.text), (parent, element.tail)):
            piece = " ".join((text or "").split())
            if owner is not None and (piece[:_PIECE] in known or piece[:_PIECE] in added):
                lengths[owner][piece[:_PIECE] in added] += len(piece)
        if parent is not None:
            lengths[parent] = [own + below for own, below in zip(lengths[parent], lengths[element], strict=True)]
    found, surplus = lengths[elements[0]]
    place = next(element for element in reversed(elements) if lengths[element][0] >= 0.9 * found)
    return found > 0 and lengths[place][1] < _BESIDE * surplus


def _pieces(text: str) -> set[str]:
    """Returns every `_PIECE` characters of a text."""
    line = " ".join(text[:_LONGEST_SEARCHED].split())
    return {line[start : start + _PIECE] for start in range(len(line) - _PIECE + 1)}


def _comments(tree: html.HtmlElement, text: str) -> tuple[str, ...]:
    """Returns the comments as marked in the page; none if the article itself is marked as one."""
    if not tree.xpath("boolean(//*[contains(@class, 'omment') or contains(@id, 'omment')])"):
        return ()
    found: Any = bare_extraction(tree, fast=True, include_comments=True)
    if found is None or not found.comments or len(found.text or "") < 0.5 * len(text):
        return ()
    return tuple(gather(_paragraphs(found.comments))[0])


def _paragraphs(text: str) -> list[Paragraph]:
    """Returns every line of trafilatura's text as a paragraph."""
    return [Paragraph(" ".join(line.split())) for line in plain(text).split("\n") if line.strip()]


def _title(found: str | None, sitename: str | None) -> str:
    """Returns the title without the rubric before it and the name of the site after it."""
    title = _RUBRIC.sub("", one_line(found or ""))
    suffix = _SITE_SUFFIX.search(title)
    if suffix and sitename and _letters(suffix[1]) in (_letters(sitename), _letters(sitename.split(".")[0])):
        return title[: suffix.start()]
    return title


def _letters(text: str) -> str:
    return re.sub(r"\W|^the\s+", "", text.lower())


def _sitename(found: str | None) -> str | None:
    name = one_line(found or "")
    return re.sub(r"^https?://(?:www\.)?|/$", "", name) or None


def _authors(found: str | None) -> str | None:
    """Returns the persons among trafilatura's authors, some of which are roles; if none, the first that is no role."""
    names = [one_line(name) for name in (found or "").split(";")]
    people = [name.title() if name.isupper() else name for name in names if is_person(name)]
    return ", ".join(dict.fromkeys(people)) or next((n for n in names if n and not is_desk(n)), None)
