"""What the warning and response rooms say when they run again over the tables of a desk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from crisislib.core.errors import NotEnoughData
from crisislib.core.finding import Finding, too_few
from crisislib.workbench.desk import Desk

if TYPE_CHECKING:
    from crisislib.warn import Decision

# The warning room brings its trained models with it: seconds that a page without them need not wait for.
_JUDGING = ("sentiment", "target_sentiment", "crisis_type")
_FORTNIGHT = timedelta(days=14)


def decision(desk: Desk) -> Decision:
    """What the warning room decides over the signals on the desk; computed once."""
    from crisislib.warn import decide

    if "decision" not in desk.kept:
        since = desk.now - _FORTNIGHT
        rows = desk.lake.sql("LABELS", watch=desk.watch.watch, since=since, until=desk.until, as_of=desk.as_of)
        named = ", ".join(f"'{n}'" for n in _JUDGING)
        labels = rows.filter(f"label IN ({named}) OR label LIKE 'sensitive.%'").df()
        posts = desk.sql("SELECT * FROM posts WHERE created_at >= $since", "POSTS", since=since)
        tables = {n: desk.lake.read(n, watch=desk.watch.watch, as_of=desk.as_of, present=False) for n in _MEMORY}
        desk.kept["decision"] = decide(
            desk.sql("SELECT * FROM signals", "SIGNALS"),
            desk.spoken,
            now=desk.now,
            incidents=tables["INCIDENTS"],
            alerts=tables["ALERTS"],
            labels=labels,
            posts=posts,
        )
    made: Decision = desk.kept["decision"]
    return made


_MEMORY = ("INCIDENTS", "ALERTS")


def contributions(desk: Desk) -> pd.DataFrame:
    """What each signal adds to the crisis index now: `name`, `points`, `n_posts`."""
    found = decision(desk).contributions
    return found if len(found) else pd.DataFrame(columns=["name", "points", "n_posts"])


def replayed(desk: Desk) -> tuple[pd.DataFrame, list[Finding]]:
    """Every rule over the past of the watch: `method`, `threshold`, `false_per_week`, `lead_h`, `recall`, `n_events`.

    Below the history that a backtest needs the table is empty and the finding says how much is held.
    """
    if "replayed" not in desk.kept:
        desk.kept["replayed"] = _replay(desk)
    made: tuple[pd.DataFrame, list[Finding]] = desk.kept["replayed"]
    return made


_RUNS = {"rule": "method", "threshold": "threshold", "false_per_week": "false_per_week", "lead_hours": "lead_h",
         "recall": "recall", "events": "n_events"}  # fmt: skip


def _replay(desk: Desk) -> tuple[pd.DataFrame, list[Finding]]:
    from crisislib.warn.backtest import as_seen, backtest, known_events
    from crisislib.warn.backtest.replay import LEAST

    nothing = pd.DataFrame(columns=list(_RUNS.values()))
    whole = {"watch": desk.watch.watch, "as_of": desk.as_of, "until": desk.until}
    versions = desk.lake.read("SIGNALS", present=False, **whole)
    versions = versions[versions["step_s"] == desk.watch.window.step_minutes * 60]
    if versions.empty:
        return nothing, [too_few("backtest.lead", 0, LEAST)]
    known = desk.lake.read("INCIDENTS", watch=desk.watch.watch, as_of=desk.as_of, present=False)
    seen = as_seen(versions)
    try:
        events = known_events(known, until=min(desk.until, desk.now))
        made = backtest([seen], events, late=bool((versions["made_at"] > versions["at"].max()).any()))
    except NotEnoughData:
        return nothing, [too_few("backtest.lead", versions["at"].nunique(), LEAST)]
    return made.table.rename(columns=_RUNS)[list(_RUNS.values())], made.findings


def runs(desk: Desk) -> pd.DataFrame:
    """The table of :func:`replayed`."""
    return replayed(desk)[0]
