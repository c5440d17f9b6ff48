"""Training the outlook: simulated incidents plus whatever history the user has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.boosted_trees import extract_trees
from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.simulation.series import HOURS_BEFORE, simulate
from crisislib.warn.outlook.outlook_features import features
from crisislib.warn.outlook.outlook_model import BANDS, HORIZONS, ORANGE, Horizon, Model
from crisislib.warn.outlook.probability_scores import measures
from crisislib.warn.series_panel import Expect, Panel, signals_panel, simulated_panel

Floats = npt.NDArray[np.float64]
CHUNK = 260
"""Series simulated at once, which bounds the memory."""
KEEP_CALM = 0.04
"""Share of the windows with an index under ten that is kept for training, weighted up to what it stands for."""


@dataclass(frozen=True)
class Rows:
    """Windows to learn from: features, targets per horizon, weights, and which event they belong to."""

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.bool_]
    weight: Floats
    group: npt.NDArray[np.int64]
    index: Floats


def targets(index: Floats, threshold: float = ORANGE) -> npt.NDArray[np.bool_]:
    """Whether the index reaches a threshold within each horizon after a window.

    Parameters
    ----------
    index : numpy.ndarray
        Shape (series, windows).
    threshold : float
        Index, 0-100.

    Returns
    -------
    numpy.ndarray
        Bool, shape (series, windows, horizons).
    """
    high = np.nan_to_num(index) >= threshold
    ahead = np.concatenate([np.cumsum(high, axis=1), np.zeros((len(high), 1), dtype=np.int64)], axis=1)
    last = high.shape[1] - 1
    now = np.arange(high.shape[1])
    out = [ahead[:, np.minimum(now + h, last)] > ahead[:, now] for h in HORIZONS.values()]
    return np.stack(out, axis=-1)


def rows_of(panel: Panel, *, first: int, offset: int, rng: np.random.Generator, thin: bool = True) -> Rows:
    """Windows of a panel that may be asked: judged, below orange, with a whole day ahead.

    Parameters
    ----------
    panel : Panel
        Series side by side.
    first : int
        First window to use.
    offset : int
        Number of the first series, so that groups stay apart over panels.
    rng : numpy.random.Generator
        Thins the calm windows.
    thin : bool
        Whether to thin them.
    """
    x, _, _ = features(panel)
    y = targets(panel.index)
    windows = np.arange(panel.index.shape[1])
    ask = np.isfinite(panel.index) & (np.nan_to_num(panel.index) < ORANGE)
    ask &= (windows >= first) & (windows < panel.index.shape[1] - max(HORIZONS.values()))
    calm = (np.nan_to_num(panel.index) < 10) & ~y.any(axis=-1)
    weight = np.ones(panel.index.shape)
    if thin:
        keep = ~calm | (rng.uniform(0, 1, calm.shape) < KEEP_CALM)
        weight = np.where(calm, 1.0 / KEEP_CALM, 1.0)
        ask &= keep
    group = np.broadcast_to(np.arange(len(panel.index))[:, None] + offset, panel.index.shape)
    return Rows(x[ask].astype(np.float32), y[ask], weight[ask], group[ask], panel.index[ask])


def join(parts: Sequence[Rows]) -> Rows:
    """Several lots of rows as one.

    Parameters
    ----------
    parts : sequence of Rows
        One or more.

    Returns
    -------
    Rows
        In the order given.
    """
    return Rows(
        np.concatenate([p.x for p in parts]),
        np.concatenate([p.y for p in parts]),
        np.concatenate([p.weight for p in parts]),
        np.concatenate([p.group for p in parts]),
        np.concatenate([p.index for p in parts]),
    )


def simulated_rows(
    series: int, *, seed: int, expect: Expect, thin: bool = True, progress: Callable[[int, int], None] | None = None
) -> Rows:
    """Rows from simulated series, drawn in lots of bounded size.

    Parameters
    ----------
    series : int
        How many series.
    seed : int
        Of the random numbers.
    expect : callable
        Gives the baseline of a signal.
    thin : bool
        Leave out most calm windows, see :data:`KEEP_CALM`.
    progress : callable, optional
        Called with series done and series in all.

    Returns
    -------
    Rows
        Of all windows that have history enough.
    """
    parts = []
    rng = np.random.default_rng(seed)
    for first in range(0, series, CHUNK):
        made = simulate(min(CHUNK, series - first), seed=int(rng.integers(2**31)))
        panel = simulated_panel(made, expect)
        parts.append(rows_of(panel, first=HOURS_BEFORE, offset=first, rng=rng, thin=thin))
        if progress is not None:
            progress(min(first + CHUNK, series), series)
    return join(parts)


def train(
    histories: Sequence[pd.DataFrame] = (),
    *,
    expect: Expect,
    seed: int = 0,
    series: int = 2600,
    progress: Callable[[int, int], None] | None = None,
) -> Model:
    """Fit, calibrate and measure an outlook.

    Parameters
    ----------
    histories : sequence of pandas.DataFrame
        SIGNALS rows of the user's watches, one step each. The older three quarters of each teach;
        the newest quarter, later in time, calibrates and measures.
    expect : callable
        The baselines (:func:`crisislib.signals.baseline.expectation`).
    seed : int
        Same seed, same model.
    series : int
        Simulated series; each is one event, and no event is on both sides of the split.
    progress : callable, optional
        Called with how many series of how many are done.

    Returns
    -------
    Model

    Raises
    ------
    NotEnoughData
        Fewer than twenty events reach orange.
    """
    simulated = simulated_rows(series, seed=seed, expect=expect, progress=progress)
    # Whole series are held back: neighbouring windows of one event say nearly the same.
    held_out = simulated.group % 4 == 3
    learn, check = _pick(simulated, ~held_out), _pick(simulated, held_out)
    rng = np.random.default_rng(seed + 1)
    for i, history in enumerate(histories):
        own = _own(history, offset=10_000_000 + i, rng=rng)
        learn, check = join([learn, own[0]]), join([check, own[1]])
    events = len(np.unique(learn.group[learn.y[:, -1]]))
    if events < 20:
        raise NotEnoughData(
            N_("{events} events reach orange, 20 needed to train the outlook"),
            do=N_("simulate more series"),
            facts={"events": events},
        )
    names, groups = _names(expect)
    horizons, scores = {}, {}
    for i, seconds in enumerate(HORIZONS):
        horizons[seconds], scores[str(seconds)] = _fit(learn, check, i, seed)
    calm = learn.index < 10
    card = {
        "name": "outlook@1",
        "task": "probability that the index of a watch reaches orange (75) within 1, 6 and 24 hourly windows",
        "trained_on": f"{series} simulated series (seed {seed}) and {len(histories)} histories of the user",
        "events": events,
        "rows": len(learn.x),
        "measured_on_held_back": scores,
        "limits": "learnt mostly from simulated incidents; real ones differ, so see the backtest of the own history",
    }
    usual = np.nanmedian(learn.x[calm].astype(float), axis=0)
    return Model(horizons, names, groups, usual, _bands(learn), card)


def _own(history: pd.DataFrame, *, offset: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
    panel = signals_panel([history])
    rows = rows_of(panel, first=0, offset=offset, rng=rng)
    cut = int(0.75 * len(rows.x))
    # A day lies between the two sides, since targets look a day ahead.
    gap = max(HORIZONS.values())
    place = np.arange(len(rows.x))
    return _pick(rows, place < cut - gap), _pick(rows, place >= cut)


def _names(expect: Expect) -> tuple[tuple[str, ...], tuple[str, ...]]:
    _, names, groups = features(simulated_panel(simulate(1, seed=0), expect))
    return tuple(names), tuple(groups)


def _pick(rows: Rows, which: npt.NDArray[np.bool_]) -> Rows:
    return Rows(rows.x[which], rows.y[which], rows.weight[which], rows.group[which], rows.index[which])


def _fit(learn: Rows, check: Rows, i: int, seed: int) -> tuple[Horizon, dict[str, float]]:
    # Only who trains waits for scikit-learn to be imported.
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.isotonic import IsotonicRegression

    booster = HistGradientBoostingClassifier(
        max_iter=110,
        learning_rate=0.07,
        max_leaf_nodes=12,
        min_samples_leaf=60,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    booster.fit(learn.x, learn.y[:, i], sample_weight=learn.weight)
    trees = extract_trees(booster)
    # Half of the held-back events calibrate, the other half measure.
    first = check.group % 8 == 3
    tune, evaluation = _pick(check, first), _pick(check, ~first)
    ironed = IsotonicRegression(y_min=1e-5, y_max=1 - 1e-5, out_of_bounds="clip")
    ironed.fit(trees.log_odds(tune.x), tune.y[:, i].astype(float), sample_weight=tune.weight)
    knots, heights = ironed.X_thresholds_.astype(float), ironed.y_thresholds_.astype(float)
    horizon = Horizon(trees, knots, heights)
    return horizon, measures(horizon.probability(evaluation.x), evaluation.y[:, i], evaluation.weight)


def _bands(rows: Rows) -> Floats:
    """How often windows of each band of the index went on to orange, per horizon."""
    band = np.digitize(rows.index, BANDS[1:])
    out = np.zeros((len(HORIZONS), len(BANDS)))
    for b in range(len(BANDS)):
        here = band == b
        total = rows.weight[here].sum()
        out[:, b] = (rows.y[here] * rows.weight[here, None]).sum(axis=0) / total if total > 0 else np.nan
    # The last band is orange itself.
    out[:, -1] = 1.0
    return out
