"""Understand, trace, measure: from collected posts to labels, edges, cascades and signals in the lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import pandas as pd
import pyarrow as pa

from crisislib import signals, spread, text
from crisislib.core.finding import Finding
from crisislib.core.ids import short_hash
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.pipeline.home import Home
from crisislib.pipeline.progress import Told, of
from crisislib.text.narratives import narratives
from crisislib.text.topics import topics as find_topics

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
    models = home.lake.artifact(watch.watch, "models", "text")
    models.mkdir(exist_ok=True)
    versions = text.models_of(watch, models)
    bundle = f"{MARK}@{short_hash(*[f'{k}={v}' for k, v in sorted(versions.items())])}"
    fresh = unlabelled(home, watch, span, bundle)
    told("text", 0, fresh.num_rows)
    if fresh.num_rows == 0:
        return 0
    found = [text.label(fresh, watch, now=span.now, models=models, progress=of(told, "text"))]
    found.append(narratives(fresh, watch, now=span.now, state=home.lake.artifact(watch.watch, "models", "narratives")))
    found.append(_marks(fresh, watch, bundle, span.now))
    home.lake.append(
        "LABELS", pa.concat_tables(found)
    )  # one commit: a kill leaves a post wholly labelled or not at all
    told("text", fresh.num_rows, fresh.num_rows)
    return int(fresh.num_rows)


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
    """Edges, cascades and co-sharing groups of the window."""
    told("spread", 0, 3)
    window = {"watch": watch.watch, "since": span.since, "until": span.until}
    posts = home.lake.arrow("POSTS", **window)
    accounts = accounts_of(home, posts)
    edges = spread.edges(posts, accounts, watch=watch, now=span.now)
    home.lake.append("EDGES", edges)
    told("spread", 1, 3)
    cascades = spread.cascades(posts, edges, accounts, watch=watch, now=span.at)
    home.lake.append("CASCADES", cascades)
    told("spread", 2, 3)
    groups = spread.coordination(posts, watch=watch, now=span.now)
    home.lake.append("GROUPS", groups)
    told("spread", 3, 3)
    return spread.findings(posts, edges, accounts, groups, now=span.at)


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
    )
    found = signals.compute(frames, watch, since=span.since, until=span.until, now=span.at)
    lake.append("SIGNALS", found)
    told("signals", 1, 1)
    frame: pd.DataFrame = found.to_pandas()
    return frame
