"""Words for the keys that tables hold: one door to the stages' own words, for whoever renders them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crisislib.core.i18n import N_, tr
from crisislib.warn import KINDS, incident_title, kind_words

__all__ = [
    "KINDS",
    "PARTS",
    "STATUS",
    "dimension_word",
    "form_word",
    "incident_title",
    "kind_words",
    "own_indicators",
    "part_word",
    "response_kinds",
    "response_word",
    "signal_words",
    "strategy_words",
]  # fmt: skip

STATUS: dict[str, str] = {
    "open": N_("ongoing"),
    "acknowledged": N_("acknowledged"),
    "closed": N_("closed"),
}
"""States of an incident."""

PARTS: dict[str, str] = {
    "service_attitude": N_("service and attitude"),
    "quality": N_("product quality"),
    "price": N_("price"),
    "delivery_and_delay": N_("delivery and delay"),
    "refund_and_after_sale": N_("refund and after-sale"),
    "false_advertising": N_("false advertising"),
    "privacy": N_("privacy"),
    "safety": N_("safety"),
    "booking_and_system": N_("booking and systems"),
    "travel_safety": N_("travel safety"),
    "vehicle_safety": N_("vehicle safety"),
    "campus_safety": N_("campus safety"),
    "conduct": N_("conduct of public figures"),
    "funds_safety": N_("safety of money"),
    "food_safety": N_("food safety"),
    "casualties": N_("deaths and injuries"),
    "minors": N_("children and minors"),
    "personal_data_leak": N_("personal data"),
    "regulator": N_("regulators"),
    "lawsuit": N_("lawsuits"),
    "sexual_misconduct": N_("sexual misconduct"),
    "state_and_history": N_("national dignity and history"),
    "religion_and_custom": N_("religion and custom"),
    "environment": N_("environment"),
    "labour_rights": N_("workers' rights"),
    "fraud": N_("fraud and fakes"),
    "official_response": N_("botched responses"),
    "patient_safety": N_("patient safety"),
    "public_trust": N_("public trust"),
    "product_quality": N_("product quality and safety"),
    "marketing": N_("marketing controversies"),
    "service_and_device": N_("outages and device faults"),
    "ai_and_content": N_("AI and content safety"),
    "rumour": N_("rumours"),
    "original": N_("originals"),
    "copy": N_("copies of others' words"),
    "repost": N_("reposts"),
    "own": N_("the brand's own posts"),
    "press": N_("stories of the press"),
    "outlet": N_("items of the press"),
    "negative": N_("negative posts"),
    "positive": N_("positive posts"),
    "support": N_("posts that support it"),
    "deny": N_("denials"),
    "query": N_("questions"),
    "admit": N_("admissions"),
    "lo": N_("lower bound"),
    "hi": N_("upper bound"),
}
"""Parts of a signal: kinds of complaint, subjects that raise the stakes, who speaks, where they stand, bounds."""


def part_word(part: str, language: str) -> str:
    """The name of a part of a signal; an unknown part as it is.

    Parameters
    ----------
    part : str
        Value of the column `part`.
    language : str
        `zh` or `en`.

    Returns
    -------
    str
        The name, with the grade where the part ends in one (`food_safety.4`).
    """
    stem, _, grade = part.partition(".")
    known = PARTS.get(stem) or KINDS.get(stem)
    if known is None:
        return tr(part, language)
    return f"{tr(known, language)} ({grade})" if grade else tr(known, language)


NAMED_TRIGGER = N_("Trigger · {subject}")


def signal_words(names: Sequence[str], language: str) -> tuple[dict[str, str], dict[str, str]]:
    """Title and unit of each signal.

    Parameters
    ----------
    names : sequence of str
        As in SIGNALS: `volume`, with a part (`complaint.quality`), or `trigger.<name>`.
    language : str
        `zh` or `en`.

    Returns
    -------
    titles, units : dict of str to str
        By the name given; what is not known stands as it is.
    """
    from crisislib.signals import INDICATORS
    from crisislib.warn import TRIGGERS

    titles, units = {}, {}
    for name in names:
        stem, _, part = name.partition(".")
        if stem == "trigger":  # not a series: posts on a subject that calls for a person at once
            known = TRIGGERS.get(part)
            titles[name] = tr(NAMED_TRIGGER, language, subject=tr(known.title, language) if known else part)
            units[name] = ""
            continue
        indicator = INDICATORS.get(stem)
        title = tr(indicator.title, language) if indicator else stem
        titles[name] = f"{title} · {part_word(part, language).replace('_', ' ')}" if part else title
        units[name] = tr(indicator.unit, language) if indicator else ""
    return titles, units


def own_indicators() -> list[str]:
    """Names of the indicators that the user added; shipped ones take their Chinese title from the catalogue."""
    from crisislib.signals import INDICATORS

    return [name for name, one in INDICATORS.items() if one.title_zh]


def dimension_word(dimension: str, language: str) -> str:
    """The name of a dimension of the crisis index; an unknown one as it is.

    Parameters
    ----------
    dimension : str
        Its key.
    language : str
        `zh` or `en`.

    Returns
    -------
    str
        The name.
    """
    from crisislib.warn import TITLES

    return tr(TITLES.get(dimension, dimension), language)


def form_word(form: str, language: str) -> str:
    """The name of a form of loss; an unknown one as it is.

    Parameters and result as for :func:`dimension_word`.
    """
    from crisislib.risk.loss_forms import FORM_WORDS

    return tr(FORM_WORDS.get(form, form), language)


def response_word(kind: object, language: str) -> str:
    """The name of a kind of response; an unknown one as it is.

    Parameters
    ----------
    kind : object
        Value of the column `kind`.
    language : str
        `zh` or `en`.

    Returns
    -------
    str
        The name.
    """
    from crisislib.respond import RESPONSE_KINDS

    return tr(RESPONSE_KINDS.get(str(kind), str(kind)), language)


def response_kinds(language: str) -> list[tuple[str, str]]:
    """The kinds of response that can be logged, as a form offers them.

    Parameters
    ----------
    language : str
        `zh` or `en`.

    Returns
    -------
    list of (str, str)
        Key and name.
    """
    from crisislib.respond import RESPONSE_KINDS

    return [(key, response_word(key, language)) for key in RESPONSE_KINDS]


def strategy_words(tags: object, language: str) -> str:
    """The names of the strategies of a response.

    Parameters
    ----------
    tags : object
        `a, b`, `a;b` or a JSON list; anything but text means none.
    language : str
        `zh` or `en`.

    Returns
    -------
    str
        Joined with the semicolon of the language.
    """
    from crisislib.respond import STRATEGIES

    names = re.findall(r"[\w.]+", tags if isinstance(tags, str) else "")
    return tr("; ", language).join(tr(STRATEGIES.get(tag, tag), language) for tag in names)
