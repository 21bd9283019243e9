"""What a command gives back to the command line, and the settings that it runs with."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any

from rag.settings import Settings


@dataclass(slots=True)
class Outcome:
    """What a command has to say: for people, for programs, and what failed (one line each)."""

    text: str
    data: Any
    problems: list[str] = field(default_factory=list)
    status: int = 0


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings, with what was said on the command line."""
    names = ("index", "llm", "reader", "top_k", "host", "port")
    return Settings.load({name: getattr(arguments, name, None) for name in names})
