"""Words that are filled now and rendered later: how they go to JSON and come back.

Tables hold keys and facts, never finished sentences. A fact that is itself words (a level, a subject, a
sum of money, a step of a playbook) is one of the classes here; it goes to JSON and back unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from crisislib.core.errors import TableError
from crisislib.core.i18n import N_
from crisislib.core.phrase_types import (
    Amount,
    Both,
    Listing,
    Phrase,
    render,
    short_amount,
    whole_percents,
)

__all__ = ["Amount", "Both", "Listing", "Phrase", "pack", "render", "short_amount", "unpack", "whole_percents"]

_CLASSES = {"phrase": Phrase, "amount": Amount, "both": Both, "listing": Listing}


def pack(value: object) -> str:
    """Facts, limits or a small table as JSON; keys in order, so that equal values give equal strings.

    Parameters
    ----------
    value : object
        JSON values, numpy and pandas scalars, times, and the four classes of words of this module.

    Returns
    -------
    str
        JSON without NaN, not escaped to ASCII.

    Raises
    ------
    ValueError
        A number is infinite.
    TypeError
        A value has no JSON form.
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, allow_nan=False)


def unpack(text: str | None) -> Any:
    """What :func:`pack` was given, words included; None for nothing.

    Parameters
    ----------
    text : str or None
        What :func:`pack` returned; None, NaN or an empty string means nothing.

    Returns
    -------
    Any
        The value, None for nothing.

    Raises
    ------
    json.JSONDecodeError
        It is not JSON.
    """
    return None if not isinstance(text, str) or not text else _revived(json.loads(text))


def _plain(value: object) -> object:
    """A value in the terms of JSON; words as an object with their class."""
    for name, kind in _CLASSES.items():
        if isinstance(value, kind):
            return {"is": name, **{k: _plain(v) for k, v in vars(value).items()}}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str | int | float | bool):
        return value
    raise TableError(
        N_("a fact of type {kind} cannot be stored"),
        do=N_("store numbers, strings or words"),
        facts={"kind": type(value).__name__},
    )


def _revived(value: Any) -> Any:
    if isinstance(value, list):
        return [_revived(v) for v in value]
    if not isinstance(value, dict):
        return value
    inner = {k: _revived(v) for k, v in value.items() if k != "is"}
    kind = _CLASSES.get(str(value.get("is")))
    if kind is None:
        return {k: _revived(v) for k, v in value.items()}
    if kind is Listing:
        inner["items"] = tuple(inner["items"])
    return kind(**inner)
