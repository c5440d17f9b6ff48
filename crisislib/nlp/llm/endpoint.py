"""The door to a language model: an OpenAI-compatible address that the user has set; off otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

from crisislib.core.errors import ModelError, SourceError
from crisislib.core.i18n import N_

URL, MODEL, KEY = "CRISIS_LLM_URL", "CRISIS_LLM_MODEL", "CRISIS_LLM_KEY"
_LARGEST = 1_000_000
"""Bytes of an answer that are accepted: a thousand times what is asked for, and no burden on memory."""


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Answer(BaseModel):
    """What of an answer of `/chat/completions` is read."""

    choices: list[_Choice] = Field(min_length=1)


@dataclass(frozen=True)
class Endpoint:
    """Where a model is and how long it may take.

    Attributes
    ----------
    url : str
        Address that ends before `/chat/completions`, such as `http://127.0.0.1:11434/v1`.
    model : str
    key : str
        Bearer token; empty where none is needed. Never shown.
    timeout_s : float
        Seconds for the whole answer, per attempt at a step (connect, read).
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout_s: float = 60.0


def endpoint_from(environment: Mapping[str, str]) -> Endpoint:
    """The endpoint that the environment names.

    Parameters
    ----------
    environment : Mapping of str to str
        Environment variables.

    Returns
    -------
    Endpoint

    Raises
    ------
    ModelError
        None is named: language models are off unless the user turns them on.
    """
    missing = [name for name in (URL, MODEL) if not environment.get(name)]
    if missing:
        raise ModelError(
            N_("no language model is set ({missing} missing); it is off by default"),
            do=N_("set {url} to an OpenAI-compatible address, {model} to a model, and {key} where it needs one"),
            facts={"missing": " and ".join(missing), "url": URL, "model": MODEL, "key": KEY},
        )
    return Endpoint(environment[URL], environment[MODEL], environment.get(KEY, ""))


def ask(endpoint: Endpoint, system: str, user: str) -> dict[str, Any]:
    """One question, one JSON object.

    Parameters
    ----------
    endpoint : Endpoint
    system : str
        The rules; never holds a word from a post.
    user : str
        The data, as JSON.

    Returns
    -------
    dict
        What the model answered. Tools are not offered, and what else the answer holds is not looked at.

    Raises
    ------
    SourceError
        No answer in time, an error status, or an answer that is not a JSON object.
    """
    body = {
        "model": endpoint.model,
        "temperature": 0,
        "seed": 0,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
    }
    address = f"{endpoint.url.rstrip('/')}/chat/completions"
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    try:
        answer = httpx.post(address, json=body, headers=headers, timeout=endpoint.timeout_s, follow_redirects=False)
        answer.raise_for_status()
    except httpx.HTTPError as fault:
        raise SourceError(
            N_("the language model did not answer: {kind} {fault}"),
            where=address,
            do=N_("check the address, the model and the key, or go on without a language model"),
            facts={"kind": type(fault).__name__, "fault": fault},
        ) from fault
    if len(answer.content) > _LARGEST:
        raise SourceError(
            N_("an answer of {n} bytes"), where=address, do=N_("check the model"), facts={"n": len(answer.content)}
        )
    return _object(answer, address)


def _object(answer: httpx.Response, address: str) -> dict[str, Any]:
    unusable = SourceError(N_("the answer is not what was asked for"), where=address, do=N_("try another model"))
    try:
        content = _Answer.model_validate_json(answer.content).choices[0].message.content
    except ValidationError as fault:
        raise unusable from fault
    try:
        content_json = json.loads(_unfenced(content))
    except json.JSONDecodeError as fault:
        raise unusable from fault
    if not isinstance(content_json, dict):
        raise SourceError(N_("the answer is no JSON object"), where=address, do=N_("try another model"))
    return content_json


def _unfenced(content: str) -> str:
    """Small models wrap JSON in a Markdown fence although they are asked not to."""
    return content.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
