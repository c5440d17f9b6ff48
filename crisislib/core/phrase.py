"""Words that are filled now and rendered later, in whichever language the reader has.

Tables hold keys and facts, never finished sentences. A fact that is itself words (a level, a subject, a
sum of money, a step of a playbook) is one of the classes here; it goes to JSON and back unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from crisislib.core.errors import TableError
from crisislib.core.i18n import N_, tr

BILLIONS = N_("{value} billion")
MILLIONS = N_("{value} million")
JOIN = N_(", ")
_CURRENCY_ZH = {"CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元", "HKD": "港元", "TWD": "新台币"}
"""Currencies that a Chinese text writes out; the others keep their ISO 4217 code."""
_LARGE_ZH = ((1e8, "亿"), (1e4, "万"))
"""The large units that a Chinese reader thinks in."""


@dataclass(frozen=True)
class Phrase:
    """A marked sentence with the facts that fill it.

    Attributes
    ----------
    message : str
        Gettext id with `{named}` places.
    facts : Mapping[str, object]
        What fills them: numbers, strings, or words of this module.
    """

    message: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def render(self, language: str) -> str:
        """The sentence in a language, its facts rendered too.

        Parameters
        ----------
        language : str
            `zh` or `en`.

        Returns
        -------
        str
            The filled sentence.
        """
        return tr(self.message, language, **{k: render(v, language) for k, v in self.facts.items()})


@dataclass(frozen=True)
class Amount:
    """A sum of money, rounded to three digits when it is shown.

    Attributes
    ----------
    value : float
        The sum in units of the currency.
    currency : str
        ISO 4217 code; empty for a bare number.
    """

    value: float
    currency: str = ""

    def render(self, language: str) -> str:
        """The sum in the large units of a language, with its currency.

        Parameters
        ----------
        language : str
            `zh` (万, 亿) or `en` (million, billion).

        Returns
        -------
        str
            For example `1.2 million USD` or `120万美元`.
        """
        unit = _CURRENCY_ZH.get(self.currency, self.currency) if language == "zh" else self.currency
        amount = short_amount(self.value, language)
        return amount.replace(" ", "") + unit if language == "zh" else f"{amount} {unit}".rstrip()


@dataclass(frozen=True)
class Both:
    """Words that somebody wrote in both languages, as a playbook does.

    Attributes
    ----------
    zh, en : str
        The words in Chinese and in English; one may be empty.
    """

    zh: str
    en: str

    def render(self, language: str) -> str:
        """The words of a language, or the others where it has none.

        Parameters
        ----------
        language : str
            `zh` or `en`.

        Returns
        -------
        str
            Empty only where both are.
        """
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True)
class Listing:
    """Several words, joined as the language joins them."""

    items: tuple[object, ...]

    def render(self, language: str) -> str:
        """The items with the comma of the language between them.

        Parameters
        ----------
        language : str
            `zh` or `en`.

        Returns
        -------
        str
            Empty where there are no items.
        """
        return tr(JOIN, language).join(str(render(one, language)) for one in self.items)


_CLASSES = {"phrase": Phrase, "amount": Amount, "both": Both, "listing": Listing}


def render(value: object, language: str) -> object:
    """Words in a language; any other value as it is.

    Parameters
    ----------
    value : object
        A :class:`Phrase`, :class:`Amount`, :class:`Both` or :class:`Listing`, or any other value.
    language : str
        `zh` or `en`.

    Returns
    -------
    object
        A string for the four classes; else `value` itself.
    """
    return value.render(language) if isinstance(value, Phrase | Amount | Both | Listing) else value


def short_amount(amount: float, language: str, *, unit_of: float | None = None) -> str:
    """A number to three digits, in the large units that a reader thinks in.

    Parameters
    ----------
    amount : float
        The number, finite.
    language : str
        `zh` or `en`.
    unit_of : float, optional
        The number whose unit is used, for two ends of an interval; its own when left out.

    Returns
    -------
    str
        Rounded to three significant digits, with thousands separators below the first unit.
    """
    rounded = float(f"{amount:.3g}")
    large = rounded if unit_of is None else unit_of
    if language == "zh":
        for size, unit in _LARGE_ZH:
            if abs(large) >= size:
                return f"{rounded / size:,.10g} {unit}"
    else:
        for size, unit in ((1e9, BILLIONS), (1e6, MILLIONS)):
            if abs(large) >= size:
                return tr(unit, language, value=f"{rounded / size:,.10g}")
    return f"{rounded:,.0f}"


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
    raise TableError(f"a fact of type {type(value).__name__} cannot be stored", do="store numbers, strings or words")


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


def whole_percents(share: float) -> str:
    """A share in whole percents, never rounded to none or all: all but a few is not all.

    Parameters
    ----------
    share : float
        0-1.

    Returns
    -------
    str
        Such as `54%`, `<1%` or `>99%`.
    """
    shown = f"{share:.0%}"
    if shown == "100%" and share < 1:
        return ">99%"
    return "<1%" if shown == "0%" and share > 0 else shown
