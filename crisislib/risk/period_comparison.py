"""The periodic risk report: incidents, levels, durations and losses, each period against the one before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import pandas as pd
import pyarrow as pa

from crisislib.core.durations import ONE_MOMENT
from crisislib.core.evidence import posts_of
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES, LEVELS, rank
from crisislib.core.phrase import Amount, Phrase
from crisislib.core.watch import Watch

Every = Literal["day", "week", "month", "quarter"]
_COMPARED = N_("{period}: {n} {n:incident|incidents}, worst level {worst}; {n_before} in {before}.")
_WEEK = N_("{first} to {last}")
_FIRST = N_("{period}: {n} {n:incident|incidents}, worst level {worst}; no period before it is on record.")
_NONE = N_("{period}: no incident was recorded in the data that we hold.")
_NONE_AFTER = N_("{period}: no incident was recorded in the data that we hold; {n_before} in {before}.")
_GOING_ON = N_(
    "{period}: no new incident; {n_carried} {n_carried:incident|incidents} from before {n_carried:was|were} still "
    "going on, worst level {worst}."
)
_CARRIED = N_("{n_carried} {n_carried:incident|incidents} from before {period} {n_carried:was|were} still going on.")
_UNKNOWN = N_("{period}: nothing was collected, so whether there was an incident is not known.")
_UNKNOWN_GOING_ON = N_(
    "{period}: nothing was collected, so whether there was a new incident is not known; {n_carried} "
    "{n_carried:incident|incidents} from before {n_carried:was|were} still going on, worst level {worst}."
)
_PARTLY = N_("Posts were collected for {collected}% of the time of {period}.")
_LOSS = N_("Mean loss expected from the incidents of {period}: {loss}; of those of {before}: {loss_before}.")
_RUNNING = N_("{period} is not over yet.")
_NOT_ASSESSED = N_("Of {n} {n:incident|incidents} {assessed} {assessed:has|have} a loss; the sum is a lower bound.")
WHOLE = 0.95
"""Share of a period that must have been collected for its number of incidents to need no remark: an hour's outage a day
is one that every source has."""
_FREQUENCY = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q"}


def periods(
    incidents: pa.Table | pd.DataFrame,
    risks: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    now: datetime,
    every: Every = "month",
    windows: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Compare periods.

    Parameters
    ----------
    incidents, risks : INCIDENTS and RISKS
        All observations; the worst level and the latest risk of each incident count.
    watch : Watch
        Time zone and currency.
    now : datetime
        The last period contains it and is marked as not over.
    every : {"day", "week", "month", "quarter"}
        Length of a period, in the watch's time zone.
    windows : pandas.DataFrame, optional
        What was collected: `at`, `step_s`, `complete` (0-1) of each window. Left out, nothing is said of it.

    Returns
    -------
    table : pandas.DataFrame
        period, n, n_carried (from before it and not closed when it began), n_<level>, hours_open (median, open ones
        counted until now), impact_max,
        loss_mean (sum, null where none was assessed), n_assessed, currency, worst, over, collected (share of the
        period so far, null where it is not known); every period from the first incident on, empty ones with n = 0.
    findings : list of Finding
        The last whole period against the one before it, and the one that is running, marked as such; each with the
        posts that the incidents of both periods were opened on.
    """
    rows = incidents.to_pandas() if isinstance(incidents, pa.Table) else incidents
    assessed = risks.to_pandas() if isinstance(risks, pa.Table) else risks
    written = now + ONE_MOMENT
    rows = rows[rows["at"] <= written]
    last = _period(pd.Series([pd.Timestamp(now)]), watch, every).iloc[0]
    if rows.empty:
        return pd.DataFrame(), [Finding("periods.running", _NONE, {"period": str(last)}, pd.DataFrame(), silent=True)]
    whole = _whole(rows, assessed[assessed["at"] <= written], watch, now, every)
    span = pd.period_range(whole["period"].min(), last)
    table = _table(whole, span, watch).assign(collected=_collected(windows, span, watch, now, every))
    places = range(max(0, len(table) - 2), len(table))
    carried = {str(one): _carried(whole, one, watch) for one in span[-2:]}
    return table, [one for place in places for one in _findings(table, place, whole, carried)]


