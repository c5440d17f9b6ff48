"""Identities: post ids, account ids, keys of names, and the masks that reports show."""

from __future__ import annotations

import hashlib
import unicodedata


def short_hash(*parts: str, length: int = 16) -> str:
    """Hexadecimal digest of some strings, stable over runs and machines.

    Parameters
    ----------
    *parts : str
        The strings, in order; joined with the unit separator (U+001F), so that their borders count.
    length : int, default 16
        Hexadecimal digits to return, 1-64; 16 are 64 bits, so that two of a billion ids are alike with a chance of 3
        %.

    Returns
    -------
    str
        The first digits of the SHA-256.
    """
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:length]


def normal_name(name: str) -> str:
    """A display name as compared: NFKC, no leading @, case folded, no outer space.

    Parameters
    ----------
    name : str
        A display name as a platform shows it.

    Returns
    -------
    str
        The same for every spelling of the name that readers take for the same.
    """
    return unicodedata.normalize("NFKC", name).strip().lstrip("@").strip().casefold()


def mask_name(name: str | None) -> str:
    """A private person's name as shown: first and last character, the rest as stars.

    Parameters
    ----------
    name : str or None
        The name; None or an empty one gives an empty string.

    Returns
    -------
    str
        For example `张***丰`; a name of one or two characters shows the first only.
    """
    if not name:
        return ""
    return name[0] + "***" + (name[-1] if len(name) > 2 else "")


def pseudonym(account_id: str) -> str:
    """What stands for an account in files that leave the workbench: the same account, the same word.

    It hides the name, also where the id holds it (`weibo:@name`); whoever knows an id can still find its pseudonym.

    Parameters
    ----------
    account_id : str
        `platform:id`.

    Returns
    -------
    str
        `a-` and twelve hexadecimal digits.
    """
    return "a-" + short_hash(account_id, length=12)
