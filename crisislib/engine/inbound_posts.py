"""Posts that were sent to us rather than asked for: a file of JSON lines into the lake, under the name of its door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from crisislib.collect import read_export
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.ingest import ImportResult, store_batch

INBOUND = "listen"
"""How reports call what was sent to us."""


def check_inbound(home: Home, watch: Watch, file: Path, *, mapping: Mapping[str, str], now: datetime) -> int:
    """How many posts of a file could be read; writes nothing.

    Parameters
    ----------
    home : Home
        The workbench, for layouts of the user's own.
    watch : Watch
        Whose posts they are.
    file : Path
        JSON lines.
    mapping : Mapping of str to str
        As of an import.
    now : datetime
        Wall clock.

    Raises
    ------
    InputError, LayoutError
        Nothing in it is understood; says what is missing.
    """
    batch = read_export(file, watch, mapping=mapping, folders=home.layouts, now=now)
    return int(batch.record["n_read"][0].as_py() - batch.record["n_rejected"][0].as_py())


def store_inbound(home: Home, watch: Watch, file: Path, *, mapping: Mapping[str, str], now: datetime) -> ImportResult:
    """Put a file of posts that were sent to us into the lake; the same content twice adds nothing.

    Parameters
    ----------
    home, watch, file, mapping, now
        As of :func:`check_inbound`.

    Raises
    ------
    InputError, LayoutError
        The file cannot be read; nothing was added.
    LakeError
        The lake cannot be written; nothing was half-written.
    """
    batch = read_export(file, watch, mapping=mapping, folders=home.layouts, now=now)
    posts = _named(batch.posts, "POSTS")
    record = _named(batch.record, "BATCHES")
    return store_batch(home, watch, replace(batch, posts=posts, record=record), now)


def _named(table: pa.Table, name: str) -> pa.Table:
    """With our name as the source."""
    place = table.schema.get_field_index("source")
    named = table.set_column(place, table.schema.field(place), pa.repeat(INBOUND, table.num_rows))
    return conform(named, name)
