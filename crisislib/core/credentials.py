"""`${NAME}` in a watch file: filled from the environment or the system's keyring, masked wherever it would be shown.

A value that was filled in is remembered for the life of the process, so that :func:`mask_known` takes it out of
every log line, error and record, whatever the server made of it.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from urllib.parse import quote, quote_plus

from crisislib.core.errors import CrisisError, WatchError

SERVICE = "crisis-workbench"
"""Under which the keyring has the values: `keyring set crisis-workbench NAME`."""
SHORTEST = 4
"""Shorter values are words of any text; masking them would make every log unreadable, and they guard nothing."""
MASK = "***"
_PLACE = re.compile(r"\$\{(\w+)\}")
_known: set[str] = set()


def filled(text: str, *, where: str, error: type[CrisisError] = WatchError) -> str:
    """A text with its `${NAME}` filled in.

    Parameters
    ----------
    text : str
        As the watch file gives it.
    where : str
        The source or channel, named in errors.
    error : type of CrisisError
        What is raised.

    Raises
    ------
    CrisisError
        Neither the environment nor the keyring has the name.
    """

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1]) or _from_keyring(match[1])
        if not found:
            raise error(
                f"needs the environment variable {match[1]}",
                where=where,
                do=f"set {match[1]}, or store it: keyring set {SERVICE} {match[1]} (package keyring), and try again",
            )
        remember_secret(found)
        return found

    return _PLACE.sub(value, text)


def has_place(text: str) -> bool:
    """Whether a text holds a `${NAME}`.

    Parameters
    ----------
    text : str
        As the watch file gives it.
    """
    return bool(_PLACE.search(text))


def remember_secret(value: str) -> None:
    """Mask a value from now on, also as it is written inside an address.

    Parameters
    ----------
    value : str
        A password, token or key, such as one that a server issued for this run.
    """
    if len(value) >= SHORTEST:
        _known.update({value, quote(value, safe=""), quote_plus(value)})


def mask_known(text: str) -> str:
    """A text without the values that were filled in.

    Parameters
    ----------
    text : str
        Any.
    """
    if not _known:
        return text
    for secret in sorted(_known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, MASK)
    return text


def _from_keyring(name: str) -> str:
    """What the system's keyring has; empty where the package is not installed or the keyring is locked."""
    if importlib.util.find_spec("keyring") is None:
        return ""
    keyring = importlib.import_module("keyring")
    try:
        return str(keyring.get_password(SERVICE, name) or "")
    except keyring.errors.KeyringError:
        return ""
