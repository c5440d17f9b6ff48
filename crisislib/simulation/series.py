"""Made-up series of signals with known truth: rhythm, crises of several shapes, harmless bursts, gaps.

Light and vectorised: it draws counts per window, not posts. It teaches the outlook, tries the
rules, and is the known truth of tests. The simulator of whole posts is the drill.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOURS_BEFORE = 21 * 24
"""Ordinary hours before anything may happen: what the baseline learns from."""


@dataclass(frozen=True)
class Shape:
    """How one kind of event moves the signals; each pair is a range that is drawn from.

    Attributes
    ----------
    crisis : bool
        Whether a crisis team would want to know.
    times : (float, float)
        Peak volume over the usual, drawn log-uniformly.
    rise_h, decay_h : (float, float)
        Hours to the peak, and half-life after it, drawn log-uniformly.
    negative : (float, float)
        Share of the event's own posts that is negative.
    sensitive, calls, news, loud, coordinated : float
        Expected share of the event's posts that is on a sensitive subject, calls to action, is news,
        comes from widely followed accounts, comes from coordinated accounts.
    """

    crisis: bool
    times: tuple[float, float]
    rise_h: tuple[float, float]
    decay_h: tuple[float, float]
    negative: tuple[float, float]
    sensitive: float = 0.02
    calls: float = 0.01
    news: float = 0.01
    loud: float = 0.01
    coordinated: float = 0.005


SHAPES: dict[str, Shape] = {
    "rumour": Shape(True, (3, 30), (3, 20), (4, 24), (0.45, 0.85), 0.10, 0.05, 0.02, 0.02, 0.02),
    "product_harm": Shape(True, (3, 40), (4, 30), (8, 48), (0.55, 0.9), 0.35, 0.10, 0.04, 0.02, 0.005),
    "service_outage": Shape(True, (4, 40), (1, 5), (2, 8), (0.6, 0.9), 0.03, 0.05, 0.01, 0.01, 0.005),
    "data_breach": Shape(True, (3, 20), (2, 16), (8, 36), (0.5, 0.8), 0.40, 0.06, 0.10, 0.03, 0.005),
    "malicious_attack": Shape(True, (3, 25), (2, 10), (3, 12), (0.7, 0.95), 0.08, 0.20, 0.005, 0.005, 0.35),
    "executive_misconduct": Shape(True, (3, 40), (3, 24), (8, 36), (0.5, 0.85), 0.20, 0.12, 0.05, 0.04, 0.01),
    "slow_burn": Shape(True, (2.5, 10), (24, 72), (24, 72), (0.5, 0.8), 0.12, 0.10, 0.03, 0.02, 0.01),
    "campaign": Shape(False, (3, 40), (1, 8), (4, 24), (0.02, 0.12), 0.005, 0.002, 0.02, 0.05, 0.06),
    "holiday": Shape(False, (2, 6), (8, 24), (8, 24), (0.05, 0.25), 0.02, 0.005, 0.01, 0.01, 0.005),
    "joke": Shape(False, (3, 30), (2, 10), (3, 12), (0.1, 0.3), 0.01, 0.01, 0.005, 0.03, 0.005),
    "news_day": Shape(False, (2, 8), (1, 6), (4, 12), (0.1, 0.3), 0.03, 0.005, 0.25, 0.03, 0.005),
    "grumble": Shape(False, (1.2, 2.0), (4, 24), (6, 24), (0.4, 0.7), 0.03, 0.02, 0.005, 0.005, 0.005),
    "calm": Shape(False, (1.0, 1.0), (4, 8), (4, 8), (0.1, 0.2)),
}
"""Kinds of event; the last ones are what a tool must not cry at."""

SIGNALS: dict[str, str] = {
    "volume": "count",
    "authors": "count",
    "velocity": "change",
    "sustained_volume": "amount",
    "negative_share": "share",
    "negative_index": "amount",
    "negative_posts": "count",
    "sustained_negative": "amount",
    "sensitive_posts": "count",
    "call_to_action": "share",
    "news": "count",
    "influencers": "count",
    "coordination": "share",
    "reach": "amount",
    "engagement": "amount",
}
"""The signals that are drawn, with their kinds."""


@dataclass(frozen=True)
class Simulated:
    """Series with their truth.

    Attributes
    ----------
    value, n, k : dict of str to numpy.ndarray
        Per signal, shape (series, windows): value (NaN in a gap), posts behind it, numerators of shares.
    at : pandas.DatetimeIndex
        Starts of the hourly windows.
    slots : numpy.ndarray
        Hour of week per window.
    truth : pandas.DataFrame
        One row per series: `kind`, `crisis`, `onset` and `peak` (window numbers, -1 for calm),
        `times`, `rate`.
    """

    value: dict[str, Floats]
    n: dict[str, Floats]
    k: dict[str, Floats]
    at: pd.DatetimeIndex
    slots: Ints
    truth: pd.DataFrame


def simulate(series: int, *, seed: int, days: int = 30, kinds: tuple[str, ...] = tuple(SHAPES)) -> Simulated:
    """Draw some series of hourly signals, one event each at most.

    Parameters
    ----------
    series : int
        How many.
    seed : int
        Same seed, same series.
    days : int
        Length; the event begins after three ordinary weeks and peaks before the end.
    kinds : tuple of str
        Kinds of event, of :data:`SHAPES`, taken in turn.
    """
    rng = np.random.default_rng(seed)
    windows = days * 24
    at = pd.date_range("2024-01-01", periods=windows, freq="h", tz="UTC").as_unit("us")
    hours = np.arange(windows)
    kind = np.array(kinds)[np.arange(series) % len(kinds)]
    rate = np.exp(rng.uniform(np.log(0.6), np.log(120), series))
    usual = rate[:, None] * _rhythm(rng, series, hours)
    event, onset, peak, times = _event(rng, kind, rate, windows)
    truth = pd.DataFrame(
        {
            "kind": kind,
            "crisis": [SHAPES[k].crisis for k in kind],
            "onset": np.where(kind == "calm", -1, onset),
            "peak": np.where(kind == "calm", -1, peak),
            "times": times,
            "rate": rate,
        }
    )
    value, n, k = _draw(rng, kind, usual, event)
    gap = _gaps(rng, series, windows)
    for name in value:
        value[name] = np.where(gap, np.nan, value[name])
        k[name] = np.where(gap, np.nan, k[name])
    for name, of, span in (("sustained_volume", "volume", 6), ("sustained_negative", "negative_posts", 24)):
        value[name] = _pooled(value[of], span)
        n[name], k[name] = np.nan_to_num(value[name]), np.full(gap.shape, np.nan)
    value["negative_index"], n["negative_index"] = _negative_index(k["negative_share"], n["volume"])
    k["negative_index"] = np.full(gap.shape, np.nan)
    return Simulated(value, n, k, at, (hours % 168).astype(np.int64), truth)


def _span(rng: np.random.Generator, kind: npt.NDArray[np.str_], name: str) -> Floats:
    """One log-uniform draw per series from the range of its kind."""
    bounds = np.array([getattr(SHAPES[k], name) for k in kind], dtype=float)
    low, high = np.log(bounds[:, 0]), np.log(bounds[:, 1])
    drawn: Floats = np.exp(low + rng.uniform(0, 1, len(kind)) * (high - low))
    return drawn


def _rhythm(rng: np.random.Generator, series: int, hours: Ints) -> Floats:
    """Daily and weekly rhythm around one, with a slow drift, and over-dispersed weather."""
    phase, depth = rng.uniform(0, 2 * np.pi, (series, 1)), rng.uniform(0.2, 0.9, (series, 1))
    day = 1.0 + depth * np.sin(2 * np.pi * hours[None, :] / 24 + phase)
    weekend = np.where((hours // 24) % 7 >= 5, rng.uniform(0.5, 1.3, (series, 1)), 1.0)
    drift = np.exp(rng.normal(0, 0.004, (series, len(hours))).cumsum(axis=1))
    # Hours hang together: the noise is an AR(1) with a memory of a few hours.
    noise, rough = np.zeros((series, len(hours))), rng.uniform(0.1, 0.45, series)
    shock = rng.normal(0, 1, (series, len(hours)))
    for t in range(1, len(hours)):
        noise[:, t] = 0.7 * noise[:, t - 1] + np.sqrt(1 - 0.49) * shock[:, t]
    shaped: Floats = day * weekend * drift * np.exp(rough[:, None] * noise - 0.5 * rough[:, None] ** 2)
    return shaped


def _event(
    rng: np.random.Generator, kind: npt.NDArray[np.str_], rate: Floats, windows: int
) -> tuple[Floats, Ints, Ints, Floats]:
    """Expected posts of the event per window, its onset and peak, and how many times the usual it reaches."""
    series = len(kind)
    times, rise, decay = (_span(rng, kind, name) for name in ("times", "rise_h", "decay_h"))
    last = windows - 30 - np.ceil(rise).astype(np.int64)
    onset = (HOURS_BEFORE + rng.uniform(0, 1, series) * np.maximum(last - HOURS_BEFORE, 1)).astype(np.int64)
    since = np.arange(windows)[None, :] - onset[:, None]
    # A seed that smoulders, then growth that speeds up, then a fall with a heavy tail.
    up = np.clip(since / rise[:, None], 0.0, 1.0) ** rng.uniform(1.0, 2.5, (series, 1))
    after = np.maximum(since - rise[:, None], 0.0) / decay[:, None]
    pulse = np.where(since < 0, 0.0, up * (0.7 * 0.5**after + 0.3 / (1.0 + after) ** 1.5))
    # Small brands are lifted by more: an event brings its own minimum of posts.
    extra = np.maximum((times - 1.0) * rate, np.where(times > 2, 4.0 + times, 0.0))
    event: Floats = extra[:, None] * pulse
    return event, onset, np.argmax(event, axis=1).astype(np.int64), times


def _thin(rng: np.random.Generator, n: Floats, share: Floats, shake: float = 40.0) -> Floats:
    """Beta-binomial thinning: how many of n posts have a property of a share."""
    p = np.clip(share, 1e-4, 1 - 1e-4)
    drawn: Floats = rng.binomial(n.astype(np.int64), rng.beta(p * shake, (1 - p) * shake)).astype(float)
    return drawn


def _draw(
    rng: np.random.Generator, kind: npt.NDArray[np.str_], usual: Floats, event: Floats
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """Signals from the posts of ordinary days and of the event."""
    series = len(kind)
    plain, moved = rng.poisson(usual).astype(float), rng.poisson(event).astype(float)
    posts = plain + moved
    shape = [SHAPES[k] for k in kind]

    def both(low: float, high: float, own: Floats, shake: float = 40.0) -> Floats:
        base = rng.uniform(low, high, (series, 1)) * np.ones_like(usual)
        return _thin(rng, plain, base, shake) + _thin(rng, moved, own[:, None] * np.ones_like(usual), shake)

    negative = both(0.08, 0.35, np.array([rng.uniform(*s.negative) for s in shape]), 25.0)
    sensitive = both(0.003, 0.04, np.array([s.sensitive for s in shape]) * rng.uniform(0.3, 1.7, series))
    calls = both(0.002, 0.02, np.array([s.calls for s in shape]) * rng.uniform(0.3, 1.7, series))
    news = both(0.0, 0.04, np.array([s.news for s in shape]) * rng.uniform(0.3, 1.7, series))
    loud = both(0.0, 0.03, np.array([s.loud for s in shape]) * rng.uniform(0.3, 1.7, series))
    joint = both(0.0, 0.02, np.array([s.coordinated for s in shape]) * rng.uniform(0.3, 1.7, series))
    authors = np.where(posts > 0, np.maximum(np.round(posts * rng.uniform(0.8, 1.0, posts.shape)), 1.0), 0.0)
    audience = posts * np.exp(rng.normal(5.5, 1.0, posts.shape)) + loud * np.exp(rng.normal(11.5, 0.8, posts.shape))
    acted = 160.0 * np.log1p(posts) * rng.uniform(0.7, 1.1, posts.shape)
    known = {
        "volume": posts,
        "authors": authors,
        "velocity": np.diff(posts, axis=1, prepend=posts[:, :1]),
        "negative_share": _share(negative, posts),
        "negative_posts": negative,
        "sensitive_posts": sensitive,
        "call_to_action": _share(calls, posts),
        "news": news,
        "influencers": loud,
        "coordination": _share(joint, posts),
        "reach": np.where(posts > 0, audience, np.nan),
        "engagement": np.where(posts > 0, acted, np.nan),
    }
    behind = {name: posts for name in known} | {"sensitive_posts": sensitive}
    part = {"negative_share": negative, "call_to_action": calls, "coordination": joint}
    return known, behind, {name: part.get(name, np.full(posts.shape, np.nan)) for name in known}


def _pooled(x: Floats, span: int) -> Floats:
    """Trailing sum of the known windows, scaled to the whole span; NaN where under three quarters are known."""
    known = np.isfinite(x)
    both = [np.cumsum(part, axis=1) for part in (np.where(known, x, 0.0), known.astype(float))]
    total, count = (np.concatenate([c[:, :span], c[:, span:] - c[:, :-span]], axis=1) for c in both)
    pooled: Floats = np.where(count >= 0.75 * span, total / np.maximum(count, 1.0) * span, np.nan)
    return pooled


def _negative_index(k: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Negative-sentiment index over the shortest trailing span with 24 posts, as the signals room computes it."""
    n = np.where(np.isfinite(k), n, np.nan)
    usual = np.nansum(k, axis=1, keepdims=True) / np.maximum(np.nansum(n, axis=1, keepdims=True), 1.0)
    posts, bad = np.zeros(k.shape), np.zeros(k.shape)
    for span in (1, 3, 6, 12, 24):
        short = posts < 24
        total = [
            np.concatenate([c[:, :span], c[:, span:] - c[:, :-span]], axis=1)
            for c in (np.cumsum(np.nan_to_num(x), axis=1) for x in (n, k))
        ]
        posts, bad = np.where(short, total[0], posts), np.where(short, total[1], bad)
    judged = (posts >= 24) & (np.nan_to_num(n) > 0)
    return np.where(judged, 100.0 * (bad + 30.0 * usual) / (posts + 30.0), np.nan), posts


def _share(k: Floats, n: Floats) -> Floats:
    share: Floats = np.where(n > 0, k / np.maximum(n, 1.0), np.nan)
    return share


def _gaps(rng: np.random.Generator, series: int, windows: int) -> npt.NDArray[np.bool_]:
    """Hours that were not collected: none to three stretches of up to eight hours per series."""
    hours = np.arange(windows)[None, :]
    gone = np.zeros((series, windows), dtype=bool)
    for place in range(3):
        start, length = rng.integers(0, windows, (series, 1)), rng.integers(1, 9, (series, 1))
        holds = rng.uniform(0, 1, (series, 1)) < 0.5 / (place + 1)
        gone |= holds & (hours >= start) & (hours < start + length)
    return gone
