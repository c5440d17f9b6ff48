"""What it means: signals against their baseline, the level, the possible loss, and what an answer changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crisislib import respond, risk, signals, warn
from crisislib.api.open_frames import WatchLike, open_watch
from crisislib.api.plain_frames import FrameT, as_given, as_posts, as_table, newest, utc
from crisislib.core.tables import empty

if TYPE_CHECKING:
    from crisislib.risk import Assessment
    from crisislib.warn import Decision


def compute_signals(
    posts: FrameT,
    watch: WatchLike,
    *,
    labels: FrameT | None = None,
    groups: FrameT | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> FrameT:
    """Measure every indicator per window, with what was to be expected and how surprising it is.

    Parameters
    ----------
    posts : pandas.DataFrame or pyarrow.Table
        With `text` and `created_at`; 28 days before `since` make a full baseline.
    watch : Watch, str, Path, mapping or sequence of str
        As for :func:`~crisislib.open_watch`; gives the step (`window.step_minutes`) and the time zone.
    labels : pandas.DataFrame or pyarrow.Table, optional
        What :func:`~crisislib.label` gave; without them, indicators of sentiment and subjects are null.
    groups : pandas.DataFrame or pyarrow.Table, optional
        What :func:`~crisislib.coordination` gave.
    since, until : datetime, optional
        Windows reported, UTC; from the first post to the last when left out.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        SIGNALS: `signal`, `at`, `value`, `expected`, `lo`, `hi` (90 %), `surprise` (−log10 of the chance); no rows
        where there are no posts.

    Raises
    ------
    TableError
        The frame has no `text` or no `created_at`, or a value does not fit its column.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=600, seed=1)
    >>> series = crisislib.compute_signals(drill.posts, drill.watch)
    >>> volume = series[series["signal"] == "volume"]
    >>> float(volume["value"].sum()) <= 600
    True
    """
    opened = open_watch(watch)
    table = as_posts(posts, opened.watch, needs=["created_at"])
    if not table.num_rows:
        return as_given(empty("SIGNALS"), posts)
    last = newest(table, column="created_at")
    end = utc(until, "until") or last + timedelta(microseconds=1)
    fill = {"watch": opened.watch, "at": last, "as_of": last, "model": "given"}
    tables = {
        "posts": table,
        "observations": table,
        "labels": None if labels is None else as_table(labels, "LABELS", fill, always="watch"),
        "groups": None if groups is None else as_table(groups, "GROUPS", fill, always="watch"),
    }
    lazy = {k: nw.from_native(t, eager_only=True).lazy() for k, t in tables.items() if t is not None}
    first = utc(since, "since") or pc.min(table["created_at"]).as_py()
    return as_given(signals.compute(signals.Frames(**lazy), opened, since=first, until=end, now=end), posts)


def decide(
    series: FrameT,
    watch: WatchLike,
    *,
    posts: FrameT | None = None,
    labels: FrameT | None = None,
    now: datetime | None = None,
) -> Decision:
    """Decide the level of the newest window: none, blue, yellow, orange, red, or unknown.

    Parameters
    ----------
    series : pandas.DataFrame or pyarrow.Table
        What :func:`compute_signals` gave.
    watch : Watch, str, Path, mapping or sequence of str
        As for :func:`~crisislib.open_watch`; its `levels` are the thresholds.
    posts, labels : pandas.DataFrame or pyarrow.Table, optional
        For hard triggers, the kind of crisis and the evidence.
    now : datetime, optional
        The clock; the end of the newest window when left out.

    Returns
    -------
    Decision
        `level`, `index` (0-100, NaN where unknown), `contributions`, `history`.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=600, seed=1)
    >>> decision = crisislib.decide(crisislib.compute_signals(drill.posts, drill.watch), drill.watch)
    >>> decision.level in ("unknown", "none", "blue", "yellow", "orange", "red")
    True
    """
    opened = open_watch(watch)
    table = as_table(series, "SIGNALS", {"watch": opened.watch}, always="watch")
    at = utc(now, "now") or newest(table, column="at") + timedelta(minutes=opened.window.step_minutes)
    known = None if posts is None else as_posts(posts, opened.watch).to_pandas()
    marks = None if labels is None else as_table(labels, "LABELS", {"watch": opened.watch}, always="watch").to_pandas()
    return warn.decide(table, opened, now=at, labels=marks, posts=known)


def assess(
    watch: WatchLike,
    series: FrameT | None = None,
    *,
    stories: FrameT | None = None,
    labels: FrameT | None = None,
    now: datetime,
    seed: int = 0,
    incident: Mapping[str, object] | None = None,
) -> Assessment:
    """Estimate what a year of crises, or one incident, could cost: severity, and the loss that is exceeded with p.

    Parameters
    ----------
    watch : Watch, str, Path, mapping or sequence of str
        As for :func:`~crisislib.open_watch`; its `risk` holds your ranges. No range, no loss: none is invented.
    series, stories, labels : pandas.DataFrame or pyarrow.Table, optional
        What :func:`compute_signals`, :func:`~crisislib.cascades` and :func:`~crisislib.label` gave.
    now : datetime
        UTC.
    seed : int
        Same seed, same answer.
    incident : mapping, optional
        `kind`, `level`, `index` (0-100) and `opened_at` of an incident; the year when left out.

    Returns
    -------
    Assessment
        `risks`, `curve` (loss exceedance), `forms`.

    Notes
    -----
    Open FAIR (O-RT, O-RA): see :func:`crisislib.risk.assess`.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> import crisislib
    >>> watch = crisislib.open_watch(["Luvaya"], risk={"currency": "EUR", "forms": {"response": [1e4, 2e4, 9e4]}})
    >>> result = crisislib.assess(watch, now=datetime(2026, 1, 31, tzinfo=UTC))
    >>> result.risks["loss_mean"][0].as_py() > 0
    True
    """
    opened = open_watch(watch)
    fill = {"watch": opened.watch}
    given = {"signals": (series, "SIGNALS"), "cascades": (stories, "CASCADES"), "labels": (labels, "LABELS")}
    tables = {k: as_table(f, name, fill, always="watch") for k, (f, name) in given.items() if f is not None}
    row = None if incident is None else {"incident_id": "incident", "level": "unknown", **incident}
    return risk.assess(opened, incident=row, now=utc(now, "now") or datetime.now(UTC), seed=seed, **tables)


def what_if(
    watch: WatchLike,
    assessment: Assessment,
    *,
    changes: Mapping[str, tuple[float, float, float]] | None = None,
) -> pd.DataFrame:
    """The loss of an assessed incident with each kind of response, by its effect on how many people are reached.

    Parameters
    ----------
    watch : Watch, str, Path, mapping or sequence of str
        As for :func:`~crisislib.open_watch`, with the money ranges of the assessment.
    assessment : Assessment
        What :func:`~crisislib.assess` gave for an incident.
    changes : mapping of str to tuple, optional
        Kind of response -> least, most likely and most change of the volume (-0.2: a fifth fewer posts); wide
        assumptions when left out, marked `assumed`.

    Returns
    -------
    pandas.DataFrame
        kind, origin, change_lo, change, change_hi, loss_now, loss, loss_lo, loss_hi (medians, in the currency); empty
        where no loss or no reach is known.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import crisislib, pandas as pd
    >>> watch = crisislib.open_watch(["Luvaya"], risk={"currency": "EUR", "daily_revenue": [1e6, 2e6, 3e6]})
    >>> at = pd.date_range("2026-01-30", periods=24, freq="h", tz="UTC")
    >>> series = pd.DataFrame({"signal": "volume", "at": at, "value": 400.0, "step_s": 3600, "made_at": at})
    >>> incident = {"kind": "rumour", "level": "red", "index": 90.0, "opened_at": at[0]}
    >>> found = crisislib.assess(watch, series, now=datetime(2026, 1, 31, tzinfo=UTC), incident=incident)
    >>> table = crisislib.what_if(watch, found, changes={"statement": (-0.4, -0.2, 0.0)})
    >>> bool((table["loss"] < table["loss_now"]).all())
    True
    """
    given = risk.ASSUMED if changes is None else changes
    origin: risk.Origin = "assumed" if changes is None else "given"
    effects = [risk.ResponseEffect(kind, change, origin) for kind, change in given.items()]
    row = {str(key): value for key, value in assessment.risks.to_pylist()[0].items()}
    return risk.what_if(open_watch(watch), row, effects).drop(columns=["landed", "n"], errors="ignore")


def effect(
    series: FrameT,
    responses: FrameT,
    watch: WatchLike,
    *,
    since: datetime | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Estimate what each response changed in the signals: an interrupted time series.

    Parameters
    ----------
    series : pandas.DataFrame or pyarrow.Table
        What :func:`compute_signals` gave.
    responses : pandas.DataFrame or pyarrow.Table
        With `at` and `kind` (`holding`, `statement`, …).
    watch : Watch, str, Path, mapping or sequence of str
        As for :func:`~crisislib.open_watch`.
    since : datetime, optional
        Begin of the incident; recognised from the volume when left out.
    now : datetime, optional
        Windows after it are not used; the newest window's time when left out.

    Returns
    -------
    pandas.DataFrame
        One row per response and signal: `status`, `change` with `lo` and `hi` (95 %), the number of placebo moments
        and their p-value, and whether a change is `claimed`.

    Notes
    -----
    Against the decay that bursts show by themselves, calibrated by placebo moments; Bernal, Cummins and Gasparrini
    (2017), doi:10.1093/ije/dyw098. It is no proof of cause.

    Examples
    --------
    >>> import crisislib
    >>> drill = crisislib.simulate(posts=3000, seed=1)
    >>> series = crisislib.compute_signals(drill.posts, drill.watch)
    >>> changes = crisislib.effect(series, drill.responses, drill.watch)
    >>> set(changes["status"]) <= {"estimated", "too_close", "too_little"}
    True
    """
    opened = open_watch(watch)
    table = as_table(series, "SIGNALS", {"watch": opened.watch}, always="watch")
    ids = [f"response:{i}" for i in np.arange(len(responses))]
    log = as_table(responses, "RESPONSES", {"watch": opened.watch, "response_id": ids}, always="watch")
    return respond.effect(
        table, log, opened, now=utc(now, "now") or newest(table, column="at"), since=utc(since, "since")
    )[0]
