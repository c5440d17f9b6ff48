"""The process around the monitor: one a lake, stopped in good order, seen from outside."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from types import FrameType

from filelock import FileLock, Timeout

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_, tr
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.logs import log_file
from crisislib.core.shard import ALL, Shard
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.services.monitor import web
from crisislib.services.monitor.clock import Clock
from crisislib.services.monitor.service import Monitor
from crisislib.services.monitor.tick import Tick
from crisislib.services.monitor.vitals import Vitals

logger = logging.getLogger(__name__)

WATCHING = N_("watching {n} {n:watch|watches} every {every} s; health on http://{host}:{port}/health; Ctrl-C stops")
STOPPED = N_("stopped; what comes in meanwhile is caught up at the next start")


def serve(
    home: Home,
    watches: list[Watch],
    *,
    every_s: float = 5.0,
    port: int = 9377,
    clock: Clock | None = None,
    briefs: bool = True,
    shard: Shard = ALL,
    host: str = web.HOST,
    ticks: int | None = None,
    echo: Callable[[str], None] = logger.info,
    on_tick: Callable[[Tick], None] = lambda tick: None,
    unreadable: Mapping[str, str] | None = None,
) -> None:
    """Tick until SIGTERM or SIGINT.

    Parameters
    ----------
    home : Home
        Lake, watches, reports.
    watches : list of Watch
        To be watched.
    every_s : float
        Seconds from the start of one tick to the start of the next.
    port : int
        Of health and metrics; 0 takes any free one.
    clock : Clock, optional
        The machine's unless a test brings its own.
    briefs : bool
        Whether to write emergency briefs.
    shard : Shard
        Which part of the watches these are; one monitor a part.
    host : str
        Address to listen on for health and metrics; this machine's own, so that nobody else sees them.
    ticks : int, optional
        Stop after so many.
    echo : callable
        Gets each line for people; the log when left out.
    on_tick : callable
        Gets each tick.
    unreadable : mapping, optional
        Watch files that cannot be read, and why: the others are watched, and health says it.

    Raises
    ------
    CrisisError
        Another monitor runs on this lake, or the port is taken.
    """
    lock = FileLock(home.lake.artifact("locks", f"{shard.labelled('monitor')}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as fault:
        raise CrisisError(
            N_("another monitor runs on this lake"),
            where=home.lake.address or str(home.lake_root),
            do=N_("stop it, or give --lake another folder"),
        ) from fault
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {sign: signal.signal(sign, asked) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        with log_file(home.lake.artifact("logs", f"{shard.labelled('monitor')}.log")) as log:
            monitor = Monitor(home, watches, clock=clock, every_s=every_s, briefs=briefs, shard=shard, echo=echo)
            monitor.vitals.log, monitor.vitals.unreadable = log, dict(unreadable or {})
            server = web.start(monitor.vitals, port, host)
            language = watches[0].language if watches else "en"
            echo(tr(WATCHING, language, n=len(watches), every=every_s, host=host, port=str(server.server_port)))
            try:
                with monitor.vitals.counting():
                    _loop(monitor, stop, every_s, ticks, on_tick)
            finally:
                monitor.close()
                server.shutdown()
                server.server_close()
                echo(tr(STOPPED, language))
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
        lock.release()


def _broken(vitals: Vitals, failure: Failure) -> None:
    """A tick that breaks off is a state; the watches are tried again at the next one, since nobody else will."""
    vitals.tick_failed(failure, datetime.now(UTC))


def _loop(
    monitor: Monitor, stop: threading.Event, every_s: float, ticks: int | None, on_tick: Callable[[Tick], None]
) -> None:
    done = 0
    while not stop.is_set() and (ticks is None or done < ticks):
        began = time.monotonic()
        tick = run_isolated("tick", monitor.tick, on_error=partial(_broken, monitor.vitals), logger=logger)
        if tick is not None:
            on_tick(tick)
        done += 1
        stop.wait(max(0.0, every_s - (time.monotonic() - began)))
