"""Renders questions and answers as HTML: the masthead, and the turns of a conversation.

Pure functions. `rag` decides whose words a sentence is and what proves it; here it is only shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from markupsafe import Markup

from index import Status
from index.updates.report import several
from rag.answer import Answer, Citation, Level, Outcome, Sentence
from rag.answering.steps import Said
from ui.conversations.conversation import Stage, Turn
from ui.render.export import plain
from ui.render.markup import EMPTY, day, join, quote_name

PROMISE = "Ask your own articles. Every sentence of the answer carries the clipping that proves it."

NO_INDEX = "The index cannot be read; it was removed, or it is damaged. The command clippings doctor says more."

KEYS = Markup("<p><kbd>Enter</kbd> asks, <kbd>Shift</kbd> + <kbd>Enter</kbd> starts a new line</p>")

_MASTHEAD = Markup(
    '<header class="masthead"><h1>clippings</h1><p class="promise">{promise}</p>'
    '<ul class="folio" aria-label="What is indexed">{facts}</ul></header>'
)

_TURN = Markup(
    '<article class="turn {stage}" id="turn-{number}" data-turn="{number}" aria-labelledby="question-{number}">'
    '<h2 class="question" id="question-{number}" tabindex="-1" dir="auto">{question}</h2>'
    '<p class="status">{status}</p>{searched}<div class="answer">{answer}</div>{tools}{made}</article>'
)

_TOOLS = Markup(
    '<p class="tools"><button type="button" class="link" data-copy="{text}">{copy}</button>{link}'
    '<span class="thumbs" role="group" aria-label="Is this answer right?"><span aria-hidden="true">Is this</span> '
    "{thumbs}</span></p>"
)

_THUMB = Markup(
    '<button type="button" class="link thumb" data-verdict="{verdict}" data-turn="{number}" aria-pressed="{pressed}">'
    "{text}</button>"
)

_QUOTED = Markup(
    '<figure class="said">{when}<blockquote dir="auto"{marks}>{text}</blockquote>'
    '<figcaption><span class="origin quoted">quoted from the clipping</span> {links} {source}</figcaption></figure>'
)

_MARKS = frozenset('"“”„«»')

_WRITTEN = Markup(
    '<div class="said{look}">{when}<p class="words" dir="auto">{text}</p>'
    '<figure class="proof"><blockquote dir="auto"{marks}>{quote}</blockquote>'
    '<figcaption><span class="origin {kind}">{level} {links}</span> {source}</figcaption></figure></div>'
)

_STRANGE = Markup('<u class="strange" title="This word has no counterpart in the clipping.">{}</u>')

_LEVELS = {
    Level.SUPPORTED: ("checked", "supported by"),
    Level.OWN_WORDS: ("own", "in the model’s words; compare"),
}
"""CSS class and label of each level of the model's sentences."""

_LINK = Markup(
    '<a class="cite" href="#passage-{number}-{marker}" data-read data-turn="{number}" data-marker="{marker}" '
    'data-quote="{quote}" aria-label="passage {marker}" aria-describedby="tip-{name}">{marker}</a>'
    '<span class="tip" role="tooltip" id="tip-{name}"><q dir="auto">{text}</q> <cite dir="auto">{about}</cite></span>'
)

_NO_PASSAGE = Markup('<span class="cite none" title="There is no passage of this number.">{}</span>')

_SEE = Markup('<a href="#passage-{number}-{marker}" data-cite data-turn="{number}" data-marker="{marker}">{text}</a>')

_LEANING = Markup(
    'asked about: {} <button type="button" class="link" data-alone data-turn="{}">ask it as typed</button>'
)

_CORRECTED = Markup("searched for: {}")

_REFUSAL = Markup(
    '<div class="refusal"><p class="origin none">{heading}</p><p class="reason" dir="auto">{reason}</p>'
    "{said}{see}{suggested}</div>"
)

NOT_IN_THE_CLIPPINGS = "not in the clippings"

_HEADINGS = {
    Outcome.OUTSIDE_LIMITS: "outside the limits",
    Outcome.NOTHING_INDEXED: "nothing indexed yet",
    Outcome.PARTLY: "only in part in the clippings",
}
"""Headings of answers with these outcomes; every other refusal has `NOT_IN_THE_CLIPPINGS`."""

_SUGGESTED = Markup(
    '<div class="suggested" role="group" aria-label="Questions to ask instead"><p>Ask instead:</p>{}</div>'
)

_SUGGESTION = Markup('<button type="button" class="chip" data-ask dir="auto">{}</button>')

_WHEN = Markup('<p class="when"><time datetime="{}">{}</time>:</p>')

_MADE = Markup(
    '<details class="made"><summary>how this was answered</summary><dl>{facts}</dl>{raw}{replaced}</details>'
)


