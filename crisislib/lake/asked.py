"""What is asked of the lake, as SQL over its files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import Table


@dataclass(frozen=True)
class Bounds:
    """Which rows are asked for: a watch, and a half-open window over the table's time column.

    `first` and `last` bound the column by which the newest of several rows is chosen.
    """

    watch: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    first: datetime | None = None
    last: datetime | None = None


SAME_POST = [
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


def read_sql(files: list[str]) -> str:
    """The rows of some files."""
    quoted = ", ".join("'" + f.replace("'", "''") + "'" for f in files)
    return f"read_parquet([{quoted}], union_by_name=true)"


def conditions(spec: Table, bounds: Bounds) -> str:
    """The rows that are within bounds."""
    said = ["true"]
    if bounds.watch is not None and "watch" in spec.schema.names:
        said.append("watch = '{}'".format(bounds.watch.replace("'", "''")))
    if bounds.since is not None:
        said.append(f"\"{spec.time}\" >= TIMESTAMPTZ '{bounds.since.isoformat()}'")
    if bounds.until is not None:
        said.append(f"\"{spec.time}\" < TIMESTAMPTZ '{bounds.until.isoformat()}'")
    return " AND ".join(said)


def present_sql(spec: Table, query: str) -> str:
    """One row an identity: the newest, an analyst's label before any model's."""
    identity = ", ".join(f'"{k}"' for k in spec.identity)
    first = "(model = 'analyst') DESC, " if spec.name == "LABELS" else ""
    window = f'PARTITION BY {identity} ORDER BY {first}"{spec.order}" DESC'
    return f"SELECT * FROM ({query}) QUALIFY row_number() OVER ({window}) = 1"


def bounds_of(spec: Table, rows: pa.Table) -> Bounds:
    """Where held rows with the same keys can lie, so that an append reads little."""
    one = pc.unique(rows["watch"]) if "watch" in spec.schema.names else []
    watch = one[0].as_py() if len(one) == 1 else None
    found = Bounds(watch)
    if spec.time and rows.num_rows and not rows[spec.time].null_count:
        span = pc.min_max(rows[spec.time])
        found = replace(found, since=span["min"].as_py(), until=span["max"].as_py())
    # Posts are held against older observations, too; else the same key means the same time of observation.
    if spec.name != "POSTS" and spec.order in spec.key and rows.num_rows:
        span = pc.min_max(rows[spec.order])
        found = replace(found, first=span["min"].as_py(), last=span["max"].as_py())
    return found
