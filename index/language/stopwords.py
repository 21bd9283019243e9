"""English words that say nothing about what a text is about."""

from __future__ import annotations

STOPWORDS = frozenset(
    (
        "a about after all also am an and any are as at be because been before being between both "
        "but by can could did do does doing done during each few for from had has have having he "
        "her here hers him his how i if in into is it its itself just me more most my no nor not "
        "of off on once only or other our out over own same she should so some such than that the "
        "their them then there these they this those through to too under until up us very was we "
        "were what when where which while who whom whose why will with would you your s t"
    ).split()
)
"""In lower case; "s" and "t" are left of "it's" and "don't"."""
