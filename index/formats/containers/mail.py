"""Reads mails: single ones, mailboxes, and web pages that browsers save as one (MHTML). Runs in the sandbox.

A mail is an article with its subject as title; what is attached to it (mails, documents, pages) are further articles.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import BinaryIO

from index.cleaning.byline import is_person
from index.decoding.charset import decode
from index.decoding.html_blocks import block_texts, parse_markup
from index.formats.containers.forwarded import Forwarded, read_forwarded
from index.formats.containers.members import Task, inside, read_member
from index.formats.documents.document import LARGEST_TEXT, Document, Failed, Item, Member, Skipped

_LARGEST_MAIL = 4 * LARGEST_TEXT
_FROM_LINE = re.compile(rb"From \S.*\d{4}|From \S+\s*$")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.M)
_REPLY = re.compile(r"(?:(?:re|fwd?|aw|wg|tr|rv)\s*:\s*)+", re.I)
_PAGES = ("text/html", "application/xhtml+xml")
_MAIL = "message/rfc822"
# What the library raises for damaged headers and parts.
_DAMAGED = (MessageError, ValueError, LookupError, TypeError, AttributeError)


def read_mail(data: bytes, task: Task, name: str = "") -> Iterator[Item]:
    """Yields a mail's own text and its attachments; `name` tells it from others. Raises ValueError if it is no mail."""
    message = message_from_bytes(data)
    if not any(message.get(header) for header in ("From", "Subject", "Date", "Received", "Content-Type")):
        raise ValueError("is no mail: it has no sender, subject or date")
    yield from _message(message, task, name)


def read_mailbox(file: BinaryIO, task: Task) -> Iterator[Item]:
    """Yields the mails of a mailbox, which may be larger than the memory. A bad one is yielded as failed."""
    for number, data in enumerate(_split(file), 1):
        if isinstance(data, ValueError):
            yield Failed(str(number), str(data))
            continue
        try:
            message = message_from_bytes(data)
            yield from _message(message, task, _header(message, "Message-ID").strip("<> ") or str(number))
        except (*_DAMAGED, RecursionError) as error:
            yield Failed(str(number), f"is damaged ({error})")


def read_saved_page(data: bytes) -> Item:
    """Returns the web page in an MHTML file. Raises ValueError, with a message for users, if there is none."""
    message = message_from_bytes(data)
    page = next((part for part in _leaves(message) if part.get_content_type() in _PAGES), None)
    if page is None:
        raise ValueError("holds no web page")
    address = _header(message, "Snapshot-Content-Location") or _header(page, "Content-Location")
    return Member("", ".html", _content(page), {"url": address}, page.get_content_charset() or "")


def _split(file: BinaryIO) -> Iterator[bytes | ValueError]:
    """Yields the mails of a mailbox, each as bytes, or as the error that it is too large."""
    lines: list[bytes] = []
    size, blank, begun = 0, True, False
    while line := file.readline(LARGEST_TEXT):
        if blank and line.startswith(b"From ") and _FROM_LINE.match(line.rstrip(b"\r\n")):
            if begun:
                yield _joined(lines, size)
            lines, size, begun = [], 0, True
        elif not begun and line.strip():
            raise ValueError("is no mailbox: its first line does not begin with 'From '")
        else:
            size += len(line)
            if size <= _LARGEST_MAIL:
                lines.append(line)
        blank = not line.strip()
    if begun:
        yield _joined(lines, size)


def _joined(lines: list[bytes], size: int) -> bytes | ValueError:
    if size > _LARGEST_MAIL:
        return ValueError(f"is larger than {_LARGEST_MAIL / 1e6:,.0f} MB")
    return _QUOTED_FROM.sub(rb"\1", b"".join(lines))


def _message(message: Message, task: Task, name: str) -> Iterator[Item]:
    leaves = list(_leaves(message))
    bodies = [leaf for leaf in leaves if not _file_name(leaf) and leaf.get_content_maintype() == "text"]
    if bodies:
        yield _article(message, bodies, name)
    skipped: Counter[str] = Counter()
    for item in _attachments([leaf for leaf in leaves if leaf not in bodies], task):
        if isinstance(item, Skipped):
            skipped[item.kind] += item.count
        else:
            yield inside(name, item) if name else item
    if not bodies and sum(skipped.values()) == len(leaves):
        yield Failed(name, "has no text")
    yield from (Skipped(kind, count) for kind, count in skipped.items())


