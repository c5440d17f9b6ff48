"""One database in memory for all readings of a process; starting one costs more than a small file."""

from __future__ import annotations

import os
from functools import cache

import duckdb


def session() -> duckdb.DuckDBPyConnection:
    """A session of its own: what it registers and its temporary tables are seen by no other.

    Use only TEMP tables in it and close it, so that they are freed.
    """
    db = _database(os.getpid()).cursor()
    db.execute("SET TimeZone='UTC'")
    return db


@cache
def _database(process: int) -> duckdb.DuckDBPyConnection:
    """By process number, since a forked process cannot use its parent's threads."""
    return duckdb.connect()
