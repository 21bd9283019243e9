"""Languages of texts, told apart by their words."""

from __future__ import annotations

import pytest

from index.language import identification
from index.language.identification import language_of

TEXTS = {
    "en": "The minister said on Friday that talks with Ankara would go on despite the attack on the border.",
    "de": "Der Minister sagte am Freitag, dass die Gespräche mit Ankara trotz des Angriffs an der Grenze weitergehen.",
    "fr": "Le ministre a déclaré vendredi que les pourparlers avec Ankara se poursuivraient malgré l'attaque.",
    "es": "El ministro dijo el viernes que las conversaciones con Ankara continuarían a pesar del ataque.",
    "nl": "De minister zei vrijdag dat de gesprekken met Ankara doorgaan ondanks de aanval aan de grens.",
    "ru": "Министр заявил в пятницу, что переговоры с Анкарой продолжатся, несмотря на нападение на границе.",
    "ja": "大臣は金曜日に、国境での攻撃にもかかわらず、アンカラとの協議は続くと述べた。協議は来週も東京で行われる予定である。",
}


@pytest.mark.parametrize("code", TEXTS)
def test_languages(code: str) -> None:
    assert language_of(TEXTS[code]) == code


def test_english_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identification, "_identifier", lambda: pytest.fail("the library was loaded"))
    assert language_of(TEXTS["en"]) == "en"


@pytest.mark.parametrize(
    ("declared", "code"),
    [(None, None), ("fr-FR", "fr"), ("de_DE", "de"), ("EN", "en"), ("ger", "de"), ("x", None), ("french", None)],
)
def test_a_short_text_has_the_language_that_it_declares(declared: str | None, code: str | None) -> None:
    assert language_of("Vessen", declared) == code


def test_what_is_written_counts_more_than_what_is_declared() -> None:
    assert language_of(TEXTS["de"], "en") == "de"
