"""Posts behind numbers of the spread page: of a story, through an account, of accounts that act together."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from crisislib.workbench import cascade_frames, chart_frames
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.report_context import ReportContext

AROUND = pd.Timedelta(days=1)
"""Before an incident was opened, from which the trees of its stories are read: a story may have begun earlier."""


def story_nodes(reading: Reading, row: pd.Series | None, root: str) -> pd.DataFrame:
    """The tree of a story, read once for all readers.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row that is shown.
    root : str
        Post id of the story's root.

    Returns
    -------
    pandas.DataFrame
        See :func:`crisislib.workbench.chart_frames.members`; shared, not to be changed.
    """
    snapshot = reading.snapshot

    def read() -> pd.DataFrame:
        since = None if row is None else (row["opened_at"] - AROUND).to_pydatetime()
        context = ReportContext(
            watch=snapshot.watch, home=snapshot.home, as_of=None, since=since, until=reading.now, now=reading.now,
            language=reading.language,
        )  # fmt: skip
        return chart_frames.members(context, root)

    return snapshot.once(("nodes", root, None if row is None else row["incident_id"]), read)


def group_members(reading: Reading) -> pd.DataFrame:
    """Accounts that act together, as they were last seen; weak members are not counted.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    pandas.DataFrame
        GROUPS.
    """
    rows = reading.snapshot.table("GROUPS")
    rows = rows[(rows["grade"] != "weak") & (rows["as_of"] <= pd.Timestamp(reading.now))]
    return rows[rows["as_of"] == rows["as_of"].max()] if len(rows) else rows


def narrowed(reading: Reading, row: pd.Series | None, choice: Choice) -> Choice:
    """A choice of posts, narrowed to the story, account or group that the address of the list of posts names.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row that is shown.
    choice : Choice
        The posts of the incident, with the reader's filters.

    Returns
    -------
    Choice
        A story may have begun before the incident: then it is not cut.
    """
    asked = reading.address
    if asked.group:
        rows = group_members(reading)
        choice = replace(choice, accounts=tuple(rows.loc[rows["group_id"] == asked.group, "account_id"]))
    if asked.root:
        nodes = story_nodes(reading, row, asked.root)
        mine = cascade_frames.posts_through(nodes, asked.through) if asked.through else nodes["post_id"]
        choice = replace(choice, since=asked.window(reading.zone)[0], ids=tuple(mine))
    return choice
