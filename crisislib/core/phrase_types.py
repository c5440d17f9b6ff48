"""Words that are filled now and rendered later, in whichever language the reader has.

Here are the classes, which load nothing heavy, so that errors can hold them; how they are stored is in
:mod:`crisislib.core.phrase`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crisislib.core.i18n import N_, tr

BILLIONS = N_("{value} billion")
MILLIONS = N_("{value} million")
JOIN = N_(", ")
BESIDE = N_("; ")
"""Between sentences, where :data:`JOIN` is between words."""
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
    """Several words, joined as the language joins them.

    Attributes
    ----------
    items : tuple
        Words or plain values.
    joint : str
        What stands between them; a gettext id.
    """

    items: tuple[object, ...]
    joint: str = JOIN

    def render(self, language: str) -> str:
        """The items with the joint of the language between them.

        Parameters
        ----------
        language : str
            `zh` or `en`.

        Returns
        -------
        str
            Empty where there are no items.
        """
        return tr(self.joint, language).join(str(render(one, language)) for one in self.items)


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
