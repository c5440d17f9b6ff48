"""Known parents hidden and found again: precision, recall, reliability, by method and confidence.

    python -m benchmarks.reconstruct --data DIR

A set is a folder with a table of (post_idx, node, parent_node, t_sec[, uid]) or (dataset, source_id,
node, parent_node, t_min[, uid]) and, where there is one, of (post_idx, node, text). The newest 30 % of
its cascades are scored (by the order of their ids; the confidences that the library ships were fitted
on the oldest 70 % of the two public sets, `--oldest` shows those). Three ways of hiding:

- `<set>.`: a random 30 % of the parents are hidden, the root of each post stays known (the usual state
  of data that was collected in part);
- `<set>.all.`: every parent is hidden, only roots and times are left (X retweets);
- `<set>.chain.` (sets with texts): every parent is hidden, but posts carry `own words//@name:...` as
  Weibo writes it, cut at 140 characters, with 10 % of the posts missing altogether. The set's texts
  hold the own words only, so the chains are rebuilt from the truth: this measures names, equal words,
  missing people and cuts, not chains that people delete.

A ghost is right when the true parent is missing from the data. Everything goes through
`crisislib.spread.build_edges`. `precision`: right edges among those given with a confidence of at least 0.5;
`recall`: right edges among all hidden parents that are held (without `<set>`: means over the sets);
`ece`: expected calibration error over ten bins; `<method>.precision`, `.n`, `.recall`;
`precision@0.5|0.7|0.9` and `share@...` by confidence; `reliability.<bin>`: how often edges of that
confidence are right. Peers: `star` (always the root), `latest` (always the post before).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.harness import finish, folders, parser, peak_mb, say, write_predictions
from crisislib.core.tables import conform
from crisislib.spread import build_edges

NOW = datetime(2030, 1, 1, tzinfo=UTC)
START = pd.Timestamp("2020-01-01", tz="UTC")
CUT = 140
Figures = dict[str, float]


def trees(folder: Path) -> pd.DataFrame | None:
    """Every edge of a folder: `tree`, `node`, `parent`, `t` (seconds), `uid`, `text`; None if it has none."""
    tables = {tuple(pd.read_csv(p, nrows=0).columns): p for p in sorted(folder.glob("*.csv*"))}
    made = None
    for columns, path in tables.items():
        if {"node", "parent_node"} <= set(columns) and {"t_sec", "t_min"} & set(columns):
            made = pd.read_csv(path)
    if made is None:
        return None
    ids = [c for c in ("dataset", "source_id", "post_idx") if c in made]
    made["tree"] = made[ids].astype(str).agg("~".join, axis=1) if len(ids) > 1 else made[ids[0]]
    made["t"] = made["t_sec"] if "t_sec" in made else made["t_min"] * 60
    made["uid"] = made["uid"] if "uid" in made else np.arange(len(made))
    made["text"] = ""
    for columns, path in tables.items():
        if {"node", "text", *ids} <= set(columns):
            made = made.drop(columns="text").merge(
                pd.read_csv(path, keep_default_na=False), on=[*ids, "node"], how="left"
            )
            made["text"] = made["text"].fillna("")
    made = made.rename(columns={"parent_node": "parent"})[["tree", "node", "parent", "t", "uid", "text"]]
    return made[made["t"] >= 0].drop_duplicates(["tree", "node"])


def part(edges: pd.DataFrame, oldest: bool) -> pd.DataFrame:
    """The newest 30 % of the cascades, or the oldest 70 %, by the order of their ids."""
    ids = edges["tree"].drop_duplicates()
    if ids.dtype.kind not in "iu":  # ids of posts rise with time; compare them as numbers where they are
        number = pd.to_numeric(ids.astype(str).str.rsplit("~", n=1).str[-1], errors="coerce")
        ids = ids.iloc[np.argsort(number.to_numpy(), kind="stable")]
    cut = int(len(ids) * 0.7)
    return edges[edges["tree"].isin(ids.iloc[:cut] if oldest else ids.iloc[cut:])].reset_index(drop=True)


def table(edges: pd.DataFrame, known: np.ndarray, text: pd.Series | None) -> tuple[pa.Table, pa.Table]:
    """POSTS and ACCOUNTS of the cascades with some parents stated."""
    name = edges["tree"].astype(str)
    posts = pd.DataFrame(
        {
            "post_id": "x:" + name + "/" + edges["node"].astype(str),
            "kind": "repost",
            "account_id": "x:" + edges["uid"].astype(str),
            "created_at": START + pd.to_timedelta(edges["t"], unit="s"),
            "parent_id": ("x:" + name + "/" + edges["parent"].astype(str)).where(known, None),
            "root_id": "x:" + name + "/0",
            "text": None if text is None else text,
        }
    )
    roots = pd.DataFrame({"post_id": "x:" + name.drop_duplicates() + "/0", "kind": "post", "created_at": START})
    posts = pd.concat([roots.assign(account_id="x:root" + roots["post_id"]), posts], ignore_index=True)
    posts = posts.assign(watch="w", collected_at=pd.Timestamp(NOW), platform="x", created_precision_s=1, source="s")
    people = pd.DataFrame({"account_id": posts["account_id"].drop_duplicates()})
    people = people.assign(seen_at=pd.Timestamp(NOW), name="user" + people["account_id"].str.slice(2))
    return conform(posts, "POSTS"), conform(people, "ACCOUNTS")


def chains(edges: pd.DataFrame) -> pd.Series:
    """Each post's text as Weibo shows it: own words, then those of everyone up to the root."""
    place = pd.Series(np.arange(len(edges)), index=pd.MultiIndex.from_frame(edges[["tree", "node"]]))
    up = place.reindex(pd.MultiIndex.from_frame(edges[["tree", "parent"]])).fillna(-1).to_numpy(dtype=int)
    text = edges["text"].to_numpy(dtype=object).copy()
    own, uid = text.copy(), edges["uid"].to_numpy()
    done = up < 0
    for _ in range(40):
        ready = np.flatnonzero(~done & done[up])
        if not len(ready):
            break
        text[ready] = [
            f"{o}//@user{u}:{t}"[:CUT] for o, u, t in zip(own[ready], uid[up[ready]], text[up[ready]], strict=True)
        ]
        done[ready] = True
    return pd.Series(text, index=edges.index)


