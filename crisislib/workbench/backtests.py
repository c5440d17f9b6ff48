"""The tables behind what runs told: what the index is made of, and how the rules did on the past."""

from __future__ import annotations

import pandas as pd

from crisislib.engine.rendering import dimension_word
from crisislib.workbench.finding_cards import one
from crisislib.workbench.report_context import Desk

_RUNS = {"rule": "method", "threshold": "threshold", "false_per_week": "false_per_week", "lead_hours": "lead_h",
         "recall": "recall", "events": "n_events"}  # fmt: skip


def contributions(desk: Desk) -> pd.DataFrame:
    """What each dimension adds to the crisis index as last judged: `name`, `points`, `n_posts`."""
    found = one(desk, "warn", "warn.level")
    if found is None or "points" not in found.table:
        return pd.DataFrame(columns=["name", "points", "n_posts"])
    table = found.table
    return table.assign(name=[dimension_word(d, desk.language) for d in table["dimension"]])


def runs(desk: Desk) -> pd.DataFrame:
    """Every rule over the past: `method`, `threshold`, `false_per_week`, `lead_h`, `recall`, `n_events`."""
    found = one(desk, "backtest", "warn.backtest") or one(desk, "backtest", "warn.threshold")
    if found is None or "rule" not in found.table:
        return pd.DataFrame(columns=list(_RUNS.values()))
    return found.table.rename(columns=_RUNS)[list(_RUNS.values())]
