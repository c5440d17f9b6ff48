"""Rumour scores for the stories of a watch, with reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import ModelError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.spread.forecast.events import Floats, Ints
from crisislib.spread.forecast.story_events import events_of
from crisislib.spread.post_arrays import Frame, SpreadGraph, build_graph, codes, latest_observations
from crisislib.spread.rumour.labelled_stories import Stories, stories
from crisislib.spread.rumour.rumour_findings import findings_of
from crisislib.spread.rumour.rumour_lesson import RumourLesson
from crisislib.spread.rumour.rumour_model import RumourModel
from crisislib.spread.rumour.shipped_weights import Weights, shipped
from crisislib.spread.rumour.story_features import reaction_features, source_features

_COLUMNS = ["root_id", "as_of", "age_h", "n_reactions", "rumour_p", "method", "reasons"]
_MOST_REASONS = 5
"""Features named for a story: as many as a reader takes in."""
_MOST_EVIDENCE = 5
"""Reactions shown for a reason: enough to check it by reading."""


_LEAST_EFFECT = 0.05
"""Log-odds below which a feature is no reason: a point or so of probability."""


@dataclass(frozen=True)
class RumourScores:
    """How rumour-like each story is.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per story that spread, highest score first: root_id, as_of, age_h (hours), n_reactions
        (reactions with words), rumour_p (0-1; null where the source post or its text is not in the data), method,
        reasons (JSON list: feature, effect in log-odds, n, hits, share and usual in %, post_ids).
    findings : list of Finding
        In words.
    """

    table: pd.DataFrame
    findings: list[Finding]


@dataclass(frozen=True)
class StorySet:
    """Stories with the ids that lead back to the posts."""

    known: Stories
    roots: list[str]
    start: Floats
    has_text: np.ndarray
    reaction_ids: np.ndarray


def read_stories(posts: Frame, edges: Frame, accounts: Frame, watch: Watch, now: datetime) -> StorySet:
    """The stories that spread, with everything that was known of them at some instant.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
    watch : Watch
        Its time zone gives the clock.
    now : datetime
        Posts after it are not used.

    Returns
    -------
    StorySet
    """
    table = latest_observations(posts)
    graph = build_graph(table.filter(pc.less_equal(table["created_at"], pa.scalar(pd.Timestamp(now), TIME))), edges)
    events, number, start = events_of(graph, accounts, watch)
    place = np.full(len(graph.forest.roots), -1)
    place[number] = np.arange(len(number))
    inside = np.arange(graph.n_posts)
    inside = inside[(graph.forest.parent[inside] >= 0) & (place[graph.forest.cascade[inside]] >= 0)]
    owner = place[graph.forest.cascade[inside]].astype(np.int64)
    words = np.array(graph.posts["text"].to_pylist(), dtype=object)
    said = np.array([isinstance(w, str) and bool(w.strip()) for w in words[inside]], dtype=bool)
    inside, owner = inside[said], owner[said]
    root = graph.forest.roots[number].astype(np.int64)
    there = root < graph.n_posts
    texts = [words[r] if ok else None for r, ok in zip(root, there, strict=True)]
    known = stories(
        [text or "" for text in texts], _authors(graph, accounts, root, there, start), events, owner,
        graph.at[inside] / 1e6 - start[owner], [str(w) for w in words[inside]],
    )  # fmt: skip
    has_text = np.array([bool(text) for text in texts], dtype=bool)
    ids = np.array(graph.ids.take(pa.array(inside)).to_pylist(), dtype=object)
    return StorySet(known, list(events.ids), start, has_text, ids)


def _authors(graph: SpreadGraph, accounts: Frame, root: Ints, there: np.ndarray, start: Floats) -> pd.DataFrame:
    account, names = codes(graph.posts["account_id"])
    ids = pd.Series([*names.to_pylist(), None], dtype=object)
    who = ids.iloc[np.where(there, np.append(account, -1)[np.where(there, root, -1)], -1)].to_numpy()
    table = conform(accounts, "ACCOUNTS").to_pandas().sort_values("seen_at")
    latest = table.drop_duplicates("account_id", keep="last").set_index("account_id").reindex(who)
    born = pd.to_datetime(latest["created_at"], utc=True)
    age = (pd.to_datetime((start * 1e6).astype(np.int64), unit="us", utc=True) - pd.DatetimeIndex(born)).total_seconds()
    return pd.DataFrame(
        {
            "followers": pd.to_numeric(latest["n_followers"]).to_numpy(float, na_value=np.nan),
            "verified": latest["is_verified"].astype("boolean").astype("Float64").to_numpy(float, na_value=np.nan),
            "age_days": np.asarray(age, dtype=float) / 86400,
        }
    )


def _reasons(one: StorySet, table: pd.DataFrame, weights: Weights) -> list[list[dict[str, object]]]:
    """The features that move each story's score most, with the reactions behind them."""
    effects = weights.effects(table)
    mean, names = effects.to_numpy(), list(effects.columns)
    order = np.argsort(-np.abs(mean), axis=1, kind="stable")[:, :_MOST_REASONS]
    moved = np.take_along_axis(mean, order, axis=1)
    n = np.bincount(one.known.owner, minlength=len(order))
    hits = {name: _hits(one, name, len(order)) for name in names if name.startswith("re_")}
    out: list[list[dict[str, object]]] = []
    for i, (columns, sizes) in enumerate(zip(order.tolist(), moved.tolist(), strict=True)):
        reasons_of: list[dict[str, object]] = []
        for name, effect in ((names[c], size) for c, size in zip(columns, sizes, strict=True)):
            if abs(effect) < _LEAST_EFFECT:
                continue
            reason: dict[str, object] = {"feature": name, "effect": round(effect, 2)}
            if name in hits:
                first, posts = hits[name]
                mine, number = posts[first[i] : first[i + 1]], int(n[i])
                reason |= {"n": number, "hits": len(mine), "share": round(100 * len(mine) / max(number, 1), 1)}
                reason |= {"usual": round(100 * weights.usual[name], 1)}
                reason["post_ids"] = mine[:_MOST_EVIDENCE].tolist()
            else:
                reason["post_ids"] = [one.roots[i]]
            reasons_of.append(reason)
        out.append(reasons_of)
    return out


