"""Makes paragraphs of recorded speech: subtitles (WebVTT, SubRip), and transcripts in which times stand in the text.

Times are left out, and each paragraph begins with the name of who speaks, if it is known.
"""

from __future__ import annotations

import html
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from index.cleaning.clean import Cleaned, clean

_TIMES = re.compile(
    r"(?:(?P<hours>\d+):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2}[.,]\d{1,3})\s*-->\s*"
    r"(?:(?P<to_hours>\d+):)?(?P<to_minutes>\d{1,2}):(?P<to_seconds>\d{1,2}[.,]\d{1,3}).*"
)
_SPEAKER = re.compile(r"<v(?:\.[^ >]*)?\s+(?P<name>[^<>]+)>")
_MARKUP = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_SOUND = re.compile(r"\[[^\[\]]{1,40}\]|♪+")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*$")

_NAME = r"(?P<name>[^\W\d_][\w.’' -]{0,40}?)"
_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}"
_FRACTION = r"(?:[.,]\d{1,3})?"
_TIME = rf"[\[(]?(?P<time>{_CLOCK}){_FRACTION}(?:\s*(?:-->|[-–])\s*{_CLOCK}{_FRACTION})?[\])]?"
# "Ada Strom  00:12" above what she says, "[00:00:12] Ada Strom: …", "Ada Strom (00:12): …", "00:12" or "00:12 …".
_TURNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_NAME}\s*[-–|,]?\s+{_TIME}:?(?P<text>)",
        rf"{_TIME}\s*[-–|]?\s*{_NAME}:(?:\s+(?P<text>.*))?",
        rf"{_NAME}\s*{_TIME}\s*:\s*(?P<text>.*)",
        rf"{_TIME}(?P<name>)(?:\s+(?P<text>.*))?",
    )
)
_NAMED = re.compile(rf"(?:>>\s*)?{_NAME}:\s+(?P<text>\S.*)")
_TURN_MARK = re.compile(r"(?:^|\s)>>\s*")
# Lines that programs put above and below a transcript; after the first of them, the next line belongs to it.
_LISTS = re.compile(r"(?:summary )?keywords|speakers|participants|attendees|sprecher|teilnehmer", re.I)
_MADE_BY = re.compile(
    r"(?:transcribed|transcript(?:ion)? (?:generated|created|provided|outsourced)|recorded) (?:by|with)\b.{0,80}", re.I
)

_MARKS_IN_NAME = re.compile(
    r"(?:\.[a-z]{2}(?:-[A-Za-z]{2,4})?)?$|\s*\[[\w-]{6,20}\](?=$|\.[a-z]{2}(?:-|$))|-[\w-]{11}(?=\.[a-z]{2}$)"
)
_WORD = re.compile(r"[^\W\d_]{2,}")

_PAUSE = 2.0
"""Seconds of silence after which a paragraph ends, if a sentence does."""

_LONG = 120
"""Number of words from which a paragraph ends at the next sentence, or at a third more without one."""

_FEWEST_TURNS = 3
_FIRST_TURN = 180
"""Number of seconds from the start within which a recording's first time is; the times of a day are later."""

