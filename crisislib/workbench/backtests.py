"""What the warning and response rooms say when they run again over the tables of a desk."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from crisislib.warn import Decision, decide
from crisislib.workbench.desk import Desk

_JUDGING = ("sentiment", "target_sentiment", "crisis_type")
_FORTNIGHT = timedelta(days=14)


def decision(desk: Desk) -> Decision:
    """What the warning room decides over the signals on the desk; computed once."""
    if "decision" not in desk.kept:
        since = desk.now - _FORTNIGHT
        rows = desk.lake.sql("LABELS", watch=desk.watch.watch, since=since, until=desk.until, as_of=desk.as_of)
        named = ", ".join(f"'{n}'" for n in _JUDGING)
        labels = rows.filter(f"label IN ({named}) OR label LIKE 'sensitive.%'").df()
        posts = desk.sql("SELECT * FROM posts WHERE created_at >= $since", "POSTS", since=since)
        tables = {n: desk.lake.read(n, watch=desk.watch.watch, as_of=desk.as_of, present=False) for n in _MEMORY}
        desk.kept["decision"] = decide(
            desk.sql("SELECT * FROM signals", "SIGNALS"),
            desk.watch,
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


def counterfactual(desk: Desk, signal: str) -> pd.DataFrame:
    """A signal against what would have been expected without the response: `at`, `value`, `expected`, `lo`, `hi`."""
    return pd.DataFrame(columns=["at", "value", "expected", "lo", "hi"])


def runs(desk: Desk) -> pd.DataFrame:
    """Backtest of the detectors: `method`, `threshold`, `false_per_week`, `lead_h`, `recall`, `n_events`."""
    return pd.DataFrame(columns=["method", "threshold", "false_per_week", "lead_h", "recall", "n_events"])
