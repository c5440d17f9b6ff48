"""From an address to the answer at the end of its redirects, over checked connections and proxies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.request import getproxies, proxy_bypass

import httpx

from crisislib.collect.checked_transport import CheckedBackend, CheckedTransport
from crisislib.collect.http_exchange import HttpSettings, Request
from crisislib.collect.http_faults import Unanswered, shown
from crisislib.collect.http_network import Deadline, checked_addresses, names_private
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_

AGENT = "CrisisWorkbench/0.1 (feed reader; one request per source and interval)"
REDIRECTS = 5
"""More is a circle; browsers stop at 20, a feed needs one or two."""
_MOVED = (301, 302, 303, 307, 308)
"""Answers that name another address (RFC 9110)."""
FOR_ANYBODY = ("accept", "accept-language", "if-none-match", "if-modified-since")
"""Request headers that may follow a redirect to another host; whatever else there is may be a secret."""


@contextmanager
def opened(asked: Request, deadline: Deadline, *, read_s: float | None = None) -> Iterator[httpx.Response]:
    """The answer at the end of all redirects, its body not read yet.

    Parameters
    ----------
    asked : Request
        What to ask.
    deadline : Deadline
        For all steps.
    read_s : float, optional
        Longest wait for one piece; what is left of the deadline when left out.

    Raises
    ------
    SourceError
        A refused redirect or private address.
    Unanswered
        No answer.
    """
    url, headers, private = asked.url, dict(asked.headers), _meant(asked)
    params: Mapping[str, str] = asked.params
    for _ in range(REDIRECTS + 1):
        backend = CheckedBackend(deadline, private=private)
        with (
            Unanswered.raised(),
            _client(url, asked.settings, backend, read_s) as client,
            client.stream(
                asked.method, _url(url, params), headers=_sent(headers), json=asked.json, data=asked.form
            ) as response,
        ):
            if response.status_code not in _MOVED or "location" not in response.headers:
                yield response
                return
            target = _next(response, asked)
        if _origin(target) != _origin(url):
            headers = {name: value for name, value in headers.items() if name.lower() in FOR_ANYBODY}
        # A private server may lead on to another one; a public server, or one behind a proxy, may not.
        private = asked.settings.allow_private or (private and names_private(httpx.URL(url).host))
        url, params = target, {}
    raise SourceError(
        N_("more than {redirects} redirects"),
        where=shown(asked.url),
        do=N_("give the address it ends at"),
        facts={"redirects": REDIRECTS},
    )


def _meant(asked: Request) -> bool:
    """Whether the address that is asked may be private."""
    try:
        url = httpx.URL(asked.url)
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise SourceError(
            N_("{url!r} is no http address"),
            where=shown(asked.url),
            do=N_("give an http:// or https:// address"),
            facts={"url": shown(asked.url)},
        )
    return asked.settings.allow_private or names_private(url.host)


def _client(url: str, settings: HttpSettings, backend: CheckedBackend, read_s: float | None) -> httpx.Client:
    proxy = settings.proxy or proxy_of(url)
    if proxy:
        # The proxy resolves the name, so that only what this machine's resolver says can be checked.
        host, port = httpx.URL(url).host, httpx.URL(url).port or 443
        if not backend.private:
            _check_for_proxy(host, port, backend)
        backend.private = True  # the proxy itself may be inside
    try:
        transport = CheckedTransport(backend, proxy)
    except (ImportError, ValueError) as fault:
        raise SourceError(
            N_("this proxy cannot be used: {fault}"),
            where=shown(proxy),
            do=N_("give an http proxy"),
            facts={"fault": fault},
        ) from fault
    return httpx.Client(
        transport=transport,
        timeout=httpx.Timeout(settings.timeout_s, read=read_s or settings.timeout_s),
        follow_redirects=False,
        headers={"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate"},
        trust_env=False,
    )


def _check_for_proxy(host: str, port: int, backend: CheckedBackend) -> None:
    """Refuse a private address that this machine can see; a name that only the proxy knows is the proxy's business."""
    try:
        checked_addresses(host, port, backend.deadline, private=False)
    except SourceError as fault:
        if "private" in fault.what:
            raise


def proxy_of(url: str) -> str:
    """The proxy that the environment names for an address; empty where there is none.

    Parameters
    ----------
    url : str
        To be asked.
    """
    found = httpx.URL(url)
    named = getproxies()
    if names_private(found.host) or proxy_bypass(found.host):
        return ""
    return named.get(found.scheme) or named.get("all") or ""


def _url(url: str, params: Mapping[str, str]) -> httpx.URL:
    return httpx.URL(url).copy_merge_params(dict(params)) if params else httpx.URL(url)


def _sent(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as bytes: as they came where a server's own value goes back to it, else UTF-8; none that breaks lines."""
    return [(name.encode(), _bytes(value)) for name, value in headers.items() if value.isprintable()]


def _bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def _origin(url: str) -> tuple[str, str, int | None]:
    found = httpx.URL(url)
    return found.scheme, found.host, found.port


def _next(response: httpx.Response, asked: Request) -> str:
    """The address that a redirect names."""
    try:
        target = response.url.join(response.headers["location"])
    except (httpx.InvalidURL, UnicodeError, ValueError):
        target = httpx.URL()
    if target.scheme not in ("http", "https") or not target.host:
        raise SourceError(
            N_("redirects to what is no http address"), where=shown(asked.url), do=N_("check the address")
        )
    if asked.method != "GET" and _origin(str(target)) != _origin(str(response.url)):
        raise SourceError(
            N_("redirects a {method} to another host, {host}"),
            where=shown(asked.url),
            do=N_("name that host"),
            facts={"method": asked.method, "host": target.host},
        )
    return str(target)
