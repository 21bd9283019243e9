"""Parses XML from untrusted sources, without access to anything outside of it.

Entities are not resolved and the network is not used, so a document can neither read local files (XXE) nor expand
to a huge size (billion laughs).
"""

from __future__ import annotations

from typing import Any

from lxml import etree  # type: ignore[import-untyped,unused-ignore]


def parse_xml(data: bytes, *, huge: bool = False) -> Any:
    """Returns the root element, as far as damaged XML can be parsed. Raises ValueError if there is none.

    `huge` lifts lxml's limits on the length of a text and on nesting, for processes whose memory is limited already.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, recover=True,
        huge_tree=huge,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise ValueError(f"is damaged: its XML is not valid ({error})") from error
    if root is None:
        raise ValueError("is damaged: its XML holds nothing")
    return root


def local(element: Any) -> str:
    """Returns an element's name without its namespace; "" for other nodes, such as entities."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def child_text(element: Any, *names: str) -> str:
    """Returns the text, as one line, of the first child with one of these local names that has any; "" if none does."""
    for name in names:
        for child in element:
            if local(child) == name and (text := " ".join("".join(child.itertext()).split())):
                return text
    return ""
