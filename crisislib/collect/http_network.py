"""Connections to addresses that were checked: one deadline for all steps, private networks only where allowed.

A name is resolved once, its addresses are checked, and one of these very addresses is connected to: a name that
resolves to a public address for the check and to a private one for the connection (DNS rebinding) gains nothing.
Every step of a connection (name, connection, TLS, each piece sent or received) gets what is left of one deadline, so
that a server which sends a byte now and then cannot hold a source.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
import time

from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of this prefix lead to the IPv4 address in their last four bytes (RFC 6052)."""
LOCAL_NAMES = ("localhost",)
"""Names that mean this machine wherever they are used (RFC 6761)."""


class Deadline:
    """A moment after which nothing is waited for.

    Parameters
    ----------
    seconds : float
        From now on.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return time.monotonic() >= self._ends

    def renew(self, seconds: float) -> None:
        """Begin anew, for a stream whose head has come.

        Parameters
        ----------
        seconds : float
            From now on.
        """
        self._ends = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Seconds left, at most `most`, at least a millisecond, since zero means no limit to a socket.

        Parameters
        ----------
        most : float, optional
            A limit of the step's own.
        """
        left = self._ends - time.monotonic()
        return max(0.001, left if most is None else min(left, most))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, the addresses inside of mapped ones included.

    Parameters
    ----------
    address : str
        IPv4 or IPv6, a zone after `%` allowed.
    """
    found = ipaddress.ip_address(address.split("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None and not is_public(str(inner)):
            return False
    return found.is_global and not found.is_multicast


def names_private(host: str) -> bool:
    """Whether a host is private by the way it is written: whoever writes it into a watch file means it.

    Parameters
    ----------
    host : str
        A private IP address, `localhost`, or a name without a dot such as that of a container.
    """
    name = host.strip("[]").rstrip(".").lower()
    try:
        return not is_public(name)
    except ValueError:
        return "." not in name or name in LOCAL_NAMES or name.endswith(tuple(f".{n}" for n in LOCAL_NAMES))


def resolve(host: str, port: int, deadline: Deadline) -> list[str]:
    """The IP addresses of a name, in the order of the resolver.

    Parameters
    ----------
    host : str
        Name or address.
    port : int
        Of the service.
    deadline : Deadline
        The resolver knows none of its own, so it is asked in a thread that is left behind when time is up.

    Raises
    ------
    SourceError
        There is no such name, or no name server answered in time.
    """
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(info[4][0]) for info in found)))
        except (OSError, UnicodeError) as fault:
            answers.put(fault)

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise SourceError(
            N_("the name {host!r} was not resolved in time"), do=N_("check the network"), facts={"host": host}
        ) from None
    if isinstance(answer, Exception):
        raise SourceError(
            N_("no answer: the name {host!r} is unknown"),
            do=N_("check the address and the network"),
            facts={"host": host},
        )
    return answer


def checked_addresses(host: str, port: int, deadline: Deadline, *, private: bool) -> list[str]:
    """Addresses that may be connected to.

    Parameters
    ----------
    host : str
        Name or address.
    port : int
        Of the service.
    deadline : Deadline
        For the resolver.
    private : bool
        Whether private, loopback and link-local addresses may be among them.

    Raises
    ------
    SourceError
        Nothing was found, or one of the addresses is private though it may not be.
    """
    found = resolve(host, port, deadline)
    inner = [address for address in found if not is_public(address)]
    if inner and not private:
        raise SourceError(
            N_("{host} leads to the private address {inner}"),
            do=N_("write that address into the watch file, or set allow_private: true, if it is really meant"),
            facts={"host": host, "inner": inner[0]},
        )
    return found


def open_socket(host: str, port: int, *, seconds: float, private: bool = False) -> socket.socket:
    """A TCP connection to a checked address, for clients that are no HTTP clients, such as WebSockets.

    Parameters
    ----------
    host : str
        Name or address.
    port : int
        Of the service.
    seconds : float
        For the name and the connection.
    private : bool, default False
        Whether the address may be private.

    Raises
    ------
    SourceError
        No connection, or a private address that is not allowed.
    """
    deadline = Deadline(seconds)
    fault: OSError | None = None
    for address in checked_addresses(host, port, deadline, private=private):
        try:
            return socket.create_connection((address, port), timeout=deadline.left())
        except OSError as error:
            fault = error
    raise SourceError(
        N_("no answer: {fault}"), where=host, do=N_("check the address and the network"), facts={"fault": fault}
    )
