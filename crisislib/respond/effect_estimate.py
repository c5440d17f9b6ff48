"""Did a response change anything: an interrupted time series per response, with placebos and plain limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.core.watch import Watch
from crisislib.respond.effect_series import Floats, bend, placebo_p
from crisislib.respond.response_kinds import RESPONSE_KINDS

SPAN, LEAST = 24, 4
"""Most windows looked at on either side, and fewest that an estimate needs."""
TOO_CLOSE = 2
"""Two responses within so many windows cannot be told apart."""
COUNTS = ("volume", "authors", "complaint", "news", "sensitive_posts")
"""Signals that are counts: their change is a ratio. All others change in their own units."""
_COLUMNS = [
    *("response_id", "kind", "at", "signal", "status", "change", "lo", "hi", "level_change", "slope_change"),
    *("p_placebo", "n_placebo", "n_before", "n_after", "n_posts"),
]

SIGNAL_WORDS = {
    "volume": N_("volume"),
    "negative_index": N_("the negative-sentiment index"),
    "negative_share": N_("the negative share"),
    "call_to_action": N_("the share of calls to action"),
}
_FELL = N_("After the {kind} at {at}, {signal} lay {change} below the continued trend ({lo} to {hi}, {n} windows).")
_ROSE = N_("After the {kind} at {at}, {signal} lay {change} above the continued trend ({lo} to {hi}, {n} windows).")
_UNSURE = N_("After the {kind} at {at}, no change of {signal} can be told from chance ({lo} to {hi}, {n} windows).")
_CLOSE = N_("The {kind} at {at} cannot be separated from another response less than {windows} windows away.")
_LITTLE = N_(
    "Too little data to judge what the {kind} at {at} did to {signal}: {before} windows before and {after} after, "
    "{needed} needed each."
)
_TREND = N_("The comparison assumes that the trend before would have gone on; other events at the same time count too.")
_PLACEBO = N_("At {n} other moments without a response, {p} bent as much.")
_NO_PLACEBO = N_("Too few other moments to tell how often chance bends as much ({n}).")


def effect(
    signals: pa.Table | pd.DataFrame,
    responses: pa.Table | pd.DataFrame,
    watch: Watch,
    *,
    now: datetime,
    since: datetime | None = None,
    names: tuple[str, ...] = ("volume", "negative_index"),
    span: int = SPAN,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Estimate what each response changed.

    Parameters
    ----------
    signals : SIGNALS
        Values and, where there is one, the baseline's expected value, which carries the hour of week.
    responses : RESPONSES
        The response log.
    watch : Watch
        Time zone.
    now : datetime
        Windows after it are not looked at.
    since : datetime, optional
        Begin of the incident. Calm windows before it would teach a wrong trend and are not used; when
        not given, the begin is where the volume left its usual range for good before the response.
    names : tuple of str
        Signals to judge.
    span : int
        Most windows on either side; a neighbouring response ends the part before or after earlier.

    Returns
    -------
    table : pandas.DataFrame
        One row per response and signal. `status` is `estimated`, `too_close` or `too_little`; `change`
        with `lo` and `hi` (90 %) is a ratio minus 1 for counts, a difference in the signal's unit otherwise;
        null where nothing was estimated.
    findings : list of Finding
        A sentence each, limits included.

    Notes
    -----
    Interrupted time series (Bernal, Cummins & Gasparrini 2017, doi:10.1093/ije/dyw098): level and slope
    change, Newey-West errors; counts as log((y + 1/2)/(expected + 1/2)). It is not proof of cause.
    """
    frame = signals.to_pandas() if isinstance(signals, pa.Table) else signals
    log = (responses.to_pandas() if isinstance(responses, pa.Table) else responses).sort_values("at")
    log = log.drop_duplicates("response_id", keep="last").reset_index(drop=True)
    rows: list[dict[str, object]] = []
    volume = _series(frame, "volume", now)
    begins = [since or _risen(volume, at) for at in log["at"]]
    for name in names:
        series = _series(frame, name, now)
        rows += [_one(series, log, place, name, span, begins[place]) for place in range(len(log))]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table, [_effect_finding(row, watch) for row in table.to_dict("records")]


def _series(frame: pd.DataFrame, name: str, now: datetime) -> pd.DataFrame:
    """One signal in time order, the newest value of each window."""
    series = frame[(frame["signal"] == name) & (frame["at"] <= now)].sort_values(["at", "made_at"])
    return series.drop_duplicates("at", keep="last").reset_index(drop=True)


def _risen(volume: pd.DataFrame, at: pd.Timestamp) -> datetime | None:
    """Start of the unbroken rise over twice the expected volume that led to a response; None in calm times."""
    before = volume[volume["at"] < at]
    high = _units(before, "volume") > np.log(2)
    if before.empty or not high[-1]:
        return None
    low = np.flatnonzero(~high)
    begin: datetime = before["at"].iloc[int(low[-1]) + 1 if len(low) else 0].to_pydatetime()
    return begin


