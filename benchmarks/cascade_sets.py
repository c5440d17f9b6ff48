"""Cascade folders as events: three layouts, told apart by their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crisislib.spread.cascades.forest import climb
from crisislib.spread.forecast.events import Events, build_events

TWITTER_EPOCH_MS = 1288834974657


@dataclass(frozen=True)
class CascadeSet:
    """One set: its folder, its name in the figures, its cascades, and a number per cascade that rises with time."""

    folder: Path
    name: str
    layout: str
    events: Events
    order: np.ndarray


def _tables(folder: Path) -> Iterator[tuple[Path, set[str]]]:
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")]):
        yield path, set(pd.read_csv(path, nrows=0).columns)


def _tree_depth(owner: np.ndarray, node: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Depth of every row from its parent's node number; 1 where the parent is the root or is not held."""
    width = int(max(node.max(initial=0), parent.max(initial=0))) + 1
    keys = pd.Index(owner * width + node)
    first = ~keys.duplicated()
    where = pd.Series(np.flatnonzero(first), index=keys[first]).reindex(owner * width + parent).to_numpy()
    above = np.where((parent > 0) & np.isfinite(where), np.nan_to_num(where), -1).astype(np.int64)
    return climb(above)[1] + 1


def _posts_layout(folder: Path, posts: pd.DataFrame, rows: pd.DataFrame) -> CascadeSet:
    posts = posts.drop_duplicates("post_idx").reset_index(drop=True)
    at = pd.Series(np.arange(len(posts)), index=posts["post_idx"])
    rows = rows[rows["post_idx"].isin(at.index) & (rows["node"] > 0)].dropna(subset=["t_sec"])
    owner = at.loc[rows["post_idx"]].to_numpy()
    time = pd.to_datetime(posts["time_bj"], errors="coerce") if "time_bj" in posts else pd.Series(pd.NaT, posts.index)
    seconds = ((time - pd.Timestamp("1970-01-01")) / pd.Timedelta(seconds=1)).to_numpy(dtype=float)
    followers = pd.to_numeric(posts["u_followers"], errors="coerce") if "u_followers" in posts else None
    depth = None
    if "parent_node" in rows:
        parent = rows["parent_node"].fillna(0).to_numpy(np.int64)
        depth = _tree_depth(owner, rows["node"].to_numpy(np.int64), parent)
    events = build_events(
        posts["post_idx"].astype(str).tolist(),
        owner,
        rows["t_sec"].to_numpy(float),
        depth=depth,
        user=rows["uid"].fillna(-1).to_numpy(np.int64) if "uid" in rows else None,
        root_audience=followers,
        clock=seconds,
    )
    return CascadeSet(
        folder, folder.name, "posts", events, np.nan_to_num(seconds, nan=float(np.nanmin(seconds, initial=0)))
    )


def _dataset_layout(folder: Path, rows: pd.DataFrame, several: bool) -> Iterator[CascadeSet]:
    for dataset, part in rows.groupby("dataset", sort=True):
        part = part[part["node"] > 0].dropna(subset=["t_min"])
        owner, ids = pd.factorize(part["source_id"].astype(str), sort=False)
        number = pd.to_numeric(pd.Series(ids), errors="coerce").to_numpy(float)
        # A tweet's id carries its time: milliseconds since the service's epoch in the high bits.
        clock = np.where(number > 1e15, (np.floor(number / 2**22) + TWITTER_EPOCH_MS) / 1000, np.nan)
        parent = part["parent_node"].fillna(0).to_numpy(np.int64)
        events = build_events(
            list(ids),
            owner,
            part["t_min"].to_numpy(float) * 60,
            depth=_tree_depth(owner, part["node"].to_numpy(np.int64), parent),
            user=part["uid"].fillna(-1).to_numpy(np.int64) if "uid" in part else None,
            clock=clock,
        )
        order = number if np.isfinite(number).all() else np.arange(len(ids), dtype=float)
        name = f"{folder.name}.{dataset}" if several else folder.name
        yield CascadeSet(folder, name, "dataset", events, order)


def _events_layout(folder: Path, cascades: pd.DataFrame | None, rows: pd.DataFrame) -> CascadeSet:
    rows = rows.dropna(subset=["t"])
    owner, ids = pd.factorize(rows["cascade"].astype(str), sort=False)
    # The first row of a cascade at time 0 is the tweet itself: it carries the root's audience.
    root = (rows["t"].to_numpy() <= 0) & ~pd.Series(owner).duplicated().to_numpy()
    audience = pd.to_numeric(rows["followers"], errors="coerce").to_numpy(float)
    roots = np.full(len(ids), np.nan)
    roots[owner[root]] = audience[root]
    day = np.full(len(ids), np.nan)
    if cascades is not None and "start_day" in cascades:
        known = cascades.drop_duplicates("cascade").set_index(cascades["cascade"].astype(str).drop_duplicates())
        day = pd.to_numeric(known["start_day"], errors="coerce").reindex(ids).to_numpy(float)
    events = build_events(
        list(ids), owner[~root], rows["t"].to_numpy(float)[~root], audience=audience[~root], root_audience=roots,
        clock=day * 86400,
    )  # fmt: skip
    order = day if np.isfinite(day).all() else np.arange(len(ids), dtype=float)
    return CascadeSet(folder, folder.name, "events", events, order)


def read_folder(folder: Path) -> list[CascadeSet]:
    """The sets of one folder; none where no file has the columns of a cascade."""
    found: dict[str, Path] = {}
    for path, columns in _tables(folder):
        for role, needed in (
            ("posts_rows", {"post_idx", "node", "t_sec"}),
            ("dataset_rows", {"dataset", "source_id", "node", "parent_node", "t_min"}),
            ("event_rows", {"cascade", "t", "followers"}),
            ("cascades", {"cascade", "start_day"}),
            ("posts", {"post_idx", "label"}),
        ):
            if needed <= columns:
                found.setdefault(role, path)
    if "posts_rows" in found and "posts" in found:
        return [_posts_layout(folder, pd.read_csv(found["posts"]), pd.read_csv(found["posts_rows"]))]
    if "dataset_rows" in found:
        rows = pd.read_csv(found["dataset_rows"], dtype={"source_id": str})
        return list(_dataset_layout(folder, rows, rows["dataset"].nunique() > 1))
    if "event_rows" in found:
        table = pd.read_csv(found["cascades"]) if "cascades" in found else None
        return [_events_layout(folder, table, pd.read_csv(found["event_rows"]))]
    return []


def read_sets(data: Path) -> list[CascadeSet]:
    """The sets of a folder that is one set or holds several."""
    return read_folder(data) or [one for sub in sorted(data.iterdir()) if sub.is_dir() for one in read_folder(sub)]


def join(parts: Sequence[Events]) -> Events:
    """Several collections of cascades as one; their user numbers are kept apart."""
    size = np.concatenate([part.size for part in parts])
    users, base = [], 0
    for part in parts:
        users.append(np.where(part.user >= 0, part.user + base, -1))
        base += int(part.user.max(initial=-1)) + 1
    return Events(
        [name for part in parts for name in part.ids],
        np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        np.concatenate([part.t for part in parts]),
        np.concatenate([part.depth for part in parts]),
        np.concatenate(users),
        np.concatenate([part.audience for part in parts]),
        np.concatenate([part.root_audience for part in parts]),
        np.concatenate([part.clock for part in parts]),
    )