_MOST_HEAD_LINES = 30
_MOST_NAME_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Cue:
    """What is said from `start` to `end` (seconds), and by whom; "" if that is not known.

    `turns` says that someone else goes on, even if it is not known who.
    """

    start: float
    end: float
    name: str
    text: str
    turns: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript in paragraphs, with the lines above it, and lines of the program that made it."""

    text: str
    dropped: tuple[str, ...]


def title_in_name(stem: str) -> str:
    """Returns the title in the name of a file with speech, without its suffix; "" if it is no title.

    Left out are the language and the mark of a video: "Storm on the coast [dQ7xk2LmN0s].en".
    """
    name = " ".join(_MARKS_IN_NAME.sub("", stem).replace("_", " ").split())
    return name if len(_WORD.findall(name)) > 1 else ""


def clean_speech(raw: str, name: str) -> Cleaned:
    """Returns the article in subtitles, with the title in the name of their file."""
    stem = os.path.splitext(PurePath(name).name.removesuffix(".gz"))[0]
    return clean(spoken_text(raw), title=title_in_name(stem))


def spoken_text(raw: str) -> str:
    """Returns the words of subtitles in paragraphs; the text as it is if it has no times."""
    cues = _named_in_text([*_cues(raw)])
    return _paragraphs(cues) if cues else raw


def read_transcript(raw: str) -> Transcript | None:
    """Reads a text in which times say when something was said in a recording; None if it is none."""
    lines = raw.splitlines()
    turns = [(place, turn) for place, line in enumerate(lines) if (turn := _turn(line.strip()))]
    times = [_clock(turn["time"]) for _, turn in turns]
    if len(times) < _FEWEST_TURNS or times[0] > _FIRST_TURN or times != sorted(times):
        return None
    first = turns[0][0]
    dropped = _notes(lines)
    ends = [*(place for place, _ in turns[1:]), len(lines)]
    cues = []
    for (place, turn), end, time in zip(turns, ends, times, strict=True):
        said = [
            turn["text"] or "",
            *(line for n, line in enumerate(lines[place + 1 : end], place + 1) if n not in dropped),
        ]
        cues.append(
            _Cue(time, time, (turn["name"] or "").strip(), " ".join(" ".join(said).split()), turns=bool(turn["name"]))
        )
    head = [line for n, line in enumerate(lines[:first]) if n not in dropped]
    text = _paragraphs([cue for cue in _named_in_text(cues) if cue.text])
    return Transcript("\n".join([*head, "", text]), tuple(lines[n].strip() for n in sorted(dropped)))


def _turn(line: str) -> re.Match[str] | None:
    """Returns the time of a line, with the name and the words that stand beside it; None if it has no time."""
    for pattern in _TURNS:
        if (match := pattern.fullmatch(line)) and len((match["name"] or "").split()) <= _MOST_NAME_WORDS:
            return match
    return None


def _clock(time: str) -> int:
    """Returns the seconds of "1:02:15" or "02:15"."""
    seconds = 0
    for part in time.split(":"):
        seconds = 60 * seconds + int(part)
    return seconds


def _notes(lines: Sequence[str]) -> set[int]:
    """Returns the places of the lines that a program added: keywords, a list of the speakers, its own name."""
    found = set()
    for place, line in enumerate(lines):
        label, _, value = line.partition(":")
        if place < _MOST_HEAD_LINES and _LISTS.fullmatch(label.strip()):
            found.add(place)
            if not value.strip():
                found |= {n for n in range(place + 1, min(place + 3, len(lines))) if lines[n].strip()}
        elif _MADE_BY.fullmatch(line.strip()):
            found.add(place)
    return found


def _paragraphs(cues: Sequence[_Cue]) -> str:
    paragraphs: list[str] = []
    words: list[str] = []
    speaker, end = "", 0.0
    for cue in cues:
        count, ended = sum(len(piece.split()) for piece in words), bool(words and _SENTENCE_END.search(words[-1]))
        paused = cue.start - end > _PAUSE and (ended or cue.start - end > 2 * _PAUSE)
        changed = cue.turns or (cue.name and cue.name != speaker)
        if changed or paused or (count > _LONG and ended) or count > _LONG * 4 // 3:
            paragraphs.append(_said(speaker, words))
            words = []
        speaker, end = cue.name or ("" if cue.turns else speaker), cue.end
        words.append(cue.text)
    return "\n\n".join(filter(None, [*paragraphs, _said(speaker, words)]))


def _said(speaker: str, words: Sequence[str]) -> str:
    return f"{speaker}: {' '.join(words)}" if speaker and words else " ".join(words)


def _cues(raw: str) -> Iterator[_Cue]:
    times: tuple[float, float] | None = None
    previous = ""
    for line in raw.splitlines():
        if match := _TIMES.fullmatch(line.strip()):
            times = _seconds(match, ""), _seconds(match, "to_")
        elif not line.strip():
            times = None
        elif times is not None:
            speaker = _SPEAKER.search(line)
            text = " ".join(_SOUND.sub("", html.unescape(_MARKUP.sub("", line))).split())
            if text and text != previous:  # live subtitles repeat the line before, which moves up
                yield from _turned(*times, speaker["name"].strip() if speaker else "", text)
            previous = text or previous


def _turned(start: float, end: float, name: str, text: str) -> Iterator[_Cue]:
    """Yields a cue for each of the speakers between whom ">>" stands."""
    for number, part in enumerate(_TURN_MARK.split(text)):
        if part:
            yield _Cue(start, end, name, part, turns=number > 0)


def _named_in_text(cues: Sequence[_Cue]) -> Sequence[_Cue]:
    """Returns cues with the names that stand before what is said ("Ada Strom: …"), if several cues have such names."""
    found = [_NAMED.fullmatch(cue.text) if not cue.name else None for cue in cues]
    names = Counter(match["name"] for match in found if match and len(match["name"].split()) <= _MOST_NAME_WORDS)
    often = {name for name, count in names.items() if count > 1 or len(names) > _FEWEST_TURNS}
    if len(often) < 2:
        return cues
    return [
        _Cue(cue.start, cue.end, match["name"], match["text"], cue.turns) if match and match["name"] in often else cue
        for cue, match in zip(cues, found, strict=True)
    ]


def _seconds(match: re.Match[str], side: str) -> float:
    hours, minutes, seconds = (match[side + unit] for unit in ("hours", "minutes", "seconds"))
    return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds.replace(",", "."))
