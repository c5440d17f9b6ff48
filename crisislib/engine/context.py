"""What one run works on: folders, watch, window, identity, progress.

Four times are distinguished everywhere: the *event time* of a post or window; *judged until*, up to which a run
has decided; the *wall clock*, when it is computed; and the *data version* that it read. :class:`RunWindow` has the
first three, `docs/reference/glossary.md` all four.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from crisislib.core.ids import short_hash
from crisislib.core.tables import conform, table
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.progress import Progress, silent
from crisislib.lake import Lake


@dataclass(frozen=True)
class RunWindow:
    """The times of a run, all with a time zone; `at` is at most `now`.

    The fourth time, the data version (`as_of`: a version a table, in the RUNS row of the run), is no field: it is what
    the lake held when the run read it.

    Attributes
    ----------
    since, until : datetime
        Event time: posts created in [since, until) are read.
    at : datetime
        Judged until: the moment as of which everything is decided, stored as `judged_until`; the end of the window, or
        now where that is earlier.
    now : datetime
        Wall clock: when it is computed, stored as the time of labels and edges. It decides nothing, so that a replay
        decides as the monitor did.
    """

    since: datetime
    until: datetime
    at: datetime
    now: datetime

    @property
    def bounds(self) -> dict[str, datetime]:
        """`since` and `until` as the lake's readers take them."""
        return {"since": self.since, "until": self.until}


@dataclass(frozen=True)
class RunContext:
    """One run over one watch: what every step of the engine is given.

    Attributes
    ----------
    home : Home
        Folders and lake.
    watch : Watch
        What is watched.
    window : RunWindow
        The times.
    run_id : str
        Written to every row that the run derives.
    job : str
        What asked for it: `run`, `monitor`, `brief`, `daily` …
    progress : callable
        Called with (step, done, total).
    """

    home: Home
    watch: Watch
    window: RunWindow
    run_id: str
    job: str = "run"
    progress: Progress = field(default=silent, repr=False)

    @property
    def lake(self) -> Lake:
        """The lake of the run's folders."""
        return self.home.lake

    def scope(self) -> dict[str, Any]:
        """The watch and the window as the lake's readers take them."""
        return {"watch": self.watch.watch, **self.window.bounds}

    def append(self, name: str, rows: pa.Table | pd.DataFrame) -> int:
        """Append rows to a table of the lake, stamped with the run.

        Parameters
        ----------
        name : str
            Name of the table.
        rows : pyarrow.Table or pandas.DataFrame
            Rows of it.

        Returns
        -------
        int
            Rows that were new.

        Raises
        ------
        TableError
            The rows do not fit the table.
        LakeError
            The table cannot be written.
        """
        return self.lake.append(name, stamped(rows, name, self.run_id))


def run_identity(watch: Watch, job: str, *times: datetime) -> str:
    """Identity of a run: the same for the same watch, job and times, so that a repeated run completes a killed one.

    Parameters
    ----------
    watch : Watch
        The watch.
    job : str
        What is run, such as `run` or `brief`.
    *times : datetime
        The times that distinguish the run.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    return short_hash(watch.watch, job, *[t.isoformat() for t in times])


def stamped(rows: pa.Table | pd.DataFrame, name: str, run_id: str) -> pa.Table:
    """Rows of a table with the identity of the run where they have none yet.

    Parameters
    ----------
    rows : pyarrow.Table or pandas.DataFrame
        Rows of the table.
    name : str
        Name of the table; one without `run_id`, or with it in its key, is left as it is.
    run_id : str
        Identity of the run.

    Returns
    -------
    pyarrow.Table
        In the table's schema.

    Raises
    ------
    TableError
        The rows do not fit the table.
    """
    made = conform(rows, name)
    if "run_id" not in table(name).columns or "run_id" in table(name).key:
        return made
    place = made.column_names.index("run_id")
    column = made["run_id"]
    filled = pa.chunked_array([pa.repeat(run_id, made.num_rows)]) if column.null_count == len(column) else column
    return made.set_column(place, made.schema.field(place), filled.fill_null(run_id) if filled is column else filled)
