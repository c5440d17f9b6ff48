"""What a reader is shown about the headlines of a watch on hot lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import pandas as pd

from crisislib.core.durations import duration
from crisislib.core.errors import TableError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.warn.onset.burst_features import called, course
from crisislib.warn.onset.onset_model import OnsetModel

GAP = timedelta(hours=36)
"""A list that was silent about the watch for longer ends a burst."""
HISTORY = timedelta(days=30)
"""How far before a window its burst may have begun: a month; the longest of 48 labelled bursts lasted 17 days."""
HAN = "[\u4e00-\u9fff]"
"""What a headline must hold to be read: the model knows Chinese only."""

CALLED = N_(
    "{n} {n:headline|headlines} on hot lists since {since} {n:reads|read} like a crisis: {p}% where crises "
    "and harmless bursts are equally frequent. The line was crossed {span} after the first."
)
OPEN = N_(
    "{n} {n:headline|headlines} on hot lists since {since} {n:does|do} not read like a crisis so far: {p}% "
    "where crises and harmless bursts are equally frequent."
)
NONE = N_(
    "No Chinese headline on a hot list is stored for this watch, so nothing is known about the onset of a crisis."
)
LISTED = N_("A hot list shows only what reached its top; absence from it is no sign of calm.")
FEW = N_("The line between crisis and harmless was set on few bursts, labelled by one reader.")


def onset(
    posts: pd.DataFrame, *, now: datetime, model: OnsetModel, names: Sequence[str] = (), zone: tzinfo = UTC
) -> Finding:
    """Whether the newest burst of headlines reads like the onset of a crisis.

    Parameters
    ----------
    posts : pandas.DataFrame
        POSTS of one watch, from :data:`HISTORY` before the window on; rows of kind `topic` that hold Chinese count
        as headlines. Only those of the newest burst are read.
    now : datetime
        Moment of judgement, with a time zone; what was collected or listed later is not looked at.
    model : OnsetModel
    names : sequence of str
        How people write the brand and its competitors; masked before a headline is read.
    zone : tzinfo
        The watch's, for the time since when the burst lasts.

    Returns
    -------
    Finding
        Key `warn.onset`; its table is the course of the burst (age in seconds, score, n).

    Raises
    ------
    TableError
        A column that is needed is missing.
    """
    missing = {"kind", "text", "post_id", "created_at", "collected_at"} - set(posts.columns)
    if missing:
        raise TableError(
            N_("no column {missing}"), where="posts", do=N_("give a POSTS table"), facts={"missing": sorted(missing)}
        )
    burst = _newest(_listed(posts, now))
    if burst.empty:
        return Finding("warn.onset", NONE, {}, pd.DataFrame(), silent=True)
    told = course(burst, model.reader, dict.fromkeys(burst.burst, names))
    p = model.probability(told.score)
    since = burst.listed.min()
    facts: dict[str, object] = {
        "n": int(told.n.iloc[-1]),
        "since": since.tz_convert(zone).strftime("%Y-%m-%d %H:%M"),
        "p": round(float(p[-1]) * 100),
    }
    table = told.drop(columns="burst").assign(p=p)
    first = float(called(told, model.threshold).iloc[0])
    message = OPEN
    if told.score.iloc[-1] > model.threshold:
        message, facts["span"] = CALLED, duration(first)
    ids = tuple(burst.drop_duplicates("title").post_id)
    return Finding(
        "warn.onset", message, facts, table, post_ids=ids, n=len(ids), limits=(LISTED, FEW), weight=float(p[-1])
    )


def _listed(posts: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Headlines known by now: columns post_id, title, listed, burst (a number that grows); by time."""
    known = (posts.kind == "topic") & (posts.collected_at <= now) & posts.text.notna()
    chinese = posts[known & posts.text.astype("str").str.contains(HAN).fillna(False)]
    listed = chinese.created_at.fillna(chinese.collected_at)
    found = pd.DataFrame({"post_id": chinese.post_id, "title": chinese.text, "listed": listed})
    found = found[found.listed <= now].sort_values(["listed", "post_id"], ignore_index=True)
    numbered: pd.DataFrame = found.assign(burst=(found.listed.diff() > GAP).cumsum())
    return numbered


def _newest(headlines: pd.DataFrame) -> pd.DataFrame:
    """The newest burst, with the age of each headline, seconds."""
    found = headlines[headlines.burst == headlines.burst.max()].reset_index(drop=True)
    aged: pd.DataFrame = found.assign(age=(found.listed - found.listed.min()).dt.total_seconds())
    return aged
