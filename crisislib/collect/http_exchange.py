"""What is asked and what is answered: limits, request and answer of the HTTP door."""

from __future__ import annotations

import json as json_codec
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from crisislib.collect.http_faults import shown
from crisislib.collect.http_network import Deadline
from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_

REFUSAL_BYTES = 65_536
"""Of an answer that is a refusal: enough for any error text, and it may hold the reason."""


@dataclass(frozen=True)
class HttpSettings:
    """Limits of one request.

    Attributes
    ----------
    timeout_s : float
        From the connection to the last byte, redirects included; each try has it anew.
    max_bytes : int
        Of the decompressed body.
    proxy : str
        Address of a proxy; what the environment says (`HTTPS_PROXY`, `NO_PROXY`) when empty.
    allow_private : bool
        Whether names may lead to private addresses.
    """

    timeout_s: float = 20.0
    max_bytes: int = 10_000_000
    proxy: str = ""
    allow_private: bool = False


USUAL = HttpSettings()
"""Limits where nobody set others."""


@dataclass(frozen=True)
class Answer:
    """What a server sent."""

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises
        ------
        SourceError
            It is none, or nested too deep.
        """
        try:
            return json_codec.loads(self.content)
        except (ValueError, RecursionError) as fault:
            why = str(fault) if isinstance(fault, ValueError) else "nested too deep"
            raise SourceError(
                N_("the answer is no JSON: {why}"),
                where=shown(self.url),
                do=N_("check the address"),
                facts={"why": why},
            ) from fault


Explain = Callable[[Answer], SourceError | None]
"""What a source makes of a refusal whose meaning its own documentation gives; None for the usual one."""


@dataclass(frozen=True)
class Request:
    """What to ask; see :func:`request`."""

    method: str
    url: str
    headers: Mapping[str, str]
    params: Mapping[str, str]
    json: object | None
    form: Mapping[str, str] | None
    settings: HttpSettings
    also: tuple[int, ...]
    explain: Explain | None


def answer_of(response: httpx.Response, body: bytes) -> Answer:
    """What a response says, with headers as the bytes came (Latin-1 keeps every one).

    Parameters
    ----------
    response : httpx.Response
        Its head has come.
    body : bytes
        What was read of its body.
    """
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers.raw}
    return Answer(response.status_code, str(response.url), headers, body)


def first_bytes(response: httpx.Response, deadline: Deadline) -> bytes:
    """The first bytes of a refusal.

    Parameters
    ----------
    response : httpx.Response
        Not read yet.
    deadline : Deadline
        For all of it.
    """
    found = b""
    for part in response.iter_bytes():
        found += part
        if len(found) > REFUSAL_BYTES or deadline.passed:
            break
    return found[:REFUSAL_BYTES]
