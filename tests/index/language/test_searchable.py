"""The form in which words of other languages than English are searched for."""

from __future__ import annotations

import pytest

from index.language.searchable import count_words, is_uncased, searchable, spaced


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Bürgermeisters Straße", "bürgermeister strasse"),
        ("es", "bibliotecas cerrarán", "BIBLIOTECA cerrará"),
        ("ru", "в Кедровске о счётах", "в Кедровска о счетах"),
        ("uk", "бібліотеку", "бібліотека"),
        ("tr", "Isparta'nın İSTANBUL", "ısparta istanbul"),
        ("ar", "وَالمَكْتَبَةُ", "مكتبه"),
        ("ar", "أبواب إلى", "ابواب الى"),
        ("hi", "किताबें", "किताब"),
        ("fr", "l'été ８", "l été 8"),
        ("ar", "٣٠", "30"),
    ],
)
def test_forms_of_a_word_are_the_same(language: str, one: str, other: str) -> None:
    assert searchable(one, language) == searchable(other, language) != ""


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("zh", "水坝9月裂缝多", "水坝 9 月裂 裂缝 缝多"),
        ("ja", "ダムは「ひび」だ", "ダム ムは ひび だ"),
        ("th", "ห้องสมุด", "ห้อ อง งส สมุ มุด"),
        ("ko", "도서관 문", "도서 서관 문"),
    ],
)
def test_a_run_of_a_script_without_spaces_becomes_overlapping_pairs(language: str, text: str, words: str) -> None:
    assert searchable(text, language) == words


@pytest.mark.parametrize("language", ["en", None])
def test_english_words_are_not_changed(language: str | None) -> None:
    text = "The café's naïve owner (Mr. O’Hara) paid £7.80 – 'twice'.\nHe'd run-off."
    assert searchable(text, language) == text
    assert searchable("At 水坝村, Вера spoke.", language).split() == ["At", "水坝", "坝村", ",", "вер", "spoke."]


def test_words_are_counted_also_without_spaces() -> None:
    assert (count_words("It rained on the café."), count_words("水坝发现裂缝。"), count_words("")) == (5, 4, 0)


def test_scripts_without_capitals_and_spaced_letters() -> None:
    assert [is_uncased(word) for word in ("Dam", "дом", "水坝", "مكتبة")] == [False, False, True, True]
    assert spaced("涨了5元").split() == ["涨", "了", "5", "元"]
