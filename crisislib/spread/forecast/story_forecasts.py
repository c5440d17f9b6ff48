"""Forecasts for the stories of a watch: size, peak, hours above a threshold, what a correction would save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.finding import Finding
from crisislib.core.table_definitions import TIME
from crisislib.core.watch import Watch
from crisislib.spread.forecast.events import AWAKE, DAY, Events, Floats
from crisislib.spread.forecast.expected_course import HOUR, Course, course
from crisislib.spread.forecast.forecast_findings import findings_of
from crisislib.spread.forecast.shipped import nearest, shipped
from crisislib.spread.forecast.size_model import Settings, SizeModel, fit
from crisislib.spread.forecast.story_events import data_until, events_of, members
from crisislib.spread.post_arrays import Frame, build_graph, latest_observations

HISTORY = 60
"""Finished stories from which on a watch's own history is used for training instead of the simulation."""
LEAST = 10
"""Reposts below which a finished story is no history to forecast from: how it grew is mostly chance."""
_SIZES = ["forecast_lo", "forecast", "forecast_hi"]
_HOURS_ABOVE = ["hours_above_lo", "hours_above", "hours_above_hi"]
_COLUMNS = [
    "root_id", "as_of", "age_h", "n", *_SIZES, "forecast_method", "peak_at", "peak_ahead", "threshold",
    *_HOURS_ABOVE, "saved_lo", "saved_hi",
]  # fmt: skip
_UNKNOWN_WITHOUT_FORECAST = ["forecast_method", "peak_at", "peak_ahead", *_HOURS_ABOVE]
_BLANK = pd.DataFrame(columns=_COLUMNS)
_NO_CURVE = pd.DataFrame(columns=["root_id", "at", "lo", "mid", "hi"])
_ENDED_AFTER = 3 * DAY
"""Seconds since the root after which a story can be over: few stories live longer than three days."""
_QUIET = 2 * DAY
"""Seconds without a repost after which such a story is over: two days, so that one quiet night is not its end."""


@dataclass(frozen=True)
class Forecast:
    """What is expected of each story that still runs.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per cascade, largest first: root_id, as_of, age_h (hours), n (posts in the data, the root
        included), forecast_lo, forecast, forecast_hi (final number of posts, 80 % interval),
        forecast_method, peak_at, peak_ahead (`passed`, `possible`, `expected`), threshold (posts per
        hour), hours_above_lo, hours_above, hours_above_hi (hours from now on), saved_lo, saved_hi
        (posts that a correction now would save). Null where the data has fewer than ten reposts.
    curve : pandas.DataFrame
        root_id, at (start of the hour), lo, mid, hi: expected posts in each coming hour.
    findings : list of Finding
        In words.
    """

    table: pd.DataFrame
    curve: pd.DataFrame
    findings: list[Finding]


def _model(events: Events, age: Floats, settings: Settings) -> tuple[str, Callable[[float], SizeModel]]:
    """Where forecasts come from: the watch's own finished stories, or the simulation."""
    last = np.zeros(len(events))
    np.maximum.at(last, events.owner, events.t)
    ended = (age >= _ENDED_AFTER) & (age - last >= _QUIET) & (events.size >= LEAST)
    if ended.sum() < HISTORY:
        return "simulation@1", shipped
    past = events.take(np.flatnonzero(ended)[np.argsort(-age[ended], kind="stable")])

    def own_model(at: float) -> SizeModel:
        usable = int((past.count(at) >= settings.least).sum())
        return fit(past, at, settings=settings) if usable >= HISTORY else shipped(at)

    return f"history@1 n={int(ended.sum())}", own_model


def _sizes(events: Events, age: Floats, seed: int) -> pd.DataFrame:
    how = Settings(trees=100, boosters=0, seed=seed)
    method, model = _model(events, age, how)
    at, enough = nearest(age), events.count(age) >= how.least
    parts = []
    for one in np.unique(at):
        here = np.flatnonzero(at == one)
        # A model costs a second and more; where every story is too small for a forecast, the shipped one says so too.
        known = model(float(one)) if enough[here].any() else shipped(float(one))
        name = method if known.settings.size_share > 0 else "simulation@1"
        part = known.predict(events.take(here), age[here]).assign(place=here, forecast_method=name)
        parts.append(part)
    return pd.concat(parts).sort_values("place").reset_index(drop=True)


