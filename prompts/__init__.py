"""The wording: one plain-text template a file, and a loader that checks the variables.

Templates use `$name`; `$$` is a dollar sign. The folders hold what an answer says in other languages than English.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

__all__ = ["languages", "names", "render"]

_ENGLISH = "en"


def names(language: str = _ENGLISH) -> list[str]:
    """Names of all templates, or of those that there are in another language (ISO 639-1)."""
    folder = files(__name__).joinpath("" if language == _ENGLISH else language)
    return sorted(path.name.removesuffix(".txt") for path in folder.iterdir() if path.name.endswith(".txt"))


def languages() -> list[str]:
    """The other languages that there are templates in (ISO 639-1)."""
    return sorted(path.name for path in files(__name__).iterdir() if path.is_dir() and not path.name.startswith("_"))


def render(name: str, /, language: str = _ENGLISH, **variables: str) -> str:
    """The template `name` with its variables filled in; in English if there is none in the `language`.

    Raises KeyError for an unknown template, ValueError that names every variable that is missing or not used. Values
    are inserted as they are and never looked into, so a `$` in an article does nothing.
    """
    template = _load(name, language)
    wanted = set(template.get_identifiers())
    if wanted != set(variables):
        missing, unused = sorted(wanted - set(variables)), sorted(set(variables) - wanted)
        raise ValueError(f"template {name}: missing {missing}, unused {unused}")
    return template.substitute(variables)


@cache
def _load(name: str, language: str) -> Template:
    if name not in names():
        raise KeyError(f"no template called {name!r}; there are {names()}")
    own = f"{language}/" if language in languages() and name in names(language) else ""
    return Template(files(__name__).joinpath(f"{own}{name}.txt").read_text(encoding="utf-8").rstrip("\n"))
