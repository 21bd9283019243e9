"""Irregular forms find each other, and nothing else."""

from __future__ import annotations

import pytest

from index.language.word_forms import BASE, FORMS, variants


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("shot", ("shot", "shoot")),
        ("shoot", ("shoot", "shot")),
        ("men", ("men", "man")),
        ("woman", ("woman", "women")),
        ("taken", ("taken", "take", "took")),
        ("take", ("take", "took", "taken")),
        ("people", ("people", "person")),
        ("crises", ("crises", "crisis")),
        ("wolves", ("wolves", "wolf")),
        ("bridge", ("bridge",)),
        ("walked", ("walked",)),
        ("587", ("587",)),
        ("", ("",)),
    ],
)
def test_variants_of_a_word(word: str, forms: tuple[str, ...]) -> None:
    assert variants(word) == forms


def test_every_form_finds_all_forms_of_its_base() -> None:
    for base, forms in FORMS.items():
        assert forms[0] == base
        assert len(forms) > 1, base
        for form in forms:
            assert set(variants(form)) == set(forms), form


def test_no_word_is_a_form_of_two() -> None:
    irregular = [form for forms in FORMS.values() for form in forms]
    assert sorted(irregular) == sorted(set(irregular))
    assert len(BASE) == len(irregular) - len(FORMS)


def test_the_table_is_lower_case_letters() -> None:
    assert all(word.isascii() and word.isalpha() and word.islower() for word in [*BASE, *FORMS])
