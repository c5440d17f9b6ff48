"""HTTP over addresses that were checked: what httpx connects with."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

from crisislib.collect.http_network import Deadline, checked_addresses


class CheckedBackend(httpcore.NetworkBackend):
    """How httpx connects: checked addresses only, every step within one deadline.

    Parameters
    ----------
    deadline : Deadline
        For everything that is done over it.
    private : bool
        Whether private addresses may be connected to.
    """

    def __init__(self, deadline: Deadline, *, private: bool) -> None:
        self.deadline, self.private = deadline, private
        self.peer = ""
        """The address that was connected to last."""
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, and connect to the first address that takes the connection.

        Parameters
        ----------
        host, port, timeout, local_address, socket_options
            As httpcore gives them; the timeout counts as far as the deadline allows.

        Raises
        ------
        SourceError
            The name leads to a private address that is not allowed.
        httpcore.ConnectError, httpcore.ConnectTimeout
            No address took the connection.
        """
        fault: Exception | None = None
        for address in checked_addresses(host, port, self.deadline, private=self.private):
            try:
                stream = self._plain.connect_tcp(
                    address, port, self.deadline.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
                continue
            self.peer = address
            return _DeadlineStream(stream, self.deadline)
        raise fault or httpcore.ConnectError("no address")

    def sleep(self, seconds: float) -> None:
        """Wait, as long as time is left.

        Parameters
        ----------
        seconds : float
            As httpcore wishes.
        """
        time.sleep(self.deadline.left(seconds))


class _DeadlineStream(httpcore.NetworkStream):
    """A connection each of whose steps gets what is left of a deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def _left(self, timeout: float | None, kind: type[Exception]) -> float:
        if self._deadline.passed:
            raise kind("the time is up")
        return self._deadline.left(timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._left(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class CheckedTransport(httpx.HTTPTransport):
    """httpx's transport over a :class:`CheckedBackend`.

    Parameters
    ----------
    backend : CheckedBackend
        What connects.
    proxy : str
        Address of a proxy; none when empty.
    """

    def __init__(self, backend: CheckedBackend, proxy: str = "") -> None:
        super().__init__(verify=trusted_authorities(), proxy=proxy or None)
        # httpx has no argument for it; httpcore's pools take one, and tests/collect/test_http.py holds that it counts.
        self._pool._network_backend = backend


@cache
def trusted_authorities() -> ssl.SSLContext:
    """Whom to trust, read once: the list of authorities takes longer to read than a page."""
    return httpx.create_ssl_context()
