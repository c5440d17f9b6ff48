"""Text that may be shown: secrets of addresses masked, control characters made visible.

What comes from the internet may hold terminal escapes and marks that turn the writing direction; addresses may hold
passwords and tokens. Logs, the terminal and stored error texts pass through here.
"""

from __future__ import annotations

import re

from crisislib.core.credentials import MASK, mask_known

_PLAIN_SCHEMES = ("http", "https", "ftp", "file", "at", "ipc", "tcp")
"""Schemes whose host and path are no secrets. Notification addresses (`wecombot://KEY`) are secrets as a whole."""
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^/\s?#'\"]*@", re.IGNORECASE)
_SECRET_ADDRESS = re.compile(
    rf"\b(?!(?:{'|'.join(_PLAIN_SCHEMES)})://)([a-z][a-z0-9+.-]*)://[^\s'\"<>]+", re.IGNORECASE
)
_QUERY = re.compile(
    r"(?P<name>[?&;#](?:[\w.-]*(?:token|secret|password|passwd|signature|credential)|(?:api|app|access|auth|x-amz)?[_-]?key"
    r"|pwd|pass|sig|auth|code|session)=)[^&;\s#'\"<>]+?(?=[:,.)]*(?:[&;\s#'\"<>]|$))",
    re.IGNORECASE,
)
"""A mark of the sentence around an address is no part of the secret."""
_HEADER = re.compile(r"\b(?P<name>Bearer|Basic)\s+[\w.~+/=-]{16,}", re.IGNORECASE)
_GIVEN = re.compile(
    r"(?P<name>\b[\w.-]*(?:password|passwd|secret|token|cookie|credential|(?:api|app|access|auth)_?-?key)[\"']?"
    r"(?:=|[\"']\s*:)\s*[\"']?)(?![\"'$*\s])[^\s,;\"'&]{4,}",
    re.IGNORECASE,
)
"""`password=…`, `"token": "…"`: what programs print of their settings. A word after a colon alone is prose."""
_COOKIE = re.compile(r"(?P<name>\b(?:set-)?cookie\s*:\s*|\bauthorization\s*:\s*)[^\r\n\"']+", re.IGNORECASE)
"""A header as clients log it, to the end of its line."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""C0 and C1 controls but tab and newline, separators and direction marks, lone surrogates, and what no XML may hold."""


def mask_secrets(text: str) -> str:
    """Addresses without user names, passwords, tokens and keys.

    Parameters
    ----------
    text : str
        Any text, an address or a message that quotes some.

    Returns
    -------
    str
        User information, query values by names such as `token` or `key`, settings such as `password=…`, cookies,
        bearer tokens, everything behind the scheme of a notification address, and values filled in for `${NAME}`
        are `***`.
    """
    text = mask_known(text)
    text = _USERINFO.sub(rf"\g<scheme>{MASK}@", text)
    text = _SECRET_ADDRESS.sub(rf"\1://{MASK}", text)
    text = _QUERY.sub(rf"\g<name>{MASK}", text)
    text = _HEADER.sub(rf"\g<name> {MASK}", text)
    return _COOKIE.sub(rf"\g<name>{MASK}", _GIVEN.sub(rf"\g<name>{MASK}", text))


def escape_controls(text: str) -> str:
    r"""Control characters as visible escapes such as `\x1b`; tab and newline stay.

    Parameters
    ----------
    text : str
        From anywhere.

    Returns
    -------
    str
        Safe to print; the same where there is nothing to escape.
    """
    return _CONTROLS.sub(lambda match: _visible(match.group()), text)


def one_line(text: str) -> str:
    """Masked, escaped, and newlines made visible: what a table cell or one line of a list may hold.

    Parameters
    ----------
    text : str
        From anywhere.

    Returns
    -------
    str
        Without a newline or a tab.
    """
    return escape_controls(mask_secrets(text)).replace("\n", "\\n").replace("\t", " ")


def _visible(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
