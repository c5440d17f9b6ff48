"""Columns and rows that indicators read, taken from the tables of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.brand_match import brand_match
from crisislib.core.errors import TableError
from crisislib.core.folding import folded
from crisislib.core.i18n import N_
from crisislib.core.tables import table
from crisislib.core.watch import Watch
from crisislib.signals.window_grid import Grid

Lazy = nw.LazyFrame[Any]
POSTS_READ = (
    "post_id", "platform", "kind", "account_id", "created_at", "n_likes", "n_reposts", "n_replies", "n_views",
)  # fmt: skip
"""Columns of POSTS that indicators reduce, beside what :func:`named` makes of the text."""
LABELS_READ = (
    "sentiment", "target_sentiment", "call_to_action", "complaint", "narrative", "voice", "about", "crisis_type",
    "stance", "statement", "form",
)  # fmt: skip
"""Labels that indicators reduce, beside those that begin like one of :data:`FAMILIES_READ`."""
FAMILIES_READ = ("sensitive.", "harm.")
"""Beginnings of the labels of which each subject has its own."""
VOICES = ("original", "repost", "own", "press")
"""Who speaks in a post: the public in its own words or by a bare repost, the brand itself, the press."""


def _collect(frame: Lazy) -> pa.Table:
    return frame.collect("pyarrow").to_native()


def _numbered(frame: Lazy, windows: Grid, column: str) -> pa.Table:
    """What was selected, with the window of each row: counted here, since not every engine subtracts instants."""
    rows = nw.from_native(_collect(frame), eager_only=True)
    return rows.with_columns(w=windows.number(column)).to_native()


def _need(frame: Lazy, name: str, columns: str) -> list[str]:
    wanted = columns.split()
    known = frame.collect_schema().names()
    missing = [c for c in wanted if c not in known]
    if missing:
        raise TableError(
            N_("columns {missing} are missing"),
            where=name,
            do=N_("give frames of the lake's tables"),
            facts={"missing": missing},
        )
    return wanted


def _within(frame: Lazy, column: str, windows: Grid, fresh: int = 0) -> Lazy:
    begin = datetime.fromtimestamp(windows.edges[fresh], UTC)
    return frame.filter(nw.col(column) >= begin, nw.col(column) < windows.end)


def named(frame: Lazy, watch: Watch) -> Lazy:
    """POSTS with `names_own` and `names_rival`: whether the text names the brand, or a competitor.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Must hold `text`; it is read at once, since names are matched on folded text by one function for all engines.
    watch : Watch

    Returns
    -------
    narwhals.LazyFrame
        The same rows in this process.
    """
    rows = _collect(frame)
    texts, match = folded(rows["text"]), brand_match(watch)
    rows = rows.append_column("names_own", match.own.matches_folded(texts))
    rows = rows.append_column("names_rival", match.rival.matches_folded(texts))
    here: Lazy = nw.from_native(rows, eager_only=True).lazy()
    return here


def read_posts(frame: Lazy, watch: Watch, windows: Grid, fresh: int) -> pa.Table:
    """Posts of the windows, with what of the brand their text names and the window of each.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        POSTS.
    watch : Watch
        Whose brand and competitors are matched.
    windows : Grid
        The run's windows.
    fresh : int
        First window to read.

    Returns
    -------
    pyarrow.Table
        :data:`POSTS_READ`, `names_own`, `names_rival`, `w`.

    Raises
    ------
    TableError
        A column is missing.
    """
    needed = _need(frame, table("POSTS").name, " ".join(POSTS_READ))
    selected = _within(frame, "created_at", windows, fresh)
    if "names_own" not in frame.collect_schema().names():
        selected = named(selected.select(*needed, "text"), watch)
    return _numbered(selected.select(*needed, "names_own", "names_rival"), windows, "created_at")


def voiced(posts: pa.Table, labels: pa.Table | None, watch: Watch) -> pa.Table:
    """Posts with `voice`: what was labelled, else what kind and account say.

    Parameters
    ----------
    posts : pyarrow.Table
        With `post_id`, `account_id`, `kind`.
    labels : pyarrow.Table or None
        LABELS rows; those of `voice` are read.
    watch : Watch
        Whose own accounts count as the brand's voice.

    Returns
    -------
    pyarrow.Table
        The same rows; `voice` is one of :data:`VOICES`.
    """
    own = pc.is_in(posts["account_id"], pa.array(list(watch.brand.accounts), pa.string()))
    press, repost = (pc.fill_null(pc.equal(posts["kind"], kind), False) for kind in ("news", "repost"))
    known = pc.if_else(own, "own", pc.if_else(press, "press", pc.if_else(repost, "repost", "original")))
    if labels is not None:
        voices = labels.filter(pc.equal(labels["label"], "voice"))
        place = pc.index_in(posts["post_id"], voices["post_id"].combine_chunks())
        known = pc.coalesce(pc.take(voices["value"].combine_chunks(), place), known)
    return posts.append_column("voice", known)


def of_the_public(labels: pa.Table, posts: pa.Table) -> pa.Table:
    """Labels without those of the brand's own voice, but for its statements: its words are no mood of the public.

    Parameters
    ----------
    labels : pyarrow.Table
        With `post_id`, `label`.
    posts : pyarrow.Table
        With `post_id`, `voice`.

    Returns
    -------
    pyarrow.Table
        A part of `labels`.
    """
    own = posts.filter(pc.equal(posts["voice"], "own"))["post_id"].combine_chunks()
    others = pc.or_(pc.invert(pc.is_in(labels["post_id"], own)), pc.equal(labels["label"], "statement"))
    return labels.filter(others) if len(own) else labels


def read_labels(frame: Lazy, windows: Grid, fresh: int) -> pa.Table:
    """Labels of posts of the windows that indicators reduce; withdrawn ones are left out.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        LABELS.
    windows : Grid
        The run's windows.
    fresh : int
        First window to read.

    Returns
    -------
    pyarrow.Table
        `post_id`, `label`, `value`, `p`, `score`, `created_at`, `w`.

    Raises
    ------
    TableError
        A column is missing.
    """
    needed = _need(frame, table("LABELS").name, "post_id label value p score created_at")
    chosen = nw.col("label").is_in(LABELS_READ)
    for family in FAMILIES_READ:
        chosen = chosen | nw.col("label").str.starts_with(family)
    # A row without a value takes back what an earlier text of the post had been labelled with.
    chosen = chosen & ~nw.col("value").is_null()
    selected = _within(frame, "created_at", windows, fresh).filter(chosen)
    return _numbered(selected.select(*needed), windows, "created_at")


def read_observations(frame: Lazy, windows: Grid) -> pa.Table:
    """Observations of listed topics, in the window in which each was collected.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        POSTS, every observation.
    windows : Grid
        The run's windows.

    Returns
    -------
    pyarrow.Table
        `post_id`, `kind`, `collected_at`, `n_views`, `w`.

    Raises
    ------
    TableError
        A column is missing.
    """
    needed = _need(frame, table("POSTS").name, "post_id kind collected_at n_views")
    selected = _within(frame, "collected_at", windows).filter(nw.col("kind") == "topic")
    return _numbered(selected.select(*needed), windows, "collected_at")


def read_whole(frame: Lazy | None, name: str, columns: str) -> pa.Table | None:
    """Some columns of a table of any time.

    Parameters
    ----------
    frame : narwhals.LazyFrame or None
        The table; None where it was not made.
    name : str
        What an error calls it.
    columns : str
        Names, separated by spaces.

    Returns
    -------
    pyarrow.Table or None
        None without a table.

    Raises
    ------
    TableError
        A column is missing.
    """
    return None if frame is None else _collect(frame.select(*_need(frame, name, columns)))
