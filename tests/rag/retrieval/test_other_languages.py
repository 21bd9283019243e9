"""Questions in other languages than English, over small archives of such articles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from standins import HashEmbedder

from index import Index
from rag.answer import Outcome
from rag.chatbot import Chatbot

ARTICLES = {
    "de": "Der Gemeinderat von Ahornau hat am Dienstag beschlossen, das Hallenbad zu schließen. Es schließt am 4. Mai. "
    "Bürgermeisterin Ada Holm sprach von einem bitteren Tag für die Schwimmer.",
    "es": "El ayuntamiento de Robledal votó el martes el cierre de la piscina. La alcaldesa Ada Olmo habló de un día "
    "amargo. Los vecinos reunieron 7.300 firmas en dos semanas.",
    "ru": "Городской совет Липовска во вторник проголосовал за закрытие бассейна. Мэр Ада Ольхова назвала этот день "
    "горьким. Жители собрали 7300 подписей за две недели.",
    "tr": "Ihlamurlu belediye meclisi salı günü yüzme havuzunu kapatma kararı aldı. Başkan Ada Çınar bunun acı bir gün "
    "olduğunu söyledi. Halk iki haftada 7300 imza topladı.",
    "ar": "صوت مجلس بلدية الزيتونة يوم الثلاثاء على إغلاق المسبح البلدي. وقالت رئيسة البلدية هدى سمعان إن اليوم كان "
    "مريرا. وجمع السكان سبعة آلاف توقيع في أسبوعين.",
    "zh": "枫树市议会周二投票决定关闭游泳馆。市长何爱达称这是痛苦的一天。居民两周内征集到七千三百个签名。",
}

QUESTIONS = {
    "de": ("Wann schließt das Hallenbad?", "am 4. Mai", "Wer baute die Brücke von Erlental?"),
    "es": ("¿Cuántas firmas reunieron los vecinos?", "7.300", "¿Quién construyó el puente de Fresneda?"),
    "ru": ("Сколько подписей собрали жители Липовска?", "7300", "Кто построил мост в Ольшанске?"),
    "tr": ("Halk kaç imza topladı?", "7300", "Köprüyü kim yaptı?"),
    "ar": ("كم توقيعا جمع السكان؟", "سبعة آلاف", "من بنى الجسر القديم؟"),
    "zh": ("居民征集到多少个签名？", "七千三百", "谁修建了那座石桥？"),
}

ABSENT = {
    "de": "Die Artikel sagen dazu nichts.",
    "es": "Los artículos no lo dicen.",
    "ru": "В статьях об этом не сказано.",
    "tr": "Makaleler bunu söylemiyor.",
    "ar": "لا تذكر المقالات ذلك.",
    "zh": "文章没有提到。",
}


@pytest.fixture(scope="module")
def chatbot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chatbot]:
    folder: Path = tmp_path_factory.mktemp("articles")
    for language, text in ARTICLES.items():
        (folder / f"{language}.txt").write_text(text, encoding="utf-8")
    index = Index.create(folder / "index", embedder=HashEmbedder())
    index.update(sorted(folder.glob("*.txt")))
    yield Chatbot(index, None)
    index.close()


@pytest.mark.parametrize("language", QUESTIONS)
def test_an_answer_is_the_whole_sentence_with_a_note_in_the_questions_language(chatbot: Chatbot, language: str) -> None:
    question, fact, _ = QUESTIONS[language]
    answer = chatbot.ask(question)
    assert (answer.asked.language, answer.outcome) == (language, Outcome.ANSWERED)
    assert any(fact in sentence.text for sentence in answer.sentences)
    assert answer.citations[0].quote in ARTICLES[language]
    assert answer.lead
    assert answer.lead != chatbot.ask("¿Cuántas firmas?" if language != "es" else "Halk kaç imza topladı?").lead
    assert answer.found == ""


@pytest.mark.parametrize("language", QUESTIONS)
def test_an_absent_topic_is_refused_in_the_questions_language(chatbot: Chatbot, language: str) -> None:
    answer = chatbot.ask(QUESTIONS[language][2])
    assert answer.outcome is Outcome.NOT_COVERED
    assert answer.lead.startswith(ABSENT[language])


def test_only_names_that_occur_nowhere_are_called_unmentioned(chatbot: Chatbot) -> None:
    assert "упоминается: Ольшанске." in chatbot.ask("Кто построил мост в Ольшанске?").lead
    assert "menciona: Fresneda." in chatbot.ask("¿Quién construyó el puente de Fresneda?").lead
    assert "erwähnt" not in chatbot.ask("Wer baute die Brücke von Erlental?").lead
    assert "没有文章提到：" not in chatbot.ask("谁修建了那座石桥？").lead


def test_a_part_of_a_run_without_spaces_is_found(chatbot: Chatbot) -> None:
    assert chatbot.search("何爱达")[0].article.text == ARTICLES["zh"]
    articles, count = chatbot.index.page(words="何爱达")
    assert (count, articles[0].text) == (1, ARTICLES["zh"])
    assert chatbot.index.excerpts([articles[0].id], "何爱达")[articles[0].id][1] == ("何爱达", True)


def test_an_english_question_finds_the_name_in_an_article_of_another_language(chatbot: Chatbot) -> None:
    assert chatbot.search("Who is Ada Olmo?")[0].article.text == ARTICLES["es"]
