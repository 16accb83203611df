"""Hostile strings as Salesforce lets people type them."""

from __future__ import annotations

HOSTILE = (
    "<script>alert(1)</script>",
    "<!channel> <@U123> <https://evil.example|click>",
    "[click](https://evil.example) **bold** <at>everyone</at>",
    "prod\r\nBcc: thief@evil.example",
    "prod\nSubject: other\n\nbody",
    "\u202egnp.exe\u2066",
    "=1+1 {{7*7}} ${7*7} %0d%0aX: y",
    "a\x00b\x1b[31m",
    "'\"><img src=x onerror=alert(1)>",
    "access_token=00Dxx0000001gER!AQwAQO.canary.canary.canary",
    "x" * 5000,
    "\u2028\u2029\u0085 line ends",
)
