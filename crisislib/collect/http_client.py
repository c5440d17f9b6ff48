"""The one HTTP door of all sources: deadlines, size limits, back-off, redirects, checked addresses.

An address that a watch file names is trusted where it is private by its very form (an IP address, `localhost`, a name
without a dot): whoever writes the file runs the machine. Any other name that leads to a private, loopback or
link-local address is refused unless `allow_private` is set, and so is a redirect from a public server to one, so that
a feed cannot reach the inner network. Tokens and keys go to the host that the watch file names, and to no other that
it redirects to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from crisislib.collect.http_exchange import USUAL, Answer, Explain, HttpSettings, Request, answer_of, first_bytes
from crisislib.collect.http_faults import TryAgain, Unanswered, refusal, shown, wait_before
from crisislib.collect.http_network import Deadline
from crisislib.collect.http_redirects import opened, proxy_of
from crisislib.collect.http_waits import header
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_

logger = logging.getLogger(__name__)

BACKOFF_S = (0.5, 2.0)
"""Waits before the second and third try, seconds; a server's Retry-After up to LONGEST_WAIT_S goes before."""
LONGEST_WAIT_S = 10.0
"""A server that asks for more is left until the next round: other sources wait behind this one."""


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    settings: HttpSettings = USUAL,
    also: tuple[int, ...] = (304,),
    explain: Explain | None = None,
) -> Answer:
    """Fetch one address; see :func:`request`.

    Parameters
    ----------
    url, headers, params, settings, also, explain
        As of :func:`request`; 304 is an answer.
    """
    return request("GET", url, headers=headers, params=params, settings=settings, also=also, explain=explain)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    json: object | None = None,
    form: Mapping[str, str] | None = None,
    settings: HttpSettings = USUAL,
    also: tuple[int, ...] = (),
    explain: Explain | None = None,
) -> Answer:
    """Ask one address, again after a pause where that may help.

    Parameters
    ----------
    method : str
        GET, POST, PUT …
    url : str
        http or https.
    headers : Mapping of str to str, optional
        Sent along; those that may hold a secret to the same host only.
    params : Mapping of str to str, optional
        Added to the query of the address.
    json, form : optional
        Body, as JSON or as a form; a request with one is not redirected to another host.
    settings : HttpSettings
        Limits.
    also : tuple of int
        Statuses besides 200 that are answers and no failures.
    explain : callable, optional
        What the source makes of a refusal.

    Returns
    -------
    Answer

    Raises
    ------
    ThrottledError
        The server asks to wait longer than LONGEST_WAIT_S, or still refuses after back-off.
    SourceError
        No answer, too slow, too large, a refused redirect or private address, or a status that is a failure; 5xx and
        broken connections only after back-off.
    """
    asked = Request(method, url, headers or {}, params or {}, json, form, settings, also, explain)
    tries = Retrying(
        retry=retry_if_exception(_worth_another_try),
        wait=lambda state: wait_before(state, BACKOFF_S),
        stop=stop_after_attempt(len(BACKOFF_S) + 1),
        sleep=time.sleep,
        before_sleep=_log_wait,
        reraise=True,
    )
    try:
        return tries(_once, asked)
    except TryAgain as last:
        raise last.error from last.__cause__


def _worth_another_try(fault: BaseException) -> bool:
    return isinstance(fault, TryAgain) and (fault.wait_s or 0) <= LONGEST_WAIT_S


def _log_wait(state: RetryCallState) -> None:
    fault = state.outcome.exception() if state.outcome else None
    if isinstance(fault, TryAgain):
        logger.info("%s: %s; asked again in %.1f s", fault.error.where, fault.error.what, state.upcoming_sleep)


def _once(asked: Request) -> Answer:
    """One try, redirects followed."""
    deadline, settings = Deadline(asked.settings.timeout_s), asked.settings
    try:
        with opened(asked, deadline) as response:
            if response.status_code == 200 or response.status_code in asked.also:
                body = _body(response, settings.max_bytes, deadline, asked)
                return answer_of(response, body)
            part = answer_of(response, first_bytes(response, deadline))
            raise refusal(part, shown(asked.url), asked.explain, datetime.now(UTC))
    except Unanswered as fault:
        raise fault.explained(shown(asked.url), settings.timeout_s) from fault.__cause__


def _body(response: httpx.Response, max_bytes: int, deadline: Deadline, asked: Request) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > max_bytes:
            raise SourceError(
                N_("sent more than {max_bytes:,} bytes"),
                where=shown(asked.url),
                do=N_("check the address, or raise max_mb"),
                facts={"max_bytes": max_bytes},
            )
        if deadline.passed:
            raise Unanswered(timeout=True)
        parts.append(part)
    return b"".join(parts)


__all__ = ["USUAL", "Answer", "Explain", "HttpSettings", "get", "header", "proxy_of", "request"]
