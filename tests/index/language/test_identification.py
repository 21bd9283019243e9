"""Languages of texts, told apart by their words."""

from __future__ import annotations

import pytest

from index.language import identification
from index.language.identification import language_of, language_of_question

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


QUESTIONS = {
    "de": "Wann schließt die Bücherei in der Ahornstraße?",
    "es": "¿Cuántas firmas reunieron los vecinos?",
    "ru": "Когда закроется библиотека?",
    "tr": "Kütüphane ne zaman kapanacak?",
    "ar": "متى ستغلق المكتبة؟",
    "zh": "图书馆什么时候关闭？",
}


@pytest.mark.parametrize("held", [{"en"}, {"en", *QUESTIONS}, set()])
@pytest.mark.parametrize("code", QUESTIONS)
def test_the_language_of_a_question(code: str, held: set[str]) -> None:
    assert language_of_question(QUESTIONS[code], lambda: held) == code


@pytest.mark.parametrize("held", [{"en"}, {"de"}, {"en", "fr", "de"}])
@pytest.mark.parametrize("question", ["Who was Fritz von Altmark?", "What did the mayor say?", "and in the north?"])
def test_an_english_question_is_english_whatever_the_articles(question: str, held: set[str]) -> None:
    assert language_of_question(question, lambda: held) == "en"


def test_a_question_without_function_words_has_the_language_of_the_articles_that_it_resembles() -> None:
    assert language_of_question("Rathausturm Brandursache", lambda: {"de"}) == "de"
    assert language_of_question("ferry fares", lambda: {"en"}) == "en"


def test_a_plain_english_question_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identification, "_identifier", lambda: pytest.fail("the library was loaded"))
    assert language_of_question("Who built it?", lambda: {"de"}) == "en"
    assert language_of_question("ferry fares in spring", lambda: {"en"}) == "en"


def test_a_short_chinese_text_is_long_enough() -> None:
    assert language_of("水坝发现了十一处裂缝。") == "zh"
