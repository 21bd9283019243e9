"""Detects passages about another nationality than the question's ("Turkish soldiers" for "Russian soldiers")."""

from __future__ import annotations

import re

from index import Hit
from index.language.stems import stem

_PEOPLES = frozenset(
    (
        "afghan african albanian algerian american angolan arab argentine argentinian armenian asian australian "
        "austrian azerbaijani bahraini bangladeshi belarusian belgian bolivian bosnian brazilian british "
        "bulgarian burmese cambodian cameroonian canadian catalan chadian chechen chilean chinese colombian "
        "congolese croat croatian cuban cypriot czech danish dutch ecuadorian egyptian emirati english eritrean "
        "estonian ethiopian european fijian filipino finnish french gambian georgian german ghanaian greek "
        "guatemalan guinean haitian honduran hungarian icelandic indian indonesian iranian iraqi irish israeli "
        "italian ivorian jamaican japanese jordanian kazakh kenyan korean kosovan kurd kurdish kuwaiti kyrgyz "
        "laotian latvian lebanese liberian libyan lithuanian macedonian malaysian malian maltese mexican moldovan "
        "mongolian montenegrin moroccan mozambican namibian nepali nicaraguan nigerian norwegian omani pakistani "
        "palestinian panamanian paraguayan peruvian polish portuguese qatari romanian russian rwandan saudi "
        "scottish senegalese serb serbian singaporean slovak slovenian somali spanish sudanese swedish swiss "
        "syrian taiwanese tajik tanzanian thai tibetan tunisian turkish turkmen ugandan ukrainian uruguayan uzbek "
        "venezuelan vietnamese welsh yemeni zambian zimbabwean"
    ).split()
)
"""Adjectives of nationality."""

_PAIR = re.compile(r"\b([^\W\d_]+) (?=([^\W\d_]\w+))")


def names_another(question: str, hit: Hit) -> bool:
    """Whether the passage has a noun of the question only with other adjectives of nationality than the question."""
    others = _peoples(f"{hit.article.title}. {hit.text}")
    return any(noun in others and not wanted & others[noun] for noun, wanted in _peoples(question).items())


def _peoples(text: str) -> dict[str, set[str]]:
    """Returns, for each noun after adjectives of nationality, stems of these adjectives: {"soldier": {"turkish"}}."""
    found: dict[str, set[str]] = {}
    for adjective, noun in _PAIR.findall(text):
        if adjective.lower() in _PEOPLES:
            found.setdefault(stem(noun.lower()), set()).add(stem(adjective.lower()))
    return found
