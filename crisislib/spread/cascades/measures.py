"""Measures of all cascades at once: size, depth, breadth, virality, time to half, speed, breakout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisislib.spread.cascades.forest import Forest, Ints, group_members
from crisislib.spread.cascades.tree_shape import Floats, layers, virality, wiener
from crisislib.spread.post_arrays import NEVER

_POINTS = 32
"""Order statistics up to the half time at which the curve is compared with its chord."""
_LEAST = 20
"""Posts below which a cascade's curve has no shape to speak of."""


@dataclass(frozen=True)
class Measures:
    """One entry per cascade, in the order of `Forest.roots`.

    Attributes
    ----------
    n, depth, breadth : numpy.ndarray of int
        Nodes, deepest layer, posts in the widest layer below the root.
    virality : numpy.ndarray
        Mean distance between two nodes; nan for one node.
    start, last : numpy.ndarray of int64
        Earliest and latest time (microseconds); :data:`NEVER` where no node has one.
    half_s : numpy.ndarray
        Seconds from the start to the post that completes half of the cascade; nan for one node. This and
        what follows is over the nodes whose time is known.
    speed_h : numpy.ndarray
        Posts per hour up to that moment; nan where it is shorter than the clock's grain.
    breakout_s : numpy.ndarray
        Seconds from the start to the breakout; nan where it grew from the start (see :func:`breakout`).
    r_number : numpy.ndarray
        Growth per generation at the end of the data (see :func:`momentum`); nan where nothing was
        posted in the generation before.
    """

    n: Ints
    depth: Ints
    breadth: Ints
    virality: Floats
    start: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    half_s: Floats
    speed_h: Floats
    breakout_s: Floats
    r_number: Floats


def measure(forest: Forest, at: npt.NDArray[np.int64], *, until: int, generation_us: int) -> Measures:
    """All measures of all cascades of a forest, in array passes.

    Parameters
    ----------
    forest : Forest
    at : numpy.ndarray of shape (n,)
        Microseconds since 1970, :data:`NEVER` where unknown.
    until : int
        The instant that growth is judged at, microseconds.
    generation_us : int
        Typical lag between a post and its repost, microseconds.

    Returns
    -------
    Measures
    """
    m = len(forest.roots)
    n = forest.size[forest.roots]
    first_layer, count = layers(forest)
    deepest = np.diff(first_layer) - 1
    start, times = sorted_times(forest, at)
    timed = np.diff(start)
    ends = (start[:-1], start[1:] - 1)
    first, last = (np.append(times, NEVER)[np.where(timed > 0, end, len(times))] for end in ends)
    half_s = half_time(start, times)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(half_s > 0, np.ceil(timed / 2) / half_s * 3600, np.nan)
    return Measures(
        n, deepest, widest(first_layer, count), virality(wiener(forest), n), first, last, half_s, speed,
        breakout(start, times), momentum(forest.cascade, at, m, until=until, generation_us=generation_us),
    )  # fmt: skip


def widest(start: Ints, count: Ints) -> Ints:
    """Posts in the widest layer below the root of each tree, 0 where there is none.

    Parameters
    ----------
    start : numpy.ndarray of shape (m + 1,)
        Where each tree begins in `count`, from :func:`~crisislib.spread.cascades.tree_shape.layers`.
    count : numpy.ndarray
        Posts of each layer.

    Returns
    -------
    numpy.ndarray of shape (m,)
    """
    below = count.copy()
    below[start[:-1]] = 0
    return np.maximum.reduceat(below, start[:-1]) if len(below) else below


