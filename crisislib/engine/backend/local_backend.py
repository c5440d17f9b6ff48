"""The engine of this process: DuckDB, Arrow and NumPy. What another engine must do as well is what stands here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw
import pyarrow as pa

from crisislib.lake import Lake

BatchFunction = Callable[[pa.Table], pa.Table]
"""Rows in, rows out, each row by itself: how they are split into batches may not change what comes out."""


class LocalBackend:
    """The engine of this process."""

    name = "local"
    elsewhere = False
    """Whether functions are sent to other machines, which have no files of this one."""

    def scan(self, lake: Lake, name: str, **choice: Any) -> nw.LazyFrame[Any]:
        """A lazy frame over one table, read where the engine is.

        Parameters
        ----------
        lake : Lake
            The lake.
        name : str
            Name of the table.
        **choice : Any
            As for :meth:`crisislib.lake.Lake.scan`.

        Returns
        -------
        narwhals.LazyFrame
            The same rows on every engine.
        """
        return lake.scan(name, **choice)

    def map_batches(self, rows: pa.Table, function: BatchFunction, schema: pa.Schema) -> pa.Table:
        """What a function makes of some rows.

        Parameters
        ----------
        rows : pyarrow.Table
            Of this process.
        function : callable
            Takes some of them and returns a table.
        schema : pyarrow.Schema
            Of what it returns.

        Returns
        -------
        pyarrow.Table
            In any order.
        """
        return function(rows)
