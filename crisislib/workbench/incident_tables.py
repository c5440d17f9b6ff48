"""Incidents, levels, risks and actions of a watch, as of the version and window of the context."""

from __future__ import annotations

import pandas as pd

from crisislib.core.phrase import render
from crisislib.engine.rendering import incident_title
from crisislib.workbench.report_context import ReportContext


def history(context: ReportContext) -> pd.DataFrame:
    """Every observation of every incident, oldest first.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        INCIDENTS.
    """
    rows = context.lake.sql("INCIDENTS", watch=context.watch.watch, as_of=context.as_of, present=False)
    found: pd.DataFrame = rows.order('"at"').df()
    return found


def present(context: ReportContext) -> pd.DataFrame:
    """One row per incident as it stands, the open and most urgent first.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        INCIDENTS, the newest observation of each.
    """
    found = context.sql("SELECT * FROM incidents", "INCIDENTS")
    order = {level: i for i, level in enumerate(("red", "orange", "yellow", "blue", "none", "unknown"))}
    closed = found["closed_at"].notna()
    found = found.assign(_closed=closed, _rank=found["level"].map(order))
    found = found.sort_values(["_closed", "_rank", "opened_at"], ascending=[True, True, False])
    return found.drop(columns=["_closed", "_rank"]).reset_index(drop=True)


def chosen(context: ReportContext, incident: str = "") -> pd.Series | None:
    """The named incident, or the one that matters most; None where there is none.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    incident : str
        Incident id; the first of :func:`present` when empty.

    Returns
    -------
    pandas.Series or None
        One row of INCIDENTS.
    """
    found = present(context)
    found = found[found["incident_id"] == incident] if incident else found
    return None if found.empty else found.iloc[0]


def titles(context: ReportContext, rows: pd.DataFrame) -> list[str]:
    """Titles of some incidents in the reader's language.

    Parameters
    ----------
    context : ReportContext
        Gives the language, and the names of the watch.
    rows : pandas.DataFrame
        Rows of INCIDENTS.

    Returns
    -------
    list of str
        One a row.
    """
    known = [incident_title(row, context.watch) for row in rows.to_dict("records")]
    return [str(render(title, context.language)) for title in known]


def alerted(context: ReportContext, rows: pd.DataFrame) -> pd.Series:
    """When the first alert of each incident was decided: from then on its clocks count, not from its begin.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    rows : pandas.DataFrame
        Rows with `incident_id`.

    Returns
    -------
    pandas.Series
        Instants, UTC, aligned with `rows`; NaT where no row of the incident was written.
    """
    first = history(context).groupby("incident_id")["at"].min()
    return rows["incident_id"].map(first)


def spans(context: ReportContext) -> pd.DataFrame:
    """Levels over time, one row per incident: `row`, `at`, `until`, `level`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        One row for each level that an incident had; `row` is its title. An open one ends at the moment of
        reading.
    """
    rows = history(context)
    if rows.empty:
        return pd.DataFrame(columns=["row", "at", "until", "level"])
    rows = rows.assign(at=pd.to_datetime(rows["at"], utc=True))
    last = pd.to_datetime(rows["closed_at"], utc=True).fillna(pd.Timestamp(context.now))
    following = rows.groupby("incident_id")["at"].shift(-1)
    until = following.fillna(last)
    rows = rows.assign(until=until, row=titles(context, rows))
    return rows[rows["until"] > rows["at"]][["row", "at", "until", "level"]]


def events(context: ReportContext) -> pd.DataFrame:
    """What is marked in pictures over time: when each level was first alerted, and responses; `at`, `label`, `kind`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        Within the window; `kind` is `alert` or `response`.
    """
    alerts = context.sql(
        """SELECT min(made_at) AS "at", level FROM alerts WHERE incident_id IS NOT NULL
           GROUP BY incident_id, level ORDER BY 1""",
        "ALERTS",
    )
    answers = context.sql('SELECT "at", kind, channel FROM responses ORDER BY 1', "RESPONSES")
    rows = [
        *({"at": a, "label": v, "kind": "alert"} for a, v in zip(alerts["at"], alerts["level"], strict=True)),
        *({"at": a, "label": k, "kind": "response"} for a, k in zip(answers["at"], answers["kind"], strict=True)),
    ]
    found = pd.DataFrame(rows, columns=["at", "label", "kind"])
    found["at"] = pd.to_datetime(found["at"], utc=True)
    inside = found["at"] < pd.Timestamp(context.until)
    return found[inside & (found["at"] >= pd.Timestamp(context.since))] if context.since else found[inside]


def risk(context: ReportContext, incident: str = "") -> pd.Series | None:
    """The newest risk row of the incident, else of the watch.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    incident : str
        Incident id; any when empty.

    Returns
    -------
    pandas.Series or None
        One row of RISKS.
    """
    found = context.lake.sql("RISKS", watch=context.watch.watch, as_of=context.as_of).order('"at" DESC').df()
    mine = found[found["incident_id"] == incident] if incident else found
    mine = found if mine.empty else mine
    return None if mine.empty else mine.iloc[0]


def actions(context: ReportContext, incident: str = "") -> pd.DataFrame:
    """Steps of the incident's playbook with `opened_at`, by when they are due.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    incident : str
        Incident id; all when empty.

    Returns
    -------
    pandas.DataFrame
        ACTIONS.
    """
    found = context.sql(
        """SELECT a.*, i.opened_at FROM actions a LEFT JOIN incidents i USING (incident_id)
           ORDER BY due_at, action_id""",
        "ACTIONS",
        "INCIDENTS",
    )
    return found[found["incident_id"] == incident].reset_index(drop=True) if incident else found
