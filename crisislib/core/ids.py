"""Identities: post ids, account ids, keys of names, and the masks that reports show."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

_MENTION = re.compile(r"@([\w\-]{2,30})")


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


def mask_mentions(text: str, keep: Sequence[str] = ()) -> str:
    """A text with the people whom it mentions masked; the brand's own names stay.

    Parameters
    ----------
    text : str
        Of a post.
    keep : sequence of str
        Names that stay, whatever their case.

    Returns
    -------
    str
        The text with `@name` masked.
    """
    mine = {k.casefold() for k in keep}
    return _MENTION.sub(lambda m: m[0] if m[1].casefold() in mine else "@" + mask_name(m[1]), text)
