"""What the indicators read: lazy tables in, one narrow cut per run, windows as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.core.errors import TableError
from crisislib.core.prevalence import Calibration
from crisislib.core.query import term_pattern
from crisislib.core.tables import table
from crisislib.core.watch import Watch

Lazy = nw.LazyFrame[Any]

LABELS_READ = ("sentiment", "target_sentiment", "call_to_action", "complaint", "narrative")
"""Labels that indicators reduce, beside every `sensitive.*`."""


@dataclass(frozen=True)
class Frames:
    """The tables that signals are computed from, as Narwhals lazy frames.

    Attributes
    ----------
    posts, labels, edges, groups, accounts, batches : narwhals.LazyFrame or None
        Present-state reads of the tables of the same name. `None` says that the table was not made
        (its indicators are then null); an empty frame says that it was made and found nothing.
    observations : narwhals.LazyFrame, optional
        POSTS with every observation of a post, for kinds whose counts are a history (hot lists).
    taught : Calibration, optional
        What an analyst's labels of this stream say of the sentiment model; corrects the shares.
    """

    posts: Lazy
    labels: Lazy | None = None
    edges: Lazy | None = None
    groups: Lazy | None = None
    accounts: Lazy | None = None
    batches: Lazy | None = None
    observations: Lazy | None = None
    taught: Calibration | None = None


@dataclass(frozen=True)
class Grid:
    """Windows of one length: number `w` covers [start + w·step, start + (w+1)·step)."""

    start: datetime
    step_s: int
    n: int

    def at(self) -> pd.DatetimeIndex:
        """Start of every window, UTC."""
        return pd.date_range(self.start, periods=self.n, freq=pd.Timedelta(seconds=self.step_s), tz="UTC").as_unit("us")

    def number(self, column: str) -> nw.Expr:
        """The window that an instant lies in, as an expression over a time column."""
        return (nw.col(column) - nw.lit(self.start)).dt.total_seconds() // self.step_s

    @property
    def end(self) -> datetime:
        """End of the last window."""
        return self.start + timedelta(seconds=self.step_s * self.n)


@dataclass(frozen=True)
class Cut:
    """One run's narrow tables on one engine, each row with its window `w`; see :func:`cut`."""

    grid: Grid
    watch: Watch
    posts: Lazy
    labels: Lazy | None
    groups: Lazy | None
    accounts: Lazy | None
    observations: Lazy | None
    complete: npt.NDArray[np.float64]
    per_window: npt.NDArray[np.int64]
    """Posts (hot-list topics left out) per window."""
    topics: npt.NDArray[np.int64]
    """Observations of hot-list topics per window."""
    taught: Calibration | None
    """An analyst's labels against the model, where there are any."""
    history: pd.DataFrame | None = field(repr=False, default=None)
    """SIGNALS rows of windows before the grid, where an increment is computed."""
    engine: duckdb.DuckDBPyConnection | None = field(repr=False, default=None)

    def held(self, signal: str) -> pd.DataFrame:
        """The history of one signal before the grid, in order; empty without history."""
        if self.history is None:
            return pd.DataFrame({"at": [], "value": [], "n_posts": []})
        mine = self.history[(self.history["signal"] == signal) & (self.history["at"] < pd.Timestamp(self.grid.start))]
        return mine.sort_values("at")


def origin(watch: Watch) -> datetime:
    """Where the windows of a watch are counted from: a local midnight, so that a day is a local day.

    One fixed instant, so that a window keeps its key over changes of daylight saving time.
    """
    return datetime(2024, 1, 1, tzinfo=watch.zone).astimezone(UTC)


