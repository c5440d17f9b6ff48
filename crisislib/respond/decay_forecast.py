"""What a signal would have done by itself: a family of decays, averaged by how well each bears out the windows before.

A burst falls without anybody's help. A straight line through its fall, or the level before, is therefore no
counterfactual; here each of many decays is fitted, weighted by its marginal likelihood, and carried on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import linalg

Floats = npt.NDArray[np.float64]

HALF_LIVES = tuple(float(h) for h in np.geomspace(1.5, 96.0, 7))
"""Windows: from a burst that is over in a few to one that hardly falls in the days around a response."""
SPREADS = (0.05, 0.15, 0.3, 0.6)
"""Standard deviation of the noise beside the counting error, relative to the mean: quiet brands to erratic ones."""
MEMORIES = (0.5, 0.95)
"""Correlation of the noise from one window to the next: a few hours, or nearly a random walk. The last also stands
for decays that the family does not hold."""
NUGGET = 0.3
"""Part of the noise that the next window does not remember."""
FLAT = 0.15
"""Prior weight of a level that stays where it is; the decays share the rest evenly, which is even in log half-life."""
USUAL_SD = 0.5
"""How far the level to which a burst returns may lie from the usual one, relative (one standard deviation)."""
LOWEST = 0.1
"""Of the usual: a forecast of a count goes no lower, whatever a steep fit promises."""


@dataclass(frozen=True)
class Stretch:
    """A signal around one moment.

    Attributes
    ----------
    before, after : array of float
        Known values before the moment (shape (n,)) and after it (shape (k,)).
    t_before, t_after : array of float
        Their windows, counted from the top of the burst (0).
    usual_before, usual_after : array of float
        The usual value in those windows, with the rhythm of the day; ones where there is no rhythm.
    counts : bool
        Whether values are counts, whose changes are ratios.
    """

    before: Floats
    after: Floats
    t_before: Floats
    t_after: Floats
    usual_before: Floats
    usual_after: Floats
    counts: bool


@dataclass(frozen=True)
class Forecast:
    """The after part as it would have been.

    Attributes
    ----------
    mean, sd : float
        Of the logarithm of the total for counts, of the mean value otherwise; the sd covers the fit, the choice among
        decays and the noise of the windows after, but no counting error of them.
    """

    mean: float
    sd: float


def forecast(part: Stretch) -> Forecast:
    """Carry the course before a moment on past it.

    Parameters
    ----------
    part : Stretch
        With at least two values before and one after; the values after are not read.

    Returns
    -------
    Forecast
        Mean and standard deviation over the family.

    Notes
    -----
    μ_t = u_t (B + A g(t)) or u_t B + ū A g(t) (a burst with or without the day's rhythm; u is the usual value), with g
    one of 2^(-t/h), 1/(1 + t/h), 1/(1 + t/h)², 2^(-(t/h)²), 2^(-(t/h)⁴) (a plateau that ends) or 1. Relative errors
    y/m - μ/m have variance 1/m + σ² and correlation ρ^lag, m being the mean of a first fit, so that B and A are a
    linear model with a closed posterior. Models (shape, σ, ρ) are averaged by prior times marginal likelihood (Hoeting
    et al. 1999, doi:10.1214/ss/1009212519); the noise is carried past the moment as in kriging.
    """
    if part.counts:
        scale = max(float(part.usual_before.mean()), 0.05)
        smooth = np.full(len(part.before), max(float(part.before.mean()), 0.5))
        fit = _average(part, smooth, scale, first=True)
        means = np.maximum(fit.fitted, 0.25 * smooth + 0.25)
        fit = _average(part, means, scale, first=False)
        return Forecast(fit.mean, fit.sd)
    centre = float(np.median(part.before))
    spread = max(float(part.before.std()), 1e-6 * (1 + abs(centre)))
    scaled = Stretch(
        (part.before - centre) / spread, part.after, part.t_before, part.t_after,
        np.ones(len(part.before)), np.ones(len(part.after)), counts=False,
    )  # fmt: skip
    fit = _average(scaled, np.ones(len(part.before)), 1.0, first=False)
    return Forecast(centre + spread * fit.mean, spread * fit.sd)


@dataclass(frozen=True)
class _Fit:
    mean: float
    sd: float
    fitted: Floats


def shapes(t: Floats) -> Floats:
    """Every decay of the family.

    Parameters
    ----------
    t : array of float, shape (n,)
        Windows since the top.

    Returns
    -------
    array of float, shape (n, shapes)
        Height over that of the top, the flat one last.
    """
    x = np.maximum(t, 0.0)[:, None] / np.array(HALF_LIVES)
    ends = [0.5 ** np.minimum(x**power, 500) for power in (2, 4)]
    return np.concatenate([0.5**x, 1 / (1 + x), 1 / (1 + x) ** 2, *ends, np.ones((len(t), 1))], axis=1)


@cache
def _log_prior(count: int) -> Floats:
    prior = np.full(count, (1 - FLAT) / (count - 1))
    prior[-1] = FLAT
    return np.asarray(np.log(prior))


def _average(part: Stretch, means: Floats, scale: float, *, first: bool) -> _Fit:
    """The family fitted with weights from `means`; `first` takes one kind of noise only, to find the means."""
    g, g_after = shapes(part.t_before), shapes(part.t_after)
    rhythm, rhythm_after = part.usual_before[:, None], part.usual_after[:, None]
    own, own_after = g * rhythm, g_after * rhythm_after
    prior = _log_prior(g.shape[1])
    if part.counts:  # a burst may keep the rhythm of the day, or not
        own, own_after = np.hstack([own, g * scale]), np.hstack([own_after, g_after * scale])
        prior = np.concatenate([prior, prior])
    x = np.stack([np.broadcast_to(rhythm, own.shape), own]) / means[:, None]
    sums = np.stack([np.full(own.shape[1], rhythm_after.sum()), own_after.sum(axis=0)])
    if not part.counts:
        sums = sums / len(part.after)
    y = part.before / means
    top = max(float(part.before[:3].max()) / scale, 1.0) if part.counts else 2.0
    at, width = np.array([1.0 if part.counts else 0.0, 0.0]), np.array([USUAL_SD if part.counts else 2.0, top])
    mix, logs, fits = [], [], []
    for spread, memory in ((0.3, 0.7),) if first else _NOISES:
        model = _posterior(part, x, y, sums, (at, width), (spread, memory), means)
        logs.append(model[0] + prior)
        mix.append(model[1:3])
        fits.append(model[3])
    weight = np.exp(np.concatenate(logs) - np.concatenate(logs).max())
    weight /= weight.sum()
    mean, var = (np.concatenate([m[i] for m in mix]) for i in (0, 1))
    centre = float(weight @ mean)
    fitted = np.concatenate(fits, axis=1) @ weight * means
    return _Fit(centre, float(np.sqrt(weight @ (var + (mean - centre) ** 2))), fitted)


_NOISES = tuple((s, m) for s in SPREADS for m in MEMORIES)


def _posterior(
    part: Stretch,
    x: Floats,
    y: Floats,
    sums: Floats,
    prior: tuple[Floats, Floats],
    noise: tuple[float, float],
    means: Floats,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Per shape: log marginal likelihood, mean and variance of the forecast, and the fitted values."""
    (at, width), (spread, memory) = prior, noise
    n = len(y)
    lag = np.abs(part.t_before[:, None] - part.t_before)
    kept = spread**2 * (1 - NUGGET)
    cover = kept * memory**lag + np.eye(n) * (spread**2 * NUGGET)
    if part.counts:
        cover += np.diag(1 / means)
    root = np.linalg.cholesky(cover)
    share = part.usual_after / part.usual_after.sum()
    ahead = kept * (memory ** np.abs(part.t_before[:, None] - part.t_after)) @ share
    late = kept * memory ** np.abs(part.t_after[:, None] - part.t_after) + np.eye(len(share)) * (spread**2 * NUGGET)
    white = linalg.solve_triangular(root, np.column_stack([y, ahead, x[0], x[1]]), lower=True, check_finite=False)
    a, w = white[:, 0], white[:, 1]
    z0, z1 = np.hsplit(white[:, 2:], 2)
    p00, p11, p01 = (
        (z0 * z0).sum(axis=0) + width[0] ** -2,
        (z1 * z1).sum(axis=0) + width[1] ** -2,
        (z0 * z1).sum(axis=0),
    )
    b0, b1 = a @ z0 + at[0] / width[0] ** 2, a @ z1 + at[1] / width[1] ** 2
    size = p00 * p11 - p01**2
    base, burst = (p11 * b0 - p01 * b1) / size, (p00 * b1 - p01 * b0) / size
    log = -np.log(np.diag(root)).sum() - 0.5 * (np.log(size) + a @ a - base * b0 - burst * b1)
    total = sums[0] * base + sums[1] * burst
    if part.counts:
        total = np.maximum(total, LOWEST * part.usual_after.sum())
    unit = total if part.counts else np.ones_like(total)
    d0, d1 = sums[0] / unit - w @ z0, sums[1] / unit - w @ z1
    var = (p11 * d0**2 + p00 * d1**2 - 2 * p01 * d0 * d1) / size + max(float(share @ late @ share - w @ w), 0.0)
    mean = (np.log(total) if part.counts else total) + w @ a - (w @ z0) * base - (w @ z1) * burst
    return log, mean, var, x[0] * base + x[1] * burst
