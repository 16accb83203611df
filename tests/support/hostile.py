"""Forty strings as somebody in an org could name things, to hurt whoever looks at them here.

Each holds `zq<number>`, so that a test can see whether it is shown, and what it tries to do leaves
`window.ran`, opens a dialog, or asks another host.
"""

from __future__ import annotations

_TEMPLATES = (
    "zq{n}<script>window.ran=1</script>",
    "<img src=x onerror='window.ran=1'>zq{n}",
    '"><svg onload=window.ran=1>zq{n}',
    "zq{n}</title><script>alert(1)</script>",
    "zq{n}</textarea><script>alert(1)</script>",
    "zq{n}' onmouseover='window.ran=1' autofocus onfocus='window.ran=1",
    'zq{n}" onfocus=window.ran=1 autofocus x="',
    "javascript:window.ran=1//zq{n}",
    "data:text/html,<script>window.ran=1</script>zq{n}",
    "<iframe src='https://evil.example/zq{n}'></iframe>",
    "<a href='javascript:window.ran=1'>zq{n}</a>",
    "<style>@import 'https://evil.example/zq{n}';</style>",
    "<link rel=stylesheet href=https://evil.example/zq{n}>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/zq{n}'>",
    "<base href='https://evil.example/'>zq{n}",
    "<form action=https://evil.example><button>zq{n}</button></form>",
    "zq{n}<math><mtext></form><form><mglyph><svg><mtext><style><path id='</style><img onerror="
    "window.ran=1 src>",
    "<div hx-get='https://evil.example/' hx-trigger='load'>zq{n}</div>",
    "<div hx-on:load='window.ran=1' hx-trigger='load'>zq{n}</div>",
    "--><script>window.ran=1</script><!--zq{n}",
    "]]><script>window.ran=1</script>zq{n}",
    "</script><script>window.ran=1</script>zq{n}",
    "zq{n}{{{{7*7}}}}",
    "zq{n}{{% load static %}}{{% debug %}}",
    "zq{n}${{7*7}}#{{7*7}}<%= 7*7 %>",
    "{{{{constructor.constructor('window.ran=1')()}}}}zq{n}",
    "zq{n}'; DROP TABLE records_org; --",
    "zq{n}' UNION SELECT password FROM auth_user --",
    '=HYPERLINK("https://evil.example","zq{n}")',
    "+zq{n}+cmd|' /C calc'!A0",
    "-zq{n}-2+3",
    "@SUM(zq{n})",
    "\tzq{n}=1",
    "zq{n}\r\nSet-Cookie: ran=1\r\n\r\n<script>window.ran=1</script>",
    "zq{n}\u202egpj.exe\u202c",
    "zq{n}&lt;script&gt;window.ran=1&lt;/script&gt;",
    "zq{n}&#x3c;script&#x3e;window.ran=1",
    "zq{n}\ufeff\u200b\u0007\u001b[31mred",
    "%3Cscript%3Ewindow.ran=1%3C/script%3Ezq{n}",
    "zq{n}\N{FULLWIDTH LESS-THAN SIGN}script\N{FULLWIDTH GREATER-THAN SIGN}" + "A" * 60,
)
STRINGS = tuple(text.format(n=f"{n:02d}") for n, text in enumerate(_TEMPLATES))
MARKS = tuple(f"zq{n:02d}" for n in range(len(_TEMPLATES)))
assert len(STRINGS) == 40