def sorted_times(forest: Forest, at: npt.NDArray[np.int64]) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Known times of each cascade in order: where each cascade begins, and the times.

    Parameters
    ----------
    forest : Forest
        With m trees.
    at : numpy.ndarray of shape (n,)
        Microseconds since 1970, :data:`~crisislib.spread.post_arrays.NEVER` where unknown.

    Returns
    -------
    start : numpy.ndarray of shape (m + 1,)
        Where each cascade begins in `times`.
    times : numpy.ndarray
        Microseconds since 1970, cascade by cascade, rising.
    """
    known = np.flatnonzero(at != NEVER)
    if len(known) and not bool(np.all(np.diff(at[known]) >= 0)):
        known = known[np.argsort(at[known], kind="stable")]
    start, member = group_members(forest.cascade[known], len(forest.roots))
    return start, at[known[member]]


def half_time(start: Ints, times: npt.NDArray[np.int64]) -> Floats:
    """Seconds from the first post of a cascade to the one that completes half of it; nan for fewer than two times.

    Parameters
    ----------
    start : numpy.ndarray of shape (m + 1,)
        Where each cascade begins in `times`.
    times : numpy.ndarray
        Microseconds since 1970, from :func:`sorted_times`.

    Returns
    -------
    numpy.ndarray of shape (m,)
        Seconds.
    """
    n = np.diff(start)
    out = np.full(len(n), np.nan)
    many = np.flatnonzero(n > 1)
    begin = start[many]
    out[many] = (times[begin + (n[many] + 1) // 2 - 1] - times[begin]) / 1e6
    return out


def breakout(start: Ints, times: npt.NDArray[np.int64]) -> Floats:
    """Seconds from the start to the moment at which a slow cascade began to run.

    Parameters
    ----------
    start : numpy.ndarray of shape (m + 1,)
        Where each cascade begins in `times`.
    times : numpy.ndarray
        Microseconds since 1970, from :func:`sorted_times`.

    Returns
    -------
    numpy.ndarray of shape (m,)
        Seconds; nan where the cascade ran from its start, or has fewer than 20 posts.

    Notes
    -----
    Up to the half time the cumulative curve is compared with its chord; the breakout is where it lies
    furthest below, if that distance passes the one-sided Kolmogorov-Smirnov bound sqrt(ln 20 / (2k))
    (5 %) for the k posts up to the half. The curve is read at 32 order statistics.
    """
    n = np.diff(start)
    out = np.full(len(n), np.nan)
    who = np.flatnonzero(n >= _LEAST)
    if not len(who):
        return out
    k = (n[who] + 1) // 2
    rank = (np.linspace(0, 1, _POINTS)[None, :] * (k[:, None] - 1)).astype(np.int64)
    since = times[start[who][:, None] + rank]
    since = since - since[:, :1]
    span = np.maximum(since[:, -1], 1)
    below = since / span[:, None] - rank / np.maximum(k - 1, 1)[:, None]
    best = below.argmax(axis=1)
    runs = below[np.arange(len(who)), best] > np.sqrt(np.log(20) / (2 * k))
    moment = since[np.arange(len(who)), best] / 1e6
    out[who[runs]] = moment[runs]
    return out


def momentum(cascade: Ints, at: npt.NDArray[np.int64], n_cascades: int, *, until: int, generation_us: int) -> Floats:
    """Growth per generation at an instant: posts of the last generation over those of the one before.

    Parameters
    ----------
    cascade : numpy.ndarray of shape (n,)
        Cascade of each post, 0 .. n_cascades - 1.
    at : numpy.ndarray of shape (n,)
        Microseconds since 1970.
    n_cascades : int
        Number of cascades, m.
    until : int
        The instant, microseconds since 1970.
    generation_us : int
        Length of a generation, microseconds.

    Returns
    -------
    numpy.ndarray of shape (m,)
        nan where the earlier generation is empty.

    Notes
    -----
    The ratio estimator of the instantaneous reproduction number (an der Heiden & Hamouda 2020,
    doi:10.25646/6692.4): above 1 the cascade grows. nan where the earlier generation is empty.
    """
    recent = np.flatnonzero((at > until - 2 * generation_us) & (at <= until))
    late = at[recent] > until - generation_us
    now = np.bincount(cascade[recent[late]], minlength=n_cascades).astype(np.float64)
    before = np.bincount(cascade[recent[~late]], minlength=n_cascades).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > 0, now / before, np.nan)
