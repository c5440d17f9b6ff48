"""Whether a request comes from whom it should, and is not an old one sent again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_

WINDOW_S = 300.0
"""Seconds that the clocks of sender and receiver may differ; a request outside is an old one sent again."""
SHORTEST_SECRET = 16
"""Characters below which a shared secret can be guessed; Meltwater's hooks ask for as many."""
TIME, SIGNATURE = "x-crisis-timestamp", "x-crisis-signature"
HUB = ("x-hub-signature-256", "x-hub-signature")
"""Signatures of hooks after WebSub's manner, which name no time: Meltwater's streams, GitHub's hooks."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature that a sender puts into `X-Crisis-Signature`.

    Parameters
    ----------
    secret : str
        Shared by sender and receiver.
    timestamp : str
        Seconds since 1970, as in `X-Crisis-Timestamp`.
    body : bytes
        Of the request.

    Notes
    -----
    `sha256=` and the hexadecimal HMAC-SHA256 of timestamp, a full stop, and body.
    """
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def refusal_of(headers: Mapping[str, str], body: bytes, secret: str, now: float, *, hooks: bool) -> str:
    """Why a request is refused; empty where it is well signed and fresh.

    Parameters
    ----------
    headers : Mapping of str to str
        Names in small letters.
    body : bytes
        Of the request.
    secret : str
        The shared one.
    now : float
        Seconds since 1970.
    hooks : bool
        Whether signatures without a time are taken, too.
    """
    if SIGNATURE in headers:
        stamp = headers.get(TIME, "")
        if not stamp.isascii() or not stamp.isdigit() or abs(int(stamp[:12]) - now) > WINDOW_S:
            return f"{TIME} is not within {WINDOW_S:.0f} s of now"
        return "" if _same(headers[SIGNATURE], sign(secret, stamp, body)) else "the signature does not fit"
    for name in HUB if hooks else ():
        if name in headers:
            kind = "sha256" if name.endswith("256") else "sha1"
            expected = f"{kind}=" + hmac.new(secret.encode(), body, kind).hexdigest()
            return "" if _same(headers[name], expected) else "the signature does not fit"
    return f"{SIGNATURE} is missing"


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected.encode())


def checked_secret(secret: str) -> str:
    """A shared secret that is long enough.

    Parameters
    ----------
    secret : str
        From the environment or the keyring.

    Raises
    ------
    InputError
        It is too short.
    """
    if len(secret) < SHORTEST_SECRET:
        raise InputError(
            N_("the shared secret has fewer than {shortest_secret} characters"),
            where="crisis listen",
            do=N_("make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"),
            facts={"shortest_secret": SHORTEST_SECRET},
        )
    return secret
