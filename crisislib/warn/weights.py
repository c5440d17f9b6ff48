"""Weights of the index: judged (AHP), measured (entropy), and the two together, frozen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.errors import CrisisError, NotEnoughData

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

_RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
ENOUGH = 168
"""Windows that entropy weights need."""


@dataclass(frozen=True)
class Weights:
    """Both kinds of weights and what is used; each array in the order of :data:`DIMENSIONS`."""

    ahp: tuple[float, ...]
    entropy: tuple[float, ...]
    combined: tuple[float, ...]
    consistency: float
    frozen: str

    def table(self) -> pd.DataFrame:
        """One row per dimension: `dimension`, `ahp`, `entropy`, `weight`."""
        return pd.DataFrame(
            {"dimension": list(DIMENSIONS), "ahp": self.ahp, "entropy": self.entropy, "weight": self.combined}
        )


def ahp(pairwise: Floats) -> tuple[Floats, float]:
    """Weights of a pairwise comparison, and how consistent it is.

    Parameters
    ----------
    pairwise : numpy.ndarray
        Reciprocal matrix, shape (n, n), 1 < n ≤ 10.

    Returns
    -------
    weights : numpy.ndarray
        Shape (n,), summing to one.
    ratio : float
        Consistency ratio CR.

    Raises
    ------
    CrisisError
        Not reciprocal, or CR ≥ 0.1: the judgements contradict each other.

    Notes
    -----
    Principal eigenvector; CI = (λmax − n)/(n − 1), CR = CI/RI. Saaty 1977,
    doi:10.1016/0022-2496(77)90033-5.
    """
    n = len(pairwise)
    if not np.allclose(pairwise * pairwise.T, 1.0):
        raise CrisisError("the comparison matrix is not reciprocal", do="write 1/a below the diagonal for each a above")
    values, vectors = np.linalg.eig(pairwise)
    top = int(np.argmax(values.real))
    weights: Floats = np.abs(vectors[:, top].real)
    index = (values[top].real - n) / max(n - 1, 1)
    ratio = float(max(index, 0.0) / _RANDOM_INDEX[n - 1]) if n > 2 else 0.0
    if ratio >= 0.1:
        raise CrisisError(f"consistency ratio {ratio:.2f} is not below 0.10", do="compare the dimensions again")
    return weights / weights.sum(), ratio


def entropy_weights(scores: Floats) -> Floats:
    """Weights by how unevenly each dimension is spread over the windows.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (windows, dimensions) in [0, 1]; NaN counts as zero.

    Raises
    ------
    NotEnoughData
        Fewer than :data:`ENOUGH` windows.

    Notes
    -----
    p = x/Σx, e = −(1/ln n) Σ p ln p, w = (1 − e)/Σ(1 − e). Columns are rescaled to their 99th
    percentile first, since entropy weights otherwise reward a single outlier; a column of zeros
    carries no information and gets the least weight of the others.
    """
    if len(scores) < ENOUGH:
        raise NotEnoughData(f"{len(scores)} windows held, {ENOUGH} needed for entropy weights")
    x = np.nan_to_num(np.asarray(scores, dtype=float))
    top = np.quantile(x, 0.99, axis=0)
    x = np.clip(x / np.where(top > 0, top, 1.0), 0.0, 1.0) + 1e-9
    p = x / x.sum(axis=0)
    spread = 1.0 + (p * np.log(p)).sum(axis=0) / np.log(len(x))
    empty = top <= 0
    if empty.all():
        raise NotEnoughData("no dimension ever rose; entropy weights would be arbitrary")
    spread = np.where(empty, spread[~empty].min(), spread)
    weights: Floats = spread / spread.sum()
    return weights


def weigh(scores: Floats | None, *, frozen: str, entropy: tuple[float, ...] | None = None) -> Weights:
    """Combine judged and measured weights: w ∝ √(AHP · entropy).

    Parameters
    ----------
    scores : numpy.ndarray or None
        Dimension scores to take entropy weights from; None where `entropy` is given.
    frozen : str
        When or on what they were fixed; printed wherever the weights are.
    entropy : tuple of float, optional
        Entropy weights fixed earlier.
    """
    judged, ratio = ahp(PAIRWISE)
    if entropy is None and scores is None:
        raise NotEnoughData("neither scores nor frozen entropy weights were given")
    measured = entropy_weights(scores) if scores is not None else np.asarray(entropy, dtype=float)
    both = np.sqrt(judged * measured)
    both = both / both.sum()
    return Weights(tuple(judged), tuple(measured), tuple(both), ratio, frozen)


FROZEN_ENTROPY = (0.135, 0.184, 0.171, 0.157, 0.158, 0.195)
"""Entropy weights of 240 simulated series (seed 100), fixed so that an index of today means the same next quarter."""

SHIPPED = weigh(None, frozen="simulated incidents@1", entropy=FROZEN_ENTROPY)
"""The weights in use until a watch freezes its own."""