def _tallest(events: Events) -> tuple[Floats, Floats]:
    """Busiest hour so far of each cascade: its posts and its start (s since the root)."""
    hour = (events.t // HOUR).astype(np.int64)
    table = pd.DataFrame({"o": events.owner, "h": hour})
    count = table.groupby(["o", "h"]).size().reset_index(name="c").sort_values(["o", "c"], ascending=[True, False])
    top = count.drop_duplicates("o")
    return top["c"].to_numpy(float), top["h"].to_numpy(float) * HOUR


def _curve(events: Events, table: pd.DataFrame, way: Course, until: Floats) -> pd.DataFrame:
    """Expected posts of each coming hour, long."""
    known = np.flatnonzero(table["forecast"].notna())
    hours = way.share.shape[1]
    at = until[known][:, None] + np.arange(hours)[None] * HOUR
    out = pd.DataFrame({"root_id": np.repeat(np.array(events.ids, dtype=object)[known], hours)})
    out["at"] = pd.to_datetime((at.ravel() * 1e6).astype(np.int64), unit="us", utc=True)
    for name, column in zip(("lo", "mid", "hi"), _SIZES, strict=True):
        rest = np.maximum(table[column].to_numpy(float) - table["n"].to_numpy(float), 0)[known]
        out[name] = (rest[:, None] * way.share[known]).ravel()
    return out


def _ahead(table: pd.DataFrame, way: Course, age: Floats, start: Floats, peak: tuple[Floats, Floats]) -> pd.DataFrame:
    """Peak and hours above the threshold, from the course scaled to the three sizes."""
    rest = {c: np.maximum(table[c].to_numpy(float) - table["n"].to_numpy(float), 0) for c in _SIZES}
    hourly = {c: way.share * rest[c][:, None] for c in _SIZES}
    out = pd.DataFrame(index=table.index)
    future = hourly["forecast"].max(axis=1) > peak[0]
    best = np.where(future, age + hourly["forecast"].argmax(axis=1) * HOUR, peak[1])
    out["peak_at"] = pd.to_datetime(((start + best) * 1e6).astype(np.int64), unit="us", utc=True)
    possible = hourly["forecast_hi"].max(axis=1) > peak[0]
    out["peak_ahead"] = np.select([future, possible], ["expected", "possible"], "passed")
    for name, column in zip(_HOURS_ABOVE, _SIZES, strict=True):
        out[name] = (hourly[column] > table["threshold"].to_numpy()[:, None]).sum(axis=1).astype(float)
    return out


def forecast_stories(
    posts: Frame,
    edges: Frame,
    accounts: Frame,
    *,
    watch: Watch,
    now: datetime,
    hours: int = 72,
    seed: int = 0,
) -> Forecast:
    """How far each story of a watch will go.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
        Posts after `now` are not used.
    watch : Watch
        Its time zone gives the audience's day; `spread` has the assumed effect of a correction, and from how many
        posts an hour a story is loud.
    now : datetime
        The instant of the forecast; ages count to the last collection where that is earlier.
    hours : int
        Length of the expected course, hours.
    seed : int
        Of the forests.

    Returns
    -------
    Forecast
        Sizes count posts with the root, as CASCADES does.

    Notes
    -----
    Sizes: :mod:`crisislib.spread.forecast.size_model`, trained on the watch's own finished stories when there
    are at least :data:`HISTORY`, else from simulated ones. Course: :mod:`crisislib.spread.forecast.expected_course`.
    """
    correction, threshold = watch.spread.correction, watch.spread.posts_per_hour
    table = latest_observations(posts)
    graph = build_graph(table.filter(pc.less_equal(table["created_at"], pa.scalar(pd.Timestamp(now), TIME))), edges)
    events, number, start = events_of(graph, accounts, watch)
    if not len(events):
        return Forecast(_BLANK, _NO_CURVE, findings_of(_BLANK, {}, correction, watch.zone))
    age = np.maximum(data_until(graph, now) - start, 60.0)
    way = course(events, age, hours, awake=AWAKE / AWAKE.mean())
    wide = _sizes(events, age, seed)
    peak = _tallest(events)
    wide["threshold"] = peak[0] / 2 if threshold is None else threshold
    wide = pd.concat([wide, _ahead(wide, way, age, start, peak)], axis=1)
    for name, size, effect in zip(("saved_lo", "saved_hi"), ("forecast_lo", "forecast_hi"), correction, strict=True):
        wide[name] = (np.maximum(wide[size] - wide["n"], 0) * way.saved(effect)).round()
    curve = _curve(events, wide, way, start + age)
    wide["root_id"], wide["age_h"], wide["as_of"] = list(events.ids), age / 3600, pd.Timestamp(now)
    wide[["n", *_SIZES]] += 1  # the root is a post too
    wide.loc[wide["forecast"].isna(), _UNKNOWN_WITHOUT_FORECAST] = None
    wide = wide.sort_values(["n", "root_id"], ascending=[False, True], kind="stable")
    leading = wide[wide["forecast"].notna()].head(1).index
    evidence = {wide["root_id"][i]: members(graph, int(number[i])) for i in leading}
    out = wide[_COLUMNS].reset_index(drop=True)
    return Forecast(out, curve, findings_of(out, evidence, correction, watch.zone))
