"""Reductions of the topics of a report to the small frames that charts are drawn from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crisislib.workbench.chart_frames import titled
from crisislib.workbench.report_context import ReportContext
from crisislib.workbench.signal_frames import Z_975, window_seconds


def topics(context: ReportContext) -> pd.DataFrame:
    """Topics in the window: `topic`, `title`, `words`, `n`, `share` of the posts that were given a topic.

    Parameters
    ----------
    context : ReportContext
        The watch that is read; its language chooses the titles.

    Returns
    -------
    pandas.DataFrame
        The largest topic first; `share` 0-1.
    """
    label = context.label_rows("topic")
    return context.sql(
        f"""SELECT l."value" AS topic, coalesce(any_value(t.title), l."value") AS title, any_value(t.words) AS words,
            count(*) AS n, count(*) / sum(count(*)) OVER () AS share
            FROM {label} l LEFT JOIN {titled(context)} t ON t.topic_id = l."value"
            GROUP BY l."value" ORDER BY n DESC, topic""",
        "TOPICS",
    )


def topic_counts(context: ReportContext) -> pd.DataFrame:
    """Posts per topic and window: `at`, `title`, `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read; its language chooses the titles.

    Returns
    -------
    pandas.DataFrame
        One row a window and topic with posts; windows of :func:`window_seconds`.
    """
    label = context.label_rows("topic")
    return context.sql(
        f"""SELECT time_bucket(to_seconds({window_seconds(context)}), created_at) AS "at",
            coalesce(t.title, l."value") AS title, count(*) AS n FROM {label} l
            LEFT JOIN {titled(context)} t ON t.topic_id = l."value"
            GROUP BY 1, 2 ORDER BY 1, 2""",
        "TOPICS",
    )


def growth(context: ReportContext, *, hours: float = 24.0) -> pd.DataFrame:
    """Topics in the newest hours against as long before: `title`, `ratio`, `lo`, `hi`, `n_now`, `n_before`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    hours : float
        Length of either side, up to the newest post with a topic.

    Returns
    -------
    pandas.DataFrame
        The largest topic first.

    Notes
    -----
    Ratio of two Poisson counts with half a post added to each; interval on the log scale,
    exp(log r ± 1.96 √(1/a + 1/b)). Topics with fewer than five posts now are left out.
    """
    label = context.label_rows("topic")
    found = context.sql(
        f"""WITH last AS (SELECT max(created_at) AS t FROM {label}), counted AS (
            SELECT l."value" AS topic,
                   count(*) FILTER (created_at > t - to_seconds({hours * 3600})) AS n_now,
                   count(*) FILTER (created_at <= t - to_seconds({hours * 3600})
                                AND created_at > t - to_seconds({hours * 7200})) AS n_before
            FROM {label} l, last GROUP BY 1)
            SELECT coalesce(t.title, topic) AS title, n_now, n_before FROM counted
            LEFT JOIN {titled(context)} t ON t.topic_id = topic WHERE n_now >= 5 ORDER BY n_now DESC""",
        "TOPICS",
    )
    a, b = found["n_now"] + 0.5, found["n_before"] + 0.5
    half = Z_975 * np.sqrt(1 / a + 1 / b)
    return found.assign(ratio=a / b, lo=a / b * np.exp(-half), hi=a / b * np.exp(half))