def masthead(status: Status | None, model: str | None) -> Markup:
    """Returns name, promise, and what is indexed; `status` is None for an index that cannot be read."""
    facts = (
        [NO_INDEX]
        if status is None
        else [
            several(status.articles, "article"),
            _range(status.first_published, status.last_published),
            f"answers by {model}" if model else "no language model: answers are quotations",
        ]
    )
    items = join(Markup("<li>{}</li>").format(fact) for fact in facts if fact)
    return _MASTHEAD.format(promise=PROMISE, facts=items)


def visitor(name: str | None, prefix: str = "") -> Markup:
    """Returns the name of the logged-in user, with a link to log out; empty without accounts."""
    if not name:
        return EMPTY
    return Markup(
        '<p class="visitor"><span dir="auto">{}</span> <a class="link" href="{}/logout">log out</a></p>'
    ).format(name, prefix)


def welcome(examples: bool, articles: int = 1) -> Markup:
    """Returns the text in the place of the first answer."""
    if not articles:
        return Markup(
            "<h2>There are no articles yet.</h2><p>Drop some under "
            '<button type="button" class="link" data-tab="Archive">Archive</button>, then ask them here.</p>'
        )
    hint = "Type a question below, or start with one of these." if examples else "Type a question below."
    return Markup("<h2>What do your articles say?</h2><p>{}</p>").format(hint)


def turns(shown: Sequence[Turn], conversation: str = "") -> Markup:
    """Returns turns that will not change any more; empty without any."""
    if not shown:
        return EMPTY
    return Markup('<div class="turns">{}</div>').format(join(turn(t, conversation) for t in shown))


def newest(shown: Sequence[Turn], conversation: str = "") -> Markup:
    """Returns the last turn, whose changes are read out. `conversation` is the id for the address bar."""
    return Markup('<div class="turns newest" aria-live="polite" data-conversation="{}" aria-busy="{}">{}</div>').format(
        conversation,
        str(bool(shown) and shown[-1].stage is Stage.SEARCHING).lower(),
        turn(shown[-1], conversation) if shown else EMPTY,
    )


def turn(shown: Turn, conversation: str = "") -> Markup:
    """Returns one question with its status and its answer so far."""
    return _TURN.format(
        stage=shown.stage.value,
        number=shown.number,
        question=shown.question,
        status=_status(shown),
        searched=_searched(shown),
        answer=_answer(shown),
        tools=_tools(shown, conversation) if shown.answer else EMPTY,
        made=_made(shown, shown.answer) if shown.answer else EMPTY,
    )


def notice(message: str) -> Markup:
    """Returns a small message, above the input box for instance; empty without one."""
    return Markup('<p class="notice" role="alert" dir="auto">{}</p>').format(message) if message else EMPTY


def _range(first: str | None, last: str | None) -> str:
    if not first or not last:
        return ""
    days = dict.fromkeys(day(date.fromisoformat(text[:10])) for text in (first, last))
    return " to ".join(days)


def _status(shown: Turn) -> Markup:
    passages = _passages(shown)
    queue = f"{_ordinal(shown.place)} in the queue" if shown.place else ""
    match shown.stage:
        case Stage.SEARCHING:
            return _busy(queue or "searching")
        case Stage.READING:
            return _busy("writing" if shown.said else queue or _read(shown, "reading ", passages) or "writing")
        case Stage.STOPPED:
            return Markup("stopped{}").format(_read(shown, ", ", passages))
        case Stage.FAILED:
            return Markup("failed{}").format(_read(shown, ", ", passages))
        case Stage.ANSWERED | Stage.REFUSED:
            said = "answered" if shown.stage is Stage.ANSWERED else "searched"
            seconds = f" in {shown.answer.timings.total:.1f} s" if shown.answer else ""
            read = "read " if shown.answer and shown.answer.read else ""
            return Markup("{}{}{}").format(said, seconds, _read(shown, ", ", f"{read}{passages}"))


def _passages(shown: Turn) -> str:
    """Returns how many passages were found, and how many of them the model reads, once that is known."""
    count = len(shown.passages)
    passages = several(count, "passage")
    return f"{shown.read} of {passages}" if shown.read else passages


def _ordinal(number: int) -> str:
    """Returns the ordinal number: 1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _busy(text: Markup | str) -> Markup:
    """Returns the current activity, with a clock that the script runs."""
    return Markup(
        '<span class="pulse" aria-hidden="true"></span>{}… <span class="clock" aria-hidden="true"></span>'
    ).format(text)


def _read(shown: Turn, before: str, passages: str) -> Markup:
    """Returns a link to the turn's evidence, which the panel may no longer show."""
    if not shown.passages:
        return EMPTY
    link = _SEE.format(number=shown.number, marker=shown.passages[0].marker, text=passages)
    return Markup("{}{}").format(before, link)


