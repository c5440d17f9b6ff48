"""Plain frames to the tables of the stages and back: missing keys are filled in, other columns left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import TableError
from crisislib.core.tables import TIME, conform, table
from crisislib.core.watch import Watch

FrameT = TypeVar("FrameT", bound="pd.DataFrame | pa.Table")
"""What comes back is of the kind that was given."""
UNNAMED = "posts"
"""Name in the `watch` column where neither a watch nor the frame gives one."""


def as_given(result: pa.Table, given: FrameT) -> FrameT:
    """A result as pandas or Arrow, whichever was given.

    Parameters
    ----------
    result : pyarrow.Table
        From a stage.
    given : pandas.DataFrame or pyarrow.Table
        What the caller passed in.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
    """
    return cast(FrameT, result.to_pandas() if isinstance(given, pd.DataFrame) else result)


def newest(*tables: pa.Table, column: str) -> datetime:
    """The newest time in some tables: the default clock, so that the same frames give the same answer.

    Parameters
    ----------
    *tables : pyarrow.Table
        Conformed tables.
    column : str
        Their time column.

    Returns
    -------
    datetime.datetime
        UTC; the present instant where no row has a time.
    """
    times = [pc.max(one[column]).as_py() for one in tables if one.num_rows]
    return max((t for t in times if t is not None), default=datetime.now(UTC))


def watch_name(posts: pd.DataFrame | pa.Table, watch: Watch | str | None) -> str:
    """The name for the `watch` column: the watch's own, else the frame's only one, else `posts`."""
    if watch is not None:
        return watch if isinstance(watch, str) else watch.watch
    names = _arrow(posts)["watch"].unique().to_pylist() if "watch" in _columns(posts) else []
    return str(names[0]) if len(names) == 1 else UNNAMED


def as_posts(posts: pd.DataFrame | pa.Table, name: str) -> pa.Table:
    """POSTS from a plain frame; every row is taken to belong to the watch of that name.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table, (n_posts, …)
        With `text`; `post_id` is numbered and `collected_at` is `created_at` where they are missing.
        Times without a zone are UTC. Columns that POSTS does not have are left out.
    name : str
        Name of the watch.

    Returns
    -------
    pyarrow.Table
        POSTS.

    Raises
    ------
    TableError
        There is no `text`, or a value does not fit its column.
    """
    if "text" not in _columns(posts):
        raise TableError("posts have no column text", where="posts", do="rename the column that holds the posts' words")
    n = len(posts)
    filled = {"watch": np.full(n, name, dtype=object), "post_id": [f"post:{i}" for i in range(n)]}
    made = _filled(posts, "POSTS", filled, always=("watch",))
    if "collected_at" not in made.column_names:
        now = pa.scalar(datetime.now(UTC), TIME)
        times = made["created_at"] if "created_at" in made.column_names else pa.nulls(n, TIME)
        made = made.append_column("collected_at", pc.fill_null(times.cast(TIME), now))
    return conform(made, "POSTS")


def as_table(
    frame: pd.DataFrame | pa.Table | None, name: str, fill: Mapping[str, Any] | None = None, always: str = ""
) -> pa.Table:
    """A table of the stages from a plain frame.

    Parameters
    ----------
    frame : pandas.DataFrame, pyarrow.Table or None
        Rows; None gives no rows.
    name : str
        One of :data:`crisislib.core.tables.TABLES`.
    fill : mapping, optional
        Column -> value or values, where the frame lacks the column; what is no column of the table is not used.
    always : str
        A column of `fill` that is replaced where the frame has it, too.

    Returns
    -------
    pyarrow.Table
        Exactly the columns of the table.

    Raises
    ------
    TableError
        A key column is missing, or a value does not fit its column.
    """
    if frame is None:
        return table(name).schema.empty_table()
    return conform(_filled(frame, name, fill or {}, always=(always,)), name)


def _filled(frame: pd.DataFrame | pa.Table, name: str, fill: Mapping[str, Any], always: tuple[str, ...]) -> pa.Table:
    spec = table(name)
    data = frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()
    data = data[[c for c in data.columns if c in spec.schema.names]].reset_index(drop=True)
    missing = {c: value for c, value in fill.items() if c in always or c not in data.columns if c in spec.schema.names}
    data = data.assign(**missing)
    for field in spec.schema:
        if field.type == TIME and field.name in data.columns:
            data[field.name] = _utc(data[field.name], name)
    known = [pa.field(c, spec.schema.field(c).type) for c in data.columns]
    try:
        return pa.Table.from_pandas(data, schema=pa.schema(known), preserve_index=False, safe=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
        raise TableError(str(fault), where=name, do="correct the column; data/README.md lists the types") from fault


def _utc(times: pd.Series, name: str) -> pd.Series:
    try:
        return pd.to_datetime(times, utc=True).dt.as_unit("us")
    except ValueError as fault:
        raise TableError(f"{times.name} is no time: {fault}", where=name, do="write it as 2026-01-31T18:00Z") from fault


def _columns(frame: pd.DataFrame | pa.Table) -> list[str]:
    return list(frame.columns) if isinstance(frame, pd.DataFrame) else list(frame.column_names)


def _arrow(frame: pd.DataFrame | pa.Table) -> pa.Table:
    return pa.Table.from_pandas(frame[["watch"]]) if isinstance(frame, pd.DataFrame) else frame
