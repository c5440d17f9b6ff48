"""What each possible response may change about the loss of an incident, from effects measured, given or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from crisislib import respond, risk
from crisislib.core.errors import WatchError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import incident_of, responses_of
from crisislib.engine.response_effects import measured
from crisislib.risk import Origin, ResponseEffect

ENOUGH = 3
"""Earlier responses of a kind from which an effect is taken: with fewer, chance is larger than what they tell."""
NEVER_ALL = -0.95
"""Least change that an interval is taken for: a story whose posts all end leaves nobody to be reached, and no loss."""


def response_what_if(home: Home, watch: Watch, *, now: datetime, incident_id: str = "") -> pd.DataFrame:
    """The loss of an incident with each response that is still open, and without each that was made.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        Responses and signals up to it count.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        See :func:`crisislib.risk.what_if`; empty where the incident has not been assessed.

    Raises
    ------
    WatchError
        `risk.responses` of the watch names a kind of response that there is not.
    CrisisError
        There is no such incident.
    """
    incident = incident_of(home, watch, incident_id)
    rows = home.lake.read("RISKS", watch=watch.watch)
    mine = rows[rows["incident_id"] == incident["incident_id"]].sort_values("at").tail(1).to_dict("records")
    if not mine:
        return pd.DataFrame()
    row = {str(key): value for key, value in mine[0].items()}
    return risk.what_if(watch, row, _effects(home, watch, incident, now))


def what_if_findings(table: pd.DataFrame, watch: Watch) -> list[Finding]:
    """What :func:`response_what_if` says in sentences.

    Parameters
    ----------
    table : pandas.DataFrame
        See there.
    watch : Watch
        Its currency.

    Returns
    -------
    list of Finding
        `risk.responses`.
    """
    return risk.what_if_findings(table, watch.risk.currency, respond.RESPONSE_KINDS)


def origin_words(origin: Origin, n: int, language: str) -> str:
    """Where an effect comes from.

    Parameters
    ----------
    origin : {"measured", "past", "given", "assumed"}
        See :class:`crisislib.risk.ResponseEffect`.
    n : int
        Responses that were measured.
    language : str
        `zh` or `en`.

    Returns
    -------
    str
        In words.
    """
    return tr(risk.ORIGIN_WORDS[origin], language, n=n)


def _effects(home: Home, watch: Watch, incident: Mapping[str, Any], now: datetime) -> list[ResponseEffect]:
    """One effect a kind: measured in this incident, else after earlier ones, else given, else assumed."""
    if unknown := sorted(set(watch.risk.responses) - set(respond.RESPONSE_KINDS)):
        raise WatchError(
            N_("risk.responses names {unknown}, which is no kind of response"),
            where=watch.watch,
            do=N_("use {response_kinds}"),
            facts={"unknown": repr(unknown[0]), "response_kinds": ", ".join(respond.RESPONSE_KINDS)},
        )
    log = responses_of(home, watch, incident)
    made = set(log["kind"])
    table = measured(home.lake, watch, "volume", now=now)
    own = table["response_id"].isin(log["response_id"])
    here, past = _pooled(table[own]), _pooled(table[~own], least=ENOUGH)
    effects = [ResponseEffect(kind, change, "measured", n, landed=True) for kind, (change, n) in here.items()]
    for kind in sorted({*risk.ASSUMED, *watch.risk.responses, *past} - set(here)):
        if kind in made:  # made, and too early to be measured: what is shown for it would be counted twice
            continue
        if kind in watch.risk.responses:
            effects.append(ResponseEffect(kind, watch.risk.responses[kind], "given"))
        elif kind in past:
            effects.append(ResponseEffect(kind, past[kind][0], "past", past[kind][1]))
        else:
            effects.append(ResponseEffect(kind, risk.ASSUMED[kind], "assumed"))
    return effects


def _pooled(table: pd.DataFrame, *, least: int = 1) -> dict[str, tuple[tuple[float, float, float], int]]:
    """Mean change of each kind with its 95 % interval, in logarithms, weighted by precision; and of how many."""
    pooled = {}
    for kind, rows in table[table["status"] == "estimated"].groupby("kind"):
        if len(rows) < least:
            continue
        ends = np.log1p(rows[["lo", "hi"]].clip(lower=NEVER_ALL).to_numpy(dtype=float))
        logs = np.log1p(rows["change"].clip(lower=NEVER_ALL).to_numpy(dtype=float))
        errors = np.maximum((ends[:, 1] - ends[:, 0]) / (2 * 1.96), 1e-3)
        weights = 1 / errors**2
        mean = float(np.average(logs, weights=weights))
        # between responses as well as within them: where they differ by more than their errors, that counts
        spread = float(np.sqrt(max(np.average((logs - mean) ** 2, weights=weights), 1 / weights.sum())))
        low, middle, high = (float(np.expm1(mean + z * spread)) for z in (-1.96, 0.0, 1.96))
        pooled[str(kind)] = ((low, middle, high), len(rows))
    return pooled
