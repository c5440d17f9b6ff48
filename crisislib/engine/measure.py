"""Measure: signals of the windows that are new or touched, over memory where it reaches and the lake where not."""

from __future__ import annotations

from datetime import datetime, timedelta

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib import nlp, signals, warn
from crisislib.core.memory_database import session
from crisislib.core.recalibration import Calibration
from crisislib.core.table_definitions import TIME
from crisislib.core.watch import Watch
from crisislib.engine.cache.shared_tables import SharedTables
from crisislib.engine.cache.watch_state import WatchState
from crisislib.engine.context import RunContext
from crisislib.engine.home import Home
from crisislib.engine.observation_order import DATED, LIVE
from crisislib.lake import Lake

DAY = timedelta(days=1)
"""Records of batches reach so far before the windows: a batch that was asked for earlier may cover them."""
SETTLES = timedelta(days=1)
"""How long after a post was observed again the rises of counters are read at each evaluation: differences reach back
as far as a day of windows."""
GRACE = timedelta(minutes=2)
"""How long the rows of an ended window stay in memory: its last posts come after its end."""


def measure(
    ctx: RunContext, state: WatchState, labels: pa.Table, begin: datetime, shared: SharedTables
) -> tuple[pa.Table, pa.Table]:
    """Signals of the windows from `begin` to the end of the run's window.

    Parameters
    ----------
    ctx : RunContext
        The run.
    state : WatchState
        Signals of earlier windows and rows in memory; earlier windows are not read again.
    labels : pyarrow.Table
        LABELS that the lake does not hold yet.
    begin : datetime
        Start of the first window that is new or touched.
    shared : SharedTables
        Accounts and groups.

    Returns
    -------
    signals, labels : pyarrow.Table
        SIGNALS, and the labels that are still to be put into the lake.
    """
    watch, lake, until, now = ctx.watch, ctx.lake, ctx.window.until, ctx.window.at
    before = state.history[state.history["at"] < pd.Timestamp(begin)]
    start = signals.grid(watch, begin - signals.CONTEXT * state.step, until).start
    fresh = state.reductions.known_until(start, begin, watch.window.step_minutes * 60)
    if len(before) and not state.cache.reaches(fresh):
        state.cache.fill(lake, fresh, until)
        state.cache.add_labels(labels)
    in_memory = len(before) > 0 and state.cache.reaches(fresh)
    if in_memory and state.cache.batches_from(lake, start - DAY).num_rows > 0:
        frames = _frames_in_memory(ctx, state, shared)
    else:
        ctx.append("LABELS", labels)
        labels = labels.slice(0, 0)
        reach = begin - timedelta(days=watch.window.baseline_days) if before.empty else fresh
        frames = stored_frames(ctx.home, watch, reach, min(reach, start) - DAY, until)
    result: pa.Table = signals.compute(
        frames, watch, since=begin, until=until, now=now,
        history=None if before.empty else before, cache=None if before.empty else state.reductions,
    )  # fmt: skip
    if frames.movements is not None and frames.movements.num_rows:
        state.moved = pc.max(frames.movements["observed_at"]).as_py()
    state.cache.trim(state.window(now - GRACE))
    return result, labels


SERIES = (
    "volume", "heat", "negative_posts", "top_gain", "gain", "voice", "harm", "kind", "stance", "statement", "tone",
)  # fmt: skip
"""Indicators whose earlier windows decisions compare with: bursts, mood, tallies."""


def series_before(ctx: RunContext, begin: datetime) -> pd.DataFrame:
    """Series of the windows before a run's first, as far back as decisions compare; empty where nothing is stored.

    Parameters
    ----------
    ctx : RunContext
        The run.
    begin : datetime
        Event time of its first window.
    """
    since = begin - warn.reach(ctx.watch).to_pytimedelta()
    posts = ctx.lake.sql("POSTS", watch=ctx.watch.watch, since=since, until=begin)
    if not posts.aggregate("count(*)").fetchall()[0][0]:
        return pd.DataFrame()
    frames = stored_frames(ctx.home, ctx.watch, since, since - DAY, begin)
    result: pd.DataFrame = signals.compute(
        frames, ctx.watch, since=since, until=begin, now=begin, only=SERIES
    ).to_pandas()
    return result


