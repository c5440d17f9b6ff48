"""Reach as a range with the name of its method; never one number that hides how it was made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform
from crisislib.spread.cascades.tree_shape import Floats
from crisislib.spread.post_arrays import Frame, SpreadGraph, codes, distinct, find

FOLLOWERS, VIEWS = "followers", "views"


def followers(accounts: Frame, wanted: pa.Array) -> Floats:
    """Newest known follower count of each account.

    Parameters
    ----------
    accounts : ACCOUNTS
    wanted : pyarrow.Array of shape (n,)
        Account ids.

    Returns
    -------
    numpy.ndarray of shape (n,)
        nan where no count is in the data.
    """
    table = conform(accounts, "ACCOUNTS")
    frame = table.select(["account_id", "seen_at", "n_followers"]).to_pandas().dropna(subset=["n_followers"])
    newest = frame.sort_values("seen_at", kind="stable").drop_duplicates("account_id", keep="last")
    place = find(wanted, pa.array(newest["account_id"], pa.string()))
    counts = np.r_[newest["n_followers"].to_numpy(dtype=np.float64), np.nan]
    return np.asarray(counts[place], dtype=np.float64)


def viewing_rate(n_followers: Floats) -> Floats:
    """Share of an account's followers who see one post, as a planning value.

    Parameters
    ----------
    n_followers : numpy.ndarray of shape (n,)
        Followers of each account.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Share 0-1.

    Notes
    -----
    0.15 up to 100,000 followers, falling linearly to 0.06 at 10 million: the published discount of a
    commercial vendor (Sprinklr). It is an assumption, not a measurement of this watch.
    """
    return np.interp(n_followers, [1e5, 1e7], [0.15, 0.06])


def reach(graph: SpreadGraph, accounts: Frame, *, population: float = 1e9) -> pd.DataFrame:
    """Reach of every cascade as a range.

    Parameters
    ----------
    graph : SpreadGraph
    accounts : ACCOUNTS
    population : float
        People on the platform; sets how much audiences overlap.

    Returns
    -------
    pandas.DataFrame
        One row per cascade in the order of the forest's roots: `reach_lo`, `reach_hi` (people or
        views, nan where the data has none), `reach_method`, `known` (share of accounts or posts with a
        count).

    Notes
    -----
    With views on at least half of the posts: from the sum in the data to that sum scaled to all posts.
    Else with followers: hi = sum of followers over distinct accounts (the field's raw number); lo =
    P (1 - prod(1 - r_i f_i / P)), the audience of accounts whose followers are random draws from a
    population P, each of whom sees a post at the viewing rate r_i.
    """
    m = len(graph.forest.roots)
    cascade = graph.forest.cascade[: graph.n_posts]
    views = graph.posts["n_views"].to_pandas().to_numpy(dtype=np.float64, na_value=np.nan)
    n = np.bincount(cascade, minlength=m)
    viewed = ~np.isnan(views)
    sum_views = np.bincount(cascade[viewed], weights=views[viewed], minlength=m)
    n_views = np.bincount(cascade[viewed], minlength=m)
    by_followers = _audience(graph, accounts, population, m)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = n_views / n
        use_views = share >= 0.5
        out = pd.DataFrame(
            {
                "reach_lo": np.where(use_views, sum_views, by_followers["lo"]),
                "reach_hi": np.where(use_views, sum_views / share, by_followers["hi"]),
                "known": np.where(use_views, share, by_followers["known"]),
            }
        )
    out["reach_method"] = None
    out.loc[by_followers["known"] > 0, "reach_method"] = FOLLOWERS
    out.loc[use_views, "reach_method"] = VIEWS
    return out


def _audience(graph: SpreadGraph, accounts: Frame, population: float, m: int) -> pd.DataFrame:
    """Raw and overlap-corrected followers per cascade, each account once."""
    account, names = codes(graph.posts["account_id"])
    once = distinct(graph.forest.cascade[: graph.n_posts], account)
    count = followers(accounts, names)[once[1]]
    known = ~np.isnan(count)
    where, fans = once[0][known], np.minimum(count[known], population * (1 - 1e-9))
    raw = np.bincount(where, weights=fans, minlength=m)
    missed = np.bincount(where, weights=np.log1p(-viewing_rate(fans) * fans / population), minlength=m)
    total = np.bincount(once[0], minlength=m)
    counted = np.bincount(where, minlength=m)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, counted / total, 0.0)
    none = counted == 0
    return pd.DataFrame(
        {
            "lo": np.where(none, np.nan, -population * np.expm1(missed)),
            "hi": np.where(none, np.nan, raw),
            "known": share,
        }
    )


@dataclass(frozen=True)
class Audience:
    """How many people could have seen what some accounts wrote.

    Attributes
    ----------
    lo, hi : float
        People: at the share of followers who see a post, and if all of them did; overlap taken off in both.
    total : float
        Plain sum of followers, each account once.
    known : float
        Share of the accounts whose followers are stored, 0-1.
    """

    lo: float
    hi: float
    total: float
    known: float


def audience(account_ids: pd.Series[str], accounts: Frame, *, population: float = 1e9) -> Audience | None:
    """How many people follow any of some accounts, as a range.

    Parameters
    ----------
    account_ids : pandas.Series of str
        Accounts, repeated as they wrote.
    accounts : ACCOUNTS
    population : float
        People on the platforms; sets how much audiences overlap.

    Returns
    -------
    Audience or None
        None where no follower count is in the data.

    Notes
    -----
    P (1 - prod(1 - r_i f_i / P)) with r_i the viewing rate of :func:`viewing_rate` (lo) or 1 (hi); see :func:`reach`.
    """
    names = account_ids.dropna().drop_duplicates()
    if names.empty:
        return None
    count = followers(accounts, pa.array(names, pa.string()))
    fans = np.minimum(count[~np.isnan(count)], population * (1 - 1e-9))
    if not len(fans):
        return None
    seen, all_of_them = (
        float(-population * np.expm1(np.log1p(-rate * fans / population).sum())) for rate in (viewing_rate(fans), 1.0)
    )
    return Audience(seen, all_of_them, float(fans.sum()), len(fans) / len(names))
