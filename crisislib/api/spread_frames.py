"""How posts spread: who passed on what from whom, how large it grew, through whom, and who acted together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from crisislib import spread
from crisislib.api.plain_frames import FrameT, as_given, as_posts, as_table, newest, utc, watch_name
from crisislib.core.errors import InputError
from crisislib.core.watch import Watch


def edges(
    posts: FrameT, accounts: FrameT | None = None, *, watch: Watch | str | None = None, now: datetime | None = None
) -> FrameT:
    """Reconstruct who passed on what from whom.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table
        With `post_id`, `account_id`, `created_at`, `text`; `parent_id`, `root_id`, `platform` and `kind` where known.
    accounts : pandas.DataFrame or pyarrow.Table, optional
        ACCOUNTS: names, by which repost chains in texts are followed.
    watch : Watch or str, optional
        Name for the `watch` column.
    now : datetime, optional
        Goes into `made_at`; the newest post's time when left out.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        EDGES: `src` (parent) and `dst` (child) post, `method` and `confidence` (0-1) of the edge.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=600, seed=1)
    >>> links = crisislib.edges(drill.posts, drill.accounts)
    >>> bool(links["confidence"].between(0, 1).all())
    True
    """
    name, table, known, at = _inputs(posts, accounts, watch, now)
    return as_given(spread.infer_edges(table, known, watch=name, now=at), posts)


def cascades(
    posts: FrameT,
    accounts: FrameT | None = None,
    links: FrameT | None = None,
    *,
    watch: Watch | str | None = None,
    now: datetime | None = None,
    min_size: int = 2,
) -> FrameT:
    """Measure every story as a tree: size, depth, breadth, structural virality, speed, reach.

    Parameters
    ----------
    posts, accounts : pandas.DataFrame or pyarrow.Table
        As for :func:`edges`.
    links : pandas.DataFrame or pyarrow.Table, optional
        What :func:`edges` gave; reconstructed when left out.
    watch : Watch or str, optional
        Name for the `watch` column.
    now : datetime, optional
        The instant that growth refers to; the newest post's time when left out.
    min_size : int
        Smallest story reported, in nodes.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        CASCADES, largest first.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=600, seed=1)
    >>> stories = crisislib.cascades(drill.posts, drill.accounts)
    >>> bool(stories["n"].is_monotonic_decreasing)
    True
    """
    name, table, known, at = _inputs(posts, accounts, watch, now)
    tree = _links(links, name, table, known, at)
    return as_given(spread.measure_cascades(table, tree, known, watch=name, now=at, min_size=min_size), posts)


def spreaders(
    posts: FrameT, accounts: FrameT | None = None, links: FrameT | None = None, *, top: int | None = 100
) -> pd.DataFrame:
    """Accounts by how many posts came through them.

    Parameters
    ----------
    posts, accounts, links : pandas.DataFrame or pyarrow.Table
        As for :func:`cascades`.
    top : int or None
        How many; None for all.

    Returns
    -------
    pandas.DataFrame
        `account_id`, `n_posts`, `direct`, `descendants`, `share_without` (0-1, an upper end), …; see
        :func:`crisislib.spread.spreaders`.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=600, seed=1)
    >>> crisislib.spreaders(drill.posts, drill.accounts, top=5).columns[0]
    'account_id'
    """
    name, table, known, at = _inputs(posts, accounts, None, None, needs=["account_id"])
    return spread.spreaders(table, _links(links, name, table, known, at), known, top=top)


def coordination(
    posts: FrameT, *, watch: Watch | str | None = None, now: datetime | None = None, rate: float = 0.01, seed: int = 0
) -> FrameT:
    """Groups of accounts that shared the same things at nearly the same times.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table
        With `account_id`, `created_at`, `text`.
    watch : Watch or str, optional
        Name for the `watch` column.
    now : datetime, optional
        Goes into `as_of`; the newest post's time when left out.
    rate : float
        False discovery rate over pairs of accounts, 0-1.
    seed : int
        Of the permutations.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        GROUPS, one row a member: `group_id`, `account_id`, `weight`, `p_value`, `evidence`.

    Raises
    ------
    TableError
        A column is missing, or a value does not fit its column.
    InputError
        `rate` is not between 0 and 1.

    Notes
    -----
    Coordination is no proof of a common purpose: fans and newsrooms act together, too.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=3000, seed=1)
    >>> members = crisislib.coordination(drill.posts)["account_id"]
    >>> len(set(members) & set(drill.truth.coordinated)) > 0
    True
    """
    if not 0 < rate < 1:
        raise InputError(f"{rate} is no rate", where="rate", do="give a share between 0 and 1, such as 0.01")
    name = watch_name(posts, watch)
    table = as_posts(posts, name, needs=["account_id", "created_at"])
    at = utc(now, "now") or newest(table, column="created_at")
    return as_given(spread.detect_coordination(table, watch=name, now=at, rate=rate, seed=seed), posts)


def _inputs(
    posts: FrameT,
    accounts: FrameT | None,
    watch: Watch | str | None,
    now: datetime | None,
    needs: Sequence[str] = (),
) -> tuple[str, pa.Table, pa.Table, datetime]:
    name = watch_name(posts, watch)
    table = as_posts(posts, name, needs=needs)
    at = utc(now, "now") or newest(table, column="created_at")
    return name, table, as_table(accounts, "ACCOUNTS", {"seen_at": at}), at


def _links(links: FrameT | None, name: str, posts: pa.Table, accounts: pa.Table, at: datetime) -> pa.Table:
    if links is None:
        return spread.infer_edges(posts, accounts, watch=name, now=at)
    return as_table(links, "EDGES", {"watch": name, "made_at": at, "kind": "repost"}, always="watch")
