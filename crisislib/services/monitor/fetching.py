"""Sources asked in processes of their own: to read an answer costs as much as to evaluate it, and needs the other core.

A process ends when the pipe to the monitor does, however the monitor ended; it writes nothing to disk, so that a
kill at any moment loses only questions, which are asked again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import BinaryIO

from crisislib.collect import Batch, fetch
from crisislib.core import logs
from crisislib.core.errors import CrisisError, SourceError, ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.phrase_types import Phrase
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

logger = logging.getLogger(__name__)

PROCESSES = min(2, os.cpu_count() or 1)
"""Helper processes: two read hundreds of answers between two ticks; other cores stay free."""
FEW = 8
"""Sources that do not need a second process."""
AT_ONCE = 16
"""Sources that one process may wait for at once: a dead one holds a thread, not the others."""
LOST = N_("the process that asked it ended")

Answer = tuple[Batch, dict[str, object]]
Question = tuple[str, SourceUse, Watch, dict[str, object], datetime]
Fault = tuple[Phrase, str, Phrase, float | None]
"""What, where, do; and for how many seconds it asks to be left alone, NO_PAUSE where it does not."""
NOT_UNDERSTOOD = N_("it sent what we do not understand ({fault})")
NO_PAUSE = -1.0
"""Not a time: None means a pause of unknown length."""


class FetchPool:
    """Some processes that ask, as many as so many sources need; a question goes to the one that its key falls to.

    Parameters
    ----------
    sources : int
        How many sources will be asked; decides the number of processes.
    """

    def __init__(self, sources: int) -> None:
        n = max(1, min(PROCESSES, sources // FEW))
        self._answers: queue.SimpleQueue[tuple[str, Answer | Fault]] = queue.SimpleQueue()
        self._processes = [_Process(self._answers) for _ in range(n)]
        self._place: dict[str, int] = {}

    def ask(self, key: str, use: SourceUse, watch: Watch, state: dict[str, object], now: datetime) -> None:
        """Have a source asked by a helper process; :meth:`take` returns its answer under the same key.

        Parameters
        ----------
        key : str
            Names the source among all watches.
        use : SourceUse
            The source and its options.
        watch : Watch
            Whose query and languages it is asked with.
        state : dict[str, object]
            Where its last answer ended, as it returned it then.
        now : datetime
            Wall clock.
        """
        place = self._place.setdefault(key, len(self._place) % len(self._processes))
        self._processes[place].ask((key, use, watch, state, now))

    def take(self, n: int, patience_s: float) -> list[tuple[str, Answer | SourceError]]:
        """The answers that have come.

        Parameters
        ----------
        n : int
            Answers to wait for at most.
        patience_s : float
            Seconds to wait at most, for all of them together.

        Returns
        -------
        list of (str, Answer or SourceError)
            Key and answer, or why there is none; in the order of arrival.
        """
        came: list[tuple[str, Answer | SourceError]] = []
        end = time.monotonic() + patience_s
        while len(came) < n:
            try:
                key, answer = self._answers.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                break
            came.append((key, answer if len(answer) == 2 else _fault(answer)))
        return came

    def close(self) -> None:
        """Wait for nobody."""
        for process in self._processes:
            process.close()


def _fault(fault: Fault) -> SourceError:
    what, where, do, wait = fault
    facts = {"what": what, "do": do}
    if wait == NO_PAUSE:
        return SourceError(N_("{what}"), where=where, do=N_("{do}"), facts=facts)
    return ThrottledError(N_("{what}"), where=where, do=N_("{do}"), facts=facts, wait_s=wait)


class _Process:
    """One asking process, begun at the first question and again where it ended."""

    def __init__(self, answers: queue.SimpleQueue[tuple[str, Answer | Fault]]) -> None:
        self._answers = answers
        self._open: set[str] = set()
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None

    def ask(self, question: Question) -> None:
        if self._running is None or self._running.poll() is not None:
            self.close()
            self._start()
        with self._lock:
            self._open.add(question[0])
        assert self._running is not None and self._running.stdin is not None
        try:
            self._running.stdin.write(pickle.dumps(question, pickle.HIGHEST_PROTOCOL))
            self._running.stdin.flush()
        except OSError:
            self._lose([question[0]])

    def _start(self) -> None:
        # A session of its own: Ctrl-C in the terminal is the monitor's, which then closes the pipe.
        self._running = subprocess.Popen(
            [sys.executable, "-m", "crisislib.services.monitor.fetching"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, **logs.current().environment()},
        )
        self._listener = threading.Thread(target=self._listen, args=(self._running,), daemon=True, name="answers")
        self._listener.start()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        try:
            while True:
                try:
                    key, answer = pickle.load(process.stdout)
                except (EOFError, pickle.UnpicklingError, OSError):  # it ended, perhaps within a word
                    break
                with self._lock:
                    self._open.discard(key)
                self._answers.put((key, answer))
        finally:
            self._lose(list(self._open))

    def _lose(self, keys: list[str]) -> None:
        """Questions that nobody will answer any more; their sources are asked again at their pace."""
        with self._lock:
            lost = [key for key in keys if key in self._open]
            self._open.difference_update(lost)
        for key in lost:
            self._answers.put((key, (Phrase(LOST), "", Phrase(N_("look into the monitor's log")), NO_PAUSE)))

    def close(self) -> None:
        """End the process and what hangs on it."""
        if self._running is None or self._listener is None:
            return
        self._running.kill()
        self._running.wait()
        self._listener.join()
        for pipe in (self._running.stdin, self._running.stdout):
            with contextlib.suppress(OSError):  # what was not sent any more
                if pipe is not None:
                    pipe.close()
        self._running = None


def main() -> None:
    """Answer the questions of stdin on stdout, each when its source has answered, until stdin ends."""
    asked, pipe = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whoever prints must not print into the answers
    logs.set_up()
    lock, pool = threading.Lock(), ThreadPoolExecutor(AT_ONCE)
    while True:
        try:
            key, use, watch, state, now = pickle.load(asked)
        except EOFError:
            os._exit(0)  # the monitor is gone: nobody waits for what is still being asked
        pool.submit(_answer, pipe, lock, (key, use, watch, state, now))


def _answer(pipe: BinaryIO, lock: threading.Lock, question: Question) -> None:
    """Ask one source and return its answer; whatever else goes wrong in it is reported as a failure of the source."""
    key, use, watch, state, now = question
    name = use.name or use.source

    def failed(failure: Failure) -> Answer | Fault:
        if isinstance(failure.error, CrisisError):
            wait = failure.error.wait_s if isinstance(failure.error, ThrottledError) else NO_PAUSE
            return (failure.error.wrong, failure.error.where, failure.error.remedy, wait)
        return (Phrase(NOT_UNDERSTOOD, {"fault": failure.text}), name, Phrase(N_("look into the log")), NO_PAUSE)

    answer: Answer | Fault = run_isolated(
        f"source {name}",
        lambda: fetch(use, watch, state=state, now=now),
        on_error=failed,
        logger=logger,
        watch=watch.watch,
        source=name,
    )
    with lock:
        pipe.write(pickle.dumps((key, answer), pickle.HIGHEST_PROTOCOL))
        pipe.flush()


if __name__ == "__main__":
    main()
