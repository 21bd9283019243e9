"""Names of months and days."""

from __future__ import annotations

MONTHS = "january february march april may june july august september october november december".split()
"""The English months, in order and lower case."""

SHORT_MONTHS = {name[:3]: name for name in MONTHS} | {"sept": "september"}
"""The English months by their short names, without the dot."""

ENGLISH_MONTHS = {name: number for number, name in enumerate(MONTHS, 1)}
ENGLISH_MONTHS |= {short: ENGLISH_MONTHS[name] for short, name in SHORT_MONTHS.items()}
"""The numbers of the English months, 1 to 12, by their full and short names."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "yesterday", "tomorrow")
"""English words for a day, in lower case."""

_OTHER_NAMES = (
    "januar janvier enero gennaio janeiro januari",
    "februar février fevrier febrero febbraio fevereiro februari",
    "märz maerz mars marzo março marco maart",
    "avril abril aprile",
    "mai mayo maggio maio mei",
    "juni juin junio giugno junho",
    "juli juillet julio luglio julho",
    "août aout agosto augustus",
    "septembre septiembre settembre setembro",
    "oktober okt octobre octubre ottobre outubro",
    "novembre noviembre novembro",
    "dezember dez décembre decembre diciembre dicembre dezembro",
)
MONTH_NUMBERS = ENGLISH_MONTHS | {
    name: number for number, names in enumerate(_OTHER_NAMES, start=1) for name in names.split()
}
"""The numbers of the months in English, German, French, Spanish, Italian, Portuguese and Dutch."""

OTHER_WEEKDAYS = tuple(
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi "
    "dimanche lunes martes miércoles jueves viernes sábado domingo lunedì martedì mercoledì giovedì venerdì sabato "
    "domenica segunda-feira terça-feira quarta-feira quinta-feira sexta-feira maandag dinsdag woensdag donderdag "
    "vrijdag zaterdag zondag".split()
)
"""The names of the days of the week in German, French, Spanish, Italian, Portuguese and Dutch."""
