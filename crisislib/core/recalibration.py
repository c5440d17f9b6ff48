"""Logistic recalibration of a classifier by an analyst's labels (Platt 1999), with a bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
NEEDED = 30
"""Labelled posts from which a correction is made, with at least :data:`EACH` on either side."""
EACH = 5
"""Labelled posts of each class: the usual least expected count for a normal approximation of a proportion."""
_SLOPE_SD, _SHIFT_SD = 0.7, 1.5
"""Prior spread of the calibration's slope around 1 and of its shift around 0, in logits."""
_STEPS, _HALVINGS, _ARMIJO, _CLOSE = 50, 30, 1e-4, 1e-8
"""Newton steps and halvings at most; least fall of the loss per predicted fall (the usual 10⁻⁴, Nocedal & Wright 2006,
ch. 3); predicted fall, in nats, below which nothing is left to gain."""


@dataclass(frozen=True)
class Calibration:
    """What an analyst's labels say of a classifier's probabilities.

    Attributes
    ----------
    p : numpy.ndarray, (n_labels,)
        P(negative) that the classifier gave to the labelled posts, 0-1; for labels it was not taught with.
    negative : numpy.ndarray of bool, (n_labels,)
        Whether the analyst called the post negative.
    at : numpy.ndarray, (n_labels,), optional
        Times of the posts, in any unit; NaN where a time is not known. They tell how the error moves in time.
    """

    p: F64
    negative: npt.NDArray[np.bool_]
    at: F64 | None = None

    @property
    def enough(self) -> bool:
        """Whether there are enough labels on either side to correct by."""
        bad = int(self.negative.sum())
        return len(self.p) >= NEEDED and min(bad, len(self.p) - bad) >= EACH


def logit(p: F64) -> F64:
    """Log odds, clipped at a chance of one in a million on either side.

    Parameters
    ----------
    p : numpy.ndarray
        Probabilities, 0-1.

    Returns
    -------
    numpy.ndarray
        Same shape; ln(p / (1 − p)).
    """
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)))


def sigmoid(x: F64) -> F64:
    """Probability of log odds, the inverse of :func:`logit`.

    Parameters
    ----------
    x : numpy.ndarray
        Log odds.

    Returns
    -------
    numpy.ndarray
        Same shape, 0-1; 1 / (1 + e^−x).
    """
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -40, 40))))


def recalibrate(labels: Calibration, draws: int, rng: np.random.Generator) -> tuple[F64, F64, F64]:
    """Slope, shift and labelled share of the fit on all labels (first) and on each bootstrap draw.

    Parameters
    ----------
    labels : Calibration
        The analyst's labels with what the classifier made of them.
    draws : int
        Bootstrap draws.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    slope, shift, share : numpy.ndarray
        Shape (draws + 1,); logit p' = slope · logit p + shift.
    """
    n = len(labels.p)
    weight = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)
    weight = np.concatenate([np.ones((1, n)), weight])
    x, y = logit(labels.p), labels.negative.astype(float)
    slope, shift = _newton(x, y, weight, np.ones(draws + 1), free=np.ones(draws + 1, dtype=bool))
    turned = slope < 0  # the classifier says nothing here: slope 0 is the best that is not absurd
    if turned.any():
        _, alone = _newton(x, y, weight[turned], np.zeros(int(turned.sum())), free=np.zeros(int(turned.sum()), bool))
        slope[turned], shift[turned] = 0.0, alone
    share = np.clip((weight @ y) / n, 0.5 / n, 1 - 0.5 / n)
    return slope, shift, share


def _newton(x: F64, y: F64, weight: F64, slope: F64, free: npt.NDArray[np.bool_]) -> tuple[F64, F64]:
    """Slope (where it is free) and shift of least penalised loss of each draw, by Newton steps with a line search.

    The loss is convex: a step that is halved until the loss falls (Armijo) reaches its one minimum from anywhere. A
    full or clipped step does not: on well separated labels it swings for ever.
    """
    shift = np.zeros(len(slope))

    def loss(a: F64, b: F64) -> F64:
        z = a[:, None] * x + b[:, None]
        fit = (weight * (np.logaddexp(0, z) - y * z)).sum(axis=1)
        return np.asarray(fit + b**2 / (2 * _SHIFT_SD**2) + (a - 1) ** 2 / (2 * _SLOPE_SD**2))

    now = loss(slope, shift)
    for _ in range(_STEPS):
        q = sigmoid(slope[:, None] * x + shift[:, None])
        miss, bend = weight * (q - y), weight * q * (1 - q)
        g0 = miss.sum(axis=1) + shift / _SHIFT_SD**2
        g1 = np.where(free, (miss * x).sum(axis=1) + (slope - 1) / _SLOPE_SD**2, 0.0)
        h00 = bend.sum(axis=1) + 1 / _SHIFT_SD**2
        h01 = np.where(free, (bend * x).sum(axis=1), 0.0)
        h11 = np.where(free, (bend * x * x).sum(axis=1) + 1 / _SLOPE_SD**2, 1.0)
        det = h00 * h11 - h01**2
        down0, down1 = (h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det
        falls, step = g0 * down0 + g1 * down1, np.ones(len(slope))
        if falls.max() < _CLOSE:
            break
        for _ in range(_HALVINGS):
            tried = loss(slope - step * down1, shift - step * down0)
            good = tried <= now - _ARMIJO * step * falls
            if good.all():
                break
            step = np.where(good, step, step / 2)
        slope, shift = np.where(good, slope - step * down1, slope), np.where(good, shift - step * down0, shift)
        now = np.where(good, tried, now)
    return slope, shift
