"""Plain frames to the tables of the stages and back: keys are filled in, other columns left out with a warning."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import InputError, TableError
from crisislib.core.table_definitions import TIME, Table
from crisislib.core.tables import conform, table
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
    """The name for the `watch` column.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table
        May have a column `watch`.
    watch : Watch or str, optional
        As the caller gave it.

    Returns
    -------
    str
        The watch's own, else the frame's only one, else :data:`UNNAMED`.

    Raises
    ------
    InputError
        `watch` is something else.
    """
    if watch is not None and not isinstance(watch, str | Watch):
        raise InputError(f"this is {_kind(watch)}", where="watch", do="give a name, or what open_watch returns")
    if watch is not None:
        return watch if isinstance(watch, str) else watch.watch
    names = _arrow(posts)["watch"].unique().to_pylist() if "watch" in _columns(posts) else []
    return str(names[0]) if len(names) == 1 else UNNAMED


def utc(moment: datetime | None, name: str) -> datetime | None:
    """A moment that a caller gave; without a zone it is UTC, as times in frames are.

    Parameters
    ----------
    moment : datetime.datetime or None
        The argument.
    name : str
        Its name, for the message.

    Returns
    -------
    datetime.datetime or None
        With a zone; None where None was given.

    Raises
    ------
    InputError
        It is something else, such as text.
    """
    if moment is not None and not isinstance(moment, datetime):
        raise InputError(
            f"this is {_kind(moment)}", where=name, do="give a datetime, such as datetime(2026, 1, 31, tzinfo=UTC)"
        )
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def as_posts(posts: pd.DataFrame | pa.Table, name: str, *, needs: Iterable[str] = ()) -> pa.Table:
    """POSTS from a plain frame; every row is taken to belong to the watch of that name.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table, (n_posts, …)
        With `text`; `post_id` is numbered and `collected_at` is `created_at` where they are missing.
        Times without a zone are UTC. Columns that POSTS does not have are left out, with a warning.
    name : str
        Name of the watch.
    needs : iterable of str
        Further columns without which the caller could give no answer.

    Returns
    -------
    pyarrow.Table
        POSTS.

    Raises
    ------
    TableError
        A needed column is missing, or a value does not fit its column.
    """
    columns = _columns(posts, "posts")
    for one in ("text", *needs):
        if one not in columns:
            near = get_close_matches(one.replace("_", ""), columns, n=1, cutoff=0.6)
            others = f"rename the column that holds it; the columns are {', '.join(columns)}" if columns else "add it"
            hint = f"rename {near[0]!r} to it" if near else others
            raise TableError(f"there is no column {one!r}", where="posts", do=hint)
    n = len(posts)
    filled = {"watch": np.full(n, name, dtype=object), "post_id": [f"post:{i}" for i in range(n)]}
    made = _filled(posts, "POSTS", filled, always=("watch",))
    for one in needs:
        if n and made[one].null_count == n:
            raise TableError(f"column {one!r} has no value in any row", where="posts", do="fill it")
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
    _columns(frame, name)
    data = frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()
    data = _known(data, spec).reset_index(drop=True)
    missing = {c: value for c, value in fill.items() if c in always or c not in data.columns if c in spec.schema.names}
    data = data.assign(**missing)
    return pa.table({c: _typed(data[c], spec.schema.field(c).type, name) for c in data.columns})


def _known(data: pd.DataFrame, spec: Table) -> pd.DataFrame:
    """The columns that the table has; of the others the caller is warned, at the line that called the package."""
    names = [str(c) for c in data.columns]
    twice = sorted({c for c in names if names.count(c) > 1})
    if twice:
        raise TableError(f"columns {twice} are there twice", where=spec.name, do="drop or rename one of each")
    unused = [c for c in names if c not in spec.schema.names]
    if unused:
        absent = [c for c in spec.schema.names if c not in names]
        near = {c: get_close_matches(c.casefold(), absent, n=1, cutoff=0.75) for c in unused}
        slips = "".join(f"; did you mean {to[0]!r} by {c!r}?" for c, to in near.items() if to)
        warnings.warn(f"{spec.name} has no columns {unused}: they are not used{slips}", UserWarning, _outside())
    return data[[c for c in data.columns if c in spec.schema.names]]


def _outside() -> int:
    """Stack level, for a warning raised where this is called, of the nearest caller outside the package."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith("crisislib."):
        frame, level = frame.f_back, level + 1
    return level


def _typed(column: pd.Series, kind: pa.DataType, name: str) -> pa.Array:
    """A column as the table's type; whole numbers become ids, times without a zone are UTC."""
    if kind == TIME:
        column = _utc(column, name)
    elif str(column.name).endswith("_id") and pd.api.types.is_integer_dtype(column):
        column = column.astype("string")
    elif pa.types.is_string(kind) and column.notna().sum() == 0:
        column = column.astype(object).where(column.notna(), None)
    try:
        return pa.Array.from_pandas(column, type=kind, safe=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as fault:
        more = "read ids as text (dtype=str): floats cut long ones" if str(column.name).endswith("_id") else ""
        raise TableError(
            f"column {column.name!r} holds {column.dtype}, not {kind}", where=name, do=more or "convert it"
        ) from fault


def _utc(times: pd.Series, name: str) -> pd.Series:
    if pd.api.types.is_numeric_dtype(times) and times.notna().any():
        raise TableError(
            f"{times.name} holds numbers, not times",
            where=name,
            do='convert it, such as pd.to_datetime(x, unit="s", utc=True)',
        )
    read = pd.to_datetime(times, utc=True, errors="coerce")
    wrong = times[read.isna() & times.notna()]
    if len(wrong):
        what = f"{times.name} is no time in {len(wrong)} row(s), first {str(wrong.iloc[0])[:40]!r}"
        raise TableError(what, where=name, do="write all in one form, such as 2026-01-31T18:00Z")
    return read.dt.as_unit("us")


def _columns(frame: pd.DataFrame | pa.Table, name: str = "posts") -> list[str]:
    if isinstance(frame, pd.DataFrame):
        return [str(c) for c in frame.columns]
    if isinstance(frame, pa.Table):
        return list(frame.column_names)
    raise TableError(
        f"this is {_kind(frame)}, not a frame", where=name, do="give a pandas.DataFrame or a pyarrow.Table"
    )


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _arrow(frame: pd.DataFrame | pa.Table) -> pa.Table:
    return pa.Table.from_pandas(frame[["watch"]]) if isinstance(frame, pd.DataFrame) else frame
