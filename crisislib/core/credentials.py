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
from crisislib.core.i18n import N_

SERVICE = "crisis-workbench"
"""Under which the keyring has the values: `keyring set crisis-workbench NAME`."""
NEEDED = N_("needs the environment variable {name}")
NOT_STORED = N_("set {name}, or store it: keyring set {service} {name}; then try again")
NO_KEYRING = N_(
    "set {name}; or install the extra, pip install 'crisislib[keyring]', and store it: keyring set {service} {name}"
)
NO_STORE = N_("set {name}: the package keyring is installed, but this system has no keyring")
LOCKED = N_("set {name}, or unlock the system's keyring, which cannot be read now, and try again")
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
        name = match[1]
        found, remedy = os.environ.get(name, ""), ""
        if not found:
            found, remedy = _from_keyring(name)
        if not found:
            raise error(NEEDED, where=where, do=remedy, facts={"name": name, "service": SERVICE})
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


def _from_keyring(name: str) -> tuple[str, str]:
    """What the system's keyring has; where it has nothing, an empty text and what can be done about it."""
    if importlib.util.find_spec("keyring") is None:
        return "", NO_KEYRING
    keyring = importlib.import_module("keyring")
    try:
        found = keyring.get_password(SERVICE, name)
    except keyring.errors.NoKeyringError:
        return "", NO_STORE
    except keyring.errors.KeyringError:  # its words may hold what was looked for
        return "", LOCKED
    return str(found or ""), NOT_STORED
