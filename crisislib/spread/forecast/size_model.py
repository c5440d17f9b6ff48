"""Final size of a cascade learned from finished ones: analogues, boosting and the point process, with intervals."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from crisislib.core.errors import NotEnoughData
from crisislib.core.i18n import N_
from crisislib.spread.forecast.analogue import AnalogueForest, quantile, rank
from crisislib.spread.forecast.cascade_features import day_profile, features
from crisislib.spread.forecast.events import Events, Floats
from crisislib.spread.forecast.seismic import Kernel

KERNELS = (Kernel(), Kernel(300.0, 0.6), Kernel(60.0, 0.35))
"""Reaction-time laws of the features: the published one, one that forgets faster, one that starts faster."""

NEEDED = 20
"""Finished cascades that a model needs."""

_FOLDS = 5
"""Blocks of time for the ranks behind the intervals: each model still learns from four fifths of the history."""
_FEW = 200
"""Cascades below which boosting is left out and leaves are smaller: boosting on few learns what does not come back."""
_CHUNK = 256
"""Cascades forecast at once: bounds the memory of the (chunk, m) weights over m past cascades."""


@dataclass(frozen=True)
class Settings:
    """What a model is fitted with."""

    coverage: float = 0.8
    least: int = 10
    """Reposts that a cascade must have by then to be used in training or forecast."""
    trees: int = 200
    boosters: int = 3
    size_share: float = 0.5
    """Weight of analogues by final size against analogues by growth; 0 forgets the platform's scale."""
    seed: int = 0


@dataclass
class SizeModel:
    """Forecasts final sizes at one age; fitted by :func:`fit`."""

    age: float
    settings: Settings
    profile: Floats
    columns: list[str]
    fill: Floats
    growth: AnalogueForest
    size: AnalogueForest | None
    """None where analogues by size have no weight."""
    past_growth: Floats
    past_size: Floats
    seen_range: tuple[float, float]
    boosters: list[tuple[HistGradientBoostingRegressor, HistGradientBoostingRegressor]] = field(default_factory=list)
    levels: tuple[float, float] = (0.1, 0.9)

    def _matrix(self, table: pd.DataFrame) -> Floats:
        x = table[self.columns].to_numpy(float)
        return np.where(np.isfinite(x), x, self.fill)

    def _distribution(self, x: Floats, log_n: Floats) -> tuple[Floats, Floats]:
        """Log sizes of the analogues and their weights, per row of x."""
        by_growth = self.growth.weights(x)
        by_size = np.zeros((len(x), len(self.past_size))) if self.size is None else self.size.weights(x)
        # Outside the counts seen in training, past sizes are no guide: only growth carries over.
        inside = (log_n >= self.seen_range[0]) & (log_n <= self.seen_range[1])
        share = np.where(inside, self.settings.size_share, 0.0)[:, None]
        from_growth = np.maximum(log_n[:, None] + self.past_growth, log_n[:, None])
        ended = np.maximum(np.broadcast_to(self.past_size, by_size.shape), log_n[:, None])
        return np.hstack([from_growth, ended]), np.hstack([(1 - share) * by_growth, share * by_size])

    def _point(self, x: Floats, log_n: Floats, values: Floats, weights: Floats) -> Floats:
        middle = quantile(values, weights, np.array([0.5]))[:, 0]
        if self.boosters:
            from_growth = np.mean([g.predict(x) for g, _ in self.boosters], axis=0) + log_n
            ended = np.mean([s.predict(x) for _, s in self.boosters], axis=0)
            inside = (log_n >= self.seen_range[0]) & (log_n <= self.seen_range[1])
            share = np.where(inside, self.settings.size_share, 0.0)
            middle = (middle + (1 - share) * from_growth + share * ended) / 2
        return np.asarray(middle)

    def predict(self, events: Events, age: Floats | float | None = None) -> pd.DataFrame:
        """Final sizes of some cascades.

        Parameters
        ----------
        events : Events
            Rows later than the age are not looked at.
        age : float or numpy.ndarray, optional
            Seconds since the root; the model's own age when left out. Others are fine near it.

        Returns
        -------
        pandas.DataFrame
            Index cascade; columns n, forecast_lo, forecast, forecast_hi (reposts); NaN where fewer than
            `settings.least` were observed.
        """
        at = np.broadcast_to(np.asarray(self.age if age is None else age, dtype=float), len(events))
        table = features(events, at, profile=self.profile, kernels=KERNELS)
        out = pd.DataFrame({"n": table["n"]})
        for name in ("forecast_lo", "forecast", "forecast_hi"):
            out[name] = np.nan
        enough = np.flatnonzero(table["n"] >= self.settings.least)
        for chunk in np.array_split(enough, max(1, int(np.ceil(len(enough) / _CHUNK)))):
            if not len(chunk):
                continue
            part = table.iloc[chunk]
            x, log_n = self._matrix(part), part["log_n"].to_numpy()
            values, weights = self._distribution(x, log_n)
            point = np.maximum(self._point(x, log_n, values, weights), log_n)
            low, high = quantile(values, weights, np.array(self.levels)).T
            out.iloc[chunk, 1:] = np.exp(np.column_stack([np.minimum(low, point), point, np.maximum(high, point)]))
        return out


