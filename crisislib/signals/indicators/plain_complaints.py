"""Complaints that name what happened in so many words, and need no word of mood."""

from __future__ import annotations

import narwhals as nw

from crisislib.signals.frame_reading import Lazy

PLAIN = 3.0
"""Summed weight of listed words from which they name the deed or the damage itself, and not its circumstances."""
BOTH = 2
"""A type of crisis and a kind of complaint: what happened, and that it happened to a customer."""
LEAST = 0.6
"""P(negative) of such a post at least: what it tells is bad, with room for the lists' errors."""


def plain_complaints(labels: Lazy) -> Lazy:
    """Posts whose listed words name both a type of crisis and a kind of complaint, and which do not only ask.

    Parameters
    ----------
    labels : narwhals.LazyFrame
        LABELS.

    Returns
    -------
    narwhals.LazyFrame
        `post_id`, `told` (:data:`LEAST`), one row a post.
    """
    plain = (nw.col("score") >= PLAIN) & ~nw.col("value").is_in(("rumour", "malicious_attack", "other"))
    named = labels.filter(nw.col("label").is_in(("crisis_type", "complaint")), plain)
    each = named.group_by("post_id").agg(kinds=nw.col("label").n_unique())
    return each.filter(nw.col("kinds") == BOTH).select("post_id", told=nw.lit(LEAST))
