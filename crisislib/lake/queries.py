"""What is asked of the lake, as SQL over its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.table_definitions import TIME, Table

MILLISECOND = timedelta(milliseconds=1)
"""Times in the log's statistics are cut to milliseconds: the newest row may lie that much after them."""


@dataclass(frozen=True)
class Bounds:
    """Which rows are asked for: a watch, and a half-open window over the table's time column.

    `first` and `last` bound the column by which the newest of several rows is chosen, `within` the
    least and the greatest value of text columns.

    Attributes
    ----------
    watch : str or None
        Rows of one watch.
    since, until : datetime or None
        Half-open window [since, until) of event time.
    first, last : datetime or None
        Closed window of the table's `order` column.
    within : Mapping[str, tuple of str and str]
        Column → least and greatest value.
    """

    watch: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    first: datetime | None = None
    last: datetime | None = None
    within: Mapping[str, tuple[str, str]] = field(default_factory=dict)


SAME_POST = [
    "platform",
    "text",
    "title",
    "parent_id",
    "root_id",
    "n_likes",
    "n_reposts",
    "n_replies",
    "n_views",
    "sentiment_given",
]
"""What makes a new observation of a post worth keeping."""
_SQL = {
    pa.string(): "VARCHAR",
    TIME: "TIMESTAMPTZ",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
}


def read_sql(spec: Table, files: list[str] | str, columns: Sequence[str] = ()) -> str:
    """The rows of some files; a column that a file of a former version lacks is null.

    Parameters
    ----------
    spec : Table
        The table that the files belong to.
    files : list of str, or str
        Paths of Parquet files, of none there are no rows; or the name of a dataset that the session knows.
    columns : sequence of str
        Only these; all of the table when left out.

    Returns
    -------
    str
        A query without brackets around it.
    """
    wanted = list(columns) or spec.columns
    # Of no rows: DuckDB drops it from the plan, filters still reach the files, but every column has its type.
    none = ", ".join(f'NULL::{_SQL[spec.schema.field(c).type]} AS "{c}"' for c in wanted)
    empty = f"SELECT {none} WHERE false"
    if not files:
        return empty
    if isinstance(files, str):
        return "SELECT {} FROM {}".format(", ".join(f'"{c}"' for c in wanted), files)  # has every column with its type
    quoted = ", ".join("'" + f.replace("'", "''") + "'" for f in files)
    read = f"SELECT * FROM read_parquet([{quoted}], union_by_name=true) UNION ALL BY NAME {empty}"
    return "SELECT {} FROM ({})".format(", ".join(f'"{c}"' for c in wanted), read)


def conditions(spec: Table, bounds: Bounds) -> str:
    """The SQL condition for the rows within bounds.

    Parameters
    ----------
    spec : Table
        Definition of the table; its `time` column is compared.
    bounds : Bounds
        Watch and half-open span [since, until) of event time; None leaves a bound open.

    Returns
    -------
    str
        A condition; `true` without bounds.
    """
    parts = ["true"]
    if bounds.watch is not None and "watch" in spec.schema.names:
        parts.append("watch = '{}'".format(bounds.watch.replace("'", "''")))
    if bounds.since is not None:
        parts.append(f"\"{spec.time}\" >= TIMESTAMPTZ '{bounds.since.isoformat()}'")
    if bounds.until is not None:
        parts.append(f"\"{spec.time}\" < TIMESTAMPTZ '{bounds.until.isoformat()}'")
    return " AND ".join(parts)


def present_sql(spec: Table, query: str) -> str:
    """SQL for the present state: of each identity the newest row, an analyst's label before any model's.

    Parameters
    ----------
    spec : Table
        Definition of the table; `identity` and `order` are used.
    query : str
        A SELECT over rows of the table.

    Returns
    -------
    str
        A SELECT with the same columns.
    """
    identity = ", ".join(f'"{k}"' for k in spec.identity)
    first = "(model = 'analyst') DESC, " if spec.name == "LABELS" else ""
    window = f'PARTITION BY {identity} ORDER BY {first}"{spec.order}" DESC'
    return f"SELECT * FROM ({query}) QUALIFY row_number() OVER ({window}) = 1"


