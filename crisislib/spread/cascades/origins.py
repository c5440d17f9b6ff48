"""Where a story began in the data we hold, and where it crossed between platforms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import conform
from crisislib.spread.cascades.forest import Ints
from crisislib.spread.cascades.tree_shape import Floats, rumour_centrality
from crisislib.spread.post_arrays import NEVER, Frame, SpreadGraph, find


def belief(story: Ints, direct: Ints, first_us: npt.NDArray[np.int64]) -> Floats:
    """Share of belief of each candidate source within its story.

    Parameters
    ----------
    story : numpy.ndarray of shape (k,)
        Story of each candidate, 0 .. s-1.
    direct : numpy.ndarray of shape (k,)
        Posts that came straight from it.
    first_us : numpy.ndarray of shape (k,)
        When it, or the first post from it, was observed; microseconds.

    Returns
    -------
    numpy.ndarray of shape (k,)
        Sums to 1 within a story.

    Notes
    -----
    Odds rise with the square of the direct posts and fall with the minutes d behind the story's
    earliest sign: score = 2 ln(1 + direct) - ln(1 + d). Degree alone and time alone each miss what the
    other sees (`benchmarks/source.py`).
    """
    size = int(story.max(initial=-1)) + 1
    begin = np.full(size, np.iinfo(np.int64).max)
    timed = first_us != NEVER
    np.minimum.at(begin, story[timed], first_us[timed])
    late = np.where(timed, (np.where(timed, first_us, 0) - np.where(timed, begin[story], 0)) / 60e6, 1e6)
    score = 2 * np.log1p(direct) - np.log1p(late)
    best = np.full(size, -np.inf)
    np.maximum.at(best, story, score)
    weight = np.exp(score - best[story])
    share: Floats = weight / np.bincount(story, weights=weight, minlength=size)[story]
    return share


def origins(graph: SpreadGraph, *, narratives: Frame | None = None, top: int = 5) -> pd.DataFrame:
    """Ranked candidate sources of each story of two and more: the earliest in the data, not on the internet.

    Parameters
    ----------
    graph : SpreadGraph
    narratives : LABELS, optional
        Rows of the label `narrative`: cascades of one narrative are then one story, whose pieces
        compete; without it every cascade is a story of its own.
    top : int
        Candidates returned for each story.

    Returns
    -------
    pandas.DataFrame
        `root_id` (of the story's largest cascade), `n`, `rank`, `post_id`, `account_id`, `platform`,
        `at` (of a placeholder: of the earliest post that names it), `precision_s`, `held` (whether the post
        itself is in the data), `score` (share of belief within the story).

    Notes
    -----
    Candidates are the tops of the story's pieces, in the data or named by others, by :func:`belief`. Within
    a piece whose top is not in the data, its posts follow by rumour centrality and time, sharing a tenth of
    the piece's belief: one of them may have been first if what they name was itself a passing on.
    """
    forest = graph.forest
    story = _stories(graph, narratives)
    whole = np.bincount(story, weights=forest.size[forest.roots]).astype(np.int64)
    largest = np.zeros(len(whole), dtype=np.int64)
    order = np.argsort(forest.size[forest.roots], kind="stable")
    largest[story[order]] = forest.roots[order]
    direct = np.bincount(forest.parent[forest.parent >= 0], minlength=forest.n)
    share = belief(story, direct[forest.roots], graph.at[forest.roots])
    tops = pd.DataFrame({"node": forest.roots, "story": story, "score": share})
    tops["score"] *= np.where(graph.placeholder[forest.roots], 0.9, 1.0)
    frame = pd.concat([tops, _inside(graph, story, share, top)], ignore_index=True)
    frame = frame[whole[frame["story"].to_numpy()] > 1]
    frame["at"] = graph.at[frame["node"].to_numpy()]
    frame = frame.sort_values(["story", "score", "at", "node"], ascending=[True, False, True, True])
    frame["rank"] = frame.groupby("story").cumcount() + 1
    frame["n"], frame["root"] = whole[frame["story"].to_numpy()], largest[frame["story"].to_numpy()]
    return _describe(graph, frame[frame["rank"] <= top])


def _stories(graph: SpreadGraph, narratives: Frame | None) -> Ints:
    """Story of each cascade."""
    number = np.arange(len(graph.forest.roots))
    if narratives is None:
        return number
    labels = conform(narratives, "LABELS").select(["post_id", "label", "value"]).to_pandas()
    labels = labels[(labels["label"] == "narrative") & labels["value"].notna()]
    node = find(pa.array(labels["post_id"], pa.string()), graph.ids)
    labelled = pd.DataFrame(
        {"cascade": graph.forest.cascade[node[node >= 0]], "name": labels["value"].to_numpy()[node >= 0]}
    )
    most = labelled.value_counts().reset_index().drop_duplicates("cascade")
    name = np.full(len(number), "", dtype=object)
    name[most["cascade"].to_numpy()] = most["name"]
    story: Ints = pd.factorize(np.where(name == "", number.astype(str), "narrative:" + name.astype(object)))[0]
    return story


def _inside(graph: SpreadGraph, story: Ints, share: Floats, top: int) -> pd.DataFrame:
    """Posts of pieces whose top is not in the data: a tenth of the piece's belief among its likeliest."""
    forest = graph.forest
    node = np.flatnonzero(graph.placeholder[forest.root] & ~graph.placeholder)
    cascade = forest.cascade[node]
    frame = pd.DataFrame(
        {"node": node, "cascade": cascade, "log": rumour_centrality(forest)[node], "at": graph.at[node]}
    )
    frame = frame.sort_values(["cascade", "log", "at"], ascending=[True, False, True])
    frame = frame[frame.groupby("cascade").cumcount() < top]
    weight = np.exp(frame["log"] - frame.groupby("cascade")["log"].transform("max"))
    where = frame["cascade"].to_numpy()
    total = np.bincount(where, weights=weight, minlength=len(forest.roots))[where]
    part = np.asarray(weight) / np.where(total > 0, total, 1.0)
    return pd.DataFrame({"node": frame["node"], "story": story[where], "score": 0.1 * share[where] * part})


def _describe(graph: SpreadGraph, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what is known about each candidate post."""
    node = frame["node"].to_numpy()
    posts = graph.posts.select(["account_id", "platform", "created_at", "created_precision_s"]).to_pandas()
    known = posts.reindex(node).reset_index(drop=True)
    return pd.DataFrame(
        {
            "root_id": graph.names(frame["root"].to_numpy()),
            "n": frame["n"].to_numpy(),
            "rank": frame["rank"].to_numpy(),
            "post_id": graph.names(node),
            "account_id": known["account_id"],
            "platform": known["platform"],
            "at": pd.to_datetime(frame["at"].to_numpy(), unit="us", utc=True).where(frame["at"].to_numpy() != NEVER),
            "precision_s": known["created_precision_s"].astype("Int64"),
            "held": ~graph.placeholder[node],
            "score": frame["score"].to_numpy(),
        }
    )


def crossings(graph: SpreadGraph) -> pd.DataFrame:
    """Edges that carry a story from one platform to another.

    Parameters
    ----------
    graph : SpreadGraph

    Returns
    -------
    pandas.DataFrame
        `root_id`, `from_platform`, `to_platform`, `src`, `dst`, `at`, `lag_s`, `confidence`,
        `n_after` (posts that came through it), `first` (the first such crossing of the cascade);
        the earliest first.
    """
    forest = graph.forest
    platform = pc.fill_null(graph.posts["platform"], "").to_pandas().to_numpy()
    child = np.flatnonzero(forest.parent[: graph.n_posts] >= 0)
    child = child[forest.parent[child] < graph.n_posts]
    parent = forest.parent[child]
    over = platform[child] != platform[parent]
    child, parent = child[over], parent[over]
    rows = graph.edge[child]
    taken = graph.edges.select(["lag_s", "confidence"]).take(rows).to_pandas()
    frame = pd.DataFrame(
        {
            "root_id": graph.names(forest.root[child]),
            "from_platform": platform[parent],
            "to_platform": platform[child],
            "src": graph.names(parent),
            "dst": graph.names(child),
            "at": pd.to_datetime(
                np.where(graph.at[child] == NEVER, pd.NaT.value, graph.at[child]), unit="us", utc=True
            ),
            "lag_s": taken["lag_s"],
            "confidence": taken["confidence"],
            "n_after": forest.size[child],
        }
    ).sort_values(["at", "dst"], ignore_index=True)
    frame["first"] = ~frame.duplicated(["root_id", "from_platform", "to_platform"])
    return frame
