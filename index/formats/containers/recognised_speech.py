"""Makes subtitles of what speech recognition writes as JSON or a table: segments of one recording, with their times.

Times are seconds or, if none has a fraction, milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.cleaning.field_names import plain_name

_NEEDED = {"start", "end", "text"}
_COLUMNS = {*_NEEDED, "id", "speaker", "confidence"}


def is_speech(columns: Sequence[str], segments: Sequence[Mapping[str, Any]]) -> bool:
    """Returns whether all columns of a table are those of a recording's segments, and their times are numbers."""
    names = {plain_name(name) for name in columns}
    return _NEEDED <= names <= _COLUMNS and are_segments(segments)


def are_segments(values: Any) -> bool:
    """Returns whether a value is a list of segments, each with a start, an end and a text."""
    return isinstance(values, list) and bool(values) and all(isinstance(one, dict) and _is_timed(one) for one in values)


def _is_timed(segment: Mapping[str, Any]) -> bool:
    values = _plain(segment)
    if not isinstance(values.get("text"), str):
        return False
    try:
        return float(values["start"]) <= float(values["end"])
    except (KeyError, TypeError, ValueError):
        return False


def as_subtitles(segments: Sequence[Mapping[str, Any]]) -> str:
    """Returns segments as subtitles, with the names of speakers if they are known."""
    found = [*map(_plain, filter(_is_timed, segments))]
    whole = not any("." in str(one[side]) for one in found for side in ("start", "end"))
    unit = 1000 if whole else 1
    times = [(_clock(float(one["start"]) / unit), _clock(float(one["end"]) / unit)) for one in found]
    return "\n\n".join(f"{start} --> {end}\n{_said(one)}" for (start, end), one in zip(times, found, strict=True))


def _plain(segment: Mapping[str, Any]) -> dict[str, Any]:
    return {plain_name(name): value for name, value in segment.items()}


def _said(segment: Mapping[str, Any]) -> str:
    text, speaker = " ".join(segment["text"].split()), segment.get("speaker")
    return f"<v {speaker}>{text}" if isinstance(speaker, str) and speaker else text


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{seconds % 60:06.3f}"
