"""The tables of a report reduced to the small frames that charts of signals, platforms and mood are drawn from."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from crisislib.workbench.report_context import ReportContext

MOST_WINDOWS = 400  # windows in one picture; more cannot be distinguished
Z_975 = 1.959963984540054  # 97.5 % point of the normal distribution


def window_seconds(context: ReportContext) -> int:
    """Seconds of a window: that of the watch, coarser where the window that is read is long.

    Parameters
    ----------
    context : ReportContext
        The watch, and the window that is read.

    Returns
    -------
    int
        At least the watch's own step; such that at most :data:`MOST_WINDOWS` stand in a chart, up to a week.
    """
    base = context.watch.window.step_minutes * 60
    if context.since is None:
        return base
    wanted = (context.until - context.since).total_seconds() / MOST_WINDOWS
    return next((s for s in (base, 3600, 10800, 21600, 86400, 604800) if s >= max(base, wanted)), 604800)


def signals(context: ReportContext, names: Sequence[str] = ()) -> pd.DataFrame:
    """SIGNALS rows in the window, of the finest step that each signal has.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    names : sequence of str
        Signals; all when empty.

    Returns
    -------
    pandas.DataFrame
        By signal and time.
    """
    found = context.sql('SELECT * FROM signals ORDER BY signal, "at"', "SIGNALS")
    found = found[found["signal"].isin(names)] if names else found
    finest = found.groupby("signal")["step_s"].transform("min")
    return found[found["step_s"] == finest]


def negative(context: ReportContext) -> pd.DataFrame:
    """Share of negative posts per window as it was measured: `at`, `share`, `lo`, `hi` (90 %), `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        Shares 0-1, by time.
    """
    rows = signals(context, ["negative_share", "negative_share.lo", "negative_share.hi"])
    wide = rows.pivot_table(index="at", columns="signal", values="value", aggfunc="last")
    wide = wide.reindex(columns=["negative_share", "negative_share.lo", "negative_share.hi"])
    wide.columns = pd.Index(["share", "lo", "hi"])
    n = rows[rows["signal"] == "negative_share"].set_index("at")["n_posts"]
    return wide.assign(n=n).dropna(subset=["share"]).reset_index()


def mood(context: ReportContext) -> pd.DataFrame:
    """Sentiment classes per platform: `group`, `value`, `n`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.

    Returns
    -------
    pandas.DataFrame
        One row a platform (`group`) and class (`value`).
    """
    label = context.label_rows("sentiment")
    return context.sql(
        f"""SELECT platform AS "group", s."value" AS "value", count(*) AS n FROM {label} s
            JOIN posts USING (post_id) GROUP BY 1, 2 ORDER BY 1, 2""",
        "POSTS",
    )
