"""What the warning and response rooms say when they run again over the tables of a desk."""

from __future__ import annotations

import pandas as pd

from crisislib.workbench.desk import Desk


def contributions(desk: Desk) -> pd.DataFrame:
    """What each signal adds to the crisis index now: `signal`, `points`, `n_posts`."""
    return pd.DataFrame(columns=["signal", "points", "n_posts"])


def counterfactual(desk: Desk, signal: str) -> pd.DataFrame:
    """A signal against what would have been expected without the response: `at`, `value`, `expected`, `lo`, `hi`."""
    return pd.DataFrame(columns=["at", "value", "expected", "lo", "hi"])


def runs(desk: Desk) -> pd.DataFrame:
    """Backtest of the detectors: `method`, `threshold`, `false_per_week`, `lead_h`, `recall`, `n_events`."""
    return pd.DataFrame(columns=["method", "threshold", "false_per_week", "lead_h", "recall", "n_events"])
