"""When an incident was: from its first post until it was closed, or until now."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from crisislib.engine.incident_records import begun_by, own_responses
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading


def closed_at(reading: Reading, row: pd.Series | None) -> pd.Timestamp | None:
    """When an incident was closed.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row.

    Returns
    -------
    pandas.Timestamp or None
        None where it is open, or was at the moment of the reading.
    """
    at = None if row is None else row.get("closed_at")
    return None if at is None or pd.isna(at) or at > pd.Timestamp(reading.now) else pd.Timestamp(at)


def begun_at(reading: Reading, row: pd.Series) -> pd.Timestamp:
    """When an incident began, as its newest run found: its posts are counted from then on.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series
        The INCIDENTS row.

    Returns
    -------
    pandas.Timestamp
    """
    return begun_by(row, reading.findings("brief.what", str(row["incident_id"])))


def answers_of(reading: Reading, row: pd.Series | None) -> pd.DataFrame:
    """The response log of an incident, in order of time: that of a later crisis is not its own.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row; the whole log of the watch where there is none.

    Returns
    -------
    pandas.DataFrame
        RESPONSES rows up to the moment of the reading.
    """
    log = reading.snapshot.table("RESPONSES")
    log = log[log["at"] <= pd.Timestamp(reading.now)].sort_values("at")
    if row is None:
        return log
    return own_responses(log, reading.snapshot.table("INCIDENTS"), {str(k): v for k, v in row.items()})


def choice_of(reading: Reading, row: pd.Series | None) -> Choice:
    """The posts of an incident with the reader's filters: those of a later crisis are not its own.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row; all posts where there is none.

    Returns
    -------
    Choice
    """
    since, until = whole_span(reading, row)
    return reading.choice(since, until)


def whole_choice(reading: Reading, row: pd.Series | None) -> Choice:
    """All posts of an incident, whatever the reader has chosen.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row.

    Returns
    -------
    Choice
    """
    since, until = whole_span(reading, row)
    return Choice(since=since, until=until)


def whole_span(reading: Reading, row: pd.Series | None) -> tuple[datetime | None, datetime]:
    """Begin and end of an incident, without the reader's filters.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row.

    Returns
    -------
    tuple of (datetime or None, datetime)
    """
    end = closed_at(reading, row)
    since = None if row is None else begun_at(reading, row).to_pydatetime()
    return since, reading.now if end is None else end.to_pydatetime()
