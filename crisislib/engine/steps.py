"""A run: every step in its order over one watch, each through the lake; its findings go to FINDINGS.

Label, measure and decide are one evaluation, the same that the monitor drives; explaining (topics, spread,
outlook, onset, risk, plan, brief) reads what was decided and changes nothing of it.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd

from crisislib import warn
from crisislib.core.finding import Finding
from crisislib.core.levels import Level
from crisislib.engine.assess import Assessed, assess
from crisislib.engine.brief import Situation, brief
from crisislib.engine.cache.decision_inputs import read_inputs
from crisislib.engine.cache.shared_tables import SharedTables
from crisislib.engine.cache.watch_state import WatchState
from crisislib.engine.context import RunContext
from crisislib.engine.decide import Decisions, read_memory
from crisislib.engine.evaluation import evaluate, store
from crisislib.engine.findings import finding_rows
from crisislib.engine.market_voice import market_voice
from crisislib.engine.measure import series_before
from crisislib.engine.runs import run_row
from crisislib.engine.story_corrections import refutation_findings
from crisislib.engine.trace import topics, trace
from crisislib.engine.training import outlook_model
from crisislib.warn import onset as headlines

logger = logging.getLogger(__name__)

T = TypeVar("T")
A_DAY_S = 86_400
"""Horizon of the outlook that the risk is assessed with."""


class Stopwatch:
    """Runs steps and remembers how long each took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, step: str, work: Callable[[], T]) -> T:
        """Do a step's work and add its seconds."""
        start = time.perf_counter()
        logger.debug("%s begins", step)
        try:
            return work()
        finally:
            took = time.perf_counter() - start
            self.seconds[step] = self.seconds.get(step, 0.0) + took
            logger.info("%s ended after %.2f s", step, took)


@dataclass(frozen=True)
class StepResults:
    """What the steps of a run came to.

    Attributes
    ----------
    decisions : Decisions
        Window by window.
    assessed : Assessed
        Incident, risk, plan.
    findings : list of Finding
        All findings, as they are stored.
    seconds : dict of str to float
        Step -> seconds.
    """

    decisions: Decisions
    assessed: Assessed
    findings: list[Finding]
    seconds: dict[str, float] = field(default_factory=dict)


def run_steps(ctx: RunContext) -> StepResults:
    """Evaluate and explain one watch over the window of a run; everything derived is stored in the lake.

    Parameters
    ----------
    ctx : RunContext
        The run.

    Returns
    -------
    StepResults
        Decisions, assessment, findings and the seconds of each step.

    Raises
    ------
    CrisisError
        A stage failed; what was stored before stays.
    """
    timed = Stopwatch()
    decisions = evaluate_window(ctx, timed)
    assessed, findings = explain(ctx, decisions, timed)
    ctx.append("RUNS", run_row(ctx, decisions, lake=ctx.lake, seconds=sum(timed.seconds.values())))
    return StepResults(decisions, assessed, [*decisions.last.findings, *findings], timed.seconds)


def evaluate_window(ctx: RunContext, timed: Stopwatch) -> Decisions:
    """Label, measure and decide the whole window, as the monitor would have, and store it.

    Parameters
    ----------
    ctx : RunContext
        The run.
    timed : Stopwatch
        Gets the seconds.

    Returns
    -------
    Decisions
        One for each window's end and one for the end of the run.
    """
    state = WatchState(ctx.watch, decided=ctx.window.since)
    memory = read_memory(ctx.lake, ctx.window.since, ctx.watch.watch)
    evaluation = timed("evaluate", lambda: evaluate(ctx, state, SharedTables(ctx.lake), memory))
    known = set(memory.alerts["alert_id"])
    timed("evaluate", lambda: store(ctx.lake, [evaluation], known, now=ctx.window.now, runs=False))
    return evaluation.decisions


