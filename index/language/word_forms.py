"""Irregular English word forms, so that a query for "shot" finds "shoot" and one for "men" finds "man".

Regular forms are covered by stemming. The list is data about the language, no model: the forms of each word, separated
from other words by bars, base form first.
"""

from __future__ import annotations

_FORMS = """
arise arose arisen|awake awoke awoken|bear bore borne|beat beaten|become became|begin began begun|bend bent
bind bound|bite bit bitten|bleed bled|blow blew blown|break broke broken|breed bred|bring brought|build built
burn burnt|buy bought|catch caught|choose chose chosen|come came|creep crept|deal dealt|dig dug|draw drew drawn
dream dreamt|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|fight fought
find found|flee fled|fly flew flown|forbid forbade forbidden|forget forgot forgotten|forgive forgave forgiven
freeze froze frozen|get got gotten|give gave given|go went gone|grow grew grown|hang hung|hear heard
hide hid hidden|hold held|keep kept|know knew known|lay laid|lead led|learn learnt|leave left|lend lent|lie lain
light lit|lose lost|make made|mean meant|meet met|overcome overcame|overthrow overthrew overthrown|pay paid
prove proven|ride rode ridden|ring rang rung|rise rose risen|run ran|say said|see saw seen|seek sought|sell sold
send sent|shake shook shaken|shine shone|shoot shot|show shown|shrink shrank shrunk|sing sang sung
sink sank sunk|sit sat|sleep slept|slide slid|speak spoke spoken|speed sped|spend spent|spin spun|stand stood
steal stole stolen|stick stuck|strike struck stricken|strive strove striven|swear swore sworn|sweep swept
swim swam swum|swing swung|take took taken|teach taught|tear tore torn|tell told|think thought
throw threw thrown|undergo underwent undergone|understand understood|undertake undertook undertaken
uphold upheld|wake woke woken|wear wore worn|weave wove woven|win won|withdraw withdrew withdrawn
withhold withheld|write wrote written|man men|woman women|child children|person people|foot feet|tooth teeth
mouse mice|crisis crises|analysis analyses|basis bases|phenomenon phenomena|criterion criteria|datum data
medium media|life lives|wife wives|knife knives|half halves|leaf leaves|loaf loaves|thief thieves|wolf wolves
"""

BASE: dict[str, str] = {}
"""The base form of every irregular form, in lower case."""

FORMS: dict[str, tuple[str, ...]] = {}
"""The irregular forms of every base form, with the base form itself first."""

for _line in _FORMS.replace("\n", "|").strip("|").split("|"):
    _base, *_irregular = _line.split()
    FORMS[_base] = (_base, *_irregular)
    BASE |= dict.fromkeys(_irregular, _base)


def variants(word: str) -> tuple[str, ...]:
    """Returns a lower-case word, followed by its irregular forms, which stemming would not reduce to the same stem."""
    base = BASE.get(word, word)
    return (word, *(form for form in FORMS.get(base, ()) if form != word))
