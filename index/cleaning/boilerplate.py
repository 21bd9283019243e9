"""Recognises the boilerplate around an article on a web page: share links, advertisements, notices, captions.

Every pattern must match a whole paragraph, and a short one, so that a sentence of the article that only mentions
newsletters or cookies is kept. Only `boxed` considers the position of a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

# The longest boilerplate paragraph in the sample pages is a cookie notice of 380 characters.
_LONGEST = 400
# Largest number of headlines in a row that are taken for the content of a "Related" box.
_BOX_SIZE = 8

_SITE = (
    r"(?:facebook|twitter|x|linked ?in|whats ?app|reddit|e-?mail|pinterest|telegram|messenger|tumblr|instagram|"
    r"flipboard|pocket|google\+?|google plus|digg|stumbleupon|bluesky|threads|mastodon|tik ?tok|youtube|viber|vk|"
    r"skype|sms|snapchat|apple news|google news|copy(?: the)? link|link)"
)
_ACTION = r"(?:share|tweet|re-?tweet|e-?mail|print|pin(?: it)?|save|bookmark|post|send|like|copy link|recommend)"
_THING = r"(?:article|story|page|post|link|news|video|gallery|with (?:a )?friends?|friends?|this)"
_LETTER = r"(?:newsletters?|e-?mails?|alerts?|briefings?|updates|bulletins?|digest|podcasts?|channel|mailing list)"
_PICTURE = r"(?:photos?|photographs?|images?|pictures?|pics?|video|graphic|illustration|thumbnail)"
_CREDIT = r"(?:credits?|by|courtesy(?: of)?|source|copyright|caption|via)"
_AGENCY_PICTURE = r"(?:getty images|shutterstock|istock|alamy|epa-efe|unsplash)"
_NO_STOP = r"(?<![.!?])"
_CAPITAL = r"(?-i:(?=[A-Z@]))"

_PATTERNS: dict[str, tuple[str, ...]] = {
    "share link": (
        rf"(?:click |tap )?(?:to )?{_ACTION}(?:(?: ?[,|/&•·]? )(?:this|the|that|our|a|it|on|via|to|by|in|with|using|"
        rf"and|or|{_ACTION}|{_SITE}|{_THING}))*(?: \(opens in (?:a )?new window\))?(?: ?[:!>»]| \(?\d[\d.,k]*\)?)?",
        rf"{_SITE}(?:(?: ?[,|/&•·]? ){_SITE})*",
        rf"{_ACTION}(?:(?: ?[|/&•·] ?| )(?:{_ACTION}|{_SITE}))+",
        r"\d[\d.,]*k? (?:shares?|tweets?|likes?|views?|retweets?)",
        r"like this:?|like loading\.*|loading\.*|share (?:this|via):?",
        r"click to (?:share|e-?mail|print|tweet)\b.{0,60}",
        r"(?:print|e-?mail|listen to|gift) (?:this )?(?:article|story|page)|order reprints",
    ),
    "link to more": (
        r"you can read the (?:rest|full|remainder|original|whole)\b.{0,160}",
        r"the full (?:article|story|text|report) (?:is|can be).{0,160}",
        r"(?:read|see|find out|learn|view|show|load|watch|hear|get)(?: (?:the|our))? more(?:\.{3}| ?…)?",
        r"(?:read|see|find) more ?[:>»|–-].{0,200}",
        r"(?:read|see|find) more (?:at|on|here|about|from|in our|of our|stories|news|articles|coverage|by)\b.{0,140}",
        r"(?:continue|keep) reading\b.{0,100}",
        r"(?:to )?read (?:on|(?:the )?(?:full|rest|whole|entire|original|complete)\b).{0,140}",
        r"click here (?:to|for)\b.{0,140}",
        rf"(?:see|read|watch|also read|read also|recommended|don[’']t miss|more|must read) ?[:>»].{{1,180}}{_NO_STOP}",
        rf"(?:see|read|watch|listen|view)(?: also| next| here| it here)\b ?[:>»]?.{{0,140}}{_NO_STOP}",
        rf"watch (?:the |this )?(?:full )?(?:video|clip|footage)\b.{{0,60}}{_NO_STOP}",
        rf"also (?:read|see|watch|on)\b.{{0,140}}{_NO_STOP}",
        rf"more on (?:this story|this topic|this)\b.{{0,80}}{_NO_STOP}",
        r"this (?:article|story|post|piece) (?:first |originally |was )+(?:appeared|published)\b.{0,200}",
        r"explore further|(?:related|recommended) (?:video|gallery)s?",
        # Shortcodes that the blog software failed to replace.
        r"\[(?P<shortcode>\w{2,30})\b[^\]]*\].{0,300}\[/(?P=shortcode)\]",
        r"back to (?:top|the top|home|homepage)|skip (?:to|past|advertisement|ad)\b.{0,60}",
        r"(?:next|previous) (?:article|story|post|page)(?: ?[:>»].{0,100})?",
        r"(?:tags?|topics?|filed under|categories|category|keywords|posted in|more about|more from) ?:.{0,200}",
    ),
    "related box": (
        r"(?:related|recommended)(?: (?:articles?|stories|story|content|links?|topics?|news|reading|coverage|posts?|"
        r"videos?|items?))?(?: ?[:>»|–-].{0,200})?",
        r"(?:most (?:read|popular|viewed|shared|recent|commented)|trending(?: now| today)?)"
        r"(?: (?:in|on|from) .{2,40})?(?: ?[:.…]*)?",
        r"you (?:may|might) (?:also )?(?:like|be interested in)(?: ?[:.…]*)?",
        r"more (?:stories|news|coverage|headlines|articles|top stories)(?: (?:from|in|on|like this).{0,60})?:?",
        r"(?:top|latest) (?:stories|news|headlines):?|editor[’']?s[’']? (?:picks?|choice):?",
        r"(?:recommended (?:for you|stories|reading)|what to read next|up next|read next)(?: ?[:.…]*)?",
        r"sponsored (?:content|links|stories)|promoted (?:content|stories)",
    ),
    "newsletter": (
        rf"(?:please |click here to |you can )?(?:sign[ -]?up|subscribe)\b.{{0,120}}\b{_LETTER}\b.{{0,200}}",
        r"(?:register|get|receive|join)\b.{0,80}\b(?:our|the latest|free|daily|weekly)\b.{0,60}"
        r"\b(?:newsletters?|inbox|mailing list)\b.{0,120}",
        r"(?:sign[ -]?up|subscribe|register|sign in|log ?in|join)(?: (?:now|here|today|free|for free|"
        r"or register))?[.!]?",
        rf"(?:sign up|subscribe) (?:here|now|today|to our|to the|for our|for free)\b.{{0,100}}{_NO_STOP}",
        r".{0,120}\bdelivered (?:straight |directly |right )?to your (?:e-?mail )?inbox\b.{0,120}",
        r"enter your e-?mail\b.{0,80}|your e-?mail address\b.{0,60}|e-?mail address\W?",
        r"by (?:signing up|subscribing|submitting)\b.{0,80}\byou\b.{0,200}",
        r"already (?:a subscriber|have an account|subscribed)\b.{0,80}|support (?:our|"
        r"independent) journalism\b.{0,160}",
        # Below and above the mails of newsletters.
        r"(?:unsubscribe|manage (?:your )?(?:e-?mail )?(?:preferences|subscriptions?)|abmelden|newsletter abbestellen)"
        rf"\b.{{0,80}}{_NO_STOP}",
        r"(?:view|read|open) (?:this (?:e-?mail|message|newsletter) )?in (?:your |the )?browser|"
        r"im browser (?:an\w+|öffnen)",
        r"you (?:are receiving|receive|received|are getting|got) this (?:e-?mail|newsletter|message)\b.{0,200}",
    ),
    "follow us": (
        rf"(?:you can |please |and )?(?:follow|like|find|join|connect with|add|visit) (?:us|our)\b.{{0,60}}"
        rf"\b(?:on|at|via) {_SITE}\b.{{0,160}}",
        rf"follow (?:@|[\w.’'-]+(?: [\w.’'-]+){{0,5}} on {_SITE}\b|us\b|the author\b).{{0,140}}",
        rf"(?:{_SITE} ?[:·] ?)?@\w{{2,30}}|join us",
    ),
    "advertisement": (
        r"\W*(?:advertisements?|advertising|adverts?|ads?|sponsored|promoted|paid content|ad feedback|remove ads)\W*",
        r"advertisement ?[-–—:|(].{0,60}|sponsored by .{0,60}",
        r"(?:story|article|content|report)s? continues? (?:below|after).{0,60}|scroll (?:down )?(?:to|for)\b.{0,60}",
    ),
    "notice of the site": (
        r"(?:we|this (?:web)?site|our (?:web)?site)(?:,? (?:and )?our (?:\d+ )?partners,?| and (?:selected )?third "
        r"parties)? uses? (?:\w+ ){0,3}cookies\b.{0,300}",
        r"(?:cookies? (?:policy|settings|preferences|notice|consent)|(?:accept|reject|allow|manage|decline|deny)"
        r"(?: all)?(?: optional)? cookies|(?:accept|reject|allow) all|manage (?:preferences|settings|options)|"
        r"privacy (?:policy|notice)|terms (?:of|and) \w+|got it!?|i agree)(?: ?[|•·&] ?.{0,100})?",
        r"(?:please )?enable javascript\b.{0,120}|an error (?:has )?occurred\b.{0,60}|(?:about|contact) us",
        r"(?:copyright|©|\(c\))[^\w]{0,6}\d{4}.{0,260}|© .{1,100}|copyright (?:[\w.,]+ ){1,4}\d{4}\W*",
        r".{0,80}\ball rights reserved\b.{0,200}|this copy is for your personal\b.{0,300}",
        r"(?:this material may not be (?:published|reproduced)|our standards: ).{0,200}",
    ),
    "comments closed": (
        r"(?:the )?comments? (?:section )?(?:are|is|have been|has been) (?:now |currently )?(?:closed|"
        r"disabled|turned off|off)\b.{0,80}|comments? (?:now )?(?:closed|disabled|off)\W*",
        r"(?:you must be |please )?(?:log(?:ged)? ?in|sign(?:ed)? in)(?: or \w+(?: \w+)?)? to (?:post a |"
        r"leave a |add a )?(?:comment|reply)\b.{0,40}",
    ),
    "caption or credit": (
        rf"[(\[]?(?:file )?{_PICTURE}(?: {_CREDIT})?\s?[:©/|].{{0,200}}",
        rf"[(\[]?{_PICTURE} {_CREDIT}\b[,:]? {_CAPITAL}.{{1,120}}{_NO_STOP}[)\]]?",
        r"(?:image|media|photo|picture) (?:caption|source|copyright|credit)\b.{0,200}",
        rf"(?:credits?|caption) ?: ?.{{1,120}}{_NO_STOP}|file (?:photo|picture|image)\.?",
        rf"(?:.{{0,60}}[/|] ?)?{_AGENCY_PICTURE}(?: ?[/|] ?.{{0,60}}| \(.{{0,40}}\))?",
        r"handout(?: ?[/|] ?.{0,60}| photo.{0,40})|ap photo/.{0,60}|enlarge (?:this )?image|(?:hide|toggle) caption",
        r"[(\[](?:ap|afp|reuters|epa|pa|getty|dpa) (?:photo|image|file).{0,60}[)\]]",
    ),
    "wire ending": (r"[-–(/]? ?reuters?(?![a-z])\W*\d{0,2}[\d:/A-Z]{0,9}\W*(?-i: [A-Z]{1,3})?",),
    "separator": (r"[\W_]+",),
}
_REASONS = tuple(_PATTERNS)
_BOILERPLATE = re.compile(
    "|".join(f"(?P<r{n}>{'|'.join(patterns)})" for n, patterns in enumerate(_PATTERNS.values())), re.I
)
# A sentence with reported speech belongs to the article, whatever it begins with.
_REPORTED = re.compile(r"\b(?:said|says|told|added|according to)\b.*[.!?][\"'”’)]*$")

# "Related" alone is the heading of a list; followed by a headline in the same line, it is the whole box.
_BOX_HEADING = re.compile(r"[^:>»|]{1,60}[:.…]?\s*")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_WIRE_TAIL = re.compile(r"(?<=[.)\d])\s+(?:REUTERS?|Reuter)\d{0,2}[\w:/]{0,9}\W*$")


# Cached, because cleaning checks every paragraph at least twice, and the pages of a site share their boilerplate.
@lru_cache(maxsize=2048)
def boilerplate_kind(text: str) -> str | None:
    """Returns the kind of boilerplate that a paragraph is ("share link", "advertisement" …), or None if it is none."""
    if len(text) > _LONGEST or not (match := _BOILERPLATE.fullmatch(text)) or _REPORTED.search(text):
        return None
    return _REASONS[int(str(match.lastgroup)[1:])]


def boxed(texts: Sequence[str], reasons: Sequence[str | None]) -> list[str | None]:
    """Returns `reasons` (of `boilerplate_kind`), with headlines below a bare "Related" heading marked as well.

    Such a box ends at the first paragraph that ends like a sentence or that has a reason already. An address alone in
    a paragraph, directly below a link to more, is marked as well.
    """
    marked = list(reasons)
    room = 0
    for place, (text, reason) in enumerate(zip(texts, reasons, strict=True)):
        if reason is not None:
            room = _BOX_SIZE if reason == "related box" and _BOX_HEADING.fullmatch(text) else 0
        elif room and len(text) <= 160 and not _SENTENCE_END.search(text):
            marked[place] = "related box"
            room -= 1
        elif place and marked[place - 1] == "link to more" and _ADDRESS.fullmatch(text):
            marked[place] = "link to more"
        else:
            room = 0
    return marked


def without_wire_tail(text: str) -> str:
    """Returns `text` without the name of the agency at the end of a wire report's last line ("… he said. REUTER")."""
    return _WIRE_TAIL.sub("", text) if "REUTER" in text[-24:].upper() else text
