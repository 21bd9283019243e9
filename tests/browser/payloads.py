"""What a hostile article, file name or model may hold to make a reader's browser run something.

`RUN` stands where a payload calls what the test listens to. Each is of a kind of its own: how scripts get into pages
that do not escape, that escape by halves, that clean with a list, or that treat text as Markdown or as a template.
"""

from __future__ import annotations

RUN = "RUN"

_SCRIPTS = (
    "<script>RUN</script>",
    "<SCRIPT >RUN</SCRIPT >",
    "<script type=module>RUN</script>",
    '<script src="data:text/javascript,RUN"></script>',
    "<scr<script>ipt>RUN</scr</script>ipt>",
    "</title><script>RUN</script>",
    "</textarea><script>RUN</script>",
    "</style><script>RUN</script>",
    "--><script>RUN</script><!--",
    "]]><script>RUN</script>",
    '"><script>RUN</script>',
    "'><script>RUN</script>",
    "`><script>RUN</script>",
    "</script><script>RUN</script>",
    "</pre></p></div></article><script>RUN</script>",
    '<noscript><p title="</noscript><img src=x onerror=RUN>"></noscript>',
    "<template><script>RUN</script></template><img src=x onerror=RUN>",
)
_HANDLERS = (
    "<img src=x onerror=RUN>",
    '<img src=x onerror="RUN">',
    "<img/src=x/onerror=RUN>",
    "<img src=x onerror\n=\nRUN>",
    "<IMG SRC=x OnErRoR=RUN>",
    "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>\" onload=RUN>",
    '" autofocus onfocus=RUN x="',
    "' autofocus onfocus=RUN x='",
    " onmouseover=RUN style=position:fixed;inset:0 x=",
    "<input autofocus onfocus=RUN>",
    "<select autofocus onfocus=RUN></select>",
    "<details open ontoggle=RUN><summary>x</summary></details>",
    "<body onload=RUN>",
    "<video><source onerror=RUN></video>",
    "<audio src=x onerror=RUN></audio>",
    "<marquee onstart=RUN>x</marquee>",
    '<div style="animation:x 1s" onanimationstart=RUN></div><style>@keyframes x{}</style>',
    "<p contenteditable autofocus onfocus=RUN tabindex=1>x</p>",
    "<img srcset=x onerror=RUN>",
    "<link rel=stylesheet href=x: onerror=RUN>",
)
_FOREIGN = (
    "<svg onload=RUN>",
    "<svg/onload=RUN//",
    "<svg><script>RUN</script></svg>",
    "<svg><animate onbegin=RUN attributeName=x dur=1s></animate></svg>",
    '<svg><a xlink:href="javascript:RUN"><text x=20 y=20>click</text></a></svg>',
    "<svg><foreignObject><img src=x onerror=RUN></foreignObject></svg>",
    '<math href="javascript:RUN">click</math>',
    "<math><mtext><table><mglyph><style><img src=x onerror=RUN>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=RUN>",
    '<svg></p><style><a id="</style><img src=x onerror=RUN>">',
)
_FRAMES = (
    '<iframe src="javascript:parent.RUN"></iframe>',
    '<iframe srcdoc="<script>parent.RUN</script>"></iframe>',
    '<iframe src="data:text/html,<script>parent.RUN</script>"></iframe>',
    '<object data="javascript:RUN"></object>',
    '<embed src="javascript:RUN">',
    '<base href="javascript:RUN//"><a href="#">click</a>',
    '<meta http-equiv=refresh content="0;url=javascript:RUN">',
    '<form action="javascript:RUN"><button>click</button></form>',
    '<button form=x formaction="javascript:RUN">click</button>',
)
_LINKS = (
    "javascript:RUN",
    "JaVaScRiPt:RUN",
    " javascript:RUN",
    "java\tscript:RUN",
    "java\nscript:RUN",
    "\x01javascript:RUN",
    "javascript://example.org/%0aRUN",
    "data:text/html,<script>RUN</script>",
    "vbscript:RUN",
    'https://example.org/" onmouseover="RUN',
    "https://example.org/' onmouseover='RUN",
    '<a href="javascript:RUN">click</a>',
    '<a href="java&#10;script:RUN">click</a>',
    "[click](javascript:RUN)",
    "[click](<javascript:RUN>)",
    '![x](x"onerror="RUN)',
    "[click][1]\n\n[1]: javascript:RUN",
    "<javascript:RUN>",
)
_ENCODED = (
    "&lt;img src=x onerror=RUN&gt;",
    "&#60;img src=x onerror=RUN&#62;",
    "&amp;lt;script&amp;gt;RUN&amp;lt;/script&amp;gt;",
    "\\u003cimg src=x onerror=RUN\\u003e",
    "\\x3cscript\\x3eRUN\\x3c/script\\x3e",
    "%3Cscript%3ERUN%3C/script%3E",
    "+ADw-script+AD4-RUN+ADw-/script+AD4-",
    "\uff1cimg src=x onerror=RUN\uff1e",
    "<im\u200bg src=x onerror=RUN><img\u2028src=x\u2028onerror=RUN>",
    "<img src=x onerror=\u202eRUN\u202c>",
)
_STYLES = (
    "<style>@import 'javascript:RUN';</style>",
    '<div style="background:url(javascript:RUN)">x</div>',
    '<div style="width:expression(RUN)">x</div>',
    '<style><img src="</style><img src=x onerror=RUN>"></style>',
)
_TEMPLATES = (
    "${RUN}",
    "{{RUN}}",
    "{{constructor.constructor('RUN')()}}",
    "{@html '<img src=x onerror=RUN>'}",
    "<%= RUN %>",
    "#{RUN}",
    "{{{'<img src=x onerror=RUN>'}}}",
    "${constructor.constructor(`RUN`)()}",
    "$\\href{javascript:RUN}{click}$",
    '$$\\htmlData{x="><img src=x onerror=RUN>}{x}$$',
    "\\(\\unicode{<img src=x onerror=RUN>}\\)",
    '```mermaid\ngraph TD; A["<img src=x onerror=RUN>"]; click A href "javascript:RUN"\n```',
    "```html\n<script>RUN</script>\n```",
    "`<img src=x onerror=RUN>`",
    "<clip-path data-do=open data-id=1 onclick=RUN>x</clip-path>",
    "*[<img src=x onerror=RUN>]: y",
)

PAYLOADS = (*_SCRIPTS, *_HANDLERS, *_FOREIGN, *_FRAMES, *_LINKS, *_ENCODED, *_STYLES, *_TEMPLATES)


def payload(number: int, where: str) -> str:
    """One payload that tells, when it runs, which it is and where it stood."""
    return PAYLOADS[number].replace(RUN, f"ran({number},`{where}`)")
