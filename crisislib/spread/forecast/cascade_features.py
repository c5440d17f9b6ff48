"""What a cascade's first minutes say about its size: features that do not depend on the platform's scale."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crisislib.spread.forecast.events import Events, Floats
from crisislib.spread.forecast.seismic import Kernel, audiences, final_size, state

SHARES = (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32)
"""Shares of the age at which the count is read: halved each time, for spread is a matter of ratios of time."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of the repost times that describe the shape of the curve."""
HOURS = 24
"""Clock hours of a day."""
AHEAD_H = (1, 3, 6, 12)
"""Hours ahead over which the day's coming activity is summed; most reposts come within half a day."""


def day_profile(events: Events, *, prior: float = 200.0) -> Floats:
    """Share of the day's activity in each clock hour, shrunk to even.

    Parameters
    ----------
    events : Events
        Finished cascades; those whose `clock` is unknown are left out.
    prior : float
        Weight of an even day, in reposts; each cascade counts its square root, so that one does not rule.

    Returns
    -------
    numpy.ndarray
        24 values with mean 1.
    """
    owner = events.owner
    known = np.isfinite(events.clock[owner])
    # Reposts of the first hours follow the hour of posting, not of the day: only later ones show the day.
    use = known & (events.t > 6 * 3600)
    hour = ((events.clock[owner][use] + events.t[use]) // 3600 % HOURS).astype(np.int64)
    per = np.bincount(owner[use], minlength=len(events))
    weight = 1 / np.sqrt(np.maximum(per, 1))[owner[use]]
    total = np.bincount(hour, weights=weight, minlength=HOURS) + prior / HOURS
    smooth = (np.roll(total, 1) + 2 * total + np.roll(total, -1)) / 4
    return np.asarray(smooth / smooth.mean())


def _day(events: Events, age: Floats, profile: Floats) -> dict[str, Floats]:
    """Where in the day the cascade was posted and is observed, and how busy the coming hours are."""
    out: dict[str, Floats] = {}
    twice = np.concatenate([[0], np.cumsum(np.tile(profile, 4))])
    for name, at in (("posted", events.clock), ("seen", events.clock + age)):
        angle = at % 86400 / 86400 * 2 * np.pi
        out[f"{name}_sin"], out[f"{name}_cos"] = np.sin(angle), np.cos(angle)
    hour = (events.clock + age) % 86400 / 3600
    past = events.clock % 86400 / 3600
    grid = np.arange(len(twice))
    for ahead in AHEAD_H:
        coming = np.interp(hour + ahead, grid, twice) - np.interp(hour, grid, twice)
        out[f"busy_{ahead}h"] = np.log(coming / ahead)
    lived = np.minimum(age / 3600, 48)
    out["busy_past"] = np.log((np.interp(past + lived, grid, twice) - np.interp(past, grid, twice)) / lived)
    return out


def _growth(visible: Events, age: Floats, n: Floats) -> dict[str, Floats]:
    """Shape of the growth curve: counts at halved ages, moments of log time, recent rates."""
    k, owner, base = len(visible), visible.owner, np.maximum(n, 1)
    out = {"log_n": np.log(base), "log_age": np.log(age), "log_rate": np.log(base / age)}
    for share in SHARES:
        out[f"at_{share:.3f}"] = np.log((visible.count(age * share) + 0.5) / (base + 0.5))
    part = np.log(np.maximum(visible.t, 1.0)) - np.log(age)[owner]
    mean = np.bincount(owner, weights=part, minlength=k) / base
    square = np.bincount(owner, weights=part**2, minlength=k) / base
    out["log_t_mean"], out["log_t_sd"] = mean, np.sqrt(np.maximum(square - mean**2, 0))
    last = np.maximum(visible.offset[1:] - 1, 0)
    safe = np.append(visible.t, 0.0)
    out["silence"] = np.log1p((age - safe[last]) / age * base)
    for back in (5, 10, 20, 50):
        at = np.maximum(visible.offset[1:] - back, visible.offset[:-1])
        last_n = np.minimum(n, back)
        span = np.maximum(age - safe[np.minimum(at, len(safe) - 1)], 1.0)
        out[f"recent_{back}"] = np.log(np.maximum(last_n, 0.5) / span) - np.log(base / age)
    for q in QUANTILES:
        row = (visible.offset[:-1] + np.floor(q * np.maximum(n - 1, 0))).astype(np.int64)
        out[f"q_{q}"] = np.log(np.maximum(safe[np.minimum(row, len(safe) - 1)], 1.0) / age)
    return out


def _tree(visible: Events, n: Floats) -> dict[str, Floats]:
    """Depth, breadth and people; NaN where no tree or account is known."""
    k, owner, base = len(visible), visible.owner, np.maximum(n, 1)
    known = np.isfinite(visible.depth)
    depth = np.where(known, visible.depth, 0.0)
    has = np.bincount(owner, weights=known, minlength=k) > 0
    deepest = np.zeros(k)
    np.maximum.at(deepest, owner, depth)
    people = pd.DataFrame({"o": owner[visible.user >= 0], "u": visible.user[visible.user >= 0]}).drop_duplicates()
    persons = np.bincount(people["o"].to_numpy(np.int64), minlength=k)

    def where_tree(values: Floats) -> Floats:
        return np.where(has, values, np.nan)

    return {
        "depth_max": where_tree(np.log1p(deepest)),
        "depth_mean": where_tree(np.bincount(owner, weights=depth, minlength=k) / base),
        "direct": where_tree(np.bincount(owner, weights=depth == 1, minlength=k) / base),
        "second": where_tree(np.bincount(owner, weights=depth == 2, minlength=k) / base),
        "persons": np.where(persons > 0, persons / base, np.nan),
    }


def _audience(visible: Events, n: Floats) -> dict[str, Floats]:
    """Who reposted: audience so far and the largest one; NaN where no follower counts are known."""
    k, owner, base = len(visible), visible.owner, np.maximum(n, 1)
    rows, _ = audiences(visible)
    has = np.bincount(owner, weights=np.isfinite(visible.audience), minlength=k) > 0
    top = np.zeros(k)
    np.maximum.at(top, owner, rows)
    total = np.bincount(owner, weights=rows, minlength=k)
    logs = np.bincount(owner, weights=np.log1p(rows), minlength=k) / base
    log_root = np.log1p(visible.root_audience)
    return {
        "root_audience": log_root,
        "per_root_audience": np.log(base) - log_root,
        "audience": np.where(has, np.log1p(total), np.nan),
        "audience_mean_log": np.where(has, logs, np.nan),
        "audience_top": np.where(has, np.log1p(top), np.nan),
    }


def features(events: Events, age: Floats | float, *, profile: Floats, kernels: tuple[Kernel, ...]) -> pd.DataFrame:
    """One row per cascade, from what was visible at its age.

    Parameters
    ----------
    events : Events
        May have later rows; they are cut away first, so that nothing leaks from the future.
    age : float or numpy.ndarray
        Seconds since the root, one for all or one each; above 0.
    profile : numpy.ndarray
        Activity by clock hour from :func:`day_profile`.
    kernels : tuple of Kernel
        Reaction-time laws for the point-process features; the index is in the column name.

    Returns
    -------
    pandas.DataFrame
        Floats; NaN where the data does not have what a feature needs. Column `n` is the count so far.
    """
    ages = np.broadcast_to(np.asarray(age, dtype=float), len(events)).copy()
    visible = events.until(ages)
    n = visible.size.astype(float)
    columns: dict[str, Floats] = {"n": n}
    columns |= _growth(visible, ages, n) | _tree(visible, n) | _audience(visible, n) | _day(events, ages, profile)
    for i, kernel in enumerate(kernels):
        plain = state(_without_audience(visible), ages, kernel)
        columns[f"p_{i}"] = np.log(np.maximum(plain.p, 1e-9))
        columns[f"waiting_{i}"] = np.log1p(plain.p * plain.waiting / np.maximum(n, 1))
        size = final_size(plain, mean_audience=0.5)
        columns[f"hawkes_{i}"] = np.log(np.clip(size / np.maximum(n, 1), 1, 1e4))
        full = state(visible, ages, kernel)
        has = np.isfinite(columns["audience"])
        columns[f"seismic_{i}"] = np.where(has, np.log1p(full.p * full.waiting / np.maximum(n, 1)), np.nan)
    return pd.DataFrame(columns, index=pd.Index(list(events.ids), name="cascade"))


def _without_audience(events: Events) -> Events:
    from dataclasses import replace

    return replace(events, audience=np.full(len(events.t), np.nan), root_audience=np.full(len(events), np.nan))
