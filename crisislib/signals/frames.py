"""What the indicators read: lazy tables in, one narrow cut per run, windows as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.core.recalibration import Calibration
from crisislib.core.watch import Watch
from crisislib.signals.frame_reading import (
    Lazy,
    of_the_public,
    read_labels,
    read_observations,
    read_posts,
    read_whole,
    voiced,
)
from crisislib.signals.window_grid import Grid
from crisislib.signals.window_history import ReductionCache, Reductions

ACTS = ("n_reposts", "n_replies", "n_likes")
"""Counters of what people do with a post."""
VIEW = 0.01
"""What a view counts against one of :data:`ACTS`, where platforms show views: one in a hundred acts."""
IN_PROCESS = 200_000
"""Rows up to which this process reduces them; from there on an engine, whose asking costs tenths of a second."""


@dataclass(frozen=True)
class Frames:
    """The tables that signals are computed from, as Narwhals lazy frames.

    Attributes
    ----------
    posts, labels, accounts, batches : narwhals.LazyFrame or None
        Present-state reads of the tables of the same name; posts may have gone through :func:`named` already.
        `None` says that the table was not made
        (its indicators are then null); an empty frame says that it was made and found nothing.
    groups : narwhals.LazyFrame, optional
        GROUPS with every observation: a group counts from the run that first found it.
    observations : narwhals.LazyFrame, optional
        POSTS with every observation of a post, for kinds whose counts are a history (hot lists).
    taught : Calibration, optional
        What an analyst's labels of this stream say of the sentiment model; corrects the shares.
    """

    posts: Lazy
    labels: Lazy | None = None
    groups: Lazy | None = None
    accounts: Lazy | None = None
    batches: Lazy | None = None
    observations: Lazy | None = None
    taught: Calibration | None = None
    movements: pa.Table | None = None
    """What counters of posts that were observed again rose by: `post_id`, `account_id`, `created_at`, `observed_at`,
    the counters, `p_negative`, whether its words name a harm (`harm_named`), and the `subject` that they name."""


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
    reductions: Reductions = field(repr=False)
    """What indicators ask of these tables, answered once."""
    history: pd.DataFrame | None = field(repr=False, default=None)
    """SIGNALS rows of windows before the grid, where an increment is computed."""
    engine: duckdb.DuckDBPyConnection | None = field(repr=False, default=None)
    movements: pd.DataFrame = field(repr=False, default_factory=lambda: _moved(None, None))
    """Per observed rise of a post's counters: `post_id`, `account_id`, `w` (observed), `created_w`, :data:`ACTS`,
    `n_views`, `gain`, `p_negative`, `harm_named`, `subject`; of posts that were observed once, nothing."""

    def put_moved(self) -> Lazy:
        """What the counters of every post have risen by since its first observation, `moved_<counter>`."""
        counters = [*ACTS, "n_views"]
        total = self.movements.groupby("post_id", as_index=False)[counters].sum()
        total = total.rename(columns={c: f"moved_{c}" for c in counters}).astype({"post_id": "str"})
        schema = pa.schema([("post_id", pa.string()), *((f"moved_{c}", pa.float64()) for c in counters)])
        return _put(self.engine, "moved", pa.Table.from_pandas(total, schema=schema, preserve_index=False))

    def history_of(self, signal: str) -> pd.DataFrame:
        """The history of one signal before the grid, in order; empty without history.

        Parameters
        ----------
        signal : str
            Name, `<indicator>` or `<indicator>.<part>`.

        Returns
        -------
        pandas.DataFrame
            SIGNALS rows, oldest first.
        """
        if self.history is None:
            return pd.DataFrame({"at": [], "value": [], "n_posts": []})
        mine = self.history[(self.history["signal"] == signal) & (self.history["at"] < pd.Timestamp(self.grid.start))]
        return mine.sort_values("at")


def cut(
    frames: Frames,
    watch: Watch,
    windows: Grid,
    complete: npt.NDArray[np.float64],
    history: pd.DataFrame | None = None,
    cache: ReductionCache | None = None,
    fresh: int = 0,
) -> Cut:
    """Read the columns that indicators need, once, for the windows only, onto one engine.

    The lake's lazy frames live on connections of their own, which cannot be joined; the narrow
    cut (no texts) can, and is read once instead of once per indicator. Windows before number `fresh`
    are `cache` from an earlier run and not read.

    Parameters
    ----------
    frames : Frames
        Tables of the watch.
    watch : Watch
        Its brand and accounts.
    windows : Grid
        The windows to read.
    complete : numpy.ndarray
        Shape (windows,), share of each that was collected, 0-1.
    history : pandas.DataFrame, optional
        SIGNALS rows of earlier windows.
    cache : ReductionCache, optional
        Reductions of an earlier run.
    fresh : int
        Number of the first window to read.

    Returns
    -------
    Cut
        Frames of one engine, which can be joined.

    Raises
    ------
    TableError
        A frame lacks a column of its table.
    """
    posts = read_posts(frames.posts, watch, windows, fresh)
    labels = read_labels(frames.labels, windows, fresh) if frames.labels is not None else None
    posts = voiced(posts, labels, watch)
    labels = None if labels is None else of_the_public(labels, posts)
    groups = read_whole(frames.groups, "GROUPS", "account_id as_of grade")
    accounts = read_whole(frames.accounts, "ACCOUNTS", "account_id n_followers is_verified kind")
    observed = read_observations(frames.observations, windows) if frames.observations is not None else None
    reductions = Reductions(windows.start, windows.step_s, fresh, cache, windows.zone)
    per_window = reductions.get("per_window", lambda: _posts_per_window(posts, observed, windows.n, fresh))
    large = posts.num_rows + (labels.num_rows if labels is not None else 0) > IN_PROCESS
    engine = duckdb.connect() if large else None
    if engine is not None:
        engine.execute("SET TimeZone='UTC'")

    def put(name: str, rows: pa.Table | None) -> Lazy | None:
        return None if rows is None else _put(engine, name, rows)

    return Cut(
        windows,
        watch,
        _put(engine, "posts", posts),
        put("labels", labels),
        put("groups", groups),
        put("accounts", accounts),
        put("observations", observed),
        complete,
        per_window["posts"].to_numpy(dtype=np.int64),
        per_window["topics"].to_numpy(dtype=np.int64),
        frames.taught,
        reductions,
        history,
        engine,
        _moved(frames.movements, windows),
    )


def _moved(rows: pa.Table | None, windows: Grid | None) -> pd.DataFrame:
    """Rises of counters with their windows; those observed outside the grid are kept, with such a window."""
    if rows is None or windows is None or not rows.num_rows:
        columns = ["post_id", "account_id", "w", "created_w", *ACTS, "n_views", "gain", "p_negative"]
        none = pd.DataFrame({c: pd.Series(dtype="str" if c.endswith("_id") else "float64") for c in columns})
        return none.assign(harm_named=False, subject="")
    frame: pd.DataFrame = rows.to_pandas()
    for column, at in (("w", "observed_at"), ("created_w", "created_at")):
        frame[column] = windows.numbers(frame[at])
    acts = frame[list(ACTS)].sum(axis=1)
    mood = frame["p_negative"].astype(float) if "p_negative" in frame else np.nan
    named = frame["harm_named"].astype(bool) if "harm_named" in frame else False
    of = frame["subject"].fillna("").astype(str) if "subject" in frame else ""
    return frame.assign(gain=np.maximum(acts, frame["n_views"] * VIEW), p_negative=mood, harm_named=named, subject=of)


def _posts_per_window(posts: pa.Table, observed: pa.Table | None, n: int, fresh: int) -> pd.DataFrame:
    """Posts and listed topics of every window from `fresh` on."""
    listed = np.asarray(posts.column("kind").to_pandas() == "topic", dtype=bool)
    window = posts.column("w").to_numpy().astype(np.int64)
    topics = np.bincount(window[listed], minlength=n)
    if observed is not None:
        topics = topics + np.bincount(observed.column("w").to_numpy().astype(np.int64), minlength=n)
    frame = pd.DataFrame({"w": np.arange(n), "posts": np.bincount(window[~listed], minlength=n), "topics": topics})
    return frame[fresh:]


def _put(engine: duckdb.DuckDBPyConnection | None, name: str, rows: pa.Table) -> Lazy:
    """Rows as a lazy frame: of the engine, or of this process where there is none."""
    if engine is None:
        here: Lazy = nw.from_native(rows, eager_only=True).lazy()
        return here
    engine.register(name, rows)
    frame: Lazy = nw.from_native(engine.sql(f'SELECT * FROM "{name}"'))
    return frame
