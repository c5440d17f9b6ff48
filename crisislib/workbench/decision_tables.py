"""The tables behind decisions and backtests: what the index is made of, and how the rules did on the past."""

from __future__ import annotations

import pandas as pd

from crisislib.engine.rendering import dimension_word
from crisislib.workbench.finding_cards import finding_by_key
from crisislib.workbench.report_context import ReportContext

_RUNS = {"rule": "method", "threshold": "threshold", "false_per_week": "false_per_week", "lead_hours": "lead_h",
         "recall": "recall", "events": "n_events"}  # fmt: skip


def contributions(context: ReportContext) -> pd.DataFrame:
    """What each dimension adds to the crisis index as last judged: `name`, `points`, `n_posts`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        `points` on the scale of the index (0-100).
    """
    finding = finding_by_key(context, "warn", "warn.level")
    if finding is None or "points" not in finding.table:
        return pd.DataFrame(columns=["name", "points", "n_posts"])
    table = finding.table
    return table.assign(name=[dimension_word(d, context.language) for d in table["dimension"]])


def runs(context: ReportContext) -> pd.DataFrame:
    """Every rule over the past: `method`, `threshold`, `false_per_week`, `lead_h`, `recall`, `n_events`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        One row a rule and threshold; `lead_h` in hours, `recall` 0-1.
    """
    found = finding_by_key(context, "backtest", "warn.backtest") or finding_by_key(
        context, "backtest", "warn.threshold"
    )
    if found is None or "rule" not in found.table:
        return pd.DataFrame(columns=list(_RUNS.values()))
    return found.table.rename(columns=_RUNS)[list(_RUNS.values())]
