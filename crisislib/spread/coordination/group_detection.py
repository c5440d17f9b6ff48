"""Groups of accounts that act together more than chance allows: evidence, not a verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.core.ids import short_hash
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.spread.cascades.forest import Ints
from crisislib.spread.cascades.tree_shape import Floats
from crisislib.spread.coordination.account_pairs import Meetings, Pairs, close_pairs, false_discovery, meetings, pairs
from crisislib.spread.coordination.groups import confirmed, connected_groups
from crisislib.spread.coordination.null import at_random, permutation
from crisislib.spread.coordination.shares import Shares, objects, shares
from crisislib.spread.coordination.time_window import SWEEP, choose, rule
from crisislib.spread.post_arrays import Frame, watch_name

WEAK = 5.0
"""Times the false discovery rate at which a member still counts as a weak one: 5 in 100 against 1 in 100 by default.
A weak member is a reason to look, not to name anybody."""


@dataclass(frozen=True)
class Groups:
    """Accounts found acting together.

    Attributes
    ----------
    account : numpy.ndarray
        Account numbers of the members.
    group : numpy.ndarray
        Group of each, 0 .. g-1, largest first.
    window_s : float
        The window that was used.
    pairs : Pairs
        The pairs that hold the groups together.
    strong : numpy.ndarray of bool
        Per member, whether its ties stand at the rate asked for; the others stand at :data:`WEAK` times it only.
    """

    account: Ints
    group: Ints
    window_s: float
    pairs: Pairs
    strong: npt.NDArray[np.bool_]

    def named(self) -> Ints:
        """Account numbers of the strong members: those that may be named."""
        return self.account[self.strong]


def detect(data: Shares, *, windows: tuple[float, ...] = SWEEP, rate: float = 0.01, confirmed_by: int = 3) -> Groups:
    """Find the groups in a table of shares.

    Parameters
    ----------
    data : Shares
    windows : tuple of float
        Seconds to try beside CooRnet's own interval; see :func:`crisislib.spread.coordination.time_window.choose`.
    rate : float
        False discovery rate over the pairs that met.
    confirmed_by : int
        Partners that the two ends of a tie must have in common: 3 finds groups of five or more, 1
        groups of three, and with them more friends and fans.

    Returns
    -------
    Groups
    """
    own = rule(data)
    tried = sorted({*windows, *([own] if own is not None and 1 <= own <= max(windows) else [])})
    met, random = meetings(data, tried[-1]), at_random(data)
    by_chance = meetings(random, tried[-1])
    groups = {w: _ties(met, data, w, rate, confirmed_by) for w in tried}
    chance = {w: _ties(by_chance, random, w, rate, confirmed_by) for w in tried}
    window = choose({w: len(t.members()) for w, t in groups.items()}, {w: len(t.members()) for w, t in chance.items()})
    ties = _ties(met, data, window, min(WEAK * rate, 1.0), confirmed_by)
    account, group = connected_groups(ties, len(data.accounts))
    return Groups(account, group, window, ties, np.isin(account, groups[window].members()))


def _ties(met: Meetings, data: Shares, window: float, rate: float, least: int) -> Pairs:
    """Pairs beyond chance that others confirm."""
    every = pairs(met, len(data.accounts), window)
    strong = every.take(every.p <= false_discovery(every.p, rate, met.tried(window)))
    return strong.take(confirmed(strong, len(data.accounts), least))


def detect_coordination(
    posts: Frame,
    *,
    watch: Watch | str,
    now: datetime,
    rate: float = 0.01,
    seed: int = 0,
) -> pa.Table:
    """Groups of accounts that shared the same things at nearly the same times.

    Parameters
    ----------
    posts : POSTS
    watch : Watch or str
    now : datetime
        Goes into `as_of`.
    rate : float
        False discovery rate over pairs of accounts.
    seed : int
        Of the permutations.

    Returns
    -------
    pyarrow.Table
        GROUPS, one row per member. `weight`: evidence of the member's ties (sum of -ln p);
        `p_value`: of its group, against times permuted within the day
        (:func:`crisislib.spread.coordination.null.permutation`); `grade`: `strong`, or `weak` where the member's
        ties stand at five times the rate only (nobody is named for that); `evidence`: the objects, the posts
        and the smallest p of the member's ties, as JSON.

    Notes
    -----
    Coordinated behaviour is not proof of a common purpose: fans and newsrooms act together too.
    """
    things = objects(posts)
    if not len(things):
        return empty("GROUPS")
    data = shares(
        things["kind"] + ":" + things["object"], things["account_id"], things["at"].to_numpy(), things["post_id"]
    )
    groups = detect(data, rate=rate)
    if not len(groups.account):
        return empty("GROUPS")
    chance = permutation(data, groups.account, groups.group, groups.window_s, seed=seed)
    frame = _rows(data, groups, things, chance)
    frame.insert(0, "watch", watch_name(watch))
    frame["as_of"], frame["window_s"] = pd.Timestamp(now), groups.window_s
    return conform(frame, "GROUPS")


def _rows(data: Shares, groups: Groups, things: pd.DataFrame, chance: Floats) -> pd.DataFrame:
    """One row per member with what it shared together with others of its group."""
    group = np.full(len(data.accounts), -1, dtype=np.int64)
    group[groups.account] = groups.group
    i, j = close_pairs(data, groups.window_s)
    same = (group[data.account[i]] == group[data.account[j]]) & (group[data.account[i]] >= 0)
    i, j = i[same], j[same]
    ends = pd.DataFrame({"share": np.r_[i, j], "other": data.account[np.r_[j, i]]})
    ends["account"], ends["thing"] = data.account[ends["share"]], data.thing[ends["share"]]
    ends["at"], ends["row"] = data.at[ends["share"]], data.row[ends["share"]]
    ends["post_id"] = things["post_id"].to_numpy()[ends["row"]]
    out = ends.groupby("account").agg(
        n_objects=("thing", "nunique"), n_partners=("other", "nunique"), first=("at", "min"), last=("at", "max")
    )
    shown = ends.drop_duplicates(["account", "thing"]).sort_values(["account", "at"])
    shown["object"] = data.things[shown["thing"]]
    proof = shown.groupby("account").head(20).groupby("account")[["object", "post_id"]].agg(list)
    both = np.r_[groups.pairs.a, groups.pairs.b]
    best = pd.DataFrame({"account": both, "p": np.tile(groups.pairs.p, 2), "weight": np.tile(groups.pairs.weight, 2)})
    strength = best.groupby("account").agg(p=("p", "min"), weight=("weight", "sum"))
    names = {g: _name(data, groups, g) for g in np.unique(groups.group).tolist()}
    return pd.DataFrame(
        {
            "group_id": [names[g] for g in group[out.index]],
            "account_id": data.accounts[out.index],
            "n_objects": out["n_objects"].to_numpy(),
            "n_partners": out["n_partners"].to_numpy(),
            "weight": strength["weight"].reindex(out.index).to_numpy(),
            "p_value": chance[group[out.index]],
            "grade": np.where(np.isin(out.index, groups.named()), "strong", "weak"),
            "first_at": pd.to_datetime(out["first"].to_numpy(), unit="s", utc=True),
            "last_at": pd.to_datetime(out["last"].to_numpy(), unit="s", utc=True),
            "evidence": [
                json.dumps({"objects": o, "post_ids": p, "tie_p": tie}, ensure_ascii=False)
                for (o, p), tie in zip(
                    proof.reindex(out.index).itertuples(index=False), strength["p"].reindex(out.index), strict=True
                )
            ],
        }
    )


def _name(data: Shares, groups: Groups, group: int) -> str:
    members = sorted(str(a) for a in data.accounts[groups.account[groups.group == group]])
    return "group:" + short_hash(*members, length=12)
