"""One polite HTTP GET: time and size limits, back-off, redirects that cannot lead inside.

An address that a watch file names is trusted, private or not: whoever writes the file runs the
machine. An address that a public server redirects to is not: a redirect from a public to a private,
loopback or link-local address is refused, so that a feed cannot reach the inner network.
"""

from __future__ import annotations

import ipaddress
import logging
import random
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt

from crisislib.core.errors import SourceError

logger = logging.getLogger(__name__)

AGENT = "CrisisWorkbench/0.1 (feed reader; one request per source and interval)"
BACKOFF_S = (0.5, 2.0)
"""Waits before the second and third try, seconds; a server's Retry-After up to LONGEST_WAIT_S goes before."""
LONGEST_WAIT_S = 10.0
"""A server that asks for more is left until the next round: other sources wait behind this one."""
JITTER = 0.25
"""Sources that failed together are not asked again together; a quarter spreads them and is not felt."""
REDIRECTS = 5
"""More is a circle; browsers stop at 20, a feed needs one or two."""
_AGAIN = (429, 500, 502, 503, 504)
"""Answers that another try may change (RFC 9110, RFC 6585)."""
_MOVED = (301, 302, 303, 307, 308)
"""Answers that name another address (RFC 9110)."""


@dataclass(frozen=True)
class Answer:
    """What a server sent."""

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    timeout_s: float = 20.0,
    max_bytes: int = 10_000_000,
    also: tuple[int, ...] = (304,),
) -> Answer:
    """Fetch one address.

    Parameters
    ----------
    url : str
        http or https.
    headers, params : Mapping[str, str], optional
        Sent along; the parameters with the first request only.
    timeout_s : float
        For each connection and read, and three times that for the whole.
    max_bytes : int
        Of the decompressed body.
    also : tuple of int
        Statuses besides 200 that are answers and no failures.

    Raises
    ------
    SourceError
        No answer, too slow, too large, a refused redirect, or a status that is a failure; statuses
        429 and 5xx only after back-off.
    """
    tries = Retrying(
        retry=retry_if_result(_worth_another_try),
        wait=_wait,
        stop=stop_after_attempt(len(BACKOFF_S) + 1),
        sleep=time.sleep,
        before_sleep=_log_wait,
        retry_error_callback=_last_result,
    )
    answer, (fault, _, _) = tries(_once, url, headers or {}, params or {}, timeout_s, max_bytes, also)
    if answer is None:
        raise fault
    return answer


_Fault = tuple[SourceError, int, float | None]
_Try = tuple[Answer | None, _Fault]


def _worth_another_try(result: _Try) -> bool:
    answer, (_, status, pause) = result
    return answer is None and status in _AGAIN and (pause or 0) <= LONGEST_WAIT_S


def _wait(state: RetryCallState) -> float:
    """What the server asks for; else the next of BACKOFF_S and up to JITTER of it more."""
    _, (_, _, pause) = _last_result(state)
    usual = BACKOFF_S[min(state.attempt_number, len(BACKOFF_S)) - 1]  # asked for after the last try, too
    return pause if pause is not None else usual * random.uniform(1, 1 + JITTER)


def _last_result(state: RetryCallState) -> _Try:
    if state.outcome is None:
        raise SourceError("was not asked")
    result: _Try = state.outcome.result()
    return result


def _log_wait(state: RetryCallState) -> None:
    _, (fault, status, _) = _last_result(state)
    logger.info("%s answered %d; asked again in %.1f s", fault.where, status, state.upcoming_sleep)


def _once(
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, str],
    timeout_s: float,
    max_bytes: int,
    also: tuple[int, ...],
) -> tuple[Answer | None, _Fault]:
    """One try, redirects followed; a status worth trying again comes back as a fault."""
    ends = time.monotonic() + 3 * timeout_s
    asked, query = url, dict(params)
    try:
        with httpx.Client(
            timeout=timeout_s, follow_redirects=False, headers={"User-Agent": AGENT}, verify=_trusted()
        ) as client:
            for _ in range(REDIRECTS + 1):
                if urlsplit(asked).scheme not in ("http", "https"):
                    raise SourceError(
                        f"{asked!r} is no http address", where=url, do="give an http:// or https:// address"
                    )
                with client.stream("GET", asked, headers=dict(headers), params=query or None) as response:
                    if response.status_code in _MOVED and "location" in response.headers:
                        asked, query = _next(asked, response.headers["location"], url), {}
                        continue
                    if response.status_code == 200 or response.status_code in also:
                        body = _body(response, max_bytes, ends, url)
                        return Answer(response.status_code, asked, dict(response.headers), body), _NO_FAULT
                    return None, _refused(response, url)
    except httpx.TimeoutException as fault:
        raise SourceError(
            f"no answer within {timeout_s:g} s", where=url, do="try again later, or raise timeout_s"
        ) from fault
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise SourceError(f"no answer: {fault}", where=url, do="check the address and the network") from fault
    raise SourceError(f"more than {REDIRECTS} redirects", where=url, do="give the address that it ends at")


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust, read once: the list of authorities takes longer to read than a page."""
    return httpx.create_ssl_context()


_NO_FAULT: _Fault = (SourceError("no fault"), 0, None)
"""Stands where no try has failed yet."""


def _body(response: httpx.Response, max_bytes: int, ends: float, url: str) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > max_bytes:
            raise SourceError(f"sent more than {max_bytes:,} bytes", where=url, do="check the address, or raise max_mb")
        if time.monotonic() > ends:
            raise SourceError("sends too slowly", where=url, do="try again later, or raise timeout_s")
        parts.append(part)
    return b"".join(parts)


def _refused(response: httpx.Response, url: str) -> _Fault:
    status = response.status_code
    said = response.headers.get("retry-after", "")
    pause = float(said) if said.isdigit() else None
    remedy = {
        401: "give an access token",
        403: "the server refuses; check the token and the terms",
        404: "check the address",
        410: "the feed is gone; remove the source",
        429: f"the server limits requests{f'; it asks to wait {said} s' if said else ''}; ask less often",
    }.get(status, "try again later")
    return (
        SourceError(f"the server answered {status} {response.reason_phrase}".strip(), where=url, do=remedy),
        status,
        pause,
    )


def _next(asked: str, location: str, url: str) -> str:
    """The address that a redirect names, unless it leads from outside to inside."""
    target = urljoin(asked, location)
    if is_private(target) and not is_private(asked):
        raise SourceError(
            f"a public server redirects to the private address {target}",
            where=url,
            do="name that address in the watch file if it is really meant",
        )
    return target


def is_private(url: str) -> bool:
    """Whether the host of an address is, or resolves to, an address that is not public.

    Parameters
    ----------
    url : str
        Address.
    """
    host = urlsplit(url).hostname or ""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except (socket.gaierror, UnicodeError):
        return False  # what does not resolve cannot be reached either; the request will say so
    return any(not ipaddress.ip_address(str(address).split("%")[0]).is_global for address in found)
