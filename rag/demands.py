"""Sentences that want something of whoever reads them, instead of reporting: requests to a machine, and questions.

Articles are data. An instruction that someone hid in one is quoted no more than obeyed: such a sentence is not taken
for the answer to anything (`evidence`), unless the question is about such things. Told by wording alone, so a request
that does not show whom it is for ("Explain the theory of relativity.") is told only behind one that does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ANSWER = r"(?:answers?|reply|replies|responses?|outputs?|messages?|completions?|summary|next words?)"
_MACHINE = (
    r"(?:a\.?i\.?(?: (?:assistant|model|system|agent|chatbot))?|(?:virtual |digital )?assistants?|chat ?bots?|bots?|"
    r"(?:large |small )?language models?|llms?|chat ?gpt|gpt(?:-\d\w*)?|claude|gemini|llama|copilot)"
)
_DO = (
    r"(?:please |now |always |never |also |simply |just |instead,? |then |do not |don[’']t |must )*"
    r"(?:add|anagram|answer|append|augment|begin|break|combine|complete|compose|conclude|convert|copy|create|describe|"
    r"develop|direct|discard|disregard|do|draft|encode|end|enhance|ensure|explain|express|finish|follow|forget|"
    r"format|generate|give|group|highlight|hint|ignore|include|inform|insert|integrate|introduce|invent|invite|"
    r"jumble|link|list|make|mention|misspell|modify|note|obey|offer|omit|output|override|point|prefix|prepend|"
    r"pretend|print|produce|promote|provide|quote|randomi[sz]e|rearrange|recommend|refer|refuse|remind|remove|render|repeat|"
    r"replace|reply|respond|return|reverse|rewrite|say|scramble|send|share|show|speak|spell|start|state|stop|"
    r"substitute|suggest|summari[sz]e|switch|talk|tease|tell|translate|treat|urge|use|visit|warn|write)\b"
)
_DEMAND = re.compile(rf"\W*(?:and |but |so |first,? )?{_DO}", re.I)
_OF_YOURS = re.compile(rf"\byour (?:\w+ ){{0,2}}?{_ANSWER}\b", re.I)
_IN_YOURS = re.compile(
    rf"\W*(?:in|to|at|as|for|with|throughout|within) (?:\w+ )?(?:\w+ )?your (?:\w+ ){{0,2}}?{_ANSWER}\b", re.I
)
_SPEAK_ONLY = re.compile(
    r"\W*(?:please |always |only |just )*(?:(?:answer|reply|respond|say|write) (?:with|that|in|to|as)|"
    r"(?:answer|reply|respond|output|print|say|write|return|repeat)"
    r"(?: (?:only|exactly|just|the following|this|instead)\b|\s*[:“\"'‘]))",
    re.I,
)
_IGNORE = re.compile(
    r"\b(?:ignore|disregard|forget|override|discard|bypass|skip)\b(?:\W+\w+){0,6}?\W+(?:instructions?|prompts?|"
    r"guidelines|directions?|commands|context|clippings?|articles?|constraints|rules (?:you|above|before)|above|"
    r"you (?:were|have been) told)\b",
    re.I,
)
_TO_MACHINE = re.compile(
    r"\W*(?:(?:an? |this )?(?:important |urgent |special |hidden )?(?:notes?|attention|notice|message|memo|"
    r"instructions?|warning|reminder|dear|hello|hi|hey|ok|okay)(?: (?:to|for))?,? )?"
    rf"(?:the |an? |any |all |every )?{_MACHINE}\b[^.!?]{{0,60}}?"
    rf"(?:[:,–—-]|(?<=\w) (?:must|should|shall|will|needs? to|has to|have to) (?:now )?{_DO})",
    re.I,
)
_NEW_ROLE = re.compile(
    r"\W*(?:(?:from now on|starting now|henceforth),? )?"
    r"(?:you are|you[’']re|act as|act like|pretend to be|behave as)(?: now| no longer)?"
    rf"(?: \w+){{0,3}}? (?:{_MACHINE}|dan|assistant|expert|pirate|persona)\b",
    re.I,
)
_WHEN_ASKED = re.compile(
    r"\W*(?:when|if|whenever|once|before|after|while) (?:you(?:[’']re| are)? (?:are |get )?"
    r"(?:asked|answer|answering|reply|replying|respond|responding|read this|reading this|process|processing|"
    r"summari[sz]\w+)|(?:the|a|any) users? asks?|(?:someone|anyone|somebody) asks? (?:you|about|for))\b",
    re.I,
)
_SCAFFOLD = re.compile(
    r"<\|?/?(?:im_start|im_end|system|user|assistant|endoftext|s|inst)\|?>|\[/?(?:INST|SYS)\]|<<SYS>>|"
    r"^\W*(?:###? ?)?(?:system|assistant|user|human|instructions?|prompt)(?: prompt| message)?:|"
    r"\b(?:system|new) (?:prompt|instructions)\b",
    re.I,
)
# Whoever said it is named: that is a report of speech.
_REPORTED = re.compile(
    r"[”\"’'],?\s+(?:\w+ ){0,4}?(?:said|says|told|asked|wrote|added|replied|answered|wondered|demanded|urged|warned|"
    r"according)\b|\b(?:said|says|told|asked|wrote|added|replied|answered|wondered|demanded)\b[^“\"]{0,60}[,:]\s*[“\"]",
    re.I,
)
_ASKS = re.compile(r"\?[\"'”’)\]]*$")
_WORD = re.compile(r"\w+")
_FEW = 3
_ASKING = re.compile(
    r"\W*(?:and |but |so |or |then )?(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|am|do|does|did|"
    r"has|have|had|can|could|will|would|shall|should|may|might|must)(?:[’']\w+|n[’']t)?\b",
    re.I,
)
_ABOUT_DEMANDS = re.compile(
    rf"\b(?:instruct\w*|prompts?|inject\w*|hidden|ask(?:s|ed)?|questions?|{_MACHINE})\b",
    re.I,
)


def about_demands(question: str) -> bool:
    """Whether a question may itself be answered by a request or a question ("What did the hidden text say?")."""
    return bool(_ABOUT_DEMANDS.search(question))


def demands(sentences: Sequence[str], question: str = "") -> list[bool]:
    """For each of the consecutive sentences of a passage, whether it asks or demands something of its reader.

    What follows a demand on a machine and is itself a bare demand or question belongs to it. A sentence that only
    repeats the `question` asks it, too.
    """
    found: list[bool] = []
    carried = False
    for sentence in sentences:
        addressed = _is_addressed(sentence)
        carried = addressed or (carried and _is_demand(sentence))
        found.append(carried or _is_question(sentence) or repeats(sentence, question))
    return found


def _is_addressed(sentence: str) -> bool:
    """Whether a sentence tells whoever writes answers what to write."""
    if _REPORTED.search(sentence):
        return False
    if any(form.search(sentence) for form in (_IGNORE, _SCAFFOLD)):
        return True
    if any(form.match(sentence) for form in (_TO_MACHINE, _NEW_ROLE, _WHEN_ASKED, _SPEAK_ONLY, _IN_YOURS)):
        return True
    return bool(_OF_YOURS.search(sentence) and _DEMAND.match(sentence))


def _is_demand(sentence: str) -> bool:
    return bool(_DEMAND.match(sentence)) or _is_question(sentence)


def _is_question(sentence: str) -> bool:
    return bool(_ASKS.search(sentence) and _ASKING.match(sentence))


def repeats(sentence: str, question: str) -> bool:
    """Whether the question stands in a sentence word for word, with next to nothing else or a question mark."""
    said, asked = _words(sentence), _words(question)
    if len(asked) < _FEW or (len(said) - len(asked) > _FEW and not _ASKS.search(sentence)):
        return False
    return f" {' '.join(asked)} " in f" {' '.join(said)} "


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
