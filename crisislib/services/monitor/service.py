"""One tick after the other: collect, screen all watches, evaluate where it matters, tell."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import LakeError
from crisislib.core.i18n import tr
from crisislib.core.ids import short_hash
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.shard import ALL, Shard
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.engine import screening
from crisislib.engine.cache.shared_tables import SharedTables
from crisislib.engine.cache.watch_state import WatchState, mark_foreign, open_state
from crisislib.engine.context import RunContext, RunWindow
from crisislib.engine.decide import Memory, read_memory
from crisislib.engine.enrich import shared_labels
from crisislib.engine.evaluation import Evaluation, evaluate, store
from crisislib.engine.home import Home
from crisislib.lake import Lake, compact
from crisislib.services.monitor import position
from crisislib.services.monitor.background import BackgroundTask
from crisislib.services.monitor.clock import Clock
from crisislib.services.monitor.collecting import FetchResult, SourceCollector
from crisislib.services.monitor.monitor_state import MonitorState
from crisislib.services.monitor.publishing import AlertPublisher
from crisislib.services.monitor.tick import Tick, waits_of
from crisislib.services.monitor.vital_words import JUMPED, MISSED, clock_time
from crisislib.services.monitor.vitals import Vitals

logger = logging.getLogger(__name__)

FULL_EVERY = timedelta(seconds=60)
"""How often a calm watch is evaluated; an unusual one is at every tick."""
SOON = timedelta(seconds=1)
"""Posts dated so far ahead still belong to now: clocks differ by as much."""
COMPACT_EVERY_S = 3600.0
"""Every tick leaves a small file a table; an hour of them still opens quickly."""
NOTE_FOR = timedelta(hours=24)
"""For so long `/health` lists a note of the monitor: whoever looks once a day sees it."""


class Monitor:
    """Watches some watches; one a lake (see :func:`crisislib.services.monitor.serve`, which holds the lock).

    Parameters
    ----------
    home : Home
        Lake, watches, reports.
    watches : list of Watch
        To be watched.
    clock : Clock, optional
        The machine's unless a test brings its own.
    every_s : float
        Seconds from tick to tick; what is called late follows from it.
    budget_s : float
        Seconds of a tick after which calm watches wait for the next (one is evaluated all the same); unusual ones
        never do.
    patience_s : float
        Seconds to wait for sources that are being asked; who is later is taken at the next tick.
    briefs : bool
        Whether to write emergency briefs.
    shard : Shard
        Which part of the watches these are; the first part looks after the lake's files.
    """

    def __init__(
        self,
        home: Home,
        watches: list[Watch],
        *,
        clock: Clock | None = None,
        every_s: float = 5.0,
        budget_s: float = 4.0,
        patience_s: float = 3.0,
        briefs: bool = True,
        shard: Shard = ALL,
        echo: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.home, self.watches = home, {w.watch: w for w in watches}
        self._clock, self._budget, self._echo = clock or Clock(), budget_s, echo
        self._language = watches[0].language if watches else "en"
        self._zone = watches[0].zone if watches else UTC
        now, _ = self._clock.read()
        self._began, self._shard = now, shard
        positions = position.read_positions(home.lake.shared)
        self.states = {n: open_state(home.lake, w, decided=positions.get(n), now=now) for n, w in self.watches.items()}
        # One run a watch from the start of this process: its rows say which monitor derived them.
        self._run_ids = {n: short_hash(n, "monitor", now.isoformat(), str(os.getpid())) for n in self.watches}
        self._collector = SourceCollector(home, watches, patience_s=patience_s)
        self._shared = SharedTables(home.lake, self.watches)
        self._publisher = AlertPublisher(home, self.watches, briefs=briefs, now=now, echo=echo)
        heart = home.lake.artifact("monitor", f"{shard.labelled('heartbeat')}.json")
        self.vitals = Vitals(heart, every_s=every_s, language=self._language, zone=self._zone)
        self._notes: list[tuple[datetime, str]] = []
        self._compaction = BackgroundTask("compaction")
        self._compacted = time.monotonic()
        self._publisher.resume(now)

    def tick(self) -> Tick:
        """Do everything that is due now, once."""
        began = time.perf_counter()
        now, jump = self._clock.read()
        if jump is not None:
            self._note(
                now, tr(JUMPED, self._language, seconds=round(jump.by.total_seconds()), at=clock_time(now, self._zone))
            )
        state = MonitorState(at=now, sources=sum(len(w.sources) for w in self.watches.values()))
        posts = empty("POSTS")
        try:
            self._compare()
            posts = self._take_in(self._collector.collect(now), now)
        except (LakeError, OSError) as fault:
            state.store_fault = str(fault)
        evaluated, alerts, decided = self._evaluate(now, began, state)
        self._publisher.publish(now, state, {name: one.level for name, one in self.states.items()})
        self._maintain(state)
        waits = waits_of(posts, decided, now=now, began=began)
        self._beat(state, now, began, posts.num_rows, alerts, waits)
        return Tick(now, posts.num_rows, evaluated, alerts, waits)

    def close(self) -> None:
        """Stop: positions stored, what is being sent finished, the rest left for the next start."""
        self._collector.close()
        self._publisher.close()
        self._compaction.close()

    # -- parts of a tick -------------------------------------------------------------------------

    def _compare(self) -> None:
        """Where somebody else has written to the lake, what is in memory is dropped and read again."""
        changed = self._shared.changed() & {"POSTS", "LABELS", "BATCHES"}
        for watch in self.states.values() if changed else ():
            watch.forget()
            if changed & {"POSTS", "BATCHES"}:
                mark_foreign(self.home.lake, watch)

    def _take_in(self, result: FetchResult, now: datetime) -> pa.Table:
        """What came to the watches: records and accounts, and new posts, labelled and screened."""
        self._shared.add_accounts(result.accounts)
        if result.records.num_rows:
            for watch in self.states.values():
                watch.add_records(result.records)
        posts = result.posts
        if posts.num_rows == 0:
            return posts
        labels, unread = shared_labels(self.home, self.watches, posts, now=now)
        counted = screening.known(posts, labels)
        for name, mine in counted.groupby("watch"):
            watch = self.states[str(name)]
            own, shared = (t.filter(pc.equal(t["watch"], str(name))) for t in (posts, labels))
            watch.take(own, None if name in unread else shared, mine["created_at"].min().to_pydatetime())
            if name in unread:
                watch.evaluated = None  # the evaluation reports what is wrong
            window = watch.window(now)
            watch.counts.add(screening.tally(mine[mine["created_at"] >= pd.Timestamp(window)]), window)
        return posts

    def _evaluate(self, now: datetime, began: float, state: MonitorState) -> tuple[int, int, dict[str, float]]:
        """Evaluations: unusual watches at once, the others by turns as far as the budget reaches.

        Returns how many, the alerts raised, and when each watch was decided on: one that nothing was unusual of,
        and whose turn it is not, when the unusual ones had been.
        """
        urgent, calm = self._order(now)
        if not urgent and not calm:
            return 0, 0, dict.fromkeys(self.states, time.perf_counter())
        memory = read_memory(self.home.lake, now)
        known = set(memory.alerts["alert_id"])
        first = self._each(urgent, memory, now, state)
        alerts = self._store(first, known, now, state)
        decided = dict.fromkeys(self.states, time.perf_counter())
        turns = self._each(calm, memory, now, state, until=began + self._budget, least=1)
        alerts += self._store(turns, known, now, state)
        decided |= dict.fromkeys((one.ctx.watch.watch for one in turns), time.perf_counter())
        return len(urgent) + len(turns), alerts, decided

    def _order(self, now: datetime) -> tuple[list[WatchState], list[WatchState]]:
        """Watches that must be evaluated now, and calm ones whose turn it is, the longest untried first."""
        urgent: list[WatchState] = []
        calm: list[WatchState] = []
        for watch in self.states.values():
            if watch.decided > now:
                watch.decided = now  # the clock was set back: the identities keep anything from being reported twice
            window = watch.window(now)
            unusual = watch.evaluated is None or watch.counts.unusual(window, (now - window) / watch.step)
            rested = watch.evaluated is None or not timedelta(0) <= now - watch.evaluated < FULL_EVERY
            (urgent if unusual else calm if rested else []).append(watch)
        calm.sort(key=lambda watch: watch.attempted or now)
        return urgent, calm

    def _each(
        self, watches: list[WatchState], memory: Memory, now: datetime, state: MonitorState,
        *, until: float = math.inf, least: int = 0,
    ) -> list[Evaluation]:  # fmt: skip
        """Evaluate some watches, at `least` so many, and the others while there is time."""
        result: list[Evaluation] = []
        for place, watch in enumerate(watches):
            if place >= least and time.perf_counter() > until:
                break
            watch.attempted = now
            name = watch.watch.watch
            evaluation = run_isolated(
                f"evaluation of {name}",
                partial(self._evaluation, watch, memory, now),
                on_error=partial(_not_evaluated, watch, state),
                logger=logger,
                watch=name,
                run_id=self._run_ids[name],
            )
            if evaluation is not None:
                result.append(evaluation)
        return result

    def _evaluation(self, watch: WatchState, memory: Memory, now: datetime) -> Evaluation:
        return evaluate(self._context(watch, now), watch, self._shared, memory.of(watch.watch.watch))

    def _context(self, watch: WatchState, now: datetime) -> RunContext:
        """The run of a watch as at now: everything that is new or touched since the last evaluation."""
        since = min(watch.dirty or now, watch.decided, now)
        window = RunWindow(since, now + SOON, now, now)
        return RunContext(self.home, watch.watch, window, self._run_ids[watch.watch.watch], "monitor")

    def _store(self, evaluations: list[Evaluation], known: set[str], now: datetime, state: MonitorState) -> int:
        """What some evaluations found into the lake, and their alerts off; returns how many there were."""
        if not evaluations:
            return 0
        try:
            stored = store(self.home.lake, evaluations, known, now=now)
        except (LakeError, OSError) as fault:
            logger.warning("evaluations could not be stored; they are made again", exc_info=True)
            state.store_fault = str(fault)
            for one in evaluations:
                one.state.evaluated = None
            return 0
        for one, fresh in zip(evaluations, stored, strict=True):
            since, one.state.decided = one.state.decided, now
            missed = one.decisions.missed
            if missed:
                zone = one.ctx.watch.zone
                facts = {"since": clock_time(since, zone), "until": clock_time(now, zone)}
                note = tr(MISSED, self._language, **facts, n=len(missed))
                self._note(now, f"{one.ctx.watch.watch}: {note}")
            self._publisher.publish_alerts(one, fresh, now)
        return sum(fresh.num_rows for fresh in stored)

    def _beat(
        self, state: MonitorState, now: datetime, began: float, posts: int, alerts: int, waits: npt.NDArray[np.float64]
    ) -> None:
        """Positions and heartbeat: last, so that a kill before them repeats the tick and loses nothing."""
        state.failing, state.silent = dict(self._collector.failing), dict(self._collector.silent)
        state.fault_kinds = dict(self._collector.fault_kinds)
        state.posts, state.levels = posts, {n: w.level for n, w in self.states.items()}
        state.behind_s = max((now - w.evaluated).total_seconds() if w.evaluated else 0.0 for w in self.states.values())
        self._notes = [(at, line) for at, line in self._notes if abs(now - at) < NOTE_FOR][-20:]
        state.notes = [line for _, line in self._notes]
        state.seconds = time.perf_counter() - began
        try:
            decided = {n: w.decided for n, w in self.states.items()}
            position.write_positions(self.home.lake.shared, decided, self._shard.name)
            self.vitals.beat(state, alerts=alerts, waits=waits)
        except OSError as fault:
            state.store_fault = str(fault)

    def _maintain(self, state: MonitorState) -> None:
        """Join small files from time to time, beside everything else."""
        mine = self._shard.number == 1  # two at once would join the same files, and one of them would be refused
        if mine and time.monotonic() - self._compacted > COMPACT_EVERY_S and not state.store_fault:
            self._compacted = time.monotonic()
            self._compaction.start(partial(compact, Lake(self.home.lake_root)), now=state.at or self._began)
        state.tasks = {task.name: task.fault for task in (self._compaction,) if task.fault is not None}

    def _note(self, now: datetime, line: str) -> None:
        self._notes.append((now, line))
        self._echo(f"{now.astimezone(self._zone):%Y-%m-%d %H:%M:%S}  {line}")


def _not_evaluated(watch: WatchState, state: MonitorState, failure: Failure) -> None:
    """One watch that could not be evaluated: the lake's fault is everybody's, any other its own."""
    if isinstance(failure.error, LakeError | OSError):
        state.store_fault, watch.evaluated = failure.text, None
    else:
        state.faults[watch.watch.watch] = failure.text
        watch.forget()