def _table(whole: pd.DataFrame, span: pd.PeriodIndex, watch: Watch) -> pd.DataFrame:
    groups = whole.groupby("period")
    result = pd.DataFrame({"n": groups.size()}).reindex(span, fill_value=0)
    result["n_carried"] = [len(_carried(whole, one, watch)) for one in span]
    for level in LEVELS[2:]:
        reached = (whole["level"] == level).groupby(whole["period"]).sum()
        result[f"n_{level}"] = reached.reindex(span, fill_value=0)
    result["hours_open"] = groups["hours_open"].median()
    result["impact_max"] = groups["impact"].max()
    result["loss_mean"] = groups["loss_mean"].sum(min_count=1)
    result["n_assessed"] = groups["loss_mean"].count().reindex(span, fill_value=0)
    result["currency"] = watch.risk.currency
    result["worst"] = groups["level"].agg(lambda s: max(s, key=rank)).reindex(span)
    result["over"] = result.index < span[-1]
    return result.rename_axis("period").reset_index().assign(period=lambda f: f["period"].astype(str))


def _carried(whole: pd.DataFrame, period: pd.Period, watch: Watch) -> pd.DataFrame:
    """The incidents from before a period that were not closed when it began."""
    begin = period.start_time.tz_localize(watch.timezone)
    ended = pd.to_datetime(whole["closed_at"], utc=True) if "closed_at" in whole else pd.Series(pd.NaT, whole.index)
    found: pd.DataFrame = whole[(whole["period"] < period) & (ended.isna() | (ended > begin))]
    return found


def _collected(
    windows: pd.DataFrame | None, span: pd.PeriodIndex, watch: Watch, now: datetime, every: Every
) -> list[float]:
    """Share of each period, of its time until now, for which posts were collected."""
    if windows is None:
        return [float("nan")] * len(span)
    rows = windows[windows["at"] < now]
    seconds = (rows["complete"].fillna(0.0) * rows["step_s"]).groupby(_period(rows["at"], watch, every)).sum()
    ends = [min((one + 1).start_time.tz_localize(watch.timezone), pd.Timestamp(now)) for one in span]
    begins = [one.start_time.tz_localize(watch.timezone) for one in span]
    long = [max((end - begin).total_seconds(), 1.0) for begin, end in zip(begins, ends, strict=True)]
    return [min(float(seconds.get(one, 0.0)) / s, 1.0) for one, s in zip(span, long, strict=True)]


def _period(moments: pd.Series, watch: Watch, every: str) -> pd.Series:
    local = moments.dt.tz_convert(watch.timezone).dt.tz_localize(None)
    return pd.Series(local.dt.to_period(_FREQUENCY[every]))


def _whole(rows: pd.DataFrame, assessed: pd.DataFrame, watch: Watch, now: datetime, every: str) -> pd.DataFrame:
    """One row per incident that was not merged into another: worst level, hours open, latest risk."""
    # The newest row as it stands: `last` of pandas would take a field that was emptied again from the row before.
    last = rows.sort_values("at").drop_duplicates("incident_id", keep="last").set_index("incident_id")
    last = last[last["merged_into"].isna()] if "merged_into" in last else last
    last["level"] = rows.groupby("incident_id")["level"].agg(lambda s: max(s.dropna(), key=rank, default="unknown"))
    closed = last["closed_at"].fillna(pd.Timestamp(now)) if "closed_at" in last else pd.Timestamp(now)
    last["hours_open"] = (pd.to_datetime(closed, utc=True) - last["opened_at"]).dt.total_seconds() / 3600
    last["period"] = _period(last["opened_at"], watch, every)
    goes_on = _survivors(rows)
    last["posts"] = rows.sort_values("at").groupby(rows["incident_id"].map(goes_on))["evidence"].agg(_posts)
    newest = assessed.sort_values("at").groupby("incident_id")[["impact", "loss_mean"]].last()
    return last.drop(columns=["impact", "loss_mean"], errors="ignore").join(newest)


def _survivors(rows: pd.DataFrame) -> dict[str, str]:
    """Each incident to the one that it counts for: itself, or the last one that it was merged into."""
    newest = rows.sort_values("at").drop_duplicates("incident_id", keep="last")
    merged = newest.set_index("incident_id").get("merged_into", pd.Series(dtype=object)).dropna().to_dict()
    survivors = {}
    for incident in newest["incident_id"]:
        seen, own = {incident}, incident
        while own in merged and merged[own] not in seen:
            own = merged[own]
            seen.add(own)
        survivors[incident] = own
    return survivors