def _units(series: pd.DataFrame, name: str) -> Floats:
    """The series as fitted: log ratio to the expected for counts, difference to it for the rest."""
    value = series["value"].to_numpy(dtype=float)
    expected = series["expected"].to_numpy(dtype=float)
    if name in COUNTS:
        usual = np.where(np.isfinite(expected), expected, 0.5)
        return np.asarray(np.log((value + 0.5) / (usual + 0.5)))
    return np.asarray(value - np.where(np.isfinite(expected), expected, 0.0))


def _one(
    series: pd.DataFrame, log: pd.DataFrame, place: int, name: str, span: int, since: datetime | None
) -> dict[str, object]:
    """One response on one signal."""
    response = log.iloc[place]
    row: dict[str, object] = dict.fromkeys(_COLUMNS, np.nan)
    row |= {"response_id": response["response_id"], "kind": response["kind"], "at": response["at"], "signal": name}
    row |= {"status": "too_little", "n_before": 0, "n_after": 0, "n_posts": 0, "n_placebo": 0}
    if series.empty:
        return row
    step = pd.Timedelta(seconds=int(series["step_s"].iloc[0]))
    others = log["at"].drop(place)
    if ((others - response["at"]).abs() < TOO_CLOSE * step).any():
        return row | {"status": "too_close"}
    at = series["at"]
    # the window in which the response fell is half before and half after it: it belongs to neither
    edges = [] if since is None else [pd.Timestamp(since)]
    begin = max([response["at"] - span * step, *others[others < response["at"]], *edges])
    end = min([response["at"] + span * step, *others[others > response["at"]]])
    before = (at >= begin) & (at + step <= response["at"])
    after = (at > response["at"]) & (at + step <= end)
    y = _units(series, name)
    held = np.isfinite(y)
    used = np.flatnonzero((before | after).to_numpy() & held)
    n_before, n_after = int((before & held).sum()), int((after & held).sum())
    row |= {"n_before": n_before, "n_after": n_after, "n_posts": int(series["n_posts"].iloc[used].fillna(0).sum())}
    if min(n_before, n_after) < LEAST:
        return row
    found = bend(y[used], n_before)
    p, tried = placebo_p(y, n_before, n_after, found.change, avoid=_real(at, log, span * step))
    figures = {
        "change": found.change,
        "lo": found.lo,
        "hi": found.hi,
        "level_change": found.level,
        "slope_change": found.slope,
    }
    if name in COUNTS:
        figures = {k: float(np.expm1(v)) for k, v in figures.items()}
    return row | figures | {"status": "estimated", "p_placebo": p, "n_placebo": tried}


def _real(at: pd.Series, log: pd.DataFrame, reach: pd.Timedelta) -> slice:
    """Rows within reach of any response."""
    near = np.flatnonzero(((at >= log["at"].min() - reach) & (at <= log["at"].max() + reach)).to_numpy())
    return slice(int(near[0]), int(near[-1]) + 1) if len(near) else slice(0, 0)


def _effect_finding(row: Mapping[Any, Any], watch: Watch) -> Finding:
    moment = pd.Timestamp(row["at"]).tz_convert(watch.timezone)
    facts: dict[str, object] = {
        "kind": Phrase(RESPONSE_KINDS.get(str(row["kind"]), str(row["kind"]))),
        "at": f"{moment:%m-%d %H:%M}",
        "signal": Phrase(SIGNAL_WORDS.get(str(row["signal"]), str(row["signal"]))),
    }
    table = pd.DataFrame([row])
    key = "respond.effect"
    if row["status"] == "too_close":
        return Finding(key, _CLOSE, {**facts, "windows": TOO_CLOSE}, table, silent=True)
    if row["status"] == "too_little":
        counted = {"before": row["n_before"], "after": row["n_after"], "needed": LEAST}
        return Finding(key, _LITTLE, {**facts, **counted}, table, silent=True)
    change, lo, hi = (float(row[k]) for k in ("change", "lo", "hi"))
    counts = row["signal"] in COUNTS
    p = None if row["p_placebo"] is None or np.isnan(row["p_placebo"]) else float(row["p_placebo"])
    sure = (hi < 0 or lo > 0) and (p is None or p <= 0.1)
    message = _UNSURE if not sure else (_FELL if change < 0 else _ROSE)
    tried = int(row["n_placebo"])
    chance = Phrase(_NO_PLACEBO, {"n": tried}) if p is None else Phrase(_PLACEBO, {"n": tried, "p": f"{p:.0%}"})
    limits = [Phrase(_TREND), chance]
    form = "{:+.0%}" if counts else "{:+.2g}"
    size = form.format(abs(change)).lstrip("+")
    figures = {"change": size, "lo": form.format(lo), "hi": form.format(hi), "n": f"{row['n_before']}+{row['n_after']}"}
    return Finding(key, message, {**facts, **figures}, table, n=int(row["n_posts"]), limits=limits, weight=0.5)
