"""The templates and the loader that checks their variables."""

from __future__ import annotations

import string
from importlib.resources import files

import pytest

import prompts


def test_every_template_is_listed_and_no_other() -> None:
    assert prompts.names() == [
        "archive",
        "archive_period",
        "archive_topic",
        "by_words",
        "capable",
        "clipping",
        "did_you_mean",
        "first_items",
        "instruction_comparison",
        "instruction_explanation",
        "instruction_fact",
        "instruction_latest",
        "instruction_list",
        "instruction_overview",
        "instruction_quotation",
        "instruction_summary",
        "instruction_timeline",
        "instruction_verdict",
        "never_mentioned",
        "no_articles",
        "no_such_title",
        "not_covered",
        "not_said",
        "nothing_more",
        "out_of_limits",
        "question",
        "question_happened",
        "question_known",
        "question_marked",
        "question_newest",
        "reports_differ",
        "reports_differ_values",
        "reports_updated_values",
        "side_missing",
        "sources",
        "sources_differ_values",
        "suggestion",
        "system",
        "talk",
        "they_say",
    ]


@pytest.mark.parametrize(
    ("name", "variables", "text"),
    [
        ("clipping", {"marker": "1", "text": "It rained."}, "[1] It rained."),
        ("never_mentioned", {"words": "chess, Baku"}, "No article mentions: chess, Baku."),
        ("no_articles", {}, "There is nothing to search: no article has been added yet."),
        ("out_of_limits", {"limits": "A"}, "There is nothing to search: no article passes the limits (A)."),
        ("not_covered", {"question": "Q?"}, "The articles do not say. None of them is about “Q?”."),
        ("not_said", {"question": "Q?"}, "The articles do not give an answer to “Q?”."),
        ("they_say", {}, "They say:"),
        ("side_missing", {"side": "the ferry"}, "The articles say nothing about “the ferry”."),
        ("reports_differ", {}, "The reports differ; the latest comes first."),
        ("suggestion", {"title": "Flood"}, "What does “Flood” say?"),
        ("question", {"clippings": "[1] A\n[2] B", "question": "Q?"}, "Clippings:\n[1] A\n[2] B\n\nQuestion: Q?"),
    ],
)
def test_rendered(name: str, variables: dict[str, str], text: str) -> None:
    assert prompts.render(name, **variables) == text


def test_missing_and_unused_variables_are_all_named() -> None:
    with pytest.raises(ValueError, match="template question") as caught:
        prompts.render("question", other="x", marker="y")
    assert str(caught.value) == ("template question: missing ['clippings', 'question'], unused ['marker', 'other']")
    with pytest.raises(ValueError, match=r"template system: missing \[\], unused \['name'\]"):
        prompts.render("system", name="x")


@pytest.mark.parametrize("name", ["nothing", "", "../pyproject", "system.txt"])
def test_unknown_template_is_named_with_those_there_are(name: str) -> None:
    with pytest.raises(KeyError) as caught:
        prompts.render(name)
    assert repr(name) in str(caught.value)
    assert "'system'" in str(caught.value)


def test_values_are_never_looked_into() -> None:
    tricky = "$text ${marker} $$ {text} %s \\1"
    assert prompts.render("clipping", marker="1", text=tricky) == f"[1] {tricky}"
    assert prompts.render("clipping", marker="$text", text="x") == "[$text] x"


@pytest.mark.parametrize("name", prompts.names())
def test_templates_are_valid(name: str) -> None:
    text = files("prompts").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    assert string.Template(text).is_valid()
    assert text.strip()
    assert "\r" not in text


def test_a_variable_may_be_called_name() -> None:
    with pytest.raises(ValueError, match=r"missing \['marker', 'text'\], unused \['name'\]"):
        prompts.render("clipping", name="x")


@pytest.mark.parametrize("language", ["ar", "de", "es", "ru", "tr", "zh"])
def test_what_an_answer_says_in_another_language_has_the_variables_of_the_english(language: str) -> None:
    assert prompts.names(language) == [
        "by_words",
        "never_mentioned",
        "no_articles",
        "not_covered",
        "not_said",
        "out_of_limits",
        "suggestion",
        "they_say",
    ]
    for name in prompts.names(language):
        own, english = (
            files("prompts").joinpath(f"{part}{name}.txt").read_text("utf-8") for part in (f"{language}/", "")
        )
        wanted = set(string.Template(english).get_identifiers())
        assert set(string.Template(own).get_identifiers()) == wanted
        assert prompts.render(name, language, **dict.fromkeys(wanted, "x")) == string.Template(own).substitute(
            dict.fromkeys(wanted, "x")
        ).rstrip("\n")


def test_a_language_without_templates_has_the_english() -> None:
    assert prompts.languages() == ["ar", "de", "es", "ru", "tr", "zh"]
    assert prompts.render("they_say", "fr") == "They say:"
