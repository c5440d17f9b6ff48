"""Calibration of surprise on a series' own past, so that one threshold means one number of alarms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LN10 = float(np.log(10.0))


def calibrate(raw: Floats, *, refresh: int = 24, keep: int = 4032, first: int = 0, phase: int = 0) -> Floats:
    """Surprise by rank among the series' own past, with an exponential tail beyond it.

    One threshold then means the same number of alarms per week on every series. The past is the
    last `keep` windows; its upper decile is fitted anew every `refresh` windows. Until 48 past
    values are known the model's own probability stands, held to what so short a past can carry.

    Parameters
    ----------
    raw : numpy.ndarray
        Shape (series, windows), −log10 tail probabilities; NaN is passed over.
    refresh : int
        Windows between two fits: the tail of four weeks does not change within a day.
    keep : int
        Windows of the past that are ranked.
    first : int
        The answer is wanted from this window on; earlier ones may be left NaN.
    phase : int
        Number of the first window, counted from a fixed instant: the blocks in which ranks are renewed lie in time,
        not in the array, so that the answer does not hang on where a grid begins.

    Returns
    -------
    numpy.ndarray
        Same shape, −log10 of the calibrated probability.
    """
    series, n = raw.shape
    out = np.full(raw.shape, np.nan)
    for begin in range(-(phase % refresh), n, refresh):
        start, stop = max(0, begin), min(begin + refresh, n)
        if stop <= first:
            continue
        past = raw[:, max(0, start - keep) : start]
        now = raw[:, start:stop]
        n_known = np.isfinite(past).sum(axis=1) if past.size else np.zeros(series, dtype=np.int64)
        out[:, start:stop] = np.minimum(now, 6.0)
        ripe = n_known >= 48
        if ripe.any():
            out[ripe, start:stop] = _by_rank(now[ripe], past[ripe])
    return out


def _by_rank(now: Floats, past: Floats) -> Floats:
    edge = np.nanquantile(past, 0.9, axis=1)[:, None]
    over = np.where(past > edge, past - edge, np.nan)
    # A past burst must not stretch the tail for ever: excesses are winsorised at three decades.
    over = np.minimum(over, 3.0)
    k = np.isfinite(over).sum(axis=1)
    # One prior excess of 1/ln 10 (what an exact model would show) steadies few excesses.
    scale = ((np.nansum(over, axis=1) + 4.0 / _LN10) / (k + 4.0))[:, None]
    # In a series of many ties less than a tenth lies beyond the edge.
    share = (k + 1.0) / (np.isfinite(past).sum(axis=1) + 2.0)
    beyond = -np.log10(share)[:, None] + np.maximum(now - edge, 0.0) / scale / _LN10
    # Coarse series (mostly zeros) have ties at the edge: rank alone must not invent surprise.
    inside = np.minimum(now, now / np.maximum(edge, 1e-9))
    surprise: Floats = np.where(now > edge, np.minimum(beyond, now + 0.5), inside)
    bounded: Floats = np.minimum(surprise, 12.0)
    return bounded
