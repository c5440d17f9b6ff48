"""Columns that no single cast reads: times, counts, text with markup, addresses; read once for each distinct cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.importing.addresses import has_addresses, read_addresses, whole_addresses
from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.count_columns import read_counts
from crisislib.collect.importing.field_mapping import Header
from crisislib.collect.importing.layout import COUNTS, Layout
from crisislib.collect.importing.moment import Moment
from crisislib.collect.importing.prose import read_prose, restore_encoding
from crisislib.collect.importing.time_columns import Times, read_times
from crisislib.collect.importing.weibo_ids import has_bids, mids

TIMES = ("created", "collected", "account_created")
NUMBERS = (*COUNTS, "followers")
LINKED = ("id", "account", "root")
"""Roles whose cells may be an address in place of an id; so may parents."""
OPEN_PLATFORMS = ("web", "news")
"""Layouts with one of these as their default leave it to the address to say the platform."""
EXACT_DIGITS = 15
"""A spreadsheet keeps this many digits of a number (IEEE 754); it writes zeros for those behind."""
CUT_SAMPLE = 1000
"""Ids that tell whether a spreadsheet has had them; a few would, and some end in zeros by chance."""


@dataclass
class Derived:
    """Columns to stand beside the cells, and what was odd about them.

    Attributes
    ----------
    columns : dict of str to pyarrow.ChunkedArray
        `t_ROLE` instants and `p_ROLE` precisions, `n_ROLE` counts and `q_ROLE` whether a cell is no count,
        `x_INDEX` text without markup, `u_url` whole addresses, `b_ROLE` ids out of addresses, `ad_PART` parts of the
        post's own address,
        `relative` whether a time needs the time of collection, `cut` whether an id lost its last digits.
    times : dict of str to Times
        By role.
    doubts : dict of str to str
        Count role -> a cell whose dot was taken for a thousands separator without proof.
    restored : int
        Texts that had been saved in a wrong encoding and are as they were.
    collected : datetime or None
        When the whole file was collected, where the user says so.
    created : Moment or None
        When all posts were written, where the user says so because no column does.
    sole : str
        The one platform to which all addresses lead, so that rows without an address are of it too; else empty.
    until : datetime or None
        Days without a year are the last such days before this.
    """

    columns: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    restored: int = 0
    collected: datetime | None = None
    created: Moment | None = None
    sole: str = ""
    until: datetime | None = None

    def __contains__(self, name: str) -> bool:
        return name in self.columns


def prose_columns(layout: Layout, header: Header, table: pa.Table, roles: Iterable[str]) -> Derived:
    """Text columns that hold markup, entities or guards, without them.

    Parameters
    ----------
    layout : Layout
        Which columns are text.
    header : Header
        Where they are.
    table : pyarrow.Table
        Cells `c0`, `c1`, ….
    roles : iterable of str
        Fields that are text for people.
    """
    derived = Derived()
    for i in {i for role in roles if role in layout.columns for i in header.present(layout.columns[role])}:
        shape: Shape = header.shapes[i]
        if not (shape.lacks(b"\xc3") and shape.lacks(b"\xc2")):
            column, n = restore_encoding(table.column(f"c{i}"))
            if n:
                derived.columns[f"x_{i}"] = column
                derived.restored += n
        if not (shape.lacks(b"&<") and shape.lacks(b"'")):
            column = derived.columns.get(f"x_{i}", table.column(f"c{i}"))
            if (clean := read_prose(column)) is not column:
                derived.columns[f"x_{i}"] = clean
    return derived


def derive(
    derived: Derived,
    picked: Mapping[str, pa.ChunkedArray],
    layout: Layout,
    *,
    zone: str,
    now: datetime,
    until: datetime | None = None,
) -> Derived:
    """Read the picked cells of the roles that need it.

    Parameters
    ----------
    derived : Derived
        Text columns so far; the others are added to it.
    picked : Mapping of str to pyarrow.ChunkedArray
        Role -> its cell in each row, null where empty.
    layout : Layout
        Says the order of dates.
    zone : str
        Of times without one.
    now : datetime
        UTC.
    until : datetime, optional
        When the export was made, as far as it says; days without a year are the last such days before.
    """
    stated = None if layout.dates == "auto" else layout.dates
    for role in ("collected", "created", "account_created"):
        if role in picked:
            references = (
                derived.times["collected"].at.to_pylist()
                if role == "created" and "collected" in derived.times
                else None
            )
            times = read_times(
                picked[role],
                zone,
                order=stated,
                now=now,
                references=references,
                constant=None if role == "collected" else derived.collected,
                until=(until or now) if role == "created" else None,
            )
            derived.times[role] = times
            derived.until = until or now
            derived.columns |= {f"t_{role}": _chunked(times.at), f"p_{role}": _chunked(times.precision)}
            if role == "created":
                derived.columns["relative"] = _chunked(pa.array(times.relative))
    for role in NUMBERS:
        if role in picked:
            counts = read_counts(picked[role])
            derived.columns |= {f"n_{role}": _chunked(counts.values), f"q_{role}": _chunked(pa.array(counts.unread))}
            if counts.doubt:
                derived.doubts[role] = counts.doubt
    weibo = layout.platform.default == "weibo" and not layout.platform.columns
    for role, column in picked.items():
        if (role in LINKED or role.startswith("parent")) and has_addresses(column):
            derived.columns[f"b_{role}"] = _ids(column, "account" if role == "account" else "id")
        elif weibo and (role in ("id", "root") or role.startswith("parent")) and has_bids(column):
            derived.columns[f"b_{role}"] = _chunked(mids(column))
    if "url" in picked:
        whole = whole_addresses(picked["url"])
        if whole is not picked["url"]:
            derived.columns["u_url"] = whole
        parts = read_addresses(whole)
        if parts["platform"].null_count < len(parts["platform"]):  # else nothing stands beside the cells
            derived.columns |= {f"ad_{part}": _chunked(array) for part, array in parts.items()}
            led = pc.unique(parts["platform"]).drop_null().to_pylist()
            derived.sole = led[0] if len(led) == 1 else ""
    elif linked := next((r for r in picked if f"b_{r}" in derived.columns), None):
        derived.columns["ad_platform"] = _chunked(read_addresses(picked[linked])["platform"])
    if layout.last and layout.kind.default != "comment" and {"ad_id", "id"} <= {*derived.columns, *picked}:
        _by_addresses(derived, picked)
    if "id" in picked and cut_ids(picked["id"]):
        derived.columns["cut"] = _chunked(pa.array(np.ones(len(picked["id"]), dtype=bool)))
    return derived


def _by_addresses(derived: Derived, picked: Mapping[str, pa.ChunkedArray]) -> None:
    """Parents and roots that name a row by the vendor's number as the id that its address gives it."""
    told = pc.and_(pc.is_valid(derived.columns["ad_id"]), pc.is_valid(picked["id"]))
    told = pc.and_(told, pc.fill_null(pc.not_equal(derived.columns["ad_kind"], "comment"), True))
    numbers, ids = picked["id"].filter(told), derived.columns["ad_id"].filter(told)
    for role in (r for r in picked if r == "root" or r.startswith("parent")):
        named = derived.columns.get(f"b_{role}", picked[role])
        found = pc.index_in(named, value_set=numbers.combine_chunks())
        derived.columns[f"b_{role}"] = pc.coalesce(ids.take(found), named)


