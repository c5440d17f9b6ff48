"""The backtest of a watch: its own history, every rule, thresholds set on the older part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.errors import NotEnoughData
from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.warn.backtest.alarms import Event, Outcome, cost_curve, matched, outcome, summary
from crisislib.warn.outlook.answer import asked
from crisislib.warn.outlook.model import Model
from crisislib.warn.panel import Panel, signals_panel
from crisislib.warn.vendors import RULES

Floats = npt.NDArray[np.float64]

QUIET = 24
"""Windows after an alarm in which the same rule stays quiet, equal for all rules."""
LEAST = 24 * 14
"""Windows of history that a backtest needs."""
OURS = {"index": N_("crisis index"), "return_period": N_("rarity of bursts"), "outlook": N_("outlook")}
"""Our rules, in words."""

LEAD = N_(
    "At {budget} false alarms a week the {ours} warned of {hit} of {events} incidents, {lead} h before the peak "
    "(median); the best published rule ({peer}) {peer_lead} h."
)
QUIETLY = N_("No incident is known in this history, so only false alarms can be counted, not warnings.")
SUGGEST = N_("For {budget} false alarms a week set blue to {threshold}.")
AFTER = N_("The history was computed after the fact, so posts that arrived late count as if they had been on time.")
FEW = N_("Fewer than ten incidents: lead time and recall are rough.")


@dataclass(frozen=True)
class Backtest:
    """What the replay found.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per rule and setting: `rule`, `setting` (`published` or `budget`), `threshold`,
        `events`, `recall`, `precision`, `lead_hours` (median, a missed event leads by nothing),
        `lead_hours_mean`, `false_per_week`, `false`, `weeks`.
    per_event : pandas.DataFrame
        `rule`, `series`, `opens`, `peak`, `lead_hours` (NaN where missed) at the budget.
    cost : pandas.DataFrame
        The table once per `ratio` of what a missed event costs in false alarms, with `cost` per week.
    findings : list of Finding
        What a reader is told.
    """

    table: pd.DataFrame
    per_event: pd.DataFrame
    cost: pd.DataFrame
    findings: list[Finding]


def as_seen(signals: pd.DataFrame) -> pd.DataFrame:
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


def statistics(panel: Panel, model: Model | None = None) -> dict[str, Floats]:
    """The statistic of every rule over a panel: our index and outlook, and the published rules.

    Returns
    -------
    dict of str to numpy.ndarray
        Shape (series, windows); every one uses only the window itself and those before it.
    """
    found = {"index": panel.index}
    if model is not None:
        x = asked(panel, model)
        flat = model.horizons[21600].trees.log_odds(x.reshape(-1, x.shape[-1])).reshape(panel.index.shape)
        found["outlook"] = np.where(np.isfinite(panel.index), flat, np.nan)
    posts = panel.of("volume")
    if not np.isfinite(posts).any():
        # A trending list holds no posts: its heat is the volume that such a rule would be given.
        posts = panel.of("heat")
    negative = panel.of("negative_share") * posts
    negative = np.where(np.isfinite(posts), np.nan_to_num(negative), np.nan)
    per_hour = max(1, round(3600 / panel.step_s))
    return found | {name: rule.fn(posts, negative, per_hour) for name, rule in RULES.items()}


def backtest(
    signals: Sequence[pd.DataFrame],
    events: Sequence[Event] | pd.DataFrame,
    *,
    budget: float = 1.0,
    model: Model | None = None,
    late: bool = False,
) -> Backtest:
    """Replay the history of some watches.

    Parameters
    ----------
    signals : sequence of pandas.DataFrame
        SIGNALS rows per watch on one grid, from :func:`as_seen` where versions are held.
    events : sequence of Event, or pandas.DataFrame
        Known incidents; as a frame with `watch`, `opens`, `peak`, `closes` (UTC).
    budget : float
        False alarms per week at which the rules are compared.
    model : Model, optional
        The outlook to replay as well.
    late : bool
        The signals were computed after the fact; said as a limit.

    Raises
    ------
    NotEnoughData
        Under two weeks of windows.
    """
    panel = signals_panel(signals)
    if len(panel.at) < LEAST:
        raise NotEnoughData(f"{len(panel.at)} windows held, {LEAST} needed for a backtest", do="collect longer")
    known = _events(events, signals, panel) if isinstance(events, pd.DataFrame) else list(events)
    half = len(panel.at) // 2
    older, newer = (np.zeros(panel.index.shape, dtype=bool) for _ in range(2))
    older[:, :half] = True
    newer[:, half:] = True
    tests = [event for event in known if event.opens >= half]
    trained = [event for event in known if event.opens < half]
    rows, leads, settings = [], [], {}
    for name, statistic in statistics(panel, model).items():
        set_on = matched(statistic, trained, budget=budget, refractory=QUIET, step_s=panel.step_s, judged=older)
        settings[name] = set_on
        for setting, threshold in [("budget", set_on), *[("published", t) for t in _published(name)]]:
            found = outcome(statistic, tests, threshold=threshold, refractory=QUIET, step_s=panel.step_s, judged=newer)
            rows.append(summary(name, found) | {"setting": setting})
            if setting == "budget":
                leads.append(_per_event(name, tests, found))
    table = pd.DataFrame(rows)
    return Backtest(table, pd.concat(leads), cost_curve(table), _findings(table, settings, budget, late))


def _published(name: str) -> tuple[float, ...]:
    return RULES[name].thresholds if name in RULES else ()


def _per_event(name: str, events: Sequence[Event], found: Outcome) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rule": name,
            "series": [event.series for event in events],
            "opens": [event.opens for event in events],
            "peak": [event.peak for event in events],
            "lead_hours": found.leads,
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


def _findings(table: pd.DataFrame, settings: Mapping[str, float], budget: float, late: bool) -> list[Finding]:
    limits = [AFTER] if late else []
    at_budget = table[table["setting"] == "budget"].set_index("rule")
    events = int(at_budget["events"].iloc[0])
    suggestion: dict[str, object] = {"budget": budget, "threshold": round(float(settings["index"]), 1)}
    said = [Finding("warn.threshold", SUGGEST, suggestion, table, (), events, limits, weight=40.0)]
    if events == 0:
        return [Finding("warn.backtest", QUIETLY, {}, table, (), 0, limits, weight=50.0), *said]
    if events < 3:
        return [too_few("warn.backtest", events, 3), *said]
    ours = at_budget.loc[[r for r in OURS if r in at_budget.index]].sort_values("lead_hours").iloc[-1]
    peer = at_budget.drop(index=[r for r in OURS if r in at_budget.index]).sort_values("lead_hours").iloc[-1]
    facts = {
        "budget": budget,
        "ours": Phrase(OURS[str(ours.name)]),
        "hit": round(float(ours["recall"]) * events),
        "events": events,
        "lead": round(float(ours["lead_hours"]), 1),
        "peer": Phrase(RULES[str(peer.name)].vendor),
        "peer_lead": round(float(peer["lead_hours"]), 1),
    }
    limits = [*limits, *([FEW] if events < 10 else [])]
    return [Finding("warn.backtest", LEAD, facts, table, (), events, limits, weight=50.0), *said]
