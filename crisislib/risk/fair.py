"""Loss by simulation: how often, how much, and how the forms of loss go together (FAIR)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import special

from crisislib.core.watch_sections import LossForm

Floats = npt.NDArray[np.float64]
Shape = Literal["pert", "lognormal"]
Range = tuple[float, float, float]

FORMS: tuple[LossForm, ...] = get_args(LossForm)
"""FAIR's six forms of loss; the first three are primary, the others follow only when others react."""
PRIMARY = FORMS[:3]
_GRID = (1 - np.cos(np.linspace(0, np.pi, 4097))) / 2
"""Where the beta is inverted: Chebyshev points of [0, 1], dense at both ends, where its inverse is steepest."""


@dataclass(frozen=True)
class Form:
    """One form of loss: its range for one incident, where that comes from, and its shape."""

    name: LossForm
    span: Range
    source: str
    shape: Shape = "pert"


def pert_ab(low: float, mode: float, high: float, gamma: float = 4.0) -> tuple[float, float]:
    """Beta parameters of a PERT distribution: α = 1 + γ(mode-low)/(high-low), β = 1 + γ(high-mode)/(high-low).

    Parameters
    ----------
    low, mode, high : float
        Ends and most likely value, low < high.
    gamma : float
        Weight of the mode; 4 is the usual PERT.

    Returns
    -------
    tuple of float
        α and β of the beta distribution on [low, high].
    """
    return 1 + gamma * (mode - low) / (high - low), 1 + gamma * (high - mode) / (high - low)


def quantile(span: Range, u: Floats, shape: Shape = "pert") -> Floats:
    """Draws from a range by inverting its distribution at uniforms `u`.

    Parameters
    ----------
    span : tuple
        Minimum, most likely, maximum, in currency.
    u : array of float
        Uniform in (0, 1).
    shape : {"pert", "lognormal"}
        PERT ends at the maximum. Lognormal takes minimum and maximum as its 5 % and 95 % points and
        has no end; it needs a minimum above 0.

    Returns
    -------
    array of float
        In currency.
    """
    low, mode, high = span
    if low == high:
        return np.full_like(u, low)
    if shape == "lognormal" and low > 0:
        width = (np.log(high) - np.log(low)) / (2 * special.ndtri(0.95))
        return np.asarray(np.exp((np.log(high) + np.log(low)) / 2 + width * special.ndtri(u)))
    a, b = pert_ab(low, mode, high)
    # inverting the beta at 4097 points, dense at both ends, and joining them is within 1e-5 of the range and fast
    return np.asarray(low + (high - low) * np.interp(u, _GRID, special.betaincinv(a, b, _GRID)))


def coupled(rng: np.random.Generator, n: int, k: int, rho: float) -> Floats:
    """Uniforms of shape (n, k) under a Gaussian copula in which every pair has correlation `rho` (0-1).

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    n : int
        Rows: independent draws.
    k : int
        Columns: variables that go together.
    rho : float
        Correlation of the normals behind every pair, 0-1.

    Returns
    -------
    array of float, shape (n, k)
        Uniform in (0, 1).

    Notes
    -----
    z = √ρ·c + √(1 - ρ)·e with one normal c a row and one normal e a cell; u = Φ(z) (one-factor Gaussian copula).
    """
    common = rng.standard_normal((n, 1))
    own = rng.standard_normal((n, k))
    return np.asarray(special.ndtr(np.sqrt(rho) * common + np.sqrt(1 - rho) * own))


def incident_losses(rng: np.random.Generator, forms: list[Form], n: int, *, secondary: float, rho: float) -> Floats:
    """Loss per form for `n` incidents.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    forms : list of Form
        Those that can be assessed.
    n : int
        Incidents.
    secondary : float
        Probability that others react, so that fines, lost advantage and reputation follow.
    rho : float
        Correlation between the forms.

    Returns
    -------
    array of float, shape (n, len(forms))
        In currency.

    Notes
    -----
    LM = PLM + SLEF·SLM (Open FAIR, O-RT). The secondary event is drawn once per incident.
    """
    # Every form has its own draws, assessed or not: one range more never changes what another form costs.
    u = coupled(rng, n, len(FORMS), rho)
    follows = rng.random(n) < secondary
    drawn = [
        quantile(f.span, u[:, FORMS.index(f.name)], f.shape) * (1.0 if f.name in PRIMARY else follows) for f in forms
    ]
    return np.column_stack(drawn) if drawn else np.zeros((n, 0))


def yearly_losses(
    rng: np.random.Generator, forms: list[Form], years: int, *, rate: Range, secondary: float, rho: float
) -> Floats:
    """Total loss of `years` simulated years: Poisson numbers of incidents at a PERT rate, summed.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    forms : list of Form
        Those that can be assessed.
    years : int
        Years to simulate.
    rate : tuple of float
        Incidents a year: minimum, most likely, maximum.
    secondary : float
        Probability (0-1) that others react.
    rho : float
        Correlation between the forms, 0-1.

    Returns
    -------
    array of float, shape (years,)
        In currency. With a fixed rate λ: mean λ·E[X], variance λ·E[X²] (compound Poisson).
    """
    counts = rng.poisson(quantile(rate, rng.random(years)))
    losses = incident_losses(rng, forms, int(counts.sum()), secondary=secondary, rho=rho).sum(axis=1)
    return np.asarray(np.bincount(np.repeat(np.arange(years), counts), weights=losses, minlength=years), dtype=float)


def exceedance(losses: Floats, points: int = 101) -> tuple[Floats, Floats]:
    """Loss and the probability to exceed it, at evenly spaced probabilities from 1 to 0.

    Parameters
    ----------
    losses : array of float, shape (n,)
        Simulated losses, in currency.
    points : int
        Points of the curve.

    Returns
    -------
    tuple of array of float, each of shape (points,)
        Losses in currency, rising, and the probability (1 to 0) to exceed each.
    """
    p = np.linspace(1.0, 0.0, points)
    return np.quantile(losses, 1 - p), p
