"""Whether the logged responses changed the course, and what would have been expected without them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from crisislib import respond
from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.lake import AsOf, Lake

AROUND = timedelta(days=4)
"""Of the series shown on either side of the responses: enough to see what was usual before."""
COLUMNS = ["at", "value", "expected", "lo", "hi", "n_posts"]


def effects(lake: Lake, watch: Watch, *, now: datetime) -> list[Finding]:
    """Whether each logged response changed the course of volume and tendency.

    Parameters
    ----------
    lake : Lake
        The lake.
    watch : Watch
        The watch.
    now : datetime
        Judged-until time: responses and signals up to it count.

    Returns
    -------
    list of Finding
        Empty where no response is logged.
    """
    responses, signals = _inputs(lake, watch, now, None)
    return [] if responses.empty else respond.effect(signals, responses, watch, now=now)[1]


def measured(lake: Lake, watch: Watch, signal: str, *, now: datetime) -> pd.DataFrame:
    """The estimated effect of each logged response on a signal.

    Parameters
    ----------
    lake : Lake
        Holds signals and responses.
    watch : Watch
        Whose.
    signal : str
        Name as in SIGNALS.
    now : datetime
        Nothing later is read.

    Returns
    -------
    pandas.DataFrame
        See :func:`crisislib.respond.effect`; no rows where nothing is logged.
    """
    responses, signals = _inputs(lake, watch, now, None)
    if responses.empty:
        return pd.DataFrame(columns=["response_id", "kind", "status", "change", "lo", "hi"])
    return respond.effect(signals, responses, watch, now=now, names=(signal,))[0]


def counterfactual(lake: Lake, watch: Watch, signal: str, *, now: datetime, as_of: AsOf = None) -> pd.DataFrame:
    """A signal around the responses, and what would have been expected of it without them.

    Parameters
    ----------
    lake : Lake
        Holds signals and responses.
    watch : Watch
        Whose.
    signal : str
        Name as in SIGNALS.
    now : datetime
        Nothing later is read.
    as_of : datetime or mapping, optional
        The lake as it was.

    Returns
    -------
    pandas.DataFrame
        `at`, `value`, and after a response whose effect was estimated `expected`, `lo`, `hi`, `n_posts`.

    Notes
    -----
    What was seen, with the estimated mean change taken out: value / (1 + change) where the change is a ratio
    (counts), value - change where it is a difference. Responses whose effect cannot be estimated leave it empty.
    """
    responses, signals = _inputs(lake, watch, now, as_of)
    if responses.empty:
        return pd.DataFrame(columns=COLUMNS)
    table = respond.effect(signals, responses, watch, now=now, names=(signal,))[0]
    first, last = table["at"].min() - AROUND, table["at"].max() + AROUND
    rows = signals[(signals["signal"] == signal) & (signals["at"] >= first) & (signals["at"] <= last)]
    rows = rows[["at", "value", "n_posts"]].sort_values("at").reset_index(drop=True)
    rows[["expected", "lo", "hi"]] = float("nan")
    for one in table[table["status"] == "estimated"].to_dict("records"):
        after = rows.index[rows["at"] > one["at"]][: int(one["n_after"])]
        value = rows.loc[after, "value"]
        for column, taken in (("expected", "change"), ("lo", "hi"), ("hi", "lo")):
            change = float(one[taken])
            rows.loc[after, column] = value / (1 + change) if signal in respond.COUNTS else value - change
    result: pd.DataFrame = rows[COLUMNS]
    return result


def _inputs(lake: Lake, watch: Watch, now: datetime, as_of: AsOf) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses so far, and signals of the watch's own step."""
    responses = lake.read("RESPONSES", watch=watch.watch, as_of=as_of)
    responses = responses[responses["at"] <= pd.Timestamp(now)]
    if responses.empty:
        return responses, pd.DataFrame()
    signals = lake.read("SIGNALS", watch=watch.watch, as_of=as_of)
    return responses, signals[signals["step_s"] == watch.window.step_minutes * 60]
