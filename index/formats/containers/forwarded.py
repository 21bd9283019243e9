"""Finds the article in a forwarded mail: below the head that mail programs put above it, in any language."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LABELS = {
    "sender": (
        "from|von|de|da|van|od|från|fra|от|від|kimden|gönderen|lähettäjä|feladó|发件人|寄件者|差出人|보낸 사람|من"
    ),
    "date": (
        "sent|date|gesendet|datum|envoyé|enviado(?: el)?|enviada em|fecha|data|inviato|verzonden|wysłano|skickat|sendt|"
        "дата|отправлено|надіслано|tarih|gönderilme tarihi|lähetetty|发送时间|日期|送信日時|보낸 날짜|تاريخ"
    ),
    "title": (
        "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|temat|ämne|emne|тема|konu|aihe|tárgy|主题|主旨|件名|제목|"
        "الموضوع"
    ),
    "other": (
        "to|cc|bcc|reply-to|importance|attachments|an|à|para|pour|a|aan|do|till|til|кому|копия|kime|bilgi|vastaanottaja|"
        "收件人|宛先|받는 사람|إلى|kopie|kopi|wichtigkeit|anlagen|importancia|pièces jointes"
    ),
}
_LINE = re.compile(
    r"[ \t>|]*\**(?:" + "|".join(f"(?P<{name}>{labels})" for name, labels in _LABELS.items()) + r")\s?:\**[ \t]*"
    r"(?P<value>.*)",
    re.I,
)
_QUOTED = re.compile(r"^[ \t]*(?:>[ \t]?)+")
_SIGNATURE = re.compile(r"-- ?")
_FORWARDED = re.compile(
    r"(?:\s*(?:re|aw)\s*:\s*)*\s*(?:fwd?|wg|tr|rv|enc|i|doorst|vb|vs|vl|pd|пересл|fyi|ilt|转发|轉寄|転送)\s*:", re.I
)
_MARK = re.compile(
    r"^[ \t>]*-{2,}\s*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|doorgestuurd bericht|пересылаемое сообщение|mensagem encaminhada)",
    re.I | re.M,
)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What a mail forwards: the head's sender, day and title as they are written, the text, and what is above it."""

    sender: str
    date: str
    title: str
    text: str
    above: tuple[str, ...]


def read_forwarded(subject: str, text: str) -> Forwarded | None:
    """Returns what a mail forwards, from the innermost head on; None if it forwards nothing."""
    if not _FORWARDED.match(subject) and not _MARK.search(text):
        return None
    lines = text.splitlines()
    heads = _heads(lines)
    if not heads:
        return None
    start, end, found = heads[-1]
    below = [_QUOTED.sub("", line) if lines[start].lstrip().startswith(">") else line for line in lines[end:]]
    signature = next((place for place, line in enumerate(below) if _SIGNATURE.fullmatch(line)), len(below))
    above = tuple(line.strip() for line in lines[:start] if any(map(str.isalnum, line)))
    body = "\n".join(below[:signature]).strip()
    sender, day, title = (found.get(name, "") for name in ("sender", "date", "title"))
    return Forwarded(sender, day, title, body, above) if body else None


def _heads(lines: list[str]) -> list[tuple[int, int, dict[str, str]]]:
    """Returns the heads in a mail: the place of each, that of the line behind it, and its values."""
    heads = []
    place = 0
    while place < len(lines):
        end, found = _head(lines, place)
        if "sender" in found and {"date", "title"} & found.keys():
            heads.append((place, end, found))
            place = end
        else:
            place += 1
    return heads


def _head(lines: list[str], place: int) -> tuple[int, dict[str, str]]:
    """Returns the values of the labelled lines from a place on, which may have single blank ones between them."""
    found: dict[str, str] = {}
    end = place
    while end < len(lines):
        if match := _LINE.fullmatch(lines[end]):
            name = next(name for name in _LABELS if match[name])
            found.setdefault(name, match["value"].strip())
        elif not (found and _is_blank(lines, end) and end + 1 < len(lines) and _LINE.fullmatch(lines[end + 1])):
            break
        end += 1
    return end, found


def _is_blank(lines: list[str], place: int) -> bool:
    return not lines[place].strip(" \t>")