def _searched(shown: Turn) -> Markup:
    found = _understood(shown)
    limited = Markup('only articles <b dir="auto">{}</b>').format(shown.limits) if shown.limits else EMPTY
    lines = join((line for line in (found, limited) if line), Markup(", "))
    return Markup('<p class="searched">{}</p>').format(lines) if lines else EMPTY


def _understood(shown: Turn) -> Markup:
    """Returns the earlier questions that this one depends on, or its corrected spelling; empty if used as typed."""
    question = shown.understood
    if question is None:
        return EMPTY
    if question.leans_on:
        return _LEANING.format(join((_QUOTE.format(earlier) for earlier in question.leans_on), _GAP), shown.number)
    return _CORRECTED.format(_QUOTE.format(question.corrected)) if question.corrected else EMPTY


_QUOTE = Markup('<q dir="auto">{}</q>')


def _answer(shown: Turn) -> Markup:
    sentences = Markup("{}{}").format(_lead(shown), _sentences(shown))
    match shown.stage:
        case Stage.REFUSED:
            return _refusal(shown)
        case Stage.SEARCHING | Stage.READING:
            waiting = Markup('<span class="waiting" aria-hidden="true"><i></i><i></i></span>')
            return Markup("{}{}").format(sentences, EMPTY if shown.said or shown.lead else waiting)
        case Stage.STOPPED:
            text = (
                "You stopped the answer here."
                if shown.said or shown.lead
                else "You stopped before there was an answer."
            )
            return Markup('{}<p class="ended">{}</p>').format(sentences, text)
        case Stage.FAILED:
            return Markup('{}<p class="problem" role="alert" dir="auto">{}</p>').format(sentences, shown.problem)
        case Stage.ANSWERED:
            return sentences


def _refusal(shown: Turn) -> Markup:
    see = EMPTY
    if shown.passages:
        link = _SEE.format(number=shown.number, marker=shown.passages[0].marker, text="See the nearest passages")
        see = Markup('<p class="see">{}</p>').format(link)
    return _REFUSAL.format(
        heading=_HEADINGS.get(shown.answer.outcome, NOT_IN_THE_CLIPPINGS) if shown.answer else NOT_IN_THE_CLIPPINGS,
        reason=shown.lead,
        said=_sentences(shown),
        see=see,
        suggested=_suggested(shown.answer.suggestions if shown.answer else ()),
    )


def _lead(shown: Turn) -> Markup:
    """Returns the lead before the sentences, under a heading if the articles answer only in part."""
    partly = shown.answer is not None and shown.answer.outcome is Outcome.PARTLY
    heading = Markup('<p class="origin none">{}</p>').format(_HEADINGS[Outcome.PARTLY]) if partly else EMPTY
    lead = Markup('<p class="lead" dir="auto">{}</p>').format(shown.lead) if shown.lead else EMPTY
    return heading + lead


def _sentences(shown: Turn) -> Markup:
    """Returns the sentences one after the other, or as the points of a list."""
    said = [_sentence(shown, said, at) for at, said in enumerate(shown.said)]
    if not shown.listed or not said:
        return join(said)
    return Markup('<ul class="points">{}</ul>').format(join(Markup("<li>{}</li>").format(each) for each in said))


def _suggested(questions: Sequence[str]) -> Markup:
    """Returns questions that can be asked with one click."""
    if not questions:
        return EMPTY
    buttons = join(_SUGGESTION.format(question) for question in questions)
    return _SUGGESTED.format(buttons)


def _sentence(shown: Turn, said: Said, at: int) -> Markup:
    """Returns a quotation, or the model's words with the quotation that proves them below."""
    links = join(
        (_link(shown, said, marker, f"{shown.number}-{at}-{marker}") for marker in said.sentence.markers), _GAP
    )
    quote = " ".join(said.citations[0].quote.split())
    # Nested quotation marks are hard to read, so a quote that already has some gets no more.
    marks = EMPTY if _MARKS & set(quote) else Markup(' class="marks"')
    as_of = said.sentence.as_of
    when = _WHEN.format(as_of.isoformat(), day(as_of)) if as_of else EMPTY
    parts = {"marks": marks, "links": links, "source": _source(said), "when": when}
    if said.sentence.level is Level.QUOTED:
        return _QUOTED.format(text=_answer_marked(quote, said.citations[0]), **parts)
    kind, level = _LEVELS[said.sentence.level]
    return _WRITTEN.format(
        text=_strange_marked(said.sentence),
        quote=_answer_marked(quote, said.citations[0]),
        kind=kind,
        level=level,
        look=" unsure" if said.sentence.level is Level.OWN_WORDS else "",
        **parts,
    )


