"""Makes paragraphs of subtitles (WebVTT, SubRip): the words without their times."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_TIMES = re.compile(
    r"(?:(?P<hours>\d+):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2}[.,]\d{1,3})\s*-->\s*"
    r"(?:(?P<to_hours>\d+):)?(?P<to_minutes>\d{1,2}):(?P<to_seconds>\d{1,2}[.,]\d{1,3}).*"
)
_SPEAKER = re.compile(r"<v(?:\.[^ >]*)?\s+(?P<name>[^<>]+)>")
_MARKUP = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*$")

_PAUSE = 2.0
"""Seconds of silence after which a paragraph ends, if a sentence does."""

_LONG = 120
"""Number of words from which a paragraph ends at the next sentence, or at a third more without one."""


def spoken_text(raw: str) -> str:
    """Returns the words in paragraphs; the text as it is if it has no times."""
    paragraphs: list[str] = []
    words: list[str] = []
    speaker, end = "", 0.0
    cues = [*_cues(raw)]
    for start, until, name, text in cues:
        count, ended = sum(len(piece.split()) for piece in words), bool(words and _SENTENCE_END.search(words[-1]))
        paused = start - end > _PAUSE and (ended or start - end > 2 * _PAUSE)
        if (name and name != speaker) or paused or (count > _LONG and ended) or count > _LONG * 4 // 3:
            paragraphs.append(" ".join(words))
            words = []
        if name and name != speaker:
            words.append(f"{name}:")
        speaker, end = name or speaker, until
        words.append(text)
    return "\n\n".join(filter(None, [*paragraphs, " ".join(words)])) if cues else raw


def _cues(raw: str) -> Iterator[tuple[float, float, str, str]]:
    """Yields start and end in seconds, the speaker ("" if not named) and the words of each cue."""
    times: tuple[float, float] | None = None
    previous = ""
    for line in raw.splitlines():
        if match := _TIMES.fullmatch(line.strip()):
            times = _seconds(match, ""), _seconds(match, "to_")
        elif not line.strip():
            times = None
        elif times is not None:
            speaker = _SPEAKER.search(line)
            text = " ".join(html.unescape(_MARKUP.sub("", line)).split())
            if text and text != previous:  # live subtitles repeat the line before, which moves up
                yield *times, speaker["name"].strip() if speaker else "", text
            previous = text or previous


def _seconds(match: re.Match[str], side: str) -> float:
    hours, minutes, seconds = (match[side + unit] for unit in ("hours", "minutes", "seconds"))
    return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds.replace(",", "."))