def period_name(moment: datetime, watch: Watch, every: str) -> object:
    """What the period that holds a moment is called.

    Parameters
    ----------
    moment : datetime
        Any instant of it.
    watch : Watch
        In whose time zone periods begin.
    every : {"day", "week", "month", "quarter"}
        Length of a period.

    Returns
    -------
    str or Phrase
        A day, a month, a quarter, or the week between two days.
    """
    return _named(str(_period(pd.Series([pd.Timestamp(moment)]), watch, every).iloc[0]))


def _named(period: str) -> object:
    """A period as readers call it; pandas writes a week as two days with a stroke between."""
    first, stroke, last = str(period).partition("/")
    return Phrase(_WEEK, {"first": first, "last": last}) if stroke else first


def _posts(cells: pd.Series) -> list[str]:
    """Posts of an incident's evidence, each once, the newest observation first."""
    return list(dict.fromkeys(post for cell in cells.iloc[::-1] for post in posts_of(cell)))


def _behind(whole: pd.DataFrame, *periods_shown: str) -> list[str]:
    """Posts behind the incidents of some periods, in that order; in each the worst incident first."""
    found: dict[str, None] = {}
    for period in periods_shown:
        rows = whole[whole["period"].astype(str) == period]
        worst_first = sorted(zip(rows["level"], rows["posts"], strict=True), key=lambda pair: -rank(pair[0]))
        found |= dict.fromkeys(post for _, posts in worst_first for post in posts)
    return list(found)


def _findings(
    table: pd.DataFrame, place: int, whole: pd.DataFrame, carried: Mapping[str, pd.DataFrame]
) -> list[Finding]:
    """One period against the one before it; and their losses where both are known."""
    here = table.iloc[place]
    before = table.iloc[place - 1] if place else None
    key = "periods.last" if here["over"] else "periods.running"
    limits = [] if here["over"] else [Phrase(_RUNNING, {"period": _named(here["period"])})]
    limits += [
        Phrase(_PARTLY, {"period": _named(row["period"]), "collected": f"{row['collected']:.0%}".rstrip("%")})
        for row in (here, before)
        if row is not None and row["collected"] < WHOLE
    ]
    facts: dict[str, object] = {"period": _named(here["period"]), "n": int(here["n"])}
    if before is not None:
        facts |= {"before": _named(before["period"]), "n_before": int(before["n"])}
        facts["change"] = f"{int(here['n'] - before['n']):+d}"
    posts = _behind(whole, str(here["period"]), *([] if before is None else [str(before["period"])]))
    earlier, dark = carried[str(here["period"])], here["n"] == 0 and here["collected"] == 0
    if dark and earlier.empty:
        return [Finding(key, _UNKNOWN, {"period": _named(here["period"])}, table, weight=0.4)]
    if len(earlier):
        facts["n_carried"] = len(earlier)
        posts = list(dict.fromkeys([*posts, *(post for own in earlier["posts"] for post in own)]))
    if here["n"] == 0 and len(earlier):
        facts["worst"] = Phrase(LEVEL_NAMES[max(earlier["level"], key=rank)])
        said = _UNKNOWN_GOING_ON if dark else _GOING_ON
        return [Finding(key, said, facts, table, posts, len(posts), limits, weight=0.4)]
    if len(earlier):
        limits.append(Phrase(_CARRIED, {"period": _named(here["period"]), "n_carried": len(earlier)}))
    if here["n"] == 0:
        fewer = before is not None and before["n"] > 0
        said = _NONE_AFTER if fewer else _NONE
        return [Finding(key, said, facts, table, posts, len(posts), limits, silent=not fewer)]
    facts["worst"] = Phrase(LEVEL_NAMES[str(here["worst"])])
    found = [Finding(key, _FIRST if before is None else _COMPARED, facts, table, posts, len(posts), limits, weight=0.4)]
    if before is not None and pd.notna(here["loss_mean"]) and pd.notna(before["loss_mean"]):
        currency = str(here["currency"])
        sums = {"loss": Amount(float(here["loss_mean"]), currency)}
        sums["loss_before"] = Amount(float(before["loss_mean"]), currency)
        short = [
            Phrase(_NOT_ASSESSED, {"n": int(row["n"]), "assessed": int(row["n_assessed"])})
            for row in (here, before)
            if row["n_assessed"] < row["n"]
        ]
        named = {"period": _named(here["period"]), "before": _named(before["period"]), **sums}
        known = [*limits, *short]
        found.append(Finding(f"{key}.loss", _LOSS, named, table, posts, len(posts), known, weight=0.35))
    return found
