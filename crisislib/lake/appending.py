"""Rows into a Delta table: what is not stored yet, in one commit that conflicts with any that came in between."""

from __future__ import annotations

import json
import random
import time

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError

from crisislib.core.memory_database import session
from crisislib.core.table_definitions import Table
from crisislib.lake.queries import bounds_of, new_rows_sql
from crisislib.lake.snapshots import WATCHES, Snapshots

CHECKED = CommitProperties(app_transactions=[Transaction("crisislib", 1)])
"""Of two commits that were checked against one snapshot the store refuses the second; one entry a table, ever."""
TRIES = 30
"""A refusal means that somebody else's append went through; the table's lock keeps those of one machine apart."""


def add_rows(tables: Snapshots, spec: Table, incoming: pa.Table, same: tuple[str, ...]) -> int:
    """Add the rows that are not stored: check and commit until the store agrees that nobody came in between.

    Parameters
    ----------
    tables : Snapshots
        The lake.
    spec : Table
        The table; its lock is held by the caller.
    incoming : pyarrow.Table
        Rows of its schema.
    same : tuple of str
        Columns that identify a row whatever its time of observation.

    Returns
    -------
    int
        Rows added.
    """
    properties = _checked(spec, incoming)
    for tried in range(TRIES):
        delta = tables.present(spec.name, to_write=True)
        try:
            rows = _new_rows(tables, spec, delta, incoming, same)
            if rows.num_rows == 0:
                return 0
            _commit(tables, spec, delta, rows, properties)
        except (CommitFailedError, duckdb.IOException):  # committed meanwhile, or files joined and cleared
            if tried + 1 == TRIES:
                raise
            time.sleep(random.uniform(0.0, 0.02 * 2 ** min(tried, 6)))
        else:
            break
    return int(rows.num_rows)


def _checked(spec: Table, rows: pa.Table) -> CommitProperties:
    """Properties of a commit that was checked, with the watches that it is about, so that others can leave it out."""
    if "watch" not in spec.schema.names:
        return CHECKED
    watches = pc.unique(rows["watch"]).to_pylist()
    return CommitProperties(custom_metadata={WATCHES: json.dumps(watches)}, app_transactions=CHECKED.app_transactions)


def _commit(
    tables: Snapshots, spec: Table, delta: DeltaTable | None, rows: pa.Table, properties: CommitProperties
) -> None:
    """One commit on what was checked. Two first commits would not conflict: the lock of one machine keeps them apart,
    and on a store the empty table is made first, which only one of several machines can.
    """
    if delta is None and not tables.address:
        write_deltalake(tables.path(spec.name), rows, mode="append", commit_properties=properties)
        return
    if delta is None:
        delta = DeltaTable.create(
            tables.uri(spec.name), spec.schema, mode="error", storage_options=tables.options, commit_properties=CHECKED
        )
    former = {f.name for f in delta.schema().fields} != set(spec.columns)
    merge = "merge" if former else None
    write_deltalake(delta, rows, mode="append", schema_mode=merge, commit_properties=properties)


def _new_rows(
    tables: Snapshots, spec: Table, delta: DeltaTable | None, rows: pa.Table, same: tuple[str, ...]
) -> pa.Table:
    """The rows, once each, that are not stored."""
    db = session()
    stored = tables.rows(db, spec, delta, bounds_of(spec, rows, same))
    db.register("incoming", rows)
    key = ", ".join(f'"{k}"' for k in spec.key)
    once = f"SELECT * FROM incoming QUALIFY row_number() OVER (PARTITION BY {key}) = 1"
    # By hash, which takes a tenth of the memory of the keys: two that share one are only looked at more closely.
    if db.sql(f"SELECT count(DISTINCT hash({key})) FROM incoming").fetchall()[0][0] == rows.num_rows:
        once = "SELECT * FROM incoming"  # a window over wide rows costs more than the rest of the append
        if not stored:
            return rows
    query = new_rows_sql(spec, stored, once, same) if stored else once
    return db.sql(query).to_arrow_table().cast(spec.schema)