def new_rows_sql(spec: Table, stored: list[str] | str, incoming: str, same: Sequence[str] = ()) -> str:
    """The rows of a query that no stored row equals by key, by `same`, or, for posts, by what they say.

    Parameters
    ----------
    spec : Table
        The table.
    stored : list of str, or str
        What can hold rows with the same keys, as :func:`read_sql` takes it.
    incoming : str
        A query for rows of the table.
    same : sequence of str
        Columns that identify a row whatever its time of observation.
    """
    columns = [c for c in spec.columns if c in {*spec.key, *same, *(SAME_POST if spec.name == "POSTS" else ())}]
    rows = read_sql(spec, stored, columns)
    query = f"SELECT i.* FROM ({incoming}) i WHERE NOT EXISTS (SELECT 1 FROM ({rows}) s WHERE {_equal(spec.key)})"
    if same:
        query += f" AND NOT EXISTS (SELECT 1 FROM ({rows}) s WHERE {_equal(same)})"
    if spec.name == "POSTS":
        equal = _equal(["watch", "post_id", *SAME_POST])
        # Which of several observations is the newest costs a sort: only of the posts that come.
        theirs = f"SELECT * FROM ({rows}) WHERE post_id IN (SELECT post_id FROM ({incoming}))"
        query += f" AND NOT EXISTS (SELECT 1 FROM ({present_sql(spec, theirs)}) s WHERE {equal})"
    return query


def _equal(columns: Sequence[str]) -> str:
    return " AND ".join(f's."{c}" IS NOT DISTINCT FROM i."{c}"' for c in columns)


def bounds_of(spec: Table, rows: pa.Table, same: Sequence[str] = ()) -> list[Bounds]:
    """Bounds within which stored rows with the same keys can lie, so that an append reads few files.

    Parameters
    ----------
    spec : Table
        Definition of the table.
    rows : pyarrow.Table
        The new rows.
    same : Sequence of str, default ()
        Columns of text whose equality also makes a duplicate.

    Returns
    -------
    list of Bounds
        One, or two where `same` is given; a row outside all of them is no duplicate.
    """
    one = pc.unique(rows["watch"]) if "watch" in spec.schema.names else []
    result = Bounds(one[0].as_py() if len(one) == 1 else None)
    if spec.time and spec.time != spec.order and not rows[spec.time].null_count:
        span = pc.min_max(rows[spec.time])
        result = replace(result, since=span["min"].as_py(), until=span["max"].as_py())
    by_key = result
    # Posts are compared with older observations, too; else the same key means the same time of observation.
    if spec.name != "POSTS" and spec.order in spec.key:
        span = pc.min_max(rows[spec.order])
        by_key = replace(result, first=span["min"].as_py(), last=span["max"].as_py())
    if not same:
        return [by_key]
    texts = [c for c in same if spec.schema.field(c).type == pa.string() and not rows[c].null_count]
    spans = {c: pc.min_max(rows[c]) for c in texts}
    return [by_key, replace(result, within={c: (s["min"].as_py(), s["max"].as_py()) for c, s in spans.items()})]


def can_hold(spec: Table, actions: pa.Table, bounds: Bounds) -> pa.ChunkedArray:
    """Which data files can hold rows within bounds, by the statistics in the log.

    Parameters
    ----------
    spec : Table
        The table.
    actions : pyarrow.Table
        Flat `add` actions, one row a file.
    bounds : Bounds
        What is asked for.

    Returns
    -------
    pyarrow.ChunkedArray of bool, (n_files,)
    """
    keep = pa.chunked_array([pa.repeat(True, actions.num_rows)])
    for column, low, high in (
        ("watch", bounds.watch, bounds.watch),
        (spec.time, bounds.since, bounds.until),
        (spec.order, bounds.first, bounds.last),
        *((c, low, high) for c, (low, high) in bounds.within.items()),
    ):
        low = low - MILLISECOND if isinstance(low, datetime) else low
        if low is not None and f"max.{column}" in actions.column_names:
            keep = pc.and_(keep, pc.fill_null(pc.greater_equal(actions[f"max.{column}"], pa.scalar(low)), True))
        if high is not None and f"min.{column}" in actions.column_names:
            keep = pc.and_(keep, pc.fill_null(pc.less_equal(actions[f"min.{column}"], pa.scalar(high)), True))
    return keep
