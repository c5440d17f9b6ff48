"""Rumour folders as stories: posts with labels, reposts with times, repost texts where they are held."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cascade_sets import read_folder
from benchmarks.harness import say
from crisislib.spread.rumour.model import Stories, stories

_AUTHOR = {"followers": "u_followers", "friends": "u_friends", "messages": "u_messages", "pictures": "pics"}


@dataclass(frozen=True)
class RumourSet:
    """One set: its folder, its stories in the order of their time, their labels (1 = rumour) and ids."""

    folder: Path
    known: Stories
    y: np.ndarray
    ids: list[str]


def _columns(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")]):
        columns = set(pd.read_csv(path, nrows=0).columns)
        for role, needed in (
            ("posts", {"post_idx", "label", "text"}),
            ("reposts", {"post_idx", "node", "t_sec"}),
            ("texts", {"post_idx", "node", "text"}),
        ):
            if needed <= columns:
                found.setdefault(role, path)
    return found


def _authors(posts: pd.DataFrame, time: pd.Series) -> pd.DataFrame:
    out = pd.DataFrame(index=posts.index)
    for name, column in _AUTHOR.items():
        if column in posts:
            out[name] = pd.to_numeric(posts[column], errors="coerce")
    if "u_verified" in posts:
        truth = (
            posts["u_verified"]
            .astype(str)
            .str.lower()
            .map({"true": 1.0, "1": 1.0, "1.0": 1.0, "false": 0.0, "0": 0.0, "0.0": 0.0})
        )
        out["verified"] = truth
    if "u_created" in posts:
        seconds = (time - pd.Timestamp("1970-01-01")) / pd.Timedelta(seconds=1)
        out["age_days"] = (seconds - pd.to_numeric(posts["u_created"], errors="coerce")) / 86400
    return out


def read_rumours(folder: Path) -> RumourSet | None:
    """The set of one folder; nothing where its columns are others."""
    found = _columns(folder)
    if not {"posts", "reposts"} <= set(found):
        return None
    posts = pd.read_csv(found["posts"]).drop_duplicates("post_idx").dropna(subset=["label"])
    posts["time"] = pd.to_datetime(posts["time_bj"], errors="coerce") if "time_bj" in posts else pd.NaT
    posts = posts.sort_values("time", kind="stable", na_position="first").reset_index(drop=True)
    cascades = read_folder(folder)[0].events
    place = pd.Series(np.arange(len(cascades)), index=list(cascades.ids))
    events = cascades.take(place.loc[posts["post_idx"].astype(str)].to_numpy())
    rows = pd.read_csv(found["reposts"], usecols=["post_idx", "node", "t_sec"]).dropna()
    if "texts" in found:
        said = pd.read_csv(found["texts"], usecols=["post_idx", "node", "text"]).dropna()
        rows = rows.merge(said.drop_duplicates(["post_idx", "node"]), on=["post_idx", "node"], how="inner")
    else:
        say(f"{folder.name}: no texts of reposts are held")
        rows = rows.iloc[:0].assign(text="")
    where = pd.Series(posts.index, index=posts["post_idx"])
    rows = rows[rows["post_idx"].isin(where.index)]
    known = stories(
        posts["text"].fillna("").astype(str).tolist(), _authors(posts, posts["time"]), events,
        where.loc[rows["post_idx"]].to_numpy(np.int64), rows["t_sec"].to_numpy(float),
        rows["text"].astype(str).tolist(),
    )  # fmt: skip
    label = pd.to_numeric(posts["label"], errors="coerce")
    return RumourSet(folder, known, (label > 0).to_numpy(np.int64), posts["post_idx"].astype(str).tolist())


def read_all(data: Path) -> list[RumourSet]:
    """The sets of a folder that is one set or holds several."""
    one = read_rumours(data)
    if one is not None:
        return [one]
    return [found for sub in sorted(data.iterdir()) if sub.is_dir() and (found := read_rumours(sub)) is not None]
