"""Asking the outlook: probabilities, reasons, and honesty about when the model may not speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.errors import ModelError
from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.levels import LEVEL_NAMES, Level, rank
from crisislib.core.phrase import Phrase
from crisislib.core.watch import Watch
from crisislib.warn.dimension_labels import shown_number
from crisislib.warn.outlook.outlook_features import GROUPS, features
from crisislib.warn.outlook.outlook_model import HORIZONS, ORANGE, Model, rising
from crisislib.warn.series_panel import Panel, signals_panel

Floats = npt.NDArray[np.float64]

RIPE = 24 * 7
"""Windows of history that the model needs; with fewer the rules speak."""
LEAST = 24
"""Windows of history without which there is no index to go by: what the baselines of the signals need."""

CHANCE = N_(
    "Chance of orange: {p1}% within an hour, {p6}% within six hours, {p24}% within a day; mostly because of {why}."
)
RULES = N_("Chance of orange by the index alone: {p1}% within an hour, {p6}% within six hours, {p24}% within a day.")
REACHED = N_(
    "The level is {level} already. Chance that the index comes to the mark of orange ({mark}) again: "
    "{p1}% within an hour, {p6}% within six hours, {p24}% within a day; mostly because of {why}."
)
REACHED_RULES = N_(
    "The level is {level} already. Chance, by the index alone, that it comes to the mark of orange ({mark}) again: "
    "{p1}% within an hour, {p6}% within six hours, {p24}% within a day."
)
ABOVE = N_(
    "The index is at or above the mark of orange ({mark}); the level is {level}. The outlook gives the "
    "chance of reaching that mark, so there is none to give now."
)
BY_RULES = N_("The trained model is not used: {reason}.")
THIN = N_("{n} {n:window|windows} of history stored, {needed} needed")
STEP = N_("it was trained on hourly windows and this watch uses windows of {minutes} min")
OTHER = N_("The outlook counts orange from an index of {mark}; this watch has it from {own}.")
MADE_UP = N_(
    "The model was trained mostly on simulated incidents; the backtest shows how it does on this watch's history."
)


@dataclass(frozen=True)
class Outlook:
    """The answer for one watch.

    Attributes
    ----------
    probability : dict of int to float
        Horizon in seconds -> probability of orange, NaN where no estimate is possible.
    method : str
        `outlook@1` or `bands@1` (the fallback).
    reasons : pandas.DataFrame
        `group` (a key of :data:`~crisislib.warn.outlook.outlook_features.GROUPS`), `log_odds` by which it moves the
        six-hour answer, strongest first.
    findings : list of Finding
        What a reader is shown.
    """

    probability: dict[int, float]
    method: str
    reasons: pd.DataFrame
    findings: list[Finding]


def predict_outlook(
    signals: pd.DataFrame, watch: Watch, *, model: Model, level: Level = "unknown", post_ids: Sequence[str] = ()
) -> Outlook:
    """Probability that the watch reaches orange, from the newest window.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of the watch, at least of the last week.
    watch : Watch
        Its step.
    model : Model
        From :func:`~crisislib.warn.outlook.outlook_model.load`.
    level : str
        Level of the watch: where it is orange already, the sentence says what the probability is of.
    post_ids : sequence of str
        Posts of the present episode, for the finding.

    Returns
    -------
    Outlook
        By the model on hourly windows with a week of history; else by the bands of the index, and
        the finding says why.
    """
    rows = signals[signals["step_s"] == watch.window.step_minutes * 60]
    n_windows = int(rows.loc[(rows["signal"] == "volume") & rows["expected"].notna(), "at"].nunique())
    if n_windows < LEAST:
        blank = {seconds: float("nan") for seconds in HORIZONS}
        return Outlook(blank, "none", _no_reasons(), [too_few("warn.outlook", n_windows, LEAST)])
    panel = signals_panel([rows], watch.timezone)
    if watch.window.step_minutes != 60:
        return _by_bands(panel, watch, model, Phrase(STEP, {"minutes": watch.window.step_minutes}), post_ids, level)
    if n_windows < RIPE:
        return _by_bands(panel, watch, model, Phrase(THIN, {"n": n_windows, "needed": RIPE}), post_ids, level)
    x = asked(panel, model)[0, -1:, :]
    p = {seconds: float(chance[0]) for seconds, chance in probabilities(x, model).items()}
    reasons = _reasons(x, model)
    lead = str(reasons["group"].iloc[0]) if reasons["log_odds"].iloc[0] > 0 else "state"
    n = int(np.nan_to_num(panel.n["volume"][0, -24:]).sum()) if "volume" in panel.n else 0
    message, stands = _sentence(float(panel.index[0, -1]), level, CHANCE, REACHED)
    facts = _percent(p) | {"why": Phrase(GROUPS[lead])} | stands
    limits: list[str | Phrase] = [*([] if message == ABOVE else [MADE_UP]), *_other_mark(watch)]
    finding = Finding("warn.outlook", message, facts, reasons, post_ids, n, limits, weight=70.0)
    return Outlook(p, "outlook@1", reasons, [finding])


def _sentence(index: float, level: Level, below: str, reached: str) -> tuple[str, dict[str, object]]:
    """What the probability is of: the model was trained on windows below the mark of orange alone, and a level stays up
    for a while after its index has fallen.
    """
    facts: dict[str, object] = {"level": Phrase(LEVEL_NAMES[level]), "mark": shown_number(ORANGE)}
    if index >= ORANGE:
        return ABOVE, facts
    return (reached, facts) if rank(level) >= rank("orange") else (below, {})


def asked(panel: Panel, model: Model) -> Floats:
    """Features of a panel for a model.

    Parameters
    ----------
    panel : Panel
        Series on one grid of hourly windows.
    model : Model
        Whose names the features must have.

    Returns
    -------
    numpy.ndarray
        Shape (series, windows, features).

    Raises
    ------
    ModelError
        The model was trained on other features.
    """
    x, names, _ = features(panel)
    if tuple(names) != model.names:
        raise ModelError(N_("the outlook model was trained on other features"), do=N_("train it again: crisis train"))
    return x


def probabilities(x: Floats, model: Model) -> dict[int, Floats]:
    """Probability of orange within each horizon (seconds), for rows of :func:`asked`, shape (rows, features).

    Parameters
    ----------
    x : numpy.ndarray
        Features, shape (rows, features).
    model : Model
        The outlook.

    Returns
    -------
    dict of int to numpy.ndarray
        Horizon in seconds -> probabilities, shape (rows,), 0-1.
    """
    return rising({seconds: horizon.probability(x) for seconds, horizon in model.horizons.items()})


def _percent(p: dict[int, float]) -> dict[str, object]:
    """Whole percents; what is under one is reported as such."""

    def rounded(value: float) -> str:
        return "<1" if value < 0.01 else (">99" if value > 0.99 else f"{100 * value:.0f}")

    return {"p1": rounded(p[3600]), "p6": rounded(p[21600]), "p24": rounded(p[86400])}


def _no_reasons() -> pd.DataFrame:
    return pd.DataFrame({"group": [], "log_odds": []})


def _reasons(x: Floats, model: Model) -> pd.DataFrame:
    """How far each group moves the log-odds of the six-hour answer away from a calm window's."""
    groups = np.array(model.groups)
    trials = np.repeat(x, len(GROUPS) + 1, axis=0)
    for i, group in enumerate(GROUPS, start=1):
        mine = groups == group
        trials[i, mine] = model.usual[mine]
    odds = model.horizons[21600].trees.log_odds(trials)
    table = pd.DataFrame({"group": list(GROUPS), "log_odds": odds[0] - odds[1:]})
    return table.sort_values("log_odds", ascending=False, kind="stable").reset_index(drop=True)


def _other_mark(watch: Watch) -> list[Phrase]:
    """That a watch is orange from another index than the one that the model knows."""
    own = watch.levels.orange
    return [Phrase(OTHER, {"mark": shown_number(ORANGE), "own": shown_number(own)})] if own != ORANGE else []


def _by_bands(
    panel: Panel, watch: Watch, model: Model, reason: Phrase, post_ids: Sequence[str], level: Level
) -> Outlook:
    known = panel.index[0][np.isfinite(panel.index[0])]
    if not len(known):
        blank = {seconds: float("nan") for seconds in HORIZONS}
        return Outlook(blank, "none", _no_reasons(), [too_few("warn.outlook", 0, LEAST)])
    p = {seconds: float(chance[0]) for seconds, chance in model.of_index(known[-1:]).items()}
    message, stands = _sentence(float(known[-1]), level, RULES, REACHED_RULES)
    limits = [*([] if message == ABOVE else [Phrase(BY_RULES, {"reason": reason})]), *_other_mark(watch)]
    table = pd.DataFrame({"index": known[-1:]})
    finding = Finding("warn.outlook", message, _percent(p) | stands, table, post_ids, 0, limits, weight=40.0)
    return Outlook(p, "bands@1", _no_reasons(), [finding])