def _attachments(leaves: Iterable[Message], task: Task) -> Iterator[Item]:
    """Yields the articles in attachments; those of other formats as skipped."""
    for number, leaf in enumerate(leaves, 1):
        name = f"{number}.eml" if leaf.get_content_type() == _MAIL else _file_name(leaf)
        if task.reads(name):
            yield from read_member(name, _content(leaf), task)
        else:
            yield Skipped(leaf.get_content_type(), 1)


def _leaves(message: Message) -> Iterator[Message]:
    """Yields the parts that hold something; an attached mail is one part."""
    if message.is_multipart() and message.get_content_type() != _MAIL:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield message


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except _DAMAGED:
        name = ""
    return " ".join(name.replace("\\", "/").rpartition("/")[2].split())


def _content(part: Message) -> bytes:
    """Returns the decoded content of a part; an attached mail as it is."""
    try:
        inner = part.get_payload(decode=True) or part.get_payload()
        if isinstance(inner, list):
            return b"".join(mail.as_bytes() for mail in inner if isinstance(mail, Message))
        return inner if isinstance(inner, bytes) else b""
    except _DAMAGED:
        return b""


def _article(message: Message, bodies: Iterable[Message], name: str) -> Item:
    """Returns the text of a mail: its page, or its plain text if the page has less than half of it."""
    texts = [(body.get_content_type() in _PAGES, _text(body)) for body in bodies]
    plain, markup = ("\n\n".join(text for page, text in texts if page is kind) for kind in (False, True))
    sender = _header(message, "From")
    facts = {
        "title": _without_reply(_header(message, "Subject")),
        "author" if _is_personal(message, sender) else "source": _sender(sender),
        "date": _day(_header(message, "Date")),
        "url": _header(message, "Archived-At").strip("<> "),
    }
    shown = list(block_texts(parse_markup(markup)))
    subject = _header(message, "Subject")
    if forwarded := read_forwarded(subject, plain) or read_forwarded(subject, "\n\n".join(shown)):
        return _forwarded(forwarded, facts, name)
    if 2 * sum(len(text.split()) for text in shown) >= len(plain.split()):
        return Document(facts=facts, markup=markup, name=name)
    return Member(name, ".txt", plain.encode("utf-8", "replace"), facts)


def _forwarded(found: Forwarded, outer: dict[str, str], name: str) -> Item:
    """Returns the article that a mail forwards; the day of the forwarding counts only if no other is known."""
    facts = {
        "title": _without_reply(found.title) or outer["title"],
        "author" if _is_of_person(found.sender) else "source": _sender(found.sender),
        "date": found.date,
        "created": outer["date"],
    }
    return Member(name, ".txt", found.text.encode("utf-8", "replace"), facts, dropped=found.above)


def _without_reply(subject: str) -> str:
    return _REPLY.sub("", subject, count=1).strip()


def _text(part: Message) -> str:
    return decode(_content(part), declared=part.get_content_charset())


def _header(message: Message, name: str) -> str:
    try:
        return " ".join(str(make_header(decode_header(message.get(name) or ""))).split())
    except _DAMAGED:
        return ""


def _is_personal(message: Message, sender: str) -> bool:
    """Returns whether a mail is from a person, in whose address the name is, rather than a newsletter."""
    if any(_header(message, header) for header in ("List-Id", "List-Unsubscribe")):
        return False
    return _is_of_person(sender)


def _is_of_person(sender: str) -> bool:
    name, address = parseaddr(sender)
    local = address.partition("@")[0].lower()
    return is_person(name) and any(word.lower() in local for word in name.split() if len(word) > 2)


def _sender(header: str) -> str:
    name, address = parseaddr(header)
    return name or address.partition("@")[2]


def _day(header: str) -> str:
    try:
        return parsedate_to_datetime(header).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
