"""The incidents of a watch as a backtest takes them."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

COLUMNS = ["watch", "opens", "peak", "closes"]


def known_events(history: pd.DataFrame, *, until: datetime) -> pd.DataFrame:
    """Known incidents: `watch`, `opens`, `peak` (of the index), `closes`.

    Parameters
    ----------
    history : pandas.DataFrame
        INCIDENTS rows, every change of each.
    until : datetime
        Where an incident that is still open is cut off.

    Returns
    -------
    pandas.DataFrame
        One row per incident, UTC.
    """
    rows = []
    for _, one in history.sort_values("at").groupby("incident_id"):
        peak = one.sort_values(["index", "at"], ascending=[False, True], na_position="last")["at"].iloc[0]
        closes = one["closed_at"].dropna()
        end = closes.iloc[-1] if len(closes) else pd.Timestamp(until)
        first = one.iloc[0]
        rows.append({"watch": first["watch"], "opens": first["opened_at"], "peak": peak, "closes": end})
    return pd.DataFrame(rows, columns=COLUMNS)
