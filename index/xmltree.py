"""XML of unknown origin -> a tree, without following anything outside it.

Entities are not resolved and the network is never asked, so that a document can neither read a file of the user's
nor grow to a billion words.
"""

from __future__ import annotations

from typing import Any

from lxml import etree  # type: ignore[import-untyped,unused-ignore]


def parse_xml(data: bytes, *, huge: bool = False) -> Any:
    """The root element, read as well as a damaged one can be. ValueError where there is none.

    `huge` lifts lxml's limits on the length of one text and on depth, for where the memory is limited already.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, recover=True,
        huge_tree=huge,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise ValueError(f"is damaged: its XML is not valid ({error})") from error
    except ValueError as error:
        raise ValueError(f"is damaged: its XML is not valid ({error})") from error
    if root is None:
        raise ValueError("is damaged: its XML holds nothing")
    return root


def local(element: Any) -> str:
    """An element's name without its namespace; "" for what is no element, as an entity."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def child_text(element: Any, *names: str) -> str:
    """The text of the first child with one of these local names that has any, on one line; else ""."""
    for name in names:
        for child in element:
            if local(child) == name and (text := " ".join("".join(child.itertext()).split())):
                return text
    return ""
