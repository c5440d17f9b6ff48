"""Answers without an end, read for a while: long-lived HTTP connections that send posts as they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from crisislib.collect.http_exchange import USUAL, Explain, HttpSettings, Request, answer_of, first_bytes
from crisislib.collect.http_faults import TryAgain, Unanswered, refusal, shown
from crisislib.collect.http_network import Deadline
from crisislib.collect.http_redirects import opened
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_


@dataclass
class HttpStream:
    """An answer that goes on.

    Attributes
    ----------
    headers : Mapping of str to str
        Of the answer.
    ended : str
        Why reading ended: `time` where its time was over, `server` where the server closed; empty before.
    """

    headers: Mapping[str, str]
    ended: str = ""
    _response: httpx.Response | None = field(default=None, repr=False)
    _deadline: Deadline = field(default_factory=lambda: Deadline(0), repr=False)
    _where: str = ""
    _most: int = 0

    def chunks(self) -> Iterator[bytes]:
        """Pieces of the body as they come, until time is up or the server closes.

        Raises
        ------
        SourceError
            Nothing came for longer than `idle_s`, or the connection broke.
        """
        assert self._response is not None
        try:
            with Unanswered.raised():
                for part in self._response.iter_bytes():
                    yield part
                    if self._deadline.passed:
                        self.ended = "time"
                        return
        except Unanswered as fault:
            if not self._deadline.passed:
                raise SourceError(
                    N_("sent nothing for too long") if fault.timeout else N_("the stream broke off: {why}"),
                    where=self._where,
                    do=N_("it is connected to again next time"),
                    facts={"why": fault.why},
                ) from fault
            self.ended = "time"
            return
        self.ended = "server"

    def lines(self) -> Iterator[bytes]:
        """Whole lines without their ends; a line that grows beyond the size limit is an error.

        Raises
        ------
        SourceError
            As of :meth:`chunks`, or a line is too long.
        """
        rest = b""
        for part in self.chunks():
            *whole, rest = (rest + part).split(b"\n")
            yield from (line.rstrip(b"\r") for line in whole)
            if len(rest) > self._most:
                raise SourceError(
                    N_("a line of more than {most:,} bytes"),
                    where=self._where,
                    do=N_("raise max_mb"),
                    facts={"most": self._most},
                )
        if rest and self.ended == "server":
            yield rest


@contextmanager
def stream(
    url: str,
    *,
    for_s: float,
    idle_s: float = 60.0,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    settings: HttpSettings = USUAL,
    explain: Explain | None = None,
) -> Iterator[HttpStream]:
    """Open an answer without an end; there is no second try, for the caller has a cursor and comes again.

    Parameters
    ----------
    url, headers, params, settings, explain
        As of :func:`crisislib.collect.http_client.request`; the time limit is for the head of the answer.
    for_s : float
        Seconds to read at most, from the head on.
    idle_s : float, default 60.0
        Seconds without a byte after which the connection counts as dead; more than the server's keep-alive.

    Returns
    -------
    Iterator of HttpStream

    Raises
    ------
    ThrottledError, SourceError
        No stream was opened.
    """
    asked = Request("GET", url, headers or {}, params or {}, None, None, settings, (), explain)
    deadline = Deadline(settings.timeout_s)
    try:
        with opened(asked, deadline, read_s=idle_s) as response:
            if response.status_code != 200:
                part = answer_of(response, first_bytes(response, deadline))
                raise refusal(part, shown(url), explain, datetime.now(UTC))
            deadline.renew(for_s)
            head = answer_of(response, b"").headers
            yield HttpStream(head, _response=response, _deadline=deadline, _where=shown(url), _most=settings.max_bytes)
    except TryAgain as fault:
        raise fault.error from fault
    except Unanswered as fault:
        found = fault.explained(shown(url), settings.timeout_s)
        raise (found.error if isinstance(found, TryAgain) else found) from fault
