"""What a post is about, if it is about a crisis: the type that its words name, or what it complains of."""

from __future__ import annotations

import narwhals as nw

from crisislib.signals.frame_reading import Lazy

LISTED = 3.0
"""Score of a type of crisis from which listed words say it plainly: one that names the deed, or two hints. A single
hint ("staff", "delayed", "fired") stands in posts about anything."""
COMPLAINED = {
    "customer_service": (
        "service_attitude",
        "refund_and_after_sale",
        "price",
        "delivery_and_delay",
        "false_advertising",
    ),
    "product_harm": ("quality", "safety"),
    "data_breach": ("privacy",),
    "service_outage": ("booking_and_system",),
}
"""Subject of a crisis -> the kinds of complaint that it is made of, where posts name no type of crisis."""
PERSONS = ("executive_misconduct", "labour")
"""Types of crisis whose hints are names of persons."""


def subjects(labels: Lazy) -> Lazy:
    """The subject of each post: its type of crisis, or what it complains of.

    A complaint speaks where there is no type of crisis, or only a hint at persons (staff, a boss) who are named in
    every complaint about service.

    Parameters
    ----------
    labels : narwhals.LazyFrame
        LABELS.

    Returns
    -------
    narwhals.LazyFrame
        `post_id`, `value` (a type of crisis), `score`.
    """
    read = labels.filter(nw.col("label").is_in(("crisis_type", "complaint"))).select(
        "post_id", "label", "value", "score"
    )
    types = read.filter(nw.col("label") == "crisis_type").drop("label")
    named = types.filter(nw.col("value") != "other").rename({"value": "type", "score": "sure"})
    said = read.filter(nw.col("label") == "complaint").drop("label")
    subject = nw.lit(None, dtype=nw.String)
    for name, kinds_of in COMPLAINED.items():
        subject = nw.when(nw.col("value").is_in(kinds_of)).then(nw.lit(name)).otherwise(subject)
    said = said.with_columns(value=subject).filter(~nw.col("value").is_null())
    said = said.join(named.select("post_id", "type", "sure"), on="post_id", how="left")
    person = nw.col("type").is_in(PERSONS) & (nw.col("sure") < LISTED) & (nw.col("score") >= LISTED)
    instead = said.filter(nw.col("type").is_null() | person)
    named = named.join(instead.select("post_id", other="value"), on="post_id", how="left")
    kept = named.filter(nw.col("other").is_null()).select("post_id", value="type", score="sure")
    columns = ("post_id", "value", "score")
    return nw.concat([kept.select(*columns), instead.select(*columns)])
