"""The backtest of a watch: its own history, every rule, thresholds set on the older part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.errors import NotEnoughData
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Levels
from crisislib.warn.backtest.alarms import Event, Outcome, matched, outcome, summary
from crisislib.warn.backtest.backtest_findings import backtest_findings
from crisislib.warn.backtest.replayed_levels import raised
from crisislib.warn.backtest.vendor_rules import RULES
from crisislib.warn.detectors import return_period
from crisislib.warn.outlook.outlook_findings import asked
from crisislib.warn.outlook.outlook_model import Model
from crisislib.warn.series_panel import Panel, signals_panel

Floats = npt.NDArray[np.float64]
RAISED = 0.5
"""Between 0, no level, and 1, blue or above."""
QUIET = 24
"""Windows after an alarm in which the same rule stays quiet, equal for all rules."""
LEAST = 24 * 14
"""Windows of history that a backtest needs."""


@dataclass(frozen=True)
class Backtest:
    """What the replay found.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per rule and setting: `rule`, `setting` (`published`, `budget`, or `in use` of the levels), `threshold`,
        `events`, `recall`, `precision`, `lead_hours` (median, a missed event leads by nothing),
        `lead_hours_mean`, `false_per_week`, `false`, `weeks`.
    per_event : pandas.DataFrame
        `rule`, `series`, `opens`, `peak`, `lead_hours` (NaN where missed) at the budget.
    findings : list of Finding
        What a reader is shown.
    """

    table: pd.DataFrame
    per_event: pd.DataFrame
    findings: list[Finding]


def point_in_time(signals: pd.DataFrame) -> pd.DataFrame:
    """Of every window the first version that was made after it ended: what a live decision saw.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS with every version (`present=False`).

    Returns
    -------
    pandas.DataFrame
        One row per signal and window; later versions, made when late posts came, are left out.
    """
    ended = signals["at"] + pd.to_timedelta(signals["step_s"], unit="s")
    whole = signals[signals["made_at"] >= ended]
    first = whole.sort_values("made_at", kind="stable")
    return first.drop_duplicates(["watch", "signal", "at", "step_s"], keep="first")


def statistics(
    panel: Panel,
    model: Model | None = None,
    levels: Levels = Levels(),
    frames: Sequence[pd.DataFrame] = (),
    watch: Watch | None = None,
) -> dict[str, Floats]:
    """The statistic of every rule over a panel: our levels, index, return period and outlook, and the published rules.

    Parameters
    ----------
    panel : Panel
        Series on one grid.
    model : Model, optional
        The outlook; left out without one.
    levels : Levels
        Thresholds, calm windows and the budget of alarms.
    frames : sequence of pandas.DataFrame
        SIGNALS rows of each series, which the levels are decided from; see :func:`raised`.
    watch : Watch, optional
        Whose the frames are.

    Returns
    -------
    dict of str to numpy.ndarray
        Shape (series, windows); every one uses only the window itself and those before it.
    """
    posts = panel.of("volume")
    if not np.isfinite(posts).any():
        # A trending list holds no posts: its heat is the volume that such a rule would be given.
        posts = panel.of("heat")
    first = int(panel.at[0].timestamp())
    rare = np.stack([return_period(row, panel.step_s, first_s=first)[0] for row in posts])
    by_rule = {"level": raised(panel, levels, frames, watch), "index": panel.index, "return_period": rare}
    if model is not None:
        x = asked(panel, model)
        flat = model.horizons[21600].trees.log_odds(x.reshape(-1, x.shape[-1])).reshape(panel.index.shape)
        by_rule["outlook"] = np.where(np.isfinite(panel.index), flat, np.nan)
    negative = panel.of("negative_share") * posts
    negative = np.where(np.isfinite(posts), np.nan_to_num(negative), np.nan)
    per_hour = max(1, round(3600 / panel.step_s))
    return by_rule | {name: rule.fn(posts, negative, per_hour) for name, rule in RULES.items()}


def run_backtest(
    history: Panel | Sequence[pd.DataFrame],
    events: Sequence[Event] | pd.DataFrame,
    *,
    budget: float | None = None,
    model: Model | None = None,
    levels: Levels = Levels(),
    late: bool = False,
    evaluated: npt.NDArray[np.bool_] | None = None,
    thresholds: Mapping[str, float] | None = None,
    watch: Watch | None = None,
) -> Backtest:
    """Replay the history of some watches.

    Parameters
    ----------
    history : Panel, or sequence of pandas.DataFrame
        SIGNALS rows per watch on one grid, from :func:`point_in_time` where versions are stored.
    events : sequence of Event, or pandas.DataFrame
        Known incidents; as a frame with `watch`, `opens`, `peak`, `closes` (UTC).
    budget : float, optional
        False alarms per week at which the rules are compared; as many as the levels give when left out.
    model : Model, optional
        The outlook to replay as well.
    levels : Levels
        Whose levels are replayed as rule `level`, as they would have been decided (without hard triggers).
    late : bool
        The signals were computed after the fact; stated as a limit.
    evaluated : numpy.ndarray, optional
        Bool, shape (series, windows): windows whose alarms count; all when left out.
    thresholds : Mapping of str to float, optional
        Of the rules, set on other data (:func:`thresholds_for`); the whole history is then judged. When left out they
        are set on the older half, and the newer one is judged.
    watch : Watch, optional
        Whose history it is: its zone and length of memory count for its levels.

    Raises
    ------
    NotEnoughData
        Under two weeks of windows, where thresholds are to be set on them.
    """
    panel = history if isinstance(history, Panel) else signals_panel(history)
    if thresholds is None and len(panel.at) < LEAST:
        raise NotEnoughData(
            N_("{n} {n:window|windows} stored, {least} needed for a backtest"),
            do=N_("collect longer"),
            facts={"n": len(panel.at), "least": LEAST},
        )
    frames = [] if isinstance(history, Panel) else history
    known = _events(events, frames, panel) if isinstance(events, pd.DataFrame) else list(events)
    half = 0 if thresholds is not None else len(panel.at) // 2
    usable = np.ones(panel.index.shape, dtype=bool) if evaluated is None else evaluated
    place = np.arange(len(panel.at))
    older, newer = usable & (place < half), usable & (place >= half)
    tests, trained = ([e for e in known if (e.opens >= half) == late_half] for late_half in (True, False))
    rules = statistics(panel, model, levels, frames, watch)
    if thresholds is None:
        thresholds = _matched(panel, rules, trained, older, budget)
    replay = partial(outcome, refractory=QUIET, step_s=panel.step_s)
    rows, leads = [], []
    for name, rule in rules.items():
        for setting, threshold in [("budget", thresholds[name]), *[("published", t) for t in _published(name)]]:
            result = replay(rule, tests, threshold=threshold, evaluated=newer)
            rows.append(summary(name, result) | {"setting": "in use" if name == "level" else setting})
            if setting == "budget":
                leads.append(_per_event(name, tests, result))
    table = pd.DataFrame(rows)
    findings = backtest_findings(table, thresholds, budget, late)
    return Backtest(table, pd.concat(leads), findings)


def thresholds_for(
    panel: Panel,
    events: Sequence[Event],
    *,
    budget: float | None = None,
    model: Model | None = None,
    levels: Levels = Levels(),
    evaluated: npt.NDArray[np.bool_] | None = None,
) -> dict[str, float]:
    """The threshold of every rule at a budget of false alarms over a whole history.

    Parameters
    ----------
    panel, events, budget, model, levels, evaluated
        As :func:`backtest` takes them.

    Returns
    -------
    dict of str to float
        By rule, for :func:`backtest` to judge another history with.
    """
    usable = np.ones(panel.index.shape, dtype=bool) if evaluated is None else evaluated
    return _matched(panel, statistics(panel, model, levels), events, usable, budget)


def _matched(
    panel: Panel,
    rules: Mapping[str, Floats],
    events: Sequence[Event],
    evaluated: npt.NDArray[np.bool_],
    budget: float | None,
) -> dict[str, float]:
    """Thresholds at a budget, or at the false alarms that the levels give; the levels have none to set."""
    same = {"refractory": QUIET, "step_s": panel.step_s}
    if budget is None:
        budget = outcome(rules["level"], events, threshold=RAISED, evaluated=evaluated, **same).false_per_week
    settings = {name: matched(rule, events, budget=budget, evaluated=evaluated, **same) for name, rule in rules.items()}
    return settings | {"level": RAISED}


def _published(name: str) -> tuple[float, ...]:
    return RULES[name].thresholds if name in RULES else ()


def _per_event(name: str, events: Sequence[Event], result: Outcome) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rule": name,
            "series": [event.series for event in events],
            "opens": [event.opens for event in events],
            "peak": [event.peak for event in events],
            "lead_hours": result.leads,
        }
    )


def _events(rows: pd.DataFrame, signals: Sequence[pd.DataFrame], panel: Panel) -> list[Event]:
    """Incidents of a frame as windows of the panel; those outside its span are left out."""
    place = {str(frame["watch"].iloc[0]): i for i, frame in enumerate(signals)}
    step, start, last = pd.Timedelta(seconds=panel.step_s), panel.at[0], len(panel.at) - 1
    out = []
    for row in rows.to_dict("records"):
        opens, peak, closes = (int((row[c] - start) // step) for c in ("opens", "peak", "closes"))
        if row["watch"] in place and opens <= last and closes >= 0:
            out.append(Event(place[row["watch"]], max(opens, 0), min(peak, last), min(closes, last)))
    return out
