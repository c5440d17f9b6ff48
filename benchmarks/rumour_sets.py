"""Rumour folders as the tables of a watch: POSTS, EDGES and ACCOUNTS, and which stories are rumours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.harness import say
from crisislib.core.tables import conform
from crisislib.core.watch import Watch

ZONE = "Asia/Shanghai"
"""In which the folders state their times."""
WATCH = Watch.model_validate({"watch": "set", "title": {"en": "set"}, "brand": {"names": ["set"]}, "timezone": ZONE})
_TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


@dataclass(frozen=True)
class RumourSet:
    """One folder as tables.

    Attributes
    ----------
    folder : Path
    posts, edges, accounts : pyarrow.Table
        POSTS (source posts and reposts), EDGES, ACCOUNTS.
    labels : pandas.Series
        1 = rumour, 0 = not, by source post, oldest first.
    """

    folder: Path
    posts: pa.Table
    edges: pa.Table
    accounts: pa.Table
    labels: pd.Series

    def until(self, stories: list[str], age_s: float) -> tuple[pa.Table, pa.Table, pa.Table]:
        """The tables with some stories only, each as it was at an age in seconds: reposts after it are left out."""
        wanted = pc.is_in(self.edges["src"], pa.array(stories))
        kept = self.edges.filter(pc.and_(wanted, pc.less_equal(self.edges["lag_s"], age_s)))
        ids = pa.concat_arrays([pa.array(stories), kept["dst"].combine_chunks().cast(pa.string())])
        return self.posts.filter(pc.is_in(self.posts["post_id"], ids)), kept, self.accounts


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


def _accounts(posts: pd.DataFrame) -> pa.Table:
    """Who posted the sources, as far as the folder says; every source has an account of its own."""
    out = pd.DataFrame({"account_id": "set:a" + posts["post_idx"].astype(str), "platform": "set"})
    out["seen_at"] = posts["created_at"]
    if "u_followers" in posts:
        out["n_followers"] = pd.to_numeric(posts["u_followers"], errors="coerce").astype("Int64")
    if "u_verified" in posts:
        out["is_verified"] = posts["u_verified"].astype(str).str.lower().map(_TRUTH)
    if "u_created" in posts:
        seconds = pd.to_numeric(posts["u_created"], errors="coerce")
        out["created_at"] = pd.to_datetime(seconds, unit="s", utc=True, errors="coerce").astype("datetime64[us, UTC]")
    return conform(out, "ACCOUNTS")


def read_rumours(folder: Path) -> RumourSet | None:
    """The set of one folder; nothing where its columns are others."""
    found = _columns(folder)
    if not {"posts", "reposts"} <= set(found):
        return None
    posts = pd.read_csv(found["posts"]).drop_duplicates("post_idx").dropna(subset=["label"])
    time = posts["time_bj"] if "time_bj" in posts else pd.Series(pd.NaT, index=posts.index)
    local = pd.to_datetime(time, errors="coerce").fillna(pd.Timestamp("2000-01-01"))
    posts["created_at"] = local.dt.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward").dt.tz_convert("UTC")
    posts = posts.sort_values("created_at", kind="stable").reset_index(drop=True)
    posts["post_id"] = "set:" + posts["post_idx"].astype(str)
    rows = pd.read_csv(found["reposts"], usecols=["post_idx", "node", "t_sec"]).dropna()
    rows = rows[rows["post_idx"].isin(posts["post_idx"]) & (rows["node"] > 0)].drop_duplicates(["post_idx", "node"])
    if "texts" in found:
        texts = pd.read_csv(found["texts"], usecols=["post_idx", "node", "text"]).dropna()
        rows = rows.merge(texts.drop_duplicates(["post_idx", "node"]), on=["post_idx", "node"], how="left")
    else:
        say(f"{folder.name}: no texts of reposts are held")
        rows = rows.assign(text=None)
    begin = posts.set_index("post_idx")["created_at"]
    rows["created_at"] = rows["post_idx"].map(begin) + pd.to_timedelta(rows["t_sec"].clip(lower=0), unit="s")
    rows["src"] = "set:" + rows["post_idx"].astype(str)
    rows["post_id"] = rows["src"] + "." + rows["node"].astype(int).astype(str)
    return RumourSet(
        folder, _posts(posts, rows), _edges(rows), _accounts(posts),
        pd.Series((pd.to_numeric(posts["label"], errors="coerce") > 0).astype(int).to_numpy(), posts["post_id"]),
    )  # fmt: skip


def _posts(posts: pd.DataFrame, rows: pd.DataFrame) -> pa.Table:
    columns = ["post_id", "created_at", "text", "account_id"]
    sources = posts.assign(account_id="set:a" + posts["post_idx"].astype(str))[columns].assign(kind="post")
    reposts = rows.assign(account_id="set:r" + rows["post_id"])[columns].assign(kind="repost")
    both = pd.concat([sources, reposts], ignore_index=True)
    both["created_at"] = both["created_at"].astype("datetime64[us, UTC]")
    return conform(both.assign(watch="set", platform="set", collected_at=both["created_at"]), "POSTS")


def _edges(rows: pd.DataFrame) -> pa.Table:
    """Every repost from the source post: what the folder says of deeper parents is not what a platform states."""
    made = {
        "watch": "set", "src": rows["src"], "dst": rows["post_id"], "kind": "repost", "confidence": 1.0,
        "method": "explicit", "post_id": rows["post_id"], "lag_s": rows["t_sec"].clip(lower=0).astype(float),
        "at": rows["created_at"].astype("datetime64[us, UTC]"),
    }  # fmt: skip
    return conform(pd.DataFrame(made).assign(made_at=lambda f: f["at"]), "EDGES")


def read_all(data: Path) -> list[RumourSet]:
    """The sets of a folder that is one set or holds several."""
    one = read_rumours(data)
    if one is not None:
        return [one]
    found = [read_rumours(sub) for sub in sorted(data.iterdir()) if sub.is_dir()]
    return [each for each in found if each is not None]


def texts_of(data: RumourSet, stories: list[str], age_s: float) -> list[str]:
    """Source and reposts so far as one text per story: what a peer reads."""
    posts, edges, _ = data.until(stories, age_s)
    words = posts.select(["post_id", "text"]).to_pandas().set_index("post_id")["text"].fillna("")
    said = edges.select(["src", "dst"]).to_pandas()
    joined = words.reindex(said["dst"]).groupby(said["src"].to_numpy()).agg(" ".join).reindex(stories).fillna("")
    return [f"{a} {b}" for a, b in zip(words.reindex(stories).fillna(""), joined, strict=True)]


def split(labels: pd.Series, share: float) -> tuple[pd.Series, pd.Series]:
    """The oldest share and the rest."""
    cut = int(np.round(share * len(labels)))
    return labels.iloc[:cut], labels.iloc[cut:]
