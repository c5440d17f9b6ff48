"""The stories of a watch as events: from posts and their edges to the arrays that forecasts are made of."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.spread.forecast.events import Events, Floats, Ints, build
from crisislib.spread.post_arrays import NEVER, Frame, Web, codes, micros


def events_of(web: Web, accounts: Frame, watch: Watch) -> tuple[Events, Ints, Floats]:
    """The cascades of a web as events, with the forest number and the start (s since 1970) of each.

    Ghosts have no time of their own and are not events; a cascade whose root has no time is left out.
    """
    forest, posts = web.forest, web.n_posts
    start = web.at[forest.roots].astype(float) / 1e6
    held = np.arange(posts)
    held = held[(web.at[:posts] != NEVER) & (forest.parent[:posts] >= 0)]
    story = forest.cascade[held].astype(np.int64)
    kept = np.flatnonzero((web.at[forest.roots] != NEVER) & (np.bincount(story, minlength=len(start)) > 0))
    place = np.full(len(start), -1)
    place[kept] = np.arange(len(kept))
    known = place[story] >= 0
    held, story = held[known], story[known]
    account, names = codes(web.posts["account_id"])
    followers = _followers(accounts, names)
    audience = np.where(account >= 0, np.append(followers, np.nan)[account], np.nan)
    root = forest.roots[kept]
    root_audience = np.where(root < posts, audience[np.minimum(root, posts - 1)], np.nan)
    offset = [pd.Timestamp(s, unit="s", tz="UTC").tz_convert(watch.zone).utcoffset() for s in start[kept]]
    clock = start[kept] + np.array([o.total_seconds() if o is not None else 0.0 for o in offset])
    events = build(
        web.names(root), place[story], web.at[held] / 1e6 - start[story], depth=forest.depth[held],
        user=account[held], audience=audience[held], root_audience=root_audience, clock=clock,
    )  # fmt: skip
    return events, kept, start[kept]


def _followers(accounts: Frame, names: pa.Array) -> Floats:
    """Latest follower count of each account, NaN where none is held."""
    table = conform(accounts, "ACCOUNTS").select(["account_id", "seen_at", "n_followers"]).to_pandas()
    latest = table.sort_values("seen_at").drop_duplicates("account_id", keep="last").set_index("account_id")
    found = latest["n_followers"].reindex(names.to_pylist())
    return np.asarray(found.to_numpy(dtype=float, na_value=np.nan))


def looked_at(web: Web, now: datetime) -> float:
    """The instant (s) up to which the data reaches: silence after the last collection is not calm."""
    seen = micros(web.posts["collected_at"])
    return min(pd.Timestamp(now).timestamp(), float(seen.max()) / 1e6) if len(seen) else pd.Timestamp(now).timestamp()


def members(web: Web, cascade: int, most: int = 50) -> list[str]:
    """Ids of the first posts of a cascade."""
    inside = np.flatnonzero(web.forest.cascade[: web.n_posts] == cascade)
    return web.names(inside[np.argsort(web.at[inside], kind="stable")][:most])
