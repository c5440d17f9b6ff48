"""How each rule that raises levels did over a watch's own history: what an alert says of the rule that fired."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.phrase import Phrase
from crisislib.core.watch import Watch
from crisislib.core.window_times import shifted
from crisislib.warn.alerts import BY_BURST, BY_DRIFT, BY_GAIN, BY_MOOD
from crisislib.warn.backtest.alarms import Event, outcome, summary
from crisislib.warn.bad_stories import every_days
from crisislib.warn.crisis_index import index
from crisislib.warn.hysteresis import window_level
from crisislib.warn.incidents import close_after
from crisislib.warn.triggers import TRIGGERS, fired
from crisislib.warn.watch_series import SeriesEvidence, series_evidence

Bools = npt.NDArray[np.bool_]
RAISED = 0.5
"""Between 0, a rule that is silent, and 1, one that speaks."""
SPOKE = N_(
    "{rule}: {false} false alarms a week over {weeks} weeks; of {events} known incidents it warned of {hit}, {lead} h "
    "before the peak (median)."
)
FALSE_ONLY = N_(
    "{rule}: {false} false alarms a week over {weeks} weeks; no incident is known that it could have warned of."
)
RULES_IN_USE: dict[str, str] = {
    "index@1": N_("Crisis index"),
    BY_BURST: N_("Rare burst"),
    BY_GAIN: N_("Counters of one post"),
    BY_MOOD: N_("Mood of a day"),
    BY_DRIFT: N_("Mood that changes over days"),
    "trigger@1": N_("Hard trigger"),
}
"""Rules that a level can rest on, in words."""


def rules_in_use(history: pd.DataFrame, watch: Watch, events: pd.DataFrame) -> pd.DataFrame:
    """Replay every rule that the decider has over a history, by itself and at the settings in use.

    Parameters
    ----------
    history : pandas.DataFrame
        SIGNALS rows of the watch, one a signal and window.
    watch : Watch
        Its levels and its budget of alarms.
    events : pandas.DataFrame
        Known incidents: `opens`, `peak`, `closes` (UTC).

    Returns
    -------
    pandas.DataFrame
        One row a rule: `rule`, `setting` (`in use`), `events`, `recall`, `lead_hours` (median; a missed event leads by
        nothing), `false_per_week`, `false`, `weeks`. Empty without windows.
    """
    step_s = watch.window.step_minutes * 60
    rows = history[history["step_s"] == step_s]
    if not len(rows):
        return pd.DataFrame()
    series = series_evidence(rows, watch)
    made = index(rows)
    known = list(_events(events, made.at))
    # An incident is one alarm until it closes by itself.
    same = {"refractory": close_after(watch), "step_s": step_s, "evaluated": np.ones((1, len(made.at)), dtype=bool)}
    table = []
    for rule, speaks in _speaking(series, made.at, made.value).items():
        result = outcome(speaks[None, :].astype(float), known, threshold=RAISED, **same)  # type: ignore[arg-type]
        table.append(summary(rule, result) | {"setting": "in use"})
    return pd.DataFrame(table)


def _events(rows: pd.DataFrame, at: pd.DatetimeIndex) -> Iterator[Event]:
    for row in rows.to_dict("records"):
        opens, peak, closes = (int(at.searchsorted(row[c], side="right")) - 1 for c in ("opens", "peak", "closes"))
        if opens < len(at) and closes >= 0:
            yield Event(0, max(opens, 0), min(max(peak, 0), len(at) - 1), min(closes, len(at) - 1))


def _speaking(series: SeriesEvidence, at: pd.DatetimeIndex, value: npt.NDArray[np.float64]) -> dict[str, Bools]:
    """Windows in which each rule speaks for blue or more."""
    watch, harm = series.watch, series.harm(at)
    every, cap = every_days(watch), series.limits(at)[1]
    by_index = [rank(window_level(float(v), 0, int(c), watch.levels)) for v, c in zip(value, cap, strict=True)]
    loud = np.maximum(series.volume.of(at), np.where(harm, series.negative.of(at), 0.0))
    return {
        "index@1": np.array(by_index) >= rank("blue"),
        BY_BURST: np.nan_to_num(loud) >= every,
        BY_GAIN: np.nan_to_num(series.gain.of(at)) >= every,
        BY_MOOD: series.mood.of(series.mood.turned, at),
        BY_DRIFT: series.mood.of(series.mood.drift, at),
        "trigger@1": _triggered(series, at),
    }


def _triggered(series: SeriesEvidence, at: pd.DatetimeIndex) -> Bools:
    """Windows at whose end a hard trigger fires; only those with enough posts of harm are asked."""
    harm = series.tallies[[c for c in series.tallies if str(c).startswith("harm.")]].sum(axis=1)
    recent = harm.rolling(pd.Timedelta(hours=6)).sum().reindex(at).fillna(0.0).to_numpy()
    ends = shifted(at, series.watch.window.step_minutes * 60, series.watch.timezone)
    least = min(trigger.posts for trigger in TRIGGERS.values())
    return np.array([n >= least and bool(fired(series, None, end)) for n, end in zip(recent, ends, strict=True)])


def record_findings(table: pd.DataFrame) -> list[Finding]:
    """One sentence for every rule that has spoken, or was asked for in vain.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`rules_in_use`.

    Returns
    -------
    list of Finding
        Key `warn.record`; the table of each is its row.
    """
    out = []
    for place, row in enumerate(table.to_dict("records")):
        events = int(row["events"])
        facts: dict[str, object] = {
            "rule": Phrase(RULES_IN_USE[str(row["rule"])]), "false": f"{row['false_per_week']:.2g}",
            "weeks": f"{row['weeks']:.0f}", "events": events,
        }  # fmt: skip
        if events:
            facts |= {"hit": round(float(row["recall"]) * events), "lead": f"{row['lead_hours']:.1f}"}
        message = SPOKE if events else FALSE_ONLY
        out.append(Finding("warn.record", message, facts, table.iloc[[place]], n=events, weight=45.0 - place))
    return out