def _hits(one: StorySet, name: str, k: int) -> tuple[list[int], np.ndarray]:
    """Reactions with a feature, story by story in the order that they have there, and where each story's begin."""
    rows = np.flatnonzero(one.known.hits[name].to_numpy() > 0)
    owner = one.known.owner[rows]
    first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=k))])
    return first.tolist(), one.reaction_ids[rows[np.argsort(owner, kind="stable")]]


def rumour_score(
    posts: Frame,
    edges: Frame,
    accounts: Frame,
    *,
    watch: Watch,
    now: datetime,
    taught: RumourLesson | None = None,
) -> RumourScores:
    """How rumour-like each story of a watch is, from its words, the reactions and, once trained, its spread.

    Parameters
    ----------
    posts, edges, accounts : POSTS, EDGES, ACCOUNTS
        Posts after `now` are not used.
    watch : Watch
        Its time zone gives the clock.
    now : datetime
        The instant of the score.
    taught : RumourLesson, optional
        Trained on the watch's own labels; the shipped weights when left out. Each story is read by the model of the
        greatest age that it has reached.

    Returns
    -------
    RumourScores
        Reasons come from the readable weights, also where models give the number.

    Notes
    -----
    Weights and what they were measured to do: `CARD.md` beside this file.
    """
    one = read_stories(posts, edges, accounts, watch, now)
    k = len(one.known)
    if not k:
        blank = pd.DataFrame(columns=_COLUMNS)
        return RumourScores(blank, findings_of(blank, []))
    weights = shipped()
    table = _features(one.known, weights)
    age = np.maximum(pd.Timestamp(now).timestamp() - one.start, 0.0)
    p = weights.predict(table) if taught is None else _by_models(one.known, age, taught.models)
    reasons = _reasons(one, table, weights)
    out = pd.DataFrame({"root_id": one.roots, "as_of": pd.Timestamp(now), "age_h": age / 3600})
    out["n_reactions"] = np.bincount(one.known.owner, minlength=k)
    out["rumour_p"] = np.where(one.has_text, p, np.nan)
    out["method"] = "weights@1" if taught is None else f"own-labels@{taught.version}"
    out["reasons"] = [json.dumps(reasons_of, ensure_ascii=False) for reasons_of in reasons]
    order = out.sort_values(["rumour_p", "n_reactions"], ascending=False, kind="stable", na_position="last").index
    out = out.loc[order].reset_index(drop=True)
    return RumourScores(out, findings_of(out, reasons[order[0]], labels=0 if taught is None else taught.n))


def shipped_scores(known: Stories, age: float) -> Floats:
    """The score by the shipped weights, from what was visible at an age.

    Parameters
    ----------
    known : Stories
        k stories.
    age : float
        Seconds since the source post; at 0 no reaction counts.

    Returns
    -------
    numpy.ndarray of shape (k,)
        0-1.
    """
    visible = np.flatnonzero(known.t <= age) if age > 0 else np.zeros(0, dtype=np.int64)
    now = replace(known, owner=known.owner[visible], t=known.t[visible], reactions=[], hits=known.hits.iloc[visible])
    return shipped().predict(_features(now, shipped()))


def _features(known: Stories, weights: Weights) -> pd.DataFrame:
    """Style of the sources and how the reactions differ from the usual ones, which the weights read."""
    usual = pd.Series(weights.usual)[list(known.hits.columns)]
    reactions = reaction_features(known.owner, known.hits, len(known), usual)
    return pd.concat([source_features(pa.array(known.text, pa.string())), reactions], axis=1)


def _by_models(known: Stories, age: Floats, models: Mapping[float, RumourModel]) -> Floats:
    ages = np.array(sorted(models))
    if not len(ages) or ages[0] > age.min():
        raise ModelError(N_("no model for the youngest story"), do=N_("learn a model for age 0 as well"))
    at = ages[np.searchsorted(ages, age, side="right") - 1]
    p = np.full(len(known), np.nan)
    for one in np.unique(at):
        here = np.flatnonzero(at == one)
        p[here] = models[float(one)].predict(known.take(here))
    return p
