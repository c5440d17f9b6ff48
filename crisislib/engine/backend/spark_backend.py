"""Spark Connect: the client of Apache Spark and of Sail; no Java on this machine."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pyarrow as pa

from crisislib.core.errors import HomeError
from crisislib.core.i18n import N_
from crisislib.core.tables import table
from crisislib.engine.backend.local_backend import BatchFunction, LocalBackend
from crisislib.lake import Lake

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ADDRESS = "SPARK_REMOTE"
ROWS_OF_A_TASK = 20_000
"""Rows that one task reads: some seconds of work, so that workers end at about the same time."""
NO_DELTA = "DATA_SOURCE_NOT_FOUND"
"""What Apache Spark says where the jar of Delta is not on its class path; Sail reads Delta by itself."""
_TYPES = {"string": "STRING", "int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN"}


class SparkBackend(LocalBackend):
    """A Spark Connect server, named by `SPARK_REMOTE`; its Python has crisislib, too.

    Raises
    ------
    HomeError
        The client is not installed, or there is no address.
    """

    name = "spark"
    elsewhere = True

    def __init__(self) -> None:
        try:
            import pyspark.sql.connect  # noqa: F401
        except ImportError as fault:
            raise HomeError(
                N_("the client of Spark is not installed: {fault}"),
                where="engine: spark",
                do=N_("pip install 'crisislib[spark]', or set engine = \"local\" in crisis.toml"),
                facts={"fault": fault},
            ) from fault
        if not os.environ.get(ADDRESS, "").startswith("sc://"):
            raise HomeError(
                N_("no Spark Connect server is named"),
                where=ADDRESS,
                do=N_('set SPARK_REMOTE=sc://HOST:15002, or engine = "local" in crisis.toml'),
            )

    @cached_property
    def session(self) -> SparkSession:
        """The connection, made when it is first needed."""
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        with warnings.catch_warnings():
            # Its data frames of pandas are not used here: everything goes through Arrow.
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
            try:
                made = SparkSession.builder.remote(os.environ[ADDRESS]).getOrCreate()
                made.conf.set("spark.sql.session.timeZone", "UTC")
            except (PySparkException, OSError) as fault:
                raise HomeError(
                    N_("the Spark Connect server does not answer: {fault}"),
                    where=os.environ[ADDRESS],
                    do=N_('start it, correct SPARK_REMOTE, or set engine = "local" in crisis.toml'),
                    facts={"fault": fault},
                ) from fault
        return made

    def scan(self, lake: Lake, name: str, **choice: Any) -> nw.LazyFrame[Any]:
        """A lazy frame over one table, which the server must reach under the same name.

        Parameters
        ----------
        lake : Lake
            The lake.
        name : str
            Name of the table.
        **choice : Any
            `watch`, `since`, `until`, `present`, as for :meth:`crisislib.lake.Lake.scan`.

        Returns
        -------
        narwhals.LazyFrame
            Of the version that this process sees now.
        """
        frame: nw.LazyFrame[Any] = nw.from_native(self._rows(lake, name, **choice))
        return frame

    def _rows(
        self, lake: Lake, name: str, *, watch: str | None = None, since: Any = None, until: Any = None,
        present: bool = True,
    ) -> DataFrame:  # fmt: skip
        from pyspark.sql import Window
        from pyspark.sql import functions as f
        from pyspark.sql.pandas.types import from_arrow_schema

        spec, version = table(name), lake.version(name)
        if version < 0:
            return self.session.createDataFrame(spec.schema.empty_table(), from_arrow_schema(spec.schema))
        rows = self._files_of(lake, name, version)
        for field in spec.schema:
            if field.name not in rows.columns:
                rows = rows.withColumn(field.name, f.lit(None).cast(_TYPES.get(str(field.type), "TIMESTAMP")))
        rows = rows.select(*spec.columns)
        if watch is not None and "watch" in spec.columns:
            rows = rows.filter(f.col("watch") == watch)
        if since is not None:
            rows = rows.filter(f.col(spec.time) >= f.lit(since))
        if until is not None:
            rows = rows.filter(f.col(spec.time) < f.lit(until))
        if not present:
            return rows
        first = [(f.col("model") == "analyst").desc()] if name == "LABELS" else []  # as of the lake's own reading
        newest = Window.partitionBy(*spec.identity).orderBy(*first, f.col(spec.order).desc())
        return rows.withColumn("place", f.row_number().over(newest)).filter(f.col("place") == 1).drop("place")

    def _files_of(self, lake: Lake, name: str, version: int) -> DataFrame:
        """All rows of a table at a version; a server that does not know Delta is given the table's files by name."""
        from pyspark.errors import PySparkException

        stored = self.session.read.format("delta").option("versionAsOf", version).load(lake.tables.uri(name))
        try:
            _ = stored.columns  # asked of the server
        except PySparkException as fault:
            if fault.getCondition() != NO_DELTA:
                raise
            delta = lake.tables.at(name, {name: version})
            assert delta is not None, "a table with a version is there"
            # Every file has all its rows: no writer of this lake marks some of them as deleted.
            stored = self.session.read.option("mergeSchema", "true").parquet(*delta.file_uris())
        return stored

    def map_batches(self, rows: pa.Table, function: BatchFunction, schema: pa.Schema) -> pa.Table:
        """What a function makes of some rows, some tasks at a time.

        Parameters
        ----------
        rows : pyarrow.Table
            Sent to the server.
        function : callable
            Sent as well; what it imports must be installed there.
        schema : pyarrow.Schema
            Of what it returns.

        Returns
        -------
        pyarrow.Table
            In any order.
        """
        from pyspark.sql.pandas.types import from_arrow_schema

        if not rows.num_rows:
            return schema.empty_table()
        tasks = -(-rows.num_rows // ROWS_OF_A_TASK)
        frame = self.session.createDataFrame(rows).repartition(tasks)
        made = frame.mapInArrow(_each(function, rows.schema, schema), from_arrow_schema(schema)).toArrow()
        return made.cast(schema)


def _each(function: BatchFunction, incoming: pa.Schema, schema: pa.Schema) -> Any:
    """The function over the batches of one task, as Spark calls it."""

    def over(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = pa.Table.from_batches(list(batches), None)
        yield from function(rows.cast(incoming)).cast(schema).to_batches()

    return over
