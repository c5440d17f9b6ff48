"""Weights of the index: judged (AHP), measured (entropy), and the two together, frozen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_

Floats = npt.NDArray[np.float64]

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "heat": ("volume", "sustained_volume", "authors", "reach", "engagement", "heat"),
    "growth": ("velocity", "acceleration"),
    "tendency": ("negative_share", "negative_index"),
    "sensitivity": ("sensitive_posts", "sensitive_attention", "call_to_action", "complaint"),
    "spread": ("platforms", "news", "influencers"),
    "coordination": ("coordination",),
}
"""Dimensions of public-opinion indices in the literature, and the signals that speak for each."""

PAIRWISE: Floats = np.array(
    [
        [1, 2, 1, 1, 2, 4],
        [1 / 2, 1, 1 / 2, 1 / 2, 1, 3],
        [1, 2, 1, 1, 2, 4],
        [1, 2, 1, 1, 2, 4],
        [1 / 2, 1, 1 / 2, 1 / 2, 1, 2],
        [1 / 4, 1 / 3, 1 / 4, 1 / 4, 1 / 2, 1],
    ]
)
"""How much more row matters than column (Saaty's 1-9), in the order of :data:`DIMENSIONS`."""

ENTROPY = (0.135, 0.184, 0.171, 0.157, 0.158, 0.195)
"""Entropy weights of 240 simulated series (seed 100), made by `python -m tools.training.index_weights` and fixed, so
that an index of today means the same next quarter. The baselines have changed a little since: made anew they move by at
most 0.013."""

_RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random comparisons of 1 to 10 things (Saaty)."""


@dataclass(frozen=True)
class Weights:
    """Both kinds of weights and what is used; each in the order of :data:`DIMENSIONS`."""

    ahp: tuple[float, ...]
    entropy: tuple[float, ...]
    combined: tuple[float, ...]


def ahp(pairwise: Floats) -> Floats:
    """Weights of a pairwise comparison.

    Parameters
    ----------
    pairwise : numpy.ndarray
        Reciprocal matrix, shape (n, n), 1 < n ≤ 10.

    Returns
    -------
    numpy.ndarray
        Shape (n,), summing to one.

    Raises
    ------
    CrisisError
        Not reciprocal, or the consistency ratio is 0.1 or more: the judgements contradict each other.

    Notes
    -----
    Principal eigenvector; CI = (λmax − n)/(n − 1), CR = CI/RI. Saaty 1977,
    doi:10.1016/0022-2496(77)90033-5.
    """
    n = len(pairwise)
    if not np.allclose(pairwise * pairwise.T, 1.0):
        raise CrisisError(
            N_("the comparison matrix is not reciprocal"), do=N_("write 1/a below the diagonal for each a above")
        )
    values, vectors = np.linalg.eig(pairwise)
    top = int(np.argmax(values.real))
    weights: Floats = np.abs(vectors[:, top].real)
    inconsistency = max((values[top].real - n) / max(n - 1, 1), 0.0)
    ratio = float(inconsistency / _RANDOM_INDEX[n - 1]) if n > 2 else 0.0
    if ratio >= 0.1:
        raise CrisisError(
            N_("consistency ratio {ratio:.2f} is not below 0.10"),
            do=N_("compare the dimensions again"),
            facts={"ratio": ratio},
        )
    shares: Floats = weights / weights.sum()
    return shares


def combined(subjective: Floats, objective: Floats) -> Weights:
    """Both kinds as one: w ∝ √(AHP · entropy).

    Parameters
    ----------
    subjective : numpy.ndarray
        Weights by pairwise comparison (AHP), shape (dimensions,).
    objective : numpy.ndarray
        Entropy weights, same shape.

    Returns
    -------
    Weights
        All three; the combined ones sum to 1.
    """
    both = np.sqrt(subjective * objective)
    return Weights(tuple(subjective), tuple(objective), tuple(both / both.sum()))


SHIPPED = combined(ahp(PAIRWISE), np.asarray(ENTROPY))
"""The weights in use."""