def decide_now(ctx: RunContext) -> Decisions:
    """The decision as at the end of the window, over signals that are stored already; writes nothing.

    Parameters
    ----------
    ctx : RunContext
        The run.

    Returns
    -------
    Decisions
        One.
    """
    at, watch = ctx.window.at, ctx.watch
    signals = ctx.lake.read("SIGNALS", **ctx.scope())
    known = [series_before(ctx, signals["at"].min().to_pydatetime()), signals] if len(signals) else [signals]
    series = warn.series_evidence(pd.concat(known), watch)
    labels, posts = read_inputs(ctx.lake, watch, at, ctx.window.until).at(at)
    memory = read_memory(ctx.lake, at, watch.watch)
    decision = warn.decide(
        signals, watch, now=at, incidents=memory.incidents, alerts=memory.alerts, labels=labels, posts=posts,
        series=series,
    )  # fmt: skip
    return Decisions(((at, decision),))


def explain(ctx: RunContext, decisions: Decisions, timed: Stopwatch) -> tuple[Assessed, list[Finding]]:
    """Topics, spread, outlook, onset, risk, plan and brief of an evaluated window; stores their findings.

    Parameters
    ----------
    ctx : RunContext
        The run.
    decisions : Decisions
        What was decided on the window.
    timed : Stopwatch
        Gets the seconds of each step.

    Returns
    -------
    tuple of Assessed and list of Finding
        The incident with its risk and plan, and the findings in the order of the steps.
    """
    # Neither reads what the other stores, and both spend most of their time outside Python, on a core each.
    with ThreadPoolExecutor(1, thread_name_prefix="topics") as beside:
        themes = beside.submit(copy_context().run, timed, "topics", lambda: topics(ctx))
        traced = timed("spread", lambda: trace(ctx))
        about = themes.result()
    signals = ctx.lake.read("SIGNALS", **ctx.scope())
    ahead = timed("warn", lambda: outlook(ctx, signals, decisions.last.level))
    chance = ahead.probability.get(A_DAY_S, math.nan)
    severe = decisions.last.severe_first_day
    within = None if math.isnan(chance) else chance
    assessed = timed("risk", lambda: assess(ctx, within_a_day=within, unassessed=severe))
    answered = timed("refutation", lambda: refutation_findings(ctx, traced))
    now = Situation(assessed.incident, decisions.last, signals, assessed.risk, traced, assessed.findings)
    findings = [
        *about, *traced.findings, *answered, *ahead.findings, *onset(ctx), *market_voice(ctx), *assessed.findings,
        *timed("brief", lambda: brief(ctx, now)),
    ]  # fmt: skip
    incident = "" if assessed.incident is None else str(assessed.incident["incident_id"])
    ctx.append("FINDINGS", finding_rows(ctx, findings, at=ctx.window.at, incident=incident))
    return assessed, findings


def outlook(ctx: RunContext, signals: pd.DataFrame, level: Level) -> warn.Outlook:
    """Chance of reaching orange, by the model trained here or the shipped one.

    Parameters
    ----------
    ctx : RunContext
        The run.
    signals : pandas.DataFrame
        SIGNALS rows of the window.
    level : str
        As it was decided at the end of the window.

    Returns
    -------
    Outlook
        Probabilities (0-1) by horizon, and findings.
    """
    known = signals[signals["at"] < pd.Timestamp(ctx.window.at)]
    return warn.predict_outlook(known, ctx.watch, model=outlook_model(ctx.home), level=level)


def onset(ctx: RunContext) -> list[Finding]:
    """Whether the newest burst of hot-list headlines reads like a crisis; nothing where no list is watched.

    Parameters
    ----------
    ctx : RunContext
        The run.

    Returns
    -------
    list of Finding
        At most one.
    """
    since, until = ctx.window.since - headlines.HISTORY, ctx.window.until
    rows = ctx.lake.sql("POSTS", watch=ctx.watch.watch, since=since, until=until).filter("kind = 'topic'")
    posts = rows.to_arrow_table().to_pandas()
    if not (posts["created_at"] >= ctx.window.since).any():
        return []
    brand = ctx.watch.brand
    names = [*brand.names, *(name for written in brand.competitors.values() for name in written)]
    return [headlines.onset(posts, now=ctx.window.at, model=headlines.load(), names=names, zone=ctx.watch.zone)]
