"""How good probabilities are: Brier, calibration error, and area under precision and recall."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


def reliability(p: Floats, y: npt.NDArray[np.bool_], weight: Floats | None = None, bins: int = 10) -> pd.DataFrame:
    """Mean forecast and observed share per bin of equal forecasts.

    Parameters
    ----------
    p : numpy.ndarray
        Forecasts, shape (n,), 0-1.
    y : numpy.ndarray of bool
        What happened, shape (n,).
    weight : numpy.ndarray, optional
        Shape (n,); 1 each when left out.
    bins : int
        Of equal width.

    Returns
    -------
    pandas.DataFrame
        `bin` (lower edge), `n` (weight), `forecast`, `observed`.
    """
    w = np.ones(len(p)) if weight is None else weight
    bin_of = np.minimum((p * bins).astype(np.int64), bins - 1)
    frame = pd.DataFrame({"bin": bin_of / bins, "n": w, "forecast": p * w, "observed": y * w})
    table = frame.groupby("bin", as_index=False).sum()
    return table.assign(forecast=table["forecast"] / table["n"], observed=table["observed"] / table["n"])


def measures(p: Floats, y: npt.NDArray[np.bool_], weight: Floats | None = None) -> dict[str, float]:
    """Brier score, expected calibration error (ten bins), and PR-AUC, with the base rate and n.

    Parameters
    ----------
    p : numpy.ndarray
        Forecast probabilities.
    y : numpy.ndarray
        What happened.
    weight : numpy.ndarray, optional
        What each row stands for.
    """
    from sklearn.metrics import average_precision_score

    w = np.ones(len(p)) if weight is None else weight
    table = reliability(p, y, w)
    gap = float((table["n"] * (table["forecast"] - table["observed"]).abs()).sum() / table["n"].sum())
    return {
        "brier": float(np.average((p - y) ** 2, weights=w)),
        "ece": gap,
        "pr_auc": float(average_precision_score(y, p, sample_weight=w)) if y.any() else float("nan"),
        "base": float(np.average(y, weights=w)),
        "n": float(len(p)),
    }
