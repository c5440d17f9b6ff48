"""Identities: post ids, account ids, keys of names, and the masks that reports show."""

from __future__ import annotations

import hashlib
import unicodedata


def short_hash(*parts: str, length: int = 16) -> str:
    """Hexadecimal digest of some strings, stable over runs and machines."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:length]


def normal_name(name: str) -> str:
    """A display name as compared: NFKC, no leading @, case folded, no outer space."""
    return unicodedata.normalize("NFKC", name).strip().lstrip("@").strip().casefold()


def mask_name(name: str | None) -> str:
    """A private person's name as shown: first and last character, the rest as stars."""
    if not name:
        return ""
    return name[0] + "***" + (name[-1] if len(name) > 2 else "")


def pseudonym(account_id: str) -> str:
    """What stands for an account in files that leave the workbench: the same account, the same word.

    It hides the name, also where the id holds it (`weibo:@name`); whoever knows an id can still find its pseudonym.
    """
    return "a-" + short_hash(account_id, length=12)
