"""What an incident is called: its kind and subject in words, and its title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.core.watch import DRILL, Watch

KINDS: dict[str, str] = {
    "rumour": N_("rumour"),
    "data_breach": N_("data breach"),
    "malicious_attack": N_("malicious attack"),
    "product_harm": N_("product harm"),
    "service_outage": N_("service outage"),
    "executive_misconduct": N_("executive misconduct"),
    "labour": N_("labour dispute"),
    "discrimination": N_("discrimination"),
    "customer_service": N_("customer service"),
    "other": N_("unclassified"),
}
"""Kinds of crisis, in words."""
OF_CLAIMS = ("rumour", "malicious_attack")
"""Kinds that say how a claim stands or who pushes it, and not what it is about."""
ABOUT = N_("{subject} ({kind})")
TITLE = N_("{brand}: {kind}, since {since}")
GIVEN = "{title}"
"""Words of a person stay as they were written."""


def kind_words(row: Mapping[Any, Any] | pd.Series) -> Phrase:
    """What an incident is about and of which kind, in this order wherever it is shown.

    Parameters
    ----------
    row : Mapping or pandas.Series
        An INCIDENTS row.

    Returns
    -------
    Phrase
        `product harm (rumour)`; the kind alone where it says itself what it is about, or nothing more is known.
    """
    kind, subject = (str(row.get(c)) if isinstance(row.get(c), str) else "other" for c in ("kind", "subject"))
    named = Phrase(KINDS.get(kind, kind))
    if kind not in OF_CLAIMS or subject in {"other", "", kind}:
        return named
    return Phrase(ABOUT, {"subject": Phrase(KINDS.get(subject, subject)), "kind": named})


def title(watch: Watch, kind: Phrase, onset: pd.Timestamp) -> Phrase:
    """Title of an incident that nobody has named: the brand, the kind, and since when in the watch's time.

    Parameters
    ----------
    watch : Watch
        Its brand and time zone.
    kind : Phrase
        From :func:`kind_words`.
    onset : pandas.Timestamp
        When it began, UTC.

    Returns
    -------
    Phrase
        To be rendered in the reader's language.
    """
    since = onset.tz_convert(watch.timezone).strftime("%Y-%m-%d %H:%M")
    return Phrase(TITLE, {"brand": watch.brand_name, "kind": kind, "since": since})


def incident_title(row: Mapping[Any, Any] | pd.Series, watch: Watch) -> Phrase:
    """What an incident is called: a person's words where there are some, else brand, kind and time.

    Parameters
    ----------
    row : Mapping or pandas.Series
        An INCIDENTS row.
    watch : Watch
        Its brand and time zone.

    Returns
    -------
    Phrase
        To be rendered in the reader's language.
    """
    given = row.get("title")
    if isinstance(given, str) and given.strip():
        called = Phrase(GIVEN, {"title": given})
    else:
        called = title(watch, kind_words(row), pd.Timestamp(row["opened_at"]))
    return Phrase(DRILL, {"title": called}) if watch.drill else called
