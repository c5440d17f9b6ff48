"""What a reader is told about topics."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_

LARGEST = N_("The largest of {topics} topics holds {share:.0%} of {n} posts: {words}.")
OUTSIDE = N_("{share:.0%} of {n} posts belong to none of the topics.")
LIMIT = N_("Topics are groups of similar wording found by a program; read the posts behind them before naming causes.")


def findings(topics: pa.Table, labels: pa.Table) -> list[Finding]:
    """The largest topic, and how much lies outside all topics.

    Parameters
    ----------
    topics, labels : pyarrow.Table
        TOPICS and LABELS of one run.
    """
    n = labels.num_rows
    single = topics.filter(pc.invert(pc.starts_with(topics["topic_id"], "g:"))).to_pandas()
    if not n or single.empty:
        return []
    single = single.sort_values("n", ascending=False)
    top = single.iloc[0]
    told = [
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
    told.append(Finding("text.topics.outside", OUTSIDE, {"share": share, "n": n}, table, ids, n, (LIMIT,), 0.1 * share))
    return told
