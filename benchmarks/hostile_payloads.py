"""Texts that run where somebody forgot to escape: in a page, a spreadsheet, a terminal. Tests use them, too."""

from __future__ import annotations

PAYLOADS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1>",
    "\"><iframe srcdoc='<script>parent.hacked=1</script>'>",
    "<a href=javascript:window.hacked=1>click</a>",
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}",
    "${window.hacked=1}",
    "</title></style></textarea><script>window.hacked=1</script>",
    "<math><mtext><style><img src=x onerror=window.hacked=1></style></mtext></math>",
    "<body onload=window.hacked=1>",
    "<details open ontoggle=window.hacked=1>",
    "<meta http-equiv=refresh content='0;url=javascript:window.hacked=1'>",
    "<object data=data:text/html,<script>parent.hacked=1</script>>",
    "'-window.hacked=1-'",
    "\u202e<script>window.hacked=1</script>",
    "<!--<img src=--><img src=x onerror=window.hacked=1//>",
    "<input autofocus onfocus=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "[x](javascript:window.hacked=1)",
)
"""For a page: each sets `window.hacked` when it runs."""
FORMULAS = (
    '=HYPERLINK("https://evil.example","open")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
)
"""For a spreadsheet: each would be computed as it stands."""
TERMINAL = (
    "\x1b]0;hacked\x07title",
    "\x1b[2J\x1b[31mred",
    "\x9b31mred",
    "a\u202egnp.exe",
    "a\rb\x08\x08c",
)
"""For a terminal: titles, colours, reversed text, overwriting."""
