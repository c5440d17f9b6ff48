"""The periodic risk report: incidents, levels, durations and losses, month over month."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVELS, rank
from crisislib.core.watch import Watch
from crisislib.risk.say import LEVEL_WORDS

_SAID = N_("{period}: {n} incidents, worst level {worst}, {change} against {before} ({n_before}).")
_NONE = N_("{period}: no incident was recorded in the data that we hold.")
_FREQUENCY = {"week": "W-SUN", "month": "M", "quarter": "Q"}


def periods(
    incidents: pa.Table | pd.DataFrame,
    risks: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    now: datetime,
    every: Literal["week", "month", "quarter"] = "month",
) -> tuple[pd.DataFrame, Finding]:
    """Compare periods.

    Parameters
    ----------
    incidents, risks : INCIDENTS and RISKS
        All observations; the worst level and the latest risk of each incident count.
    watch : Watch
        Time zone and currency.
    now : datetime
        The last period contains it and is marked as not over.
    every : {"week", "month", "quarter"}
        Length of a period, in the watch's time zone.

    Returns
    -------
    table : pandas.DataFrame
        period, n, n_<level>, hours_open (median, open ones counted until now), impact_max,
        loss_mean (sum, null where none was assessed), n_assessed, currency, over; every period from
        the first incident on, empty ones with n = 0.
    finding : Finding
        The last period against the one before.
    """
    seen = incidents.to_pandas() if isinstance(incidents, pa.Table) else incidents
    judged = risks.to_pandas() if isinstance(risks, pa.Table) else risks
    seen = seen[seen["at"] <= now]
    if seen.empty:
        label = _period(pd.Series([pd.Timestamp(now)]), watch, every).iloc[0]
        return pd.DataFrame(), Finding("risk.periods", _NONE, {"period": str(label)}, pd.DataFrame(), silent=True)
    whole = _whole(seen, judged[judged["at"] <= now], watch, now, every)
    span = pd.period_range(whole["period"].min(), _period(pd.Series([pd.Timestamp(now)]), watch, every).iloc[0])
    groups = whole.groupby("period")
    result = pd.DataFrame({"n": groups.size()}).reindex(span, fill_value=0)
    for level in LEVELS[2:]:
        held = (whole["level"] == level).groupby(whole["period"]).sum()
        result[f"n_{level}"] = held.reindex(span, fill_value=0)
    result["hours_open"] = groups["hours_open"].median()
    result["impact_max"] = groups["impact"].max()
    result["loss_mean"] = groups["loss_mean"].sum(min_count=1)
    result["n_assessed"] = groups["loss_mean"].count().reindex(span, fill_value=0)
    result["currency"] = watch.risk.currency
    result["over"] = result.index < span[-1]
    result = result.rename_axis("period").reset_index().assign(period=lambda f: f["period"].astype(str))
    return result, _finding(result, whole, span, watch)


def _period(moments: pd.Series, watch: Watch, every: str) -> pd.Series:
    local = moments.dt.tz_convert(watch.timezone).dt.tz_localize(None)
    return pd.Series(local.dt.to_period(_FREQUENCY[every]))


def _whole(seen: pd.DataFrame, judged: pd.DataFrame, watch: Watch, now: datetime, every: str) -> pd.DataFrame:
    """One row per incident: worst level, hours open, latest risk."""
    last = seen.sort_values("at").groupby("incident_id").last()
    last["level"] = seen.groupby("incident_id")["level"].agg(lambda s: max(s.dropna(), key=rank, default="unknown"))
    closed = last["closed_at"].fillna(pd.Timestamp(now)) if "closed_at" in last else pd.Timestamp(now)
    last["hours_open"] = (pd.to_datetime(closed, utc=True) - last["opened_at"]).dt.total_seconds() / 3600
    last["period"] = _period(last["opened_at"], watch, every)
    newest = judged.sort_values("at").groupby("incident_id")[["impact", "loss_mean"]].last()
    return last.drop(columns=["impact", "loss_mean"], errors="ignore").join(newest)


def _finding(result: pd.DataFrame, whole: pd.DataFrame, span: pd.PeriodIndex, watch: Watch) -> Finding:
    now_row = result.iloc[-1]
    if now_row["n"] == 0:
        return Finding("risk.periods", _NONE, {"period": now_row["period"]}, result, n=len(whole), silent=True)
    before = result.iloc[-2] if len(result) > 1 else None
    worst = max(whole.loc[whole["period"] == span[-1], "level"], key=rank)
    facts = {
        "period": now_row["period"],
        "n": int(now_row["n"]),
        "worst": tr(LEVEL_WORDS[worst], watch.language),
        "change": f"{int(now_row['n'] - (before['n'] if before is not None else 0)):+d}",
        "before": before["period"] if before is not None else "-",
        "n_before": int(before["n"]) if before is not None else 0,
    }
    return Finding("risk.periods", _SAID, facts, result, n=len(whole), weight=0.4)
