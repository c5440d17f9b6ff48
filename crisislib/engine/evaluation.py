"""Evaluate: label what waits, measure what it touched, decide at every window's end and now.

The one evaluation of a watch. A batch run drives it once, with an empty state; the monitor at every tick, with the
state of the last. It computes; :func:`store` puts what several evaluations found into the lake, one commit a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import conform, empty
from crisislib.engine.cache.decision_inputs import LABEL_COLUMNS, POST_COLUMNS, DecisionInputs, read_inputs
from crisislib.engine.cache.shared_tables import SharedTables
from crisislib.engine.cache.watch_state import WatchState
from crisislib.engine.context import RunContext, RunWindow, stamped
from crisislib.engine.decide import Decisions, Memory, replay
from crisislib.engine.enrich import complete_labels, unlabelled
from crisislib.engine.findings import finding_rows
from crisislib.engine.label_changes import changed_labels
from crisislib.engine.measure import measure, series_before
from crisislib.engine.runs import TICK, run_row
from crisislib.lake import Lake

STORE_EVERY = timedelta(minutes=5)
"""How often signals of a running window go into the lake; ended windows and those behind an alert go at once."""

MEASURED = ("value", "expected", "lo", "hi", "surprise", "n_posts", "complete")
"""Columns of SIGNALS that say what was measured, whoever did and when."""
SAME_CLOCK = timedelta(seconds=1)
"""Within it lie all the rows that were put a tick after each other under one clock."""


@dataclass(frozen=True)
class Evaluation:
    """What one evaluation found.

    Attributes
    ----------
    ctx : RunContext
        The run that it belongs to.
    state : WatchState
        What is known of the watch now.
    decisions : Decisions
        At every window's end and now.
    labels : pyarrow.Table
        LABELS that the lake does not hold yet.
    """

    ctx: RunContext
    state: WatchState
    decisions: Decisions
    labels: pa.Table


def evaluate(ctx: RunContext, state: WatchState, shared: SharedTables, memory: Memory) -> Evaluation:
    """Label, measure and decide for one watch; the state then knows its new signals and level.

    Parameters
    ----------
    ctx : RunContext
        The run.
    state : WatchState
        What is known of the watch.
    shared : SharedTables
        Accounts and groups.
    memory : Memory
        INCIDENTS and ALERTS rows of the watch, as the lake has them now: people may have changed them.

    Raises
    ------
    LakeError
        Nothing is lost: the posts still wait, and the same evaluation is made again.
    """
    at = ctx.window.at
    labels = _label(ctx, state)
    begin = state.window(min(state.dirty or at, state.decided, at))
    ctx.progress("signals", 0, 1)
    earlier = series_before(ctx, begin) if state.history.empty else None
    signals, labels = measure(ctx, state, labels, begin, shared)
    ctx.progress("signals", 1, 1)
    state.unstored.append(signals)
    state.update_history(signals.to_pandas(), begin, at)
    decisions = replay(ctx, state, _inputs(ctx, state, labels), memory, earlier)
    state.dirty, state.evaluated = None, at
    state.level, state.incident = decisions.last.level, decisions.last.incident_id
    window = state.window(at)
    state.counts.rest(window, state.history, (at - window) / state.step)
    return Evaluation(ctx, state, decisions, labels)


def _inputs(ctx: RunContext, state: WatchState, unstored: pa.Table) -> DecisionInputs:
    """The labels and posts that decisions read; from the lake where memory does not have them."""
    if state.inputs is None:
        since = min(state.decided, ctx.window.at)
        state.inputs = read_inputs(ctx.lake, ctx.watch, since, ctx.window.until)
        if unstored.num_rows:
            state.update_inputs(unstored.select(LABEL_COLUMNS).to_pandas(), _engagement(state.waiting()), ctx.window.at)
    return state.inputs


def _engagement(posts: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = posts.select(POST_COLUMNS).to_pandas()
    return frame


def _label(ctx: RunContext, state: WatchState) -> pa.Table:
    """Labels of what waits; after a start or a flood, of what the lake holds without labels, and put there."""
    now = ctx.window.now
    if state.overflow:
        state.cache.forget()
        # From the earliest post that the signals do not know yet; baselines are computed from labelled posts as well.
        since = min(state.dirty or ctx.window.since, ctx.window.since)
        if state.history.empty:
            since -= timedelta(days=ctx.watch.window.baseline_days)
        posts = unlabelled(ctx.home, ctx.watch, RunWindow(since, ctx.window.until, ctx.window.at, now))
        ctx.progress("text", 0, posts.num_rows)
        labels = empty("LABELS")
        if posts.num_rows:
            labels = complete_labels(ctx.home, ctx.watch, posts, now=now, progress=ctx.progress)
        ctx.append("LABELS", changed_labels(ctx.lake, ctx.watch, labels))
        ctx.progress("text", posts.num_rows, posts.num_rows)
        state.pending, state.shared_labels, state.overflow = [], [], False
    else:
        posts, labels = state.waiting(), empty("LABELS")
        if posts.num_rows:
            labels = complete_labels(ctx.home, ctx.watch, posts, now=now, shared=state.shared_labels)
        state.cache.add_posts(posts)
        state.cache.add_labels(labels)
    if labels.num_rows:
        state.update_inputs(labels.select(LABEL_COLUMNS).to_pandas(), _engagement(posts), ctx.window.at)
        # A narrative that was joined to another tells its older posts again: their windows are not as they were.
        state.reductions.forget(state.window(pc.min(labels["created_at"]).as_py()))
    return labels if state.pending else empty("LABELS")


def store(
    lake: Lake, evaluations: list[Evaluation], known: set[str], *, now: datetime, runs: bool = True
) -> list[pa.Table]:
    """Put what was decided into the lake: labels, signals, the incidents, then their alerts, findings and runs.

    A kill between any two leaves nothing half: the next start decides again, with the same identities.

    Parameters
    ----------
    lake : Lake
        Where it goes.
    evaluations : list of Evaluation
        Of several watches.
    known : set of str
        Alerts that were raised before; none is raised twice, whatever the clock says.
    now : datetime
        Wall clock.
    runs : bool
        Whether to write the RUNS rows as well; a batch run writes its own when it is done.

    Returns
    -------
    list of pyarrow.Table
        ALERTS that are new, of each evaluation.
    """
    lake.append("LABELS", _joined("LABELS", [stamped(e.labels, "LABELS", e.ctx.run_id) for e in evaluations]))
    for one in evaluations:
        one.state.labels_stored()
    alerts = []
    for one in evaluations:
        rows = stamped(one.decisions.rows("ALERTS"), "ALERTS", one.ctx.run_id)
        alerts.append(rows.filter(pa.array([a not in known for a in rows["alert_id"].to_pylist()], pa.bool_())))
    due = [e for e, rows in zip(evaluations, alerts, strict=True) if _due(e, rows, now)]
    measured = [stamped(_newest(e.state), "SIGNALS", e.ctx.run_id) for e in due]
    lake.append("SIGNALS", _joined("SIGNALS", [_newer(lake, e, rows) for e, rows in zip(due, measured, strict=True)]))
    for one in due:
        one.state.unstored, one.state.stored = [], now
    incidents = [stamped(e.decisions.rows("INCIDENTS"), "INCIDENTS", e.ctx.run_id) for e in evaluations]
    lake.append("INCIDENTS", _joined("INCIDENTS", incidents))
    lake.append("ALERTS", _joined("ALERTS", alerts))
    lake.append("FINDINGS", _joined("FINDINGS", [decision_findings(e) for e in due]))
    if runs:
        lake.append("RUNS", _joined("RUNS", [run_row(e.ctx, e.decisions, lake=lake) for e in due]))
    return alerts


def decision_findings(evaluation: Evaluation) -> pa.Table:
    """FINDINGS of the decisions that changed something, and of the last.

    Parameters
    ----------
    evaluation : Evaluation
        One evaluation of a watch.

    Returns
    -------
    pyarrow.Table
        FINDINGS rows, each of the moment that was decided on.
    """
    parts = [
        finding_rows(evaluation.ctx, one.findings, at=at, incident=one.incident_id)
        for at, one in evaluation.decisions.reported()
    ]
    return pa.concat_tables(parts)


def _newer(lake: Lake, evaluation: Evaluation, rows: pa.Table) -> pa.Table:
    """Signals, those that say something else than what is stored under the same clock a moment later than that.

    A run decides until the newest post: after a late export or new labels it measures the same windows again under the
    same clock, and what is new would be taken for what is there.
    """
    if not rows.num_rows:
        return rows
    clock = [pc.min(rows["made_at"]).as_py(), pc.max(rows["made_at"]).as_py() + SAME_CLOCK]
    stored = lake.sql("SIGNALS", watch=evaluation.ctx.watch.watch, present=False)
    same = stored.filter(f"made_at BETWEEN '{clock[0].isoformat()}' AND '{clock[1].isoformat()}'").to_arrow_table()
    if not same.num_rows:
        return rows
    before = same.to_pandas().sort_values("made_at").drop_duplicates(["signal", "at"], keep="last")
    made = rows.to_pandas()
    both = made[["signal", "at"]].merge(before[["signal", "at", "made_at", *MEASURED]], how="left", on=["signal", "at"])
    there = both["made_at"].notna().to_numpy()
    alike = np.logical_and.reduce([
        (made[c].to_numpy() == both[c].to_numpy()) | (made[c].isna().to_numpy() & both[c].isna().to_numpy())
        for c in MEASURED
    ])  # fmt: skip
    later = both["made_at"].set_axis(made.index) + TICK
    return conform(made.assign(made_at=made["made_at"].where(~there | alike, later)), "SIGNALS")


def _joined(name: str, parts: list[pa.Table]) -> pa.Table:
    return pa.concat_tables([empty(name), *parts])


def _due(evaluation: Evaluation, alerts: pa.Table, now: datetime) -> bool:
    """Whether the signals of a watch go into the lake now."""
    state, stored = evaluation.state, evaluation.state.stored
    ended = stored is not None and state.window(stored) != state.window(now)
    late = stored is None or ended or not timedelta(0) <= now - stored < STORE_EVERY
    return bool(late or evaluation.decisions.rows("INCIDENTS").num_rows or alerts.num_rows)


def _newest(state: WatchState) -> pa.Table:
    """The newest value of each signal and window that the lake lacks."""
    if not state.unstored:
        return empty("SIGNALS")
    rows = pa.concat_tables(state.unstored).to_pandas().drop_duplicates(["signal", "at"], keep="last")
    return conform(rows, "SIGNALS")
