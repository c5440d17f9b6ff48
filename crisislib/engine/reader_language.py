"""The language of the person who reads, where no watch of theirs says it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from crisislib.core.i18n import LANGUAGES

ASKED = "CRISIS_LANGUAGE"
"""Environment variable that carries `--language` to the kernels of a server."""
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which gettext asks them."""
_SILENT = {"", "C", "POSIX"}
"""Locales that say nothing of a language."""


def system_language(env: Mapping[str, str] | None = None) -> str:
    """Language of this machine's user.

    Parameters
    ----------
    env : Mapping[str, str], optional
        The environment; that of the process when left out.

    Returns
    -------
    str
        `CRISIS_LANGUAGE` where it is one of ours; else `zh` under a Chinese locale and `en` under any other; empty
        where the locale says nothing (`C`, `C.UTF-8`, `POSIX`, unset).
    """
    env = os.environ if env is None else env
    if env.get(ASKED, "") in LANGUAGES:
        return env[ASKED]
    setting = next((env[name] for name in _LOCALE if env.get(name)), "")
    name = setting.partition(".")[0]
    return "" if name in _SILENT else _ours(name)


def browser_language(accepted: str) -> str:
    """The language that a browser asks for first: Chinese or English; empty where it names none.

    Parameters
    ----------
    accepted : str
        The value of `Accept-Language`.

    Returns
    -------
    str
        `zh`, `en` or empty.

    Notes
    -----
    Browsers send what they want most first (RFC 9110, 12.5.4), with falling weights.
    """
    first = accepted.split(",")[0].partition(";")[0].strip()
    return "" if first in {"", "*"} else _ours(first)


def reader_language(*, watch: str = "", browser: str = "", usual: str = "en") -> str:
    """What a page is written in.

    Parameters
    ----------
    watch : str
        Language of the watch, where what is shown is the reader's own data; it is what they have written down.
    browser : str
        `Accept-Language` of the request, where there is one.
    usual : str
        Where nobody says anything.
    """
    asked = os.environ.get(ASKED, "")
    return (asked if asked in LANGUAGES else "") or watch or browser_language(browser) or system_language() or usual


def _ours(name: str) -> str:
    return "zh" if name.lower().replace("_", "-").split("-")[0] == "zh" else "en"