def floor(watch: Watch, at: datetime) -> datetime:
    """Start of the window of a watch that an instant lies in."""
    step = timedelta(minutes=watch.window.step_minutes)
    zero = origin(watch)
    return zero + ((at - zero) // step) * step


def grid(watch: Watch, since: datetime, until: datetime) -> Grid:
    """All windows of a watch that touch [since, until)."""
    start, step = floor(watch, since), watch.window.step_minutes * 60
    n = max(0, -int(-((until - start).total_seconds()) // step))
    return Grid(start, step, n)


def touched(posts: pa.Table | pd.DataFrame, step: int, *, watch: Watch) -> list[datetime]:
    """Starts of the windows that some (late) posts fall into: what must be computed again.

    Parameters
    ----------
    posts : pyarrow.Table or pandas.DataFrame
        Rows with `created_at`.
    step : int
        Length of a window in minutes.
    watch : Watch
        Decides where windows begin.

    Returns
    -------
    list of datetime
        In order, each once, UTC.
    """
    column = posts.column("created_at").to_pandas() if isinstance(posts, pa.Table) else posts["created_at"]
    seconds = (pd.Series(column).dropna() - pd.Timestamp(origin(watch))).dt.total_seconds().to_numpy()
    numbers = np.unique(seconds // (step * 60))
    return [origin(watch) + timedelta(minutes=int(k) * step) for k in numbers]


def cut(
    frames: Frames,
    watch: Watch,
    windows: Grid,
    complete: npt.NDArray[np.float64],
    history: pd.DataFrame | None = None,
) -> Cut:
    """Read the columns that indicators need, once, for the windows only, onto one engine.

    The lake's lazy frames live on connections of their own, which cannot be joined; the narrow
    cut (no texts) can, and is read once instead of once per indicator.

    Raises
    ------
    TableError
        A frame lacks a column of its table.
    """
    engine = duckdb.connect()
    engine.execute("SET TimeZone='UTC'")
    posts = _posts(frames.posts, watch, windows)
    labels = _labels(frames.labels, windows) if frames.labels is not None else None
    groups = _whole(frames.groups, "GROUPS", "group_id account_id first_at last_at p_value")
    accounts = _whole(frames.accounts, "ACCOUNTS", "account_id n_followers is_verified kind")
    seen = _observations(frames.observations, windows) if frames.observations is not None else None
    listed = np.asarray(posts.column("kind").to_pandas() == "topic", dtype=bool)
    window = posts.column("w").to_numpy().astype(np.int64)
    topics = np.bincount(window[listed], minlength=windows.n)
    if seen is not None:
        topics = topics + np.bincount(seen.column("w").to_numpy().astype(np.int64), minlength=windows.n)
    return Cut(
        windows,
        watch,
        _put(engine, "posts", posts),
        _put(engine, "labels", labels) if labels is not None else None,
        _put(engine, "groups", groups) if groups is not None else None,
        _put(engine, "accounts", accounts) if accounts is not None else None,
        _put(engine, "observations", seen) if seen is not None else None,
        complete,
        np.bincount(window[~listed], minlength=windows.n),
        topics,
        frames.taught,
        history,
        engine,
    )


def _put(engine: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Lazy:
    engine.register(name, rows)
    frame: Lazy = nw.from_native(engine.sql(f'SELECT * FROM "{name}"'))
    return frame


def _collect(frame: Lazy) -> pa.Table:
    return frame.collect("pyarrow").to_native()


def _need(frame: Lazy, name: str, columns: str) -> list[str]:
    wanted = columns.split()
    missing = [c for c in wanted if c not in frame.collect_schema().names()]
    if missing:
        raise TableError(f"columns {missing} are missing", where=name, do="give frames of the lake's tables")
    return wanted


def _within(frame: Lazy, column: str, windows: Grid) -> Lazy:
    return frame.filter(nw.col(column) >= windows.start, nw.col(column) < windows.end)


def _posts(frame: Lazy, watch: Watch, windows: Grid) -> pa.Table:
    columns = "post_id platform kind account_id created_at n_likes n_reposts n_replies n_views"
    needed = _need(frame, table("POSTS").name, columns)
    text = nw.col("text").fill_null("")
    own = text.str.contains(_any(watch.brand.names))
    rivals = [word for words in watch.brand.competitors.values() for word in words]
    rival = text.str.contains(_any(rivals)) if rivals else nw.lit(False)
    found = _within(frame, "created_at", windows).with_columns(names_own=own, names_rival=rival)
    found = found.with_columns(w=windows.number("created_at"))
    return _collect(found.select(*needed, "names_own", "names_rival", "w"))


def _any(words: list[str]) -> str:
    return "(?i)" + "|".join(f"(?:{term_pattern(word, phrase=True)})" for word in words)


def _labels(frame: Lazy, windows: Grid) -> pa.Table:
    needed = _need(frame, table("LABELS").name, "post_id label value p score created_at")
    chosen = nw.col("label").is_in(LABELS_READ) | nw.col("label").str.starts_with("sensitive.")
    found = _within(frame, "created_at", windows).filter(chosen)
    return _collect(found.with_columns(w=windows.number("created_at")).select(*needed, "w"))


def _observations(frame: Lazy, windows: Grid) -> pa.Table:
    needed = _need(frame, table("POSTS").name, "post_id kind collected_at n_views")
    found = _within(frame, "collected_at", windows).filter(nw.col("kind") == "topic")
    return _collect(found.with_columns(w=windows.number("collected_at")).select(*needed, "w"))


def _whole(frame: Lazy | None, name: str, columns: str) -> pa.Table | None:
    return None if frame is None else _collect(frame.select(*_need(frame, name, columns)))