def wanted(layout: Layout, header: Header, roles: Iterable[str]) -> list[str]:
    """Roles whose cells need more than a cast.

    Parameters
    ----------
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are, with the shapes of their cells.
    roles : iterable of str
        Those that the table has.
    """
    weibo = layout.platform.default == "weibo"
    open_platform = layout.last or layout.platform.default in (*OPEN_PLATFORMS, None)
    chosen = []
    roles = list(roles)
    edges = layout.last and "url" in roles and any(r == "root" or r.startswith("parent") for r in roles)
    for role in roles:
        cell = layout.columns.get(role, layout.root if role == "root" else None)
        shape = header.shape(cell)
        needed = (
            (role in TIMES and not (role == "created" and header.stamped) and not layout.accounts_only)
            or (role in NUMBERS and not (shape is not None and shape.digits))
            or (role in LINKED and not (shape is not None and shape.lacks(b"/")))
            or (role in ("id", "root") and weibo and not (shape is not None and shape.digits))
            or role.startswith("parent")
            or (edges and role in ("id", "root"))
            or (role == "url" and (open_platform or not {"id", "account", "name"} <= set(roles)))
        )
        if needed or (role in ("collected", "account_created") and layout.accounts_only):
            chosen.append(role)
    return chosen


def with_columns(db: duckdb.DuckDBPyConnection, table: pa.Table, derived: Derived) -> None:
    """Register the cells with the derived columns beside them as `raw`.

    Parameters
    ----------
    db : duckdb.DuckDBPyConnection
        A session.
    table : pyarrow.Table
        Cells.
    derived : Derived
        What stands beside them.
    """
    for name, column in derived.columns.items():
        table = table.append_column(name, column)
    db.register("raw", table)


def _ids(column: pa.ChunkedArray, part: str) -> pa.ChunkedArray:
    """Addresses as ids; an address of no known form stays as it is, and so does what is none."""
    parts = read_addresses(column)
    flat = _flat(column)
    known = parts[part]
    if part == "account":
        handles = pc.binary_join_element_wise("@", pc.utf8_lower(parts["name"]), "")
        known = pc.coalesce(known, handles)
    return _chunked(pc.coalesce(known, flat))


def cut_ids(column: pa.ChunkedArray) -> bool:
    """Whether every id has zeros behind the digits that a spreadsheet keeps.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Ids as strings.
    """
    ids = [v for v in column.drop_null().slice(0, CUT_SAMPLE).to_pylist() if v]
    long = [v for v in ids if v.isdigit() and len(v) > EXACT_DIGITS + 1]
    return (
        len(long) > 1
        and len(long) == len(ids)
        and all(set(v[EXACT_DIGITS + 1 :]) <= {"0"} and v.endswith("00") for v in long)
    )


def _flat(column: pa.ChunkedArray) -> pa.Array:
    flat = column.combine_chunks()
    return flat.combine_chunks() if isinstance(flat, pa.ChunkedArray) else flat


def _chunked(array: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
