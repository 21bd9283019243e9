"""Words that say nothing about what a text is about: English ones, and those of other languages (stopwords-iso)."""

from __future__ import annotations

from functools import lru_cache

import stopwordsiso

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
"""English, in lower case; "s" and "t" are left of "it's" and "don't"."""

_QUESTION_WORDS = {
    "ar": "متى كم أين اين لماذا ماذا ما من أي أية كيف هل بم بكم",
    "de": "wieviel wieviele wie viel viele woher wohin wodurch womit wovon worin wofür warum weshalb",
    "es": "cuántas cuántos cuánta cuánto cuáles cuál cuándo dónde quiénes quién",
    "fr": "lequel laquelle lesquels lesquelles combien pourquoi",
    "hi": "कब कहाँ कहां क्या क्यों कौन कौनसा कौनसी किसने किसके किसकी किसका कितना कितनी कितने कैसे कैसा कैसी",
    "it": "quanto quanta quanti quante quali dove quando perché",
    "ja": "いつ 誰 だれ どこ 何 なに なぜ どう どの どれ いくつ いくら どのくらい どれくらい",
    "ko": "언제 누가 누구 어디 어디에서 무엇 무엇을 왜 어떻게 얼마나 몇 어느 어떤",
    "nl": "hoeveel waarom waarvoor waarmee waardoor wanneer welke",
    "pl": "ile ilu która które którzy któremu czyj dokąd skąd",
    "pt": "quanto quanta quantos quantas quais quando onde porquê",
    "ru": "каком какая какое какие какую каких каким какими сколько скольких насколько чей чья чьё чьи зачем куда",
    "sv": "varför vilken vilket vilka vem vad när hur många mycket",
    "tr": "kaç kaçta kaçıncı hangi hangisi kimin kimi kime nerede nereye nereden neden niçin niye zaman nedir kimdir",
    "uk": "хто що скільки коли де куди звідки чому навіщо яка яке які якого якої якому яким якій чий чия",
    "zh": "什么 什麼 多少 哪里 哪裡 哪个 哪些 哪一 哪位 哪年 谁 誰 何时 何時 何处 几 幾 怎么 怎样 如何 为什么 吗",
}
"""Words that ask, as far as stopwords-iso lacks them."""


@lru_cache
def stopwords_of(language: str) -> frozenset[str]:
    """Returns the stop words of a language (ISO 639-1), lower case, with those that ask; empty if none are known."""
    if language == "en":
        return STOPWORDS
    known = stopwordsiso.stopwords(language) if stopwordsiso.has_lang(language) else frozenset()
    return frozenset(known) | frozenset(_QUESTION_WORDS.get(language, "").split())


@lru_cache
def foreign_stopwords() -> frozenset[str]:
    """Returns the stop words of all other languages, without the English ones."""
    return frozenset().union(*map(stopwords_of, stopwordsiso.langs() - {"en"})) - STOPWORDS
