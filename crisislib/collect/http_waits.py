"""How long a server asks to be left alone: `Retry-After` in seconds or as a date, and limits that reset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 86_400.0 * 31
"""A month: the longest pause that an API's quota gives; anything longer is a mistake or a trick."""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for.

    Parameters
    ----------
    headers : Mapping of str to str
        Of the answer; the case of names does not count.
    now : datetime
        UTC; a date is counted from it.

    Returns
    -------
    float or None
        0 or more, a month at most; None where there is no such header or it cannot be read.

    Notes
    -----
    RFC 9110, section 10.2.3: delay-seconds or HTTP-date.
    """
    return _seconds(header(headers, "retry-after"), now)


def header(headers: Mapping[str, str], name: str) -> str:
    """A header by its name in any case; empty where there is none.

    Parameters
    ----------
    headers : Mapping of str to str
        Of an answer.
    name : str
        In small letters.
    """
    return next((value.strip() for key, value in headers.items() if key.lower() == name), "")


def resets_in(headers: Mapping[str, str], name: str, now: datetime) -> float | None:
    """Seconds until a limit resets whose header names an instant (epoch seconds or ISO), such as `x-rate-limit-reset`.

    Parameters
    ----------
    headers : Mapping of str to str
        Of the answer.
    name : str
        Of the header, in small letters.
    now : datetime
        UTC.
    """
    text = header(headers, name)
    at = float(text) if _is_number(text) else _iso(text)
    return None if at is None else _clipped(at - now.timestamp())


def _iso(text: str) -> float | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _timestamp(at)


def _seconds(text: str, now: datetime) -> float | None:
    if _is_number(text):
        return _clipped(float(text))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:  # TypeError of older Pythons is a ValueError now
        return None
    return _clipped(_timestamp(at) - now.timestamp())


def _timestamp(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _is_number(value: str) -> bool:
    return value.isascii() and value.replace(".", "", 1).isdigit()


def _clipped(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST_S)
