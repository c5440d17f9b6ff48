"""FINDINGS: stored once by the run that computed them, and read by every page, mail and notebook."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from crisislib.core.finding import Finding
from crisislib.core.phrase import pack, unpack
from crisislib.core.tables import conform, empty
from crisislib.engine.context import RunContext
from crisislib.lake import AsOf, Lake

MOST_ROWS = 500
"""Rows of the table behind a sentence that are stored: what a picture or a reader can use."""
MOST_POSTS = 200
"""Posts of a finding that are stored, the most telling first; `n` says over how many it speaks."""


def finding_rows(ctx: RunContext, findings: Iterable[Finding], *, at: datetime, incident: str = "") -> pa.Table:
    """FINDINGS rows of what a run tells.

    Parameters
    ----------
    ctx : RunContext
        The run.
    findings : iterable of Finding
        In the order in which they are reported.
    at : datetime
        Judged until.
    incident : str
        Incident that they speak of; empty where they speak of the watch.
    """
    rows = [
        {
            "run_id": ctx.run_id,
            "key": one.key,
            "place": place,
            "at": at,
            "made_at": ctx.window.now,
            "watch": ctx.watch.watch,
            "incident_id": incident,
            "message": one.message,
            "facts": pack(dict(one.facts)),
            "detail": pack(_records(one.table)),
            "post_ids": json.dumps(list(dict.fromkeys(one.post_ids))[:MOST_POSTS], ensure_ascii=False),
            "n": one.n,
            "limits": pack(list(one.limits)),
            "weight": float(one.weight),
            "silent": one.silent,
        }
        for place, one in enumerate(findings)
    ]
    return conform(pd.DataFrame(rows), "FINDINGS") if rows else empty("FINDINGS")


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """A small table as rows; times as ISO 8601."""
    return [{str(k): v for k, v in row.items()} for row in table.head(MOST_ROWS).to_dict("records")]


def read_findings(
    lake: Lake, watch: str, keys: Sequence[str], *, now: datetime, incident: str = "", as_of: AsOf = None
) -> list[Finding]:
    """The findings of the newest run that has any of some keys, in the order in which it stored them.

    Parameters
    ----------
    lake : Lake
        Where it is stored.
    watch : str
        Of which watch.
    keys : sequence of str
        Beginnings of the keys: `warn.level`, `spread.`, `brief.` …
    now : datetime
        Nothing decided later is read.
    incident : str
        Only what speaks of that incident.
    as_of : datetime or mapping, optional
        The lake as it was.

    Returns
    -------
    list of Finding
        Empty where no run has reported anything.
    """
    rows = newest_rows(lake, watch, keys, now=now, incident=incident, as_of=as_of)
    return [revived(row) for row in rows.to_dict("records")]


def newest_rows(
    lake: Lake, watch: str, keys: Sequence[str], *, now: datetime, incident: str = "", as_of: AsOf = None
) -> pd.DataFrame:
    """FINDINGS rows of the newest moment for which a run stored any of some keys.

    Parameters
    ----------
    lake : Lake
        The lake.
    watch : str
        Name of the watch.
    keys : Sequence of str
        Keys, or beginnings of keys such as `warn.`.
    now : datetime
        Judged-until time: later moments are not read.
    incident : str, default ""
        Only those about this incident.
    as_of : None, datetime or Mapping[str, int], default None
        Data version of FINDINGS.

    Returns
    -------
    pandas.DataFrame
        In the order in which the run stored them; empty where there are none.
    """
    named = " OR ".join(f"starts_with(key, '{key}')" for key in keys)
    rows = lake.sql("FINDINGS", watch=watch, as_of=as_of, present=False).filter(named)
    rows = rows.filter(f"\"at\" <= TIMESTAMPTZ '{now.isoformat()}'")
    if incident:
        rows = rows.filter("incident_id = '{}'".format(incident.replace("'", "''")))
    query = 'SELECT * FROM rows QUALIFY rank() OVER (ORDER BY "at" DESC, made_at DESC, run_id) = 1 ORDER BY place'
    result: pd.DataFrame = rows.query("rows", query).to_arrow_table().to_pandas()
    return result


def revived(row: Mapping[Any, Any]) -> Finding:
    """A finding from its row.

    Parameters
    ----------
    row : Mapping[Any, Any]
        A FINDINGS row.

    Returns
    -------
    Finding
        Renders as the stored one would have.
    """
    return Finding(
        key=str(row["key"]),
        message=str(row["message"]).replace(" %", "%"),  # runs before 0.3 stored sentences with a space there
        facts=unpack(str(row["facts"])) or {},
        table=pd.DataFrame(unpack(str(row["detail"])) or []),
        post_ids=tuple(json.loads(str(row["post_ids"] or "[]"))),
        n=int(row["n"]),
        limits=tuple(unpack(str(row["limits"])) or ()),
        weight=float(row["weight"]),
        silent=bool(row["silent"]),
    )
