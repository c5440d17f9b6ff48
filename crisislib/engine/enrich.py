"""Understand, trace, measure: from collected posts to labels, edges, cascades and signals in the lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from crisislib import signals, spread, text
from crisislib.core.finding import Finding
from crisislib.core.ids import short_hash
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.progress import Told, of, silent
from crisislib.text.narratives import narratives
from crisislib.text.topics import topics as find_topics

AHEAD = {c: c for c in ("forecast_lo", "forecast", "forecast_hi", "forecast_method")}
RUMOUR = {"rumour_p": "rumour_p", "reasons": "reasons"}
MARK = "labelled"
"""Label that every post gets once all labellers have seen it; its model names all their versions."""


@dataclass(frozen=True)
class Span:
    """What a run looks at: posts of [since, until), judged as at `at`, computed at `now`."""

    since: datetime
    until: datetime
    at: datetime
    now: datetime


def label(home: Home, watch: Watch, span: Span, told: Told) -> int:
    """Label the posts that lack the labels of the present models; returns how many there were."""
    fresh = unlabelled(home, watch, span, bundle_of(home, watch))
    told("text", 0, fresh.num_rows)
    if fresh.num_rows == 0:
        return 0
    home.lake.append("LABELS", labels_of(home, watch, fresh, now=span.now, told=told))
    told("text", fresh.num_rows, fresh.num_rows)
    return int(fresh.num_rows)


def models_of(home: Home, watch: Watch) -> Path:
    """Folder of the text models taught for a watch."""
    models = home.lake.artifact(watch.watch, "models", "text")
    models.mkdir(exist_ok=True)
    return models


def bundle_of(home: Home, watch: Watch) -> str:
    """Model of the mark: all labellers with their versions."""
    versions = text.models_of(watch, models_of(home, watch))
    return f"{MARK}@{short_hash(*[f'{k}={v}' for k, v in sorted(versions.items())])}"


def labels_of(home: Home, watch: Watch, posts: pa.Table, *, now: datetime, told: Told = silent) -> pa.Table:
    """All labels of some posts with their mark, to be appended in one commit.

    One commit, so that a kill leaves a post wholly labelled or not at all.
    """
    found = [text.label(posts, watch, now=now, models=models_of(home, watch), progress=of(told, "text"))]
    found.append(narratives(posts, watch, now=now, state=home.lake.artifact(watch.watch, "models", "narratives")))
    found.append(_marks(posts, watch, bundle_of(home, watch), now))
    return pa.concat_tables(found)


def unlabelled(home: Home, watch: Watch, span: Span, bundle: str) -> pa.Table:
    """Posts of the window without the mark of this bundle of models."""
    window = {"watch": watch.watch, "since": span.since, "until": span.until}
    posts = home.lake.sql("POSTS", **window).to_arrow_table()  # type: ignore[arg-type]
    marks = home.lake.sql("LABELS", **window).filter(f"label = '{MARK}' AND model = '{bundle}'").to_arrow_table()  # type: ignore[arg-type]
    db = duckdb.connect()
    db.register("posts", posts)
    db.register("marks", marks)
    rest = db.sql("SELECT p.* FROM posts p ANTI JOIN marks m USING (post_id)").to_arrow_table()
    return conform(rest, "POSTS")


def _marks(posts: pa.Table, watch: Watch, bundle: str, now: datetime) -> pa.Table:
    n = posts.num_rows
    fixed = {"watch": watch.watch, "label": MARK, "model": bundle, "value": "done"}
    columns = {name: pa.repeat(value, n) for name, value in fixed.items()}
    columns["at"] = pa.repeat(pa.scalar(now, pa.timestamp("us", tz="UTC")), n)
    return conform(pa.table({**columns, "post_id": posts["post_id"], "created_at": posts["created_at"]}), "LABELS")


def topics(home: Home, watch: Watch, span: Span, told: Told) -> list[Finding]:
    """Topics of the window; identities stay from run to run."""
    told("topics", 0, 1)
    posts = home.lake.arrow("POSTS", watch=watch.watch, since=span.since, until=span.until)
    state = home.lake.artifact(watch.watch, "models", "topics")
    result = find_topics(posts, watch, now=span.now, state=state)
    home.lake.append("LABELS", result.labels)
    home.lake.append("TOPICS", result.topics)
    told("topics", 1, 1)
    return list(result.findings)


def trace(home: Home, watch: Watch, span: Span, told: Told) -> list[Finding]:
    """Edges, cascades with forecast and rumour score, and co-sharing groups of the window."""
    told("spread", 0, 3)
    window = {"watch": watch.watch, "since": span.since, "until": span.until}
    posts = home.lake.arrow("POSTS", **window)
    accounts = accounts_of(home, posts)
    edges = spread.edges(posts, accounts, watch=watch, now=span.now)
    home.lake.append("EDGES", edges)
    told("spread", 1, 3)
    groups = spread.coordination(posts, watch=watch, now=span.now)
    home.lake.append("GROUPS", groups)
    found = list(spread.findings(posts, edges, accounts, groups, now=span.at))
    told("spread", 2, 3)
    cascades = spread.cascades(posts, edges, accounts, watch=watch, now=span.at)
    ahead = spread.forecast(posts, edges, accounts, watch=watch, now=span.at)
    rumours = spread.rumour_score(posts, edges, accounts, watch=watch, now=span.at)
    home.lake.append("CASCADES", _with_outlook(cascades, ahead.table, rumours.table))
    told("spread", 3, 3)
    return [*found, *ahead.findings, *rumours.findings]


def _with_outlook(cascades: pa.Table, ahead: pd.DataFrame, rumours: pd.DataFrame) -> pa.Table:
    """Cascades with the columns that forecast and rumour score know of the same stories."""
    frame = cascades.to_pandas().set_index("root_id")
    for table, columns in ((ahead, AHEAD), (rumours, RUMOUR)):
        known = table.drop_duplicates("root_id").set_index("root_id")
        for column, source in columns.items():
            frame[column] = known[source].reindex(frame.index)
    return conform(frame.reset_index(), "CASCADES")


def accounts_of(home: Home, posts: pa.Table) -> pa.Table:
    """The present state of the accounts that wrote some posts."""
    db = duckdb.connect()
    db.register("posts", posts)
    db.register("held", home.lake.sql("ACCOUNTS").to_arrow_table())
    query = "SELECT * FROM held WHERE account_id IN (SELECT account_id FROM posts)"
    return conform(db.sql(query).to_arrow_table(), "ACCOUNTS")


def measure(home: Home, watch: Watch, span: Span, told: Told) -> pd.DataFrame:
    """Signals of every window of the span; returns them as a small frame."""
    told("signals", 0, 1)
    back = span.since - timedelta(days=watch.window.baseline_days)
    window = {"watch": watch.watch, "since": back, "until": span.until}
    lake = home.lake
    frames = signals.Frames(
        posts=lake.scan("POSTS", **window),  # type: ignore[arg-type]
        labels=lake.scan("LABELS", **window),  # type: ignore[arg-type]
        edges=lake.scan("EDGES", **window),  # type: ignore[arg-type]
        groups=lake.scan("GROUPS", watch=watch.watch),
        accounts=lake.scan("ACCOUNTS"),
        batches=lake.scan("BATCHES", watch=watch.watch),
        observations=lake.scan("POSTS", watch=watch.watch, present=False),
        taught=text.calibration(watch, home.lake.artifact(watch.watch, "models", "text")),
    )
    found = signals.compute(frames, watch, since=span.since, until=span.until, now=span.at)
    lake.append("SIGNALS", found)
    told("signals", 1, 1)
    frame: pd.DataFrame = found.to_pandas()
    return frame
