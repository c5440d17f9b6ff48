"""Which posts stand behind a level: a few that a person can open, chosen by what they say and reach."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd

from crisislib.warn.detectors import Burst

MOVED = 3
"""Posts shown for a burst of counters, which is one post's; how often each was seen is not known here."""
MOST = 20
"""Posts that an alert or incident names."""


def window_of(frame: pd.DataFrame | None, since: pd.Timestamp, now: pd.Timestamp) -> pd.DataFrame:
    """Rows created in (since, now]; an empty frame where there is none.

    Parameters
    ----------
    frame : pandas.DataFrame or None
        POSTS or LABELS rows.
    since, now : pandas.Timestamp
        The span, both ends included.

    Returns
    -------
    pandas.DataFrame
        Some of the rows.
    """
    if frame is None or not len(frame):
        return pd.DataFrame({"post_id": [], "created_at": [], "label": [], "value": [], "score": [], "p": []})
    return frame[(frame["created_at"] >= since) & (frame["created_at"] <= now)]


def chosen(
    labels: pd.DataFrame | None, posts: pd.DataFrame | None, since: pd.Timestamp, now: pd.Timestamp
) -> list[str]:
    """Ids of the posts to show: sensitive and most negative first, then the most engaged, then the earliest.

    Parameters
    ----------
    labels, posts : pandas.DataFrame or None
        LABELS and POSTS rows of the watch; either may be missing.
    since, now : pandas.Timestamp
        The span of the episode.

    Returns
    -------
    list of str
        At most :data:`MOST` distinct ids, in an order that only the rows decide.
    """
    labelled = window_of(labels, since, now)
    severe = labelled[labelled["label"].str.startswith(("harm.", "sensitive."))] if len(labelled) else labelled
    severe = severe.sort_values(["score", "post_id"], ascending=[False, True])
    mood = labelled[labelled["label"].isin(["target_sentiment", "sentiment"])].sort_values(
        ["score", "post_id"], ascending=[False, True]
    )
    created = window_of(posts, since, now)
    acted = pd.Series(dtype="str")
    if len(created):
        weight = created[["n_likes", "n_reposts", "n_replies"]].fillna(0).astype(float).sum(axis=1)
        ranked = created.assign(weight=weight).sort_values(
            ["weight", "created_at", "post_id"], ascending=[False, True, True]
        )
        acted = ranked["post_id"]
    third = MOST // 3
    order = [*severe["post_id"].head(third), *acted.head(third), *mood["post_id"].head(MOST), *acted.head(MOST)]
    return list(dict.fromkeys(order))[:MOST]


def moved(posts: pd.DataFrame | None, burst: Burst | None, now: pd.Timestamp) -> list[str]:
    """Ids of the posts whose counters can have risen as a burst says: those that are acted on as much, most first.

    Parameters
    ----------
    posts : pandas.DataFrame or None
        POSTS rows of the fortnight before.
    burst : Burst or None
        A rare burst.
    now : pandas.Timestamp
        The clock.

    Returns
    -------
    list of str
        At most :data:`MOVED`; none where the burst is not one of counters.
    """
    if burst is None or burst.signal != "top_gain" or posts is None or not len(posts):
        return []
    mine = posts[posts["created_at"] <= now]
    weight = mine[["n_likes", "n_reposts", "n_replies"]].fillna(0).astype(float).sum(axis=1)
    high = mine.assign(weight=weight)[weight >= min(burst.count, weight.max())]
    order = high.sort_values(["weight", "created_at", "post_id"], ascending=[False, True, True])
    return list(order["post_id"].head(MOVED))


def packed(post_ids: Sequence[str], **facts: object) -> str:
    """Evidence as the JSON that tables carry: `posts` and whatever else was known.

    Parameters
    ----------
    post_ids : sequence of str
        The posts, most telling first.
    **facts : object
        Key -> a value that JSON can carry.

    Returns
    -------
    str
        JSON with sorted keys, so that the same evidence is the same text.
    """
    return json.dumps({"posts": list(post_ids), **facts}, ensure_ascii=False, sort_keys=True, default=str)


def burst_facts(burst: Burst | None) -> dict[str, object]:
    """What the evidence keeps of a rare burst: its return period, and the count over a span against the usual one.

    Parameters
    ----------
    burst : Burst or None
        A rare burst.

    Returns
    -------
    dict of str to object
        Under the key `burst`; empty without one.
    """
    if burst is None:
        return {}
    facts = {"signal": burst.signal, "days": round(burst.days, 2), "span_s": burst.span_s}
    return {"burst": facts | {"count": round(burst.count), "usual": round(burst.usual, 1)}}


def unpacked(evidence: str | None) -> list[str]:
    """The post ids of a packed evidence; none where there is no evidence.

    Parameters
    ----------
    evidence : str or None
        As :func:`packed` wrote it.

    Returns
    -------
    list of str
        In the order written.
    """
    if evidence is None or pd.isna(evidence):
        return []
    return [str(p) for p in json.loads(evidence).get("posts", [])]
