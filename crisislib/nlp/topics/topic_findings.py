"""Findings about topics."""

from __future__ import annotations

import json
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import NotEnoughData
from crisislib.core.finding import Finding, too_few
from crisislib.core.i18n import N_
from crisislib.nlp.topics.topics_over_time import NEEDED, emerging

LARGEST = N_("The largest topic (of {topics}) holds {share:.0%} of the posts (n = {n}): {words}.")
OUTSIDE = N_("{share:.0%} of the posts (n = {n}) belong to none of the topics.")
EMERGING = N_(
    "Emerging topic: {words}. Its share of the posts rose to {share:.0%} in the last day from {before:.0%} in "
    "the week before ({recent} {recent:post|posts}; chance would do this less than once in {odds} "
    "{odds:time|times})."
)
NONE_EMERGES = N_(
    "No topic has grown beyond chance in the last day ({n} {n:post|posts} compared with the week before)."
)
LIMIT = N_("Topics are groups of similar wording found by a program; read the posts behind them before naming causes.")


def findings(topics: pa.Table, labels: pa.Table, *, now: datetime) -> list[Finding]:
    """The largest topic, how much lies outside all topics, and the topic that has come up.

    Parameters
    ----------
    topics, labels : pyarrow.Table
        TOPICS, of which the newest run counts, and its LABELS.
    now : datetime.datetime
        End of the last day, UTC.
    """
    n = labels.num_rows
    # Topics of older runs that are no more stay in the lake: only the newest run's speak.
    newest = topics.filter(pc.equal(topics["at"], pc.max(topics["at"])))
    single = newest.filter(pc.invert(pc.starts_with(newest["topic_id"], "g:"))).to_pandas()
    if not n or single.empty:
        return []
    single = single.sort_values(["n", "topic_id"], ascending=[False, True])
    top = single.iloc[0]
    results = [
        Finding(
            "text.topics.largest",
            LARGEST,
            {
                "topics": len(single),
                "share": float(top["share"]),
                "n": n,
                "words": " / ".join(top["words"].split()[:4]),
            },
            single[["topic_id", "title_zh", "title_en", "words", "n", "share"]],
            json.loads(top["evidence"])["posts"],
            n,
            (LIMIT,),
            float(top["share"]),
        )
    ]
    outside = labels.filter(pc.equal(labels["value"], "outside"))
    share = outside.num_rows / n
    table = pd.DataFrame({"outside": [outside.num_rows], "n": [n], "share": [share]})
    ids = outside["post_id"].slice(0, 20).to_pylist()
    results.append(
        Finding("text.topics.outside", OUTSIDE, {"share": share, "n": n}, table, ids, n, (LIMIT,), 0.1 * share)
    )
    return [*results, _emerging(single, labels, now)]


def _emerging(topics: pd.DataFrame, labels: pa.Table, now: datetime) -> Finding:
    """The topic that has come up most surely, or that none has, or that it cannot be known."""
    key = "text.topics.emerging"
    try:
        table = emerging(labels, now=now)
    except NotEnoughData:
        times = labels["created_at"].to_pandas()
        return too_few(key, int((times > pd.Timestamp(now) - pd.Timedelta(days=1)).sum()), NEEDED)
    table = table.merge(topics[["topic_id", "words", "title_zh", "title_en", "evidence"]], on="topic_id")
    risen = table[table["emerging"]]
    shown = table.drop(columns="evidence")
    if risen.empty:
        n = int(table["n_recent"].sum())
        ids = [json.loads(cell)["posts"][0] for cell in table["evidence"].head(5)]
        return Finding(key, NONE_EMERGES, {"n": n}, shown, ids, n, (LIMIT,), 0.05)
    top = risen.iloc[0]
    facts = {
        "words": " / ".join(top["words"].split()[:4]),
        "share": float(top["share_recent"]),
        "before": float(top["share_before"]),
        "recent": int(top["n_recent"]),
        "odds": int(min(1 / max(top["q_value"], 1e-6), 1_000_000)),
    }
    mine = labels.filter(pc.equal(labels["value"], top["topic_id"])).sort_by([("created_at", "descending")])
    ids = [*json.loads(top["evidence"])["posts"], *mine["post_id"].slice(0, 10).to_pylist()]
    weight = 0.3 + float(top["share_recent"])
    return Finding(key, EMERGING, facts, shown, list(dict.fromkeys(ids)), labels.num_rows, (LIMIT,), weight)
