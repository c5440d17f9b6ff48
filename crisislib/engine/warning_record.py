"""How right earlier warnings were: alerts against what became of them, forecasts against what came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.phrase import unpack
from crisislib.core.watch import Watch
from crisislib.lake import AsOf, Lake
from crisislib.warn.incidents import RULES

FORECASTS = N_(
    "Earlier forecasts of the next 24 hours: in {right} of {n} what came lay within the interval (four in five are "
    "meant to); typically {error:.0%} off."
)
NO_FORECASTS = N_("No forecast of this period has come due yet.")
ALERTS = N_(
    "Alerts of yellow and above: {n} {n:incident was|incidents were} alerted; {confirmed} of them "
    "became orange or red, {taken} {taken:was|were} acknowledged, {closed} {closed:is|are} closed."
)
NO_ALERTS = N_("No alert of yellow or above was raised in this period.")
A_DAY = timedelta(days=1)
"""What the forecasts of the brief reach."""
APART = timedelta(hours=3)
"""Forecasts of one incident that are counted lie so far apart: those of every half hour are one forecast."""


def warning_record(lake: Lake, watch: Watch, *, since: datetime, until: datetime, as_of: AsOf = None) -> list[Finding]:
    """How right the warnings of a period were.

    Parameters
    ----------
    lake : Lake
        Where they are stored.
    watch : Watch
        Whose.
    since, until : datetime
        The period: warnings made in [since, until), judged by what is known at its end.
    as_of : datetime or mapping, optional
        The lake as it was.

    Returns
    -------
    list of Finding
        `report.forecasts` (table: one row a forecast) and `report.alerts` (one row an incident).
    """
    scope: dict[str, Any] = {"watch": watch.watch, "as_of": as_of}
    return [_forecasts(lake, watch, since, until, as_of), _alerts(lake, scope, since, until)]


def _forecasts(lake: Lake, watch: Watch, since: datetime, until: datetime, as_of: AsOf) -> Finding:
    rows = lake.sql("FINDINGS", watch=watch.watch, as_of=as_of, present=False)
    mine = rows.filter("key = 'brief.goes' AND NOT silent").order('"at", made_at').to_arrow_table().to_pandas()
    mine = mine[(mine["at"] >= pd.Timestamp(since)) & (mine["at"] <= pd.Timestamp(until) - A_DAY)]
    table: list[dict[str, object]] = []
    last: dict[object, pd.Timestamp] = {}
    for row in mine.to_dict("records"):
        facts = unpack(row["facts"]) or {}
        earlier = last.get(row["incident_id"])
        if not {"lo", "mid", "hi", "usual"} <= set(facts) or (earlier is not None and row["at"] - earlier < APART):
            continue
        last[row["incident_id"]] = row["at"]
        begin = row["at"].to_pydatetime()
        posts = lake.sql("POSTS", watch=watch.watch, since=begin, until=begin + A_DAY, as_of=as_of)
        came = int(posts.aggregate("count(*)").fetchall()[0][0])
        table.append({"at": row["at"], **{k: facts[k] for k in ("lo", "mid", "hi")}, "came": came})
    if not table:
        return Finding("report.forecasts", NO_FORECASTS, {"n": 0}, pd.DataFrame(), silent=True)
    frame = pd.DataFrame(table)
    right = int(((frame["came"] >= frame["lo"]) & (frame["came"] <= frame["hi"])).sum())
    error = float(((frame["mid"] - frame["came"]).abs() / frame["came"].clip(lower=1)).median())
    facts = {"n": len(frame), "right": right, "error": error}
    return Finding("report.forecasts", FORECASTS, facts, frame, n=int(frame["came"].sum()), weight=40.0)


def _alerts(lake: Lake, scope: dict[str, Any], since: datetime, until: datetime) -> Finding:
    alerts = lake.read("ALERTS", present=False, **scope)
    alerts = alerts[(alerts["made_at"] >= pd.Timestamp(since)) & (alerts["made_at"] < pd.Timestamp(until))]
    alerts = alerts[alerts["level"].map(rank) >= rank("yellow")]
    if alerts.empty:
        return Finding("report.alerts", NO_ALERTS, {"n": 0}, pd.DataFrame(), silent=True)
    history = lake.read("INCIDENTS", present=False, **scope)
    history = history[history["incident_id"].isin(alerts["incident_id"])].sort_values("at")
    grouped = history.groupby("incident_id", sort=False)
    table = grouped.agg(
        opened_at=("opened_at", "first"), status=("status", "last"),
        worst=("level", lambda levels: max(levels, key=rank)), by_hand=("by", lambda by: bool((~by.isin(RULES)).any())),
    ).reset_index()  # fmt: skip
    facts = {
        "n": len(table), "confirmed": int((table["worst"].map(rank) >= rank("orange")).sum()),
        "taken": int(table["by_hand"].sum()), "closed": int((table["status"] == "closed").sum()),
    }  # fmt: skip
    return Finding("report.alerts", ALERTS, facts, table, n=len(alerts), weight=39.0)