def _frames_in_memory(ctx: RunContext, state: WatchState, shared: SharedTables) -> signals.Frames:
    """What the indicators read, from memory; posts that are dated ahead wait for their time, as in the lake."""
    cache, until = state.cache, pa.scalar(ctx.window.until, TIME)
    posts, labels = (t.filter(pc.less(t["created_at"], until)) for t in (cache.posts, cache.labels))
    tables = {
        "posts": posts,
        "labels": labels,
        "groups": shared.groups(ctx.watch.watch),
        "accounts": shared.accounts(posts["account_id"]),
        "batches": cache.batches,
        "observations": cache.observations,
    }
    lazy = {name: nw.from_native(t, eager_only=True).lazy() for name, t in tables.items() if t is not None}
    moved = None
    if state.moved is not None and state.moved >= state.window(ctx.window.at) - SETTLES:
        since = state.window(ctx.window.at) - timedelta(days=ctx.watch.window.baseline_days)
        moved = movements(ctx.lake, ctx.watch, since, ctx.window.until)
    return signals.Frames(**lazy, taught=calibration(ctx.lake, ctx.watch), movements=moved)


def stored_frames(home: Home, watch: Watch, since: datetime, records: datetime, until: datetime) -> signals.Frames:
    """What the indicators read, from the lake.

    Parameters
    ----------
    home : Home
        Lake, and on what it is read.
    watch : Watch
        Whose rows.
    since, until : datetime
        Event times of posts and labels.
    records : datetime
        Since when the records of batches are read.
    """
    name, lake, engine = watch.watch, home.lake, home.backend
    return signals.Frames(
        posts=engine.scan(lake, "POSTS", watch=name, since=since, until=until),
        labels=engine.scan(lake, "LABELS", watch=name, since=since, until=until),
        groups=engine.scan(lake, "GROUPS", watch=name, present=False),
        accounts=engine.scan(lake, "ACCOUNTS"),
        batches=engine.scan(lake, "BATCHES", watch=name, since=records),
        observations=engine.scan(lake, "POSTS", watch=name, present=False),
        taught=calibration(lake, watch),
        movements=movements(lake, watch, min(since, until - timedelta(days=watch.window.baseline_days)), until),
    )


def movements(lake: Lake, watch: Watch, since: datetime, until: datetime) -> pa.Table:
    """What the counters of posts that were observed again rose by, one row an observation after the first.

    A live source observes at the moment it is asked, and so does what crawlers and senders bring. A file is as old as
    its rows or its name say; where they say nothing, as its newest post, in whatever order files are imported.

    Parameters
    ----------
    lake : Lake
        Where it lies.
    watch : Watch
        Whose posts.
    since, until : datetime
        Event times of the posts.

    Returns
    -------
    pyarrow.Table
        `post_id`, `account_id`, `created_at`, `observed_at`, the rises of :data:`COUNTERS`, and `p_negative` (0-1; null
        where the post has no sentiment), `harm_named`, whether its words name a harm, and the `subject` they name.
    """
    rows = lake.sql("POSTS", watch=watch.watch, since=since, until=until, present=False)
    counters = ", ".join(f"coalesce({c}, 0)::DOUBLE AS {c}" for c in COUNTERS)
    again = rows.filter("kind <> 'topic'").query(
        "rows",
        f"SELECT post_id, account_id, created_at, collected_at, batch_id, {counters} FROM rows "
        "QUALIFY count(*) OVER (PARTITION BY post_id) > 1",
    )
    records = lake.sql("BATCHES", watch=watch.watch).query(
        "batches",
        f'SELECT batch_id, bool_or({LIVE}) AS live, max("at") AS stored, max(until) AS until FROM batches GROUP BY 1',
    )
    order = "(PARTITION BY post_id ORDER BY observed_at, collected_at"
    before = f"{order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    rises = ", ".join(f"greatest({c} - max({c}) OVER {before}, 0.0) AS {c}" for c in COUNTERS)
    with session() as db:
        db.register("again", again.to_arrow_table())
        db.register("batches", records.to_arrow_table())
        found = db.sql(
            "WITH observed AS (SELECT again.*, "
            f"CASE WHEN b.batch_id IS NULL OR b.live OR collected_at < b.stored - {DATED} THEN collected_at "
            "ELSE least(collected_at, greatest(b.until, created_at)) END AS observed_at "
            "FROM again LEFT JOIN batches b USING (batch_id)) "
            f"SELECT post_id, account_id, created_at, observed_at, {rises} FROM observed "
            f"QUALIFY row_number() OVER {order}) > 1 ORDER BY post_id, observed_at, collected_at"
        ).to_arrow_table()
    found = found.filter(pc.less(found["observed_at"], pa.scalar(until, TIME)))
    age = pc.subtract(found["observed_at"], found["created_at"])
    found = found.filter(pc.less_equal(age, pa.scalar(timedelta(days=watch.window.baseline_days), pa.duration("us"))))
    return _with_mood(lake, watch, found.filter(pc.greater(sum_of(found), 0.0)), since, until)