def _strange_marked(sentence: Sentence) -> Markup:
    """Returns the sentence, with the words underlined that have no counterpart in its clippings."""
    pieces, at = [], 0
    for start, end in sentence.strange:
        pieces += [Markup("{}").format(sentence.text[at:start]), _STRANGE.format(sentence.text[start:end])]
        at = end
    return join([*pieces, Markup("{}").format(sentence.text[at:])])


def _answer_marked(text: str, citation: Citation) -> Markup:
    """Returns the quotation, with what answers the question in bold."""
    answer = (
        citation.answer and citation.quote[citation.answer[0] - citation.start : citation.answer[1] - citation.start]
    )
    before, found, after = text.partition(" ".join(answer.split()) if answer else "\0")
    return Markup("{}<b>{}</b>{}").format(before, found, after) if found else Markup("{}").format(text)


_GAP = Markup(" ")


def _link(shown: Turn, said: Said, marker: int, name: str) -> Markup:
    """Returns a marker as a link to its passage, with the quotation as tooltip; without a passage, no link."""
    passage = shown.passage(marker)
    if passage is None:
        return _NO_PASSAGE.format(marker)
    citation = next((c for c in said.citations if c.marker == marker), None)
    article = passage.hit.article
    facts = [article.source, day(article.published) if article.published else None]
    return _LINK.format(
        number=shown.number,
        marker=marker,
        name=name,
        quote=quote_name(citation.start, citation.end) if citation else "",
        text=" ".join((citation.quote if citation else passage.sentences[0]).split()),
        about=", ".join([article.title, *(fact for fact in facts if fact)]),
    )


def _source(said: Said) -> Markup:
    if not said.citations:
        return EMPTY
    citation: Citation = said.citations[0]
    shown_above = said.sentence.as_of == citation.published
    facts = [citation.source, day(citation.published) if citation.published and not shown_above else None]
    return Markup('<cite dir="auto">{}</cite>').format(", ".join(fact for fact in facts if fact))


def _tools(shown: Turn, conversation: str) -> Markup:
    """Returns the actions for a finished answer."""
    href = f"?c={conversation}#turn-{shown.number}"
    link = Markup('<a class="link" data-link href="{}">link</a>').format(href) if conversation else EMPTY
    thumbs = join(
        _THUMB.format(verdict=verdict, number=shown.number, pressed=str(shown.verdict == verdict).lower(), text=text)
        for verdict, text in (("up", "right"), ("down", "wrong"))
    )
    copy = "copy with sources" if shown.citations else "copy"
    return _TOOLS.format(text=plain(shown), copy=copy, link=link, thumbs=thumbs)


TAKEN_OUT = "Taken out, because a clipping contradicts it, or it brings numbers or names of its own:"


def _made(shown: Turn, answer: Answer) -> Markup:
    """Returns how the answer was made: what was searched for, how long it took, and the model's own words."""
    raw, replaced = EMPTY, join(Markup('<li dir="auto">{}</li>').format(text) for text in answer.replaced)
    if answer.raw.strip():
        raw = Markup('<h3>What the model wrote</h3><p class="raw" dir="auto">{}</p>').format(answer.raw.strip())
    if replaced:
        replaced = Markup("<p>{}</p><ul>{}</ul>").format(TAKEN_OUT, replaced)
    facts = join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in _facts(shown, answer)
    )
    return _MADE.format(facts=facts, raw=raw, replaced=replaced)


def _facts(shown: Turn, answer: Answer) -> Iterator[tuple[str, str]]:
    talk = answer.outcome is Outcome.TALK
    times = answer.timings
    yield "kind of question", answer.asked.kind.value
    if not talk:
        yield "searched for", answer.asked.searched
        yield "in", f"articles {shown.limits}" if shown.limits else "all articles"
    for at, said in enumerate(shown.said, 1):
        yield f"sentence {at}", _support(said)
    if not talk:
        yield "sure that the articles answer it", f"{answer.confidence:.0%}"
    steps = [("passages", times.evidence), ("first sentence", times.first_word)] if not talk else []
    steps.append(("all", times.total))
    yield "time until", ", ".join(f"{name} {seconds:.2f} s" for name, seconds in steps if seconds is not None)
    quoted = "; clippings are quoted" if shown.said else ""
    model = f"{answer.model}, read {_passages(shown)}" if answer.read else f"was not asked{quoted}"
    yield "language model", model if answer.model else f"none{quoted}"
    yield "index version", str(answer.index_version)


def _support(said: Said) -> str:
    if said.sentence.level is Level.QUOTED:
        return "quoted word for word"
    passages = ", ".join(dict.fromkeys(str(citation.marker) for citation in said.citations))
    sure = f"{said.citations[0].support:.0%}" if said.citations else "0%"
    return f"{said.sentence.level.value}, {sure} sure that passage {passages} supports it"
