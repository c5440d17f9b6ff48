"""How the monitor itself is: reasons in words, a heartbeat file, figures for Prometheus."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge

from crisislib.core.i18n import tr
from crisislib.core.isolation import Failure
from crisislib.core.levels import rank
from crisislib.core.log_handlers import LogFile
from crisislib.services.monitor.background import Fault
from crisislib.services.monitor.monitor_state import MonitorState
from crisislib.services.monitor.vital_words import (
    BEHIND,
    BRIEFS,
    DEAD,
    EMPTY,
    FAULTS,
    FILES,
    LATE,
    LATE_TICKS,
    LOG,
    ONLY_SINCE,
    SILENT,
    SINCE,
    STARTING,
    STORE,
    TASKS,
    THROTTLED,
    TICK,
    UNSENT,
    clock_time,
    few_names,
)

BEHIND_S = 600.0
"""Seconds since the evaluation of any watch from which the monitor is unwell: ten times what a calm watch waits."""
TASK_TRIES = 3
"""Failures in a row from which a background task makes the monitor unwell: one may be a conflict of two writers."""
QUANTILES = {"0.5": 0.5, "0.99": 0.99}


class Vitals:
    """Kept by the monitor, read by the web and by watchdogs.

    Parameters
    ----------
    path : Path
        The heartbeat file.
    every_s : float
        Seconds between ticks.
    language : str, default "en"
        `zh` or `en`, for the reasons.
    zone : tzinfo, default UTC
        Of the times in the reasons and notes.
    """

    def __init__(self, path: Path, *, every_s: float, language: str = "en", zone: tzinfo = UTC) -> None:
        self._path, self._every, self._language, self._zone = path, every_s, language, zone
        self._lock = threading.Lock()
        self._state, self._ticked, self._count = MonitorState(), time.monotonic(), 0
        self._broken: Fault | None = None
        self._since: dict[tuple[str, str], datetime] = {}
        self.unreadable: dict[str, str] = {}
        """Watch files that could not be read when the monitor started -> why."""
        self.log: LogFile | None = None
        """The service's log, whose own failures are shown."""
        self.registry = CollectorRegistry()
        self._ticks = Counter("crisis_ticks", "Ticks finished", registry=self.registry)
        self._posts = Counter("crisis_posts", "Posts collected", registry=self.registry)
        self._alerts = Counter("crisis_alerts", "Alerts raised", registry=self.registry)
        self._waits = Gauge(
            "crisis_decision_seconds",
            "From a post's time to the decision that includes it, at the last tick",
            ["quantile"],
            registry=self.registry,
        )
        self._gauges = {
            name: Gauge(f"crisis_{name}", about, registry=self.registry)
            for name, about in {
                "last_tick_timestamp_seconds": "When the last tick ended",
                "tick_seconds": "How long it took",
                "sources_failing": "Sources that do not answer",
                "sources_silent": "Sources that answer and have had nothing new for unusually long",
                "messages_waiting": "Messages not delivered yet",
                "behind_seconds": "Longest wait for an evaluation",
                "resident_bytes": "Memory of the monitor",
                "healthy": "1 where /health answers 200",
            }.items()
        }
        self._errors = Counter(
            "crisis_errors",
            "Warnings and errors logged, by class of the error (`warning` where there is none) and part of the program",
            ["kind", "where"],
            registry=self.registry,
        )
        self._level = Gauge("crisis_level", "-1 unknown, 0 none, 1 blue … 4 red", ["watch"], registry=self.registry)

    def beat(self, state: MonitorState, *, alerts: int, waits: npt.NDArray[np.float64]) -> None:
        """Take over the state after a tick and write the heartbeat file.

        Parameters
        ----------
        state : MonitorState
            The state of the monitor.
        alerts : int
            Alerts raised at this tick.
        waits : numpy.ndarray of float64, shape (new posts,)
            Seconds from the creation of each post to its evaluation.
        """
        with self._lock:
            self._state, self._ticked, self._count = state, time.monotonic(), self._count + 1
            self._broken = None
            wrong = [*(("watches", n) for n in state.faults), *(("sources", n) for n in state.failing)]
            self._since = {key: self._since.get(key) or state.at or datetime.now(UTC) for key in wrong}
        self._ticks.inc()
        self._posts.inc(state.posts)
        self._alerts.inc(alerts)
        if len(waits):
            for name, share in QUANTILES.items():
                self._waits.labels(quantile=name).set(float(np.quantile(waits, share)))
        for watch, level in state.levels.items():
            self._level.labels(watch=watch).set(rank(level))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self.report(), ensure_ascii=False, default=str), encoding="utf-8")
        part.replace(self._path)

    def tick_failed(self, failure: Failure, at: datetime) -> None:
        """Record that a tick ended with an unforeseen error; the next one is tried all the same.

        Parameters
        ----------
        failure : Failure
            The error, as logged.
        at : datetime
            Wall clock.
        """
        with self._lock:
            before = self._broken
            self._broken = Fault(before.since if before else at, 1 + (before.times if before else 0), failure.text)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count every warning and error that is logged meanwhile."""
        handler, root = _Counting(self._errors), logging.getLogger("crisislib")
        root.addHandler(handler)
        try:
            yield
        finally:
            root.removeHandler(handler)

    def reasons(self) -> list[str]:
        """Why the monitor is not well, in words; none where it is."""
        with self._lock:
            state, ago, count, broken = self._state, time.monotonic() - self._ticked, self._count, self._broken
        lines = []
        if not count:
            lines.append(self._tr(STARTING))
        if count and ago > max(60.0, LATE_TICKS * self._every):
            lines.append(self._tr(LATE, seconds=round(ago), every=self._every))
        if state.store_fault:
            lines.append(self._tr(STORE, why=state.store_fault))
        if state.sources and len(state.failing) >= state.sources:
            lines += self._dead(state)
        if broken:
            lines.append(self._tr(TICK, n=broken.times, since=clock_time(broken.since, self._zone), why=broken.why))
        if self.log is not None and self.log.fault:
            lines.append(self._tr(LOG, why=self.log.fault))
        faults = self._named("watches", state.faults)
        tasks = [self._lasting(n, f.since, f.why) for n, f in state.tasks.items() if f.times >= TASK_TRIES]
        for message, names in (
            (FILES, [f"{name} ({why})" for name, why in self.unreadable.items()]),
            (UNSENT, state.given_up),
            (BRIEFS, state.briefs_failed),
            (FAULTS, faults),
            (TASKS, tasks),
        ):
            if names:
                lines.append(self._tr(message, n=len(names), names=few_names(names)))
        return lines

    def notes(self) -> list[str]:
        """What a reader should know although the monitor works."""
        with self._lock:
            state = self._state
        lines = list(state.notes)
        if 0 < len(state.failing) < state.sources:
            lines += self._dead(state)
        if state.silent:
            names = [
                self._tr(ONLY_SINCE, name=n, since=clock_time(at, self._zone)) for n, at in sorted(state.silent.items())
            ]
            lines.append(self._tr(SILENT, n=len(state.silent), all=state.sources, names=few_names(names)))
        if tasks := [self._lasting(n, f.since, f.why) for n, f in state.tasks.items() if f.times < TASK_TRIES]:
            lines.append(self._tr(TASKS, n=len(tasks), names=few_names(tasks)))
        if state.behind_s > BEHIND_S:
            lines.append(self._tr(BEHIND, seconds=round(state.behind_s)))
        return lines

    def report(self) -> dict[str, object]:
        """The heartbeat: when, how, and what is wrong."""
        reasons, notes = self.reasons(), self.notes()
        with self._lock:
            state, count = self._state, self._count
        return {
            "ok": not reasons, "reasons": reasons, "notes": notes, "at": state.at and state.at.isoformat(),
            "written": time.time(), "pid": os.getpid(), "ticks": count, "tick_seconds": round(state.seconds, 3),
            "posts": state.posts, "levels": state.levels, "messages_waiting": state.waiting, "briefs": state.briefs,
            "failing": self.failing(),
            "log": self.log and {"file": self.log.path.name, "fault": self.log.fault, "written": self.log.written},
            "behind_seconds": round(state.behind_s, 1), "rss_mb": round(psutil.Process().memory_info().rss / 2**20, 1),
        }  # fmt: skip

    def failing(self) -> dict[str, list[dict[str, object]]]:
        """Watches, sources and background tasks that fail: name, since when, how often in a row where known, why."""
        with self._lock:
            state, since = self._state, dict(self._since)

        def row(kind: str, name: str, why: str) -> dict[str, object]:
            return {"name": name, "since": since[kind, name].isoformat(), "why": why}

        def source(name: str, why: str) -> dict[str, object]:
            return {**row("sources", name, why), "kind": state.fault_kinds.get(name, "failed")}

        return {
            "watches": [row("watches", n, why) for n, why in state.faults.items()],
            "sources": [source(n, why) for n, why in state.failing.items()],
            "silent": [{"name": n, "since": at.isoformat()} for n, at in state.silent.items()],
            "tasks": [
                {"name": n, "since": f.since.isoformat(), "times": f.times, "why": f.why}
                for n, f in state.tasks.items()
            ],
        }

    def _named(self, kind: str, faults: Mapping[str, str]) -> list[str]:
        with self._lock:
            since = dict(self._since)
        return [self._lasting(n, since[kind, n], why) for n, why in faults.items()]

    def _lasting(self, name: str, since: datetime, why: str) -> str:
        return self._tr(SINCE, name=name, since=clock_time(since, self._zone), why=why)

    def _dead(self, state: MonitorState) -> list[str]:
        """One sentence for each way in which sources fail."""
        lines = []
        for kind, message in (("failed", DEAD), ("throttled", THROTTLED), ("empty", EMPTY)):
            failing = {n: why for n, why in state.failing.items() if state.fault_kinds.get(n, "failed") == kind}
            if failing:
                names = few_names(sorted(self._named("sources", failing)))
                lines.append(self._tr(message, n=len(failing), all=state.sources, names=names))
        return lines

    def measure(self) -> None:
        """Bring the gauges up to date, before they are read."""
        with self._lock:
            state = self._state
        values = {
            "last_tick_timestamp_seconds": state.at.timestamp() if state.at else 0.0,
            "tick_seconds": state.seconds,
            "sources_failing": len(state.failing),
            "sources_silent": len(state.silent),
            "messages_waiting": state.waiting,
            "behind_seconds": state.behind_s,
            "resident_bytes": psutil.Process().memory_info().rss,
            "healthy": float(not self.reasons()),
        }
        for name, value in values.items():
            self._gauges[name].set(value)

    def _tr(self, message: str, **facts: object) -> str:
        return tr(message, self._language, **facts)


class _Counting(logging.Handler):
    """Counts lines at WARNING and above."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(logging.WARNING)
        self._counter = counter

    def emit(self, record: logging.LogRecord) -> None:
        """Count a line by the class of its error and the module that it comes from."""
        error = record.exc_info[1] if record.exc_info else None
        kind = type(error).__name__ if error is not None else getattr(record, "kind", "warning")
        self._counter.labels(kind=kind, where=record.name.removeprefix("crisislib.")).inc()
