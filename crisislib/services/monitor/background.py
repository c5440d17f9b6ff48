"""Work beside the ticks, such as joining files: one at a time, and a failure is a state that `/health` shows."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from crisislib.core.isolation import Failure, run_isolated

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """What has gone wrong since when, and how often in a row.

    Attributes
    ----------
    since : datetime
        When it first failed.
    times : int
        Failures in a row.
    why : str
        The last error, safe to show.
    """

    since: datetime
    times: int
    why: str


class BackgroundTask:
    """One kind of work that is done from time to time in a thread.

    Parameters
    ----------
    name : str
        What it is called in `/health`.

    Attributes
    ----------
    fault : Fault or None
        Why it failed when it was last done; None where it did not.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.fault: Fault | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._running: Future[None] | None = None

    def start(self, work: Callable[[], object], *, now: datetime) -> bool:
        """Begin some work in the background, unless the last is still running.

        Parameters
        ----------
        work : Callable[[], object]
            What to do; what it raises is logged and becomes the state of the task.
        now : datetime
            Wall clock.

        Returns
        -------
        bool
            Whether it was begun.
        """
        if self._running is not None and not self._running.done():
            return False
        self._running = self._pool.submit(self._do, work, now)
        return True

    def _do(self, work: Callable[[], object], now: datetime) -> None:
        def done() -> Fault | None:
            began = time.perf_counter()
            outcome = work()
            logger.info("%s done in %.1f s: %s", self.name, time.perf_counter() - began, outcome)
            return None

        def failed(failure: Failure) -> Fault:
            before = self.fault
            return Fault(before.since if before else now, 1 + (before.times if before else 0), failure.text)

        self.fault = run_isolated(self.name, done, on_error=failed, logger=logger)

    def close(self) -> None:
        """Wait for it to end."""
        self._pool.shutdown(wait=True)