def find(edges: pd.DataFrame, known: np.ndarray, text: pd.Series | None) -> pd.DataFrame:
    """What the library says of each hidden parent: `given`, `confidence`, `method`, `right`."""
    posts, people = table(edges, known, text)
    made = build_edges(posts, people, watch="w", now=NOW).edges.to_pandas().set_index("dst")
    hidden = edges[~known]
    prefix = "x:" + hidden["tree"].astype(str) + "/"
    child, truth = prefix + hidden["node"].astype(str), prefix + hidden["parent"].astype(str)
    found = made.reindex(child)[["src", "confidence", "method"]].reset_index(drop=True)
    found["truth"], found["child"] = truth.to_numpy(), child.to_numpy()
    found["held"] = truth.isin(set(posts["post_id"].to_pylist())).to_numpy()
    ghost = found["src"].str.startswith("ghost:").fillna(False).astype(bool)
    found["right"] = (found["src"] == found["truth"]) | (ghost & ~found["held"])
    return pd.DataFrame(found)


def judge(found: pd.DataFrame) -> Figures:
    """Figures of one way of hiding."""
    held = found[found["held"]]
    given = found[found["src"].notna()]
    sure = given[given["confidence"] >= 0.5]
    figures = {"precision": sure["right"].mean(), "recall": held["right"].mean(), "n": float(len(found))}
    bins = np.clip((given["confidence"] * 10).astype(int), 0, 9)
    gap = given.groupby(bins).agg(p=("confidence", "mean"), y=("right", "mean"), n=("right", "size"))
    figures["ece"] = float(((gap["p"] - gap["y"]).abs() * gap["n"]).sum() / max(len(given), 1))
    for floor in (0.5, 0.7, 0.9):
        above = given[given["confidence"] >= floor]
        figures[f"precision@{floor}"] = above["right"].mean() if len(above) else np.nan
        figures[f"share@{floor}"] = len(above) / max(len(found), 1)
    for level, row in gap.iterrows():
        figures[f"reliability.{int(str(level)) / 10}"] = float(row["y"])
    for method, some in given.groupby("method"):
        figures |= {f"{method}.precision": some["right"].mean(), f"{method}.n": float(len(some))}
        figures[f"{method}.recall"] = some["right"].sum() / max(len(held), 1)
    return figures


def peers_of(edges: pd.DataFrame, known: np.ndarray) -> dict[str, Figures]:
    """Always the root, and always the post before."""
    hidden = edges[~known]
    before = edges.sort_values(["tree", "t", "node"]).groupby("tree")["node"].shift(1).fillna(0)
    star = (hidden["parent"] == 0).mean()
    latest = (before.reindex(hidden.index) == hidden["parent"]).mean()
    return {"star": {"precision": star, "recall": star}, "latest": {"precision": latest, "recall": latest}}


Way = tuple[pd.DataFrame, np.ndarray, "pd.Series[str] | None"]


def ways(edges: pd.DataFrame) -> dict[str, Way]:
    """The three ways of hiding: edges, which parents are known, texts."""
    rng = np.random.default_rng(0)
    found: dict[str, Way] = {
        "": (edges, rng.random(len(edges)) >= 0.3, None),
        "all.": (edges, np.zeros(len(edges), dtype=bool), None),
    }
    if (edges["text"] != "").any():
        text = chains(edges)
        stay = rng.random(len(edges)) >= 0.1
        found["chain."] = (edges[stay], np.zeros(int(stay.sum()), dtype=bool), text[stay])
    return found


def main() -> None:
    """Hide, find, count."""
    arguments = parser("reconstruct", __doc__ or "")
    arguments.add_argument("--oldest", action="store_true", help="score the oldest 70 %% (for fitting)")
    given = arguments.parse_args()
    figures: Figures = {}
    peers: dict[str, Figures] = {"star": {}, "latest": {}}
    rows: list[list[object]] = []
    for folder in folders(given.data, "*.csv*"):
        edges = trees(folder)
        if edges is None:
            continue
        some = part(edges, given.oldest)
        for way, (shown, known, text) in ways(some).items():
            say(f"{folder.name} {way or 'some hidden'}: {int((~known).sum()):,} hidden parents")
            found = find(shown, known, text)
            figures |= {f"{folder.name}.{way}{key}": value for key, value in judge(found).items()}
            for peer, values in peers_of(shown, known).items():
                peers[peer] |= {f"{folder.name}.{way}{key}": value for key, value in values.items()}
            picked = found[["child", "src", "confidence", "method", "truth"]].itertuples(index=False)
            rows += [[folder.name, way, *row] for row in picked] if given.out else []
    if not figures:
        raise SystemExit(f"no cascades with known parents at {given.data}")
    for total in (figures, *peers.values()):
        for key in ("precision", "recall"):
            total[key] = float(np.mean([v for k, v in total.items() if k.count(".") == 1 and k.endswith(f".{key}")]))
    figures["peak_mb"] = peak_mb()
    write_predictions(given.out, ["set", "way", "post", "prediction", "probability", "method", "truth"], rows)
    finish("reconstruct", figures, peers)


if __name__ == "__main__":
    main()