def _fit_once(x: pd.DataFrame, growth: Floats, size: Floats, age: float, profile: Floats, how: Settings) -> SizeModel:
    columns = [c for c in x.columns if c != "n" and np.isfinite(x[c]).any()]
    values = x[columns].to_numpy(float)
    fill = np.nanmedian(np.where(np.isfinite(values), values, np.nan), axis=0)
    matrix = np.where(np.isfinite(values), values, fill)
    leaf = 3 if len(x) < _FEW else 6
    log_n = x["log_n"].to_numpy()
    return SizeModel(
        age, how, profile, columns, fill,
        AnalogueForest.fit(matrix, growth, trees=how.trees, leaf=leaf, seed=how.seed),
        AnalogueForest.fit(matrix, size, trees=how.trees, leaf=leaf, seed=how.seed + 1) if how.size_share else None,
        growth, size, (float(log_n.min()), float(log_n.max())),
    )  # fmt: skip


def _boosters(
    model: SizeModel, table: pd.DataFrame, growth: Floats, size: Floats
) -> list[tuple[HistGradientBoostingRegressor, HistGradientBoostingRegressor]]:
    """Boosted medians of growth and of size, several seeds."""
    x, how = model._matrix(table), model.settings
    out = []
    for i in range(how.boosters):
        from_growth, ended = (
            HistGradientBoostingRegressor(
                loss="absolute_error",
                max_iter=120,
                learning_rate=0.05,
                max_leaf_nodes=8,
                min_samples_leaf=15,
                l2_regularization=1.0,
                max_features=0.4,
                random_state=how.seed + i,
            ).fit(x, target)
            for target in (growth, size)
        )
        out.append((from_growth, ended))
    return out


def _conformal(x: pd.DataFrame, growth: Floats, size: Floats, model: SizeModel) -> tuple[float, float]:
    """Levels of the analogues' distribution that hold the wanted share of left-out cascades.

    Notes
    -----
    Distributional conformal prediction (Chernozhukov, Wüthrich, Zhu 2021, PNAS, doi:10.1073/pnas.2107794118)
    with cross-validated ranks; folds are blocks in the order given (time), so that drift is in the ranks.
    """
    how = model.settings
    light = Settings(how.coverage, how.least, max(50, how.trees // 2), 0, how.size_share, how.seed)
    ranks = []
    for block in np.array_split(np.arange(len(x)), _FOLDS):
        rest = np.setdiff1d(np.arange(len(x)), block)
        part = _fit_once(x.iloc[rest], growth[rest], size[rest], model.age, model.profile, light)
        log_n = x["log_n"].to_numpy()[block]
        values, weights = part._distribution(part._matrix(x.iloc[block]), log_n)
        ranks.append(rank(values, weights, size[block]))
    tail = (1 - how.coverage) / 2
    low, high = np.quantile(np.concatenate(ranks), [tail, 1 - tail], method="weibull")
    return float(low), float(high)


def fit(events: Events, age: float, *, settings: Settings | None = None) -> SizeModel:
    """Learn to forecast final sizes from what was visible at an age.

    Parameters
    ----------
    events : Events
        Finished cascades in the order of their time (the intervals' folds are blocks of it).
    age : float
        Seconds since the root at which forecasts will be made.
    settings : Settings, optional
        Coverage, least count, forest sizes, seed.

    Raises
    ------
    NotEnoughData
        Fewer than :data:`NEEDED` cascades had `settings.least` reposts by then.

    Notes
    -----
    The distribution is a mixture over past cascades, half by likeness in growth (final / observed), half by
    likeness in final size; the point is its median, with boosted medians where cascades are many: as many
    stories end above it as below. SEISMIC and two more point processes are among the features.
    """
    how = settings or Settings()
    truth = np.asarray(events.size, dtype=float)
    profile = day_profile(events)
    table = features(events, age, profile=profile, kernels=KERNELS)
    use = table["n"].to_numpy() >= how.least
    if use.sum() < NEEDED:
        raise NotEnoughData(
            N_("{n} {n:finished cascade|finished cascades} had {least} reposts after {age:.0f} s, {needed} are needed"),
            do=N_("train on a longer history, or use the shipped model"),
            facts={"n": int(use.sum()), "least": how.least, "age": age, "needed": NEEDED},
        )
    x, size = table[use], np.log(truth[use])
    growth = size - x["log_n"].to_numpy()
    model = _fit_once(x, growth, size, age, profile, how)
    if how.boosters and len(x) >= _FEW:  # boosting learns from few cascades what does not come back
        model.boosters = _boosters(model, x, growth, size)
    model.levels = _conformal(x, growth, size, model)
    return model
