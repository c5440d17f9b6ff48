"""What went wrong with a request, in words that a person can act on, and whether another try may help."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

import httpx
from tenacity import RetryCallState

from crisislib.collect.http_waits import retry_after
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import Phrase
from crisislib.core.sanitize import mask_secrets, one_line

JITTER = 0.25
"""Sources that failed together are not asked again together; a quarter spreads them and is not felt."""
_AGAIN = (429, 500, 502, 503, 504)
"""Answers that another try may change (RFC 9110, RFC 6585)."""


class Refused(Protocol):
    """An answer that is a refusal."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the answer."""


class TryAgain(Exception):
    """An error that another try may change.

    Parameters
    ----------
    error : SourceError
        What is raised when no try helps.
    wait_s : float, optional
        Seconds that the server asks to wait.
    """

    def __init__(self, error: SourceError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.wait_s = error, wait_s


class Unanswered(Exception):
    """The connection gave no whole answer.

    Parameters
    ----------
    why : str
        In words.
    timeout : bool
        Time ran out.
    broken : bool
        A connection that stood was broken off: another try may help.
    """

    def __init__(self, why: str | Phrase = "", *, timeout: bool = False, broken: bool = False) -> None:
        super().__init__(why)
        self.why, self.timeout, self.broken = why, timeout, broken

    @classmethod
    @contextmanager
    def raised(cls) -> Iterator[None]:
        """What httpx raises inside as this."""
        try:
            yield
        except httpx.TimeoutException as fault:
            raise cls(timeout=True) from fault
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as fault:
            raise cls(one_line(str(fault)) or Phrase(N_("the connection broke off")), broken=True) from fault
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as fault:
            raise cls(one_line(str(fault)) or type(fault).__name__) from fault

    def explained(self, where: str, timeout_s: float) -> SourceError | TryAgain:
        """The error to raise.

        Parameters
        ----------
        where : str
            Address, safe to show.
        timeout_s : float
            The limit that was set.
        """
        if self.timeout:
            return SourceError(
                N_("no answer within {timeout_s:g} s"),
                where=where,
                do=N_("try again later, or raise timeout_s"),
                facts={"timeout_s": timeout_s},
            )
        error = SourceError(
            N_("no answer: {why}"), where=where, do=N_("check the address and the network"), facts={"why": self.why}
        )
        return TryAgain(error) if self.broken else error


def shown(url: str) -> str:
    """An address without its secrets, on one line.

    Parameters
    ----------
    url : str
        As the watch file gives it.
    """
    return one_line(mask_secrets(url))


def wait_before(state: RetryCallState, backoff_s: tuple[float, ...]) -> float:
    """Seconds before the next try: what the server asks for, else the next of the usual waits and some of it more.

    Parameters
    ----------
    state : tenacity.RetryCallState
        After a failed try.
    backoff_s : tuple of float
        The usual waits.
    """
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.wait_s if isinstance(fault, TryAgain) else None
    usual = backoff_s[min(state.attempt_number, len(backoff_s)) - 1]  # asked for after the last try, too
    return asked if asked is not None else usual * random.uniform(1, 1 + JITTER)


def refusal(answer: Any, where: str, explain: Any, now: datetime) -> SourceError | TryAgain:
    """The error of an answer that is a refusal.

    Parameters
    ----------
    answer : Answer
        With the first bytes of its body.
    where : str
        Address, safe to show.
    explain : callable or None
        The source's own reading of it.
    now : datetime
        UTC; a date in Retry-After is counted from it.
    """
    wait = retry_after(answer.headers, now)
    own: SourceError | None = explain(answer) if explain else None
    if own is not None:
        own.clean(one_line)  # a server may quote what it was sent
        if isinstance(own, ThrottledError):
            own.wait_s = wait if own.wait_s is None else own.wait_s
            return TryAgain(own, own.wait_s)
        return own
    error = _usual(answer, where, wait)
    return TryAgain(error, wait) if answer.status in _AGAIN else error


def _usual(answer: Refused, where: str, wait: float | None) -> SourceError:
    status = answer.status
    what = N_("the server answered {status}")
    facts = {"status": f"{status} {_phrase(status)}".strip(), "wait": round(wait or 0)}
    later = N_("try again later; it asks to wait {wait} s") if wait else N_("try again later")
    less = N_("the server limits requests; it asks to wait {wait} s; ask less often")
    remedy = {
        401: N_("give an access token; one that was given is wrong or has expired"),
        403: N_("the server refuses; check the token and the terms"),
        404: N_("check the address"),
        410: N_("the feed is gone; remove the source"),
        429: less if wait else N_("the server limits requests; ask less often"),
    }.get(status, later)
    if status == 429 or (status == 503 and wait is not None):
        return ThrottledError(what, where=where, do=remedy, facts=facts, wait_s=wait)
    return SourceError(what, where=where, do=remedy, facts=facts)


def _phrase(status: int) -> str:
    return httpx.codes.get_reason_phrase(status)
