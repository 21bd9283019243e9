"""The wording: one plain-text template a file, and a loader that checks the variables.

Templates use `$name`; `$$` is a dollar sign. This package has never heard of anything else.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

__all__ = ["names", "render"]


def names() -> list[str]:
    """Names of all templates."""
    return sorted(path.name.removesuffix(".txt") for path in files(__name__).iterdir() if path.name.endswith(".txt"))


def render(name: str, /, **variables: str) -> str:
    """The template `name` with its variables filled in.

    Raises KeyError for an unknown template, ValueError that names every variable that is missing or not used. Values
    are inserted as they are and never looked into, so a `$` in an article does nothing.
    """
    template = _load(name)
    wanted = set(template.get_identifiers())
    if wanted != set(variables):
        missing, unused = sorted(wanted - set(variables)), sorted(set(variables) - wanted)
        raise ValueError(f"template {name}: missing {missing}, unused {unused}")
    return template.substitute(variables)


@cache
def _load(name: str) -> Template:
    if name not in names():
        raise KeyError(f"no template called {name!r}; there are {names()}")
    return Template(files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8").rstrip("\n"))