def _with_mood(lake: Lake, watch: Watch, rises: pa.Table, since: datetime, until: datetime) -> pa.Table:
    """Movements with `p_negative`, how negative the post is, whole or about the brand, whichever is more; and harm."""
    if not rises.num_rows:
        none = rises.append_column("p_negative", pa.array([], pa.float64()))
        return none.append_column("harm_named", pa.array([], pa.bool_())).append_column(
            "subject", pa.array([], pa.string())
        )
    labels = lake.sql("LABELS", watch=watch.watch, since=since, until=until)
    scores = labels.filter("label IN ('sentiment', 'target_sentiment') AND score IS NOT NULL").aggregate(
        "post_id, max(score) AS p_negative"
    )
    known = scores.to_arrow_table()
    place = pc.index_in(rises["post_id"], known["post_id"].combine_chunks())
    mood = pc.take(known["p_negative"].combine_chunks().cast(pa.float64()), place)
    read = lake.scan("LABELS", watch=watch.watch, since=since, until=until)
    told = signals.names_harm(read).select("post_id").collect("pyarrow").to_arrow()["post_id"]
    named = pc.is_in(rises["post_id"], value_set=told.combine_chunks())
    of = signals.subjects(read).filter(nw.col("score") >= signals.LISTED).collect("pyarrow").to_arrow()
    subject = pc.take(of["value"].combine_chunks(), pc.index_in(rises["post_id"], of["post_id"].combine_chunks()))
    return rises.append_column("p_negative", mood).append_column("harm_named", named).append_column("subject", subject)


COUNTERS = (*signals.ACTS, "n_views")
"""Counters of a post that rise."""


def sum_of(rows: pa.Table) -> pa.ChunkedArray:
    """Sum of the counters of every row.

    Parameters
    ----------
    rows : pyarrow.Table
        With :data:`COUNTERS`.

    Returns
    -------
    pyarrow.ChunkedArray
        Float, one value a row.
    """
    total = rows[COUNTERS[0]]
    for column in COUNTERS[1:]:
        total = pc.add(total, rows[column])
    return total


def calibration(lake: Lake, watch: Watch) -> Calibration | None:
    """What the analysts' labels say of the model that was taught for a watch; None where nobody taught one.

    Parameters
    ----------
    lake : Lake
        The lake, which has the taught models.
    watch : Watch
        The watch.

    Returns
    -------
    Calibration or None
        Probabilities of the model for labelled posts that it was not taught with.
    """
    return nlp.calibration(watch, lake.artifact(watch.watch, "models", "text"))
