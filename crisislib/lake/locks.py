"""Who may write to a lake: one append a table at a time, and an erasure only while nobody else works.

All locks are files below `artifacts/locks` that the system frees when their process ends, however it
ends. Sessions are listed there by the number of their process, so that a refusal can name who is at work.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from crisislib.core.errors import LakeError
from crisislib.core.i18n import N_
from crisislib.core.tables import TABLES

FOLDER = ("artifacts", "locks")
PATIENCE_S = 120.0
"""Seconds that an append waits for another one; the longest is that of a whole import, some seconds."""
LOOK_EVERY_S = 0.005
"""Seconds between two tries for a table's lock: far less than an append takes."""
GATE, TABLES_OF, SESSIONS, ERASURES = "erasure.lock", "tables", "sessions", "erasures"
CHANGES = "changes"
OUTDATED = N_("personal data was erased after this process read the lake; it would write some of it back")


class Locks:
    """The locks of one lake.

    Parameters
    ----------
    root : Path
        Folder of the lake; nothing is made there before something is locked.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root.joinpath(*FOLDER)
        self._known = self._erasures()

    @contextmanager
    def table(self, name: str) -> Iterator[None]:
        """Hold the lock of a table, so that nobody else appends to it meanwhile.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        Iterator of None
            Until the context ends.
        """
        with self._table(name):
            if self._known != self._erasures():
                raise LakeError(
                    OUTDATED, where=str(self._folder.parents[1]), do=N_("start it again; nothing was added")
                )
            yield

    @contextmanager
    def session(self, job: str) -> Iterator[None]:
        """Work that reads and then writes: no erasure comes in between.

        Parameters
        ----------
        job : str
            What it is, for the message of an erasure that is refused.

        Raises
        ------
        LakeError
            An erasure is at work and did not end in time.
        """
        root = self._folder.parents[1]
        if root.is_dir() and not os.access(root, os.W_OK):
            yield  # a report over a lake that is only read: nothing can be written back
            return
        mine = FileLock(self._folder / SESSIONS / f"{os.getpid()}-{uuid4().hex[:8]}-{job}.lock")
        with self._acquired(self._folder / GATE, N_("personal data is being erased")):
            Path(mine.lock_file).parent.mkdir(exist_ok=True)
            self._clear_dead()
            mine.acquire()
            self._known = self._erasures()
        try:
            yield
        finally:
            mine.release()
            Path(mine.lock_file).unlink(missing_ok=True)

    @contextmanager
    def alone(self, *, wait_s: float) -> Iterator[None]:
        """Keep everybody else from writing: for erasure and retention.

        Parameters
        ----------
        wait_s : float
            How long to wait for work under way to end.

        Raises
        ------
        LakeError
            A monitor, a run or an import is still at work; says which.
        """
        until = time.monotonic() + wait_s
        with ExitStack() as stack:
            while True:
                stack.enter_context(self._acquired(self._folder / GATE, N_("another erasure is at work")))
                busy = self._busy()
                if not busy:
                    break
                stack.pop_all().close()
                if time.monotonic() >= until:
                    raise LakeError(
                        N_("others are writing to this lake: {busy}"),
                        where=str(self._folder.parents[1]),
                        do=N_("stop the monitor and let runs end, then run it again; nothing was changed"),
                        facts={"busy": ", ".join(busy)},
                    )
                time.sleep(min(0.2, wait_s))
            for name in TABLES:
                stack.enter_context(self._table(name))
            yield

    @contextmanager
    def change(self, name: str) -> Iterator[None]:
        """Hold the right to change rows of a table: what is read within is still so when the change is appended.

        Parameters
        ----------
        name : str
            Name of the table. Plain appends go on meanwhile; only other changes wait.

        Returns
        -------
        Iterator of None
            Until the context ends.
        """
        with self._acquired(
            self._folder / CHANGES / f"{name.lower()}.lock", N_("somebody else is changing {name}"), name=name
        ):
            yield

    def outdate(self) -> None:
        """Let no process write that has read before; to be called by an erasure, alone."""
        (self._folder / ERASURES).write_text(uuid4().hex, encoding="ascii")
        self._known = self._erasures()

    def _erasures(self) -> str:
        """Token of the last erasure, empty where there was none."""
        try:
            return (self._folder / ERASURES).read_text(encoding="ascii")
        except FileNotFoundError:
            return ""

    def _table(self, name: str) -> AbstractContextManager[None]:
        path = self._folder / TABLES_OF / f"{name.lower()}.lock"
        return self._acquired(path, N_("another process keeps {name} locked"), name=name)

    @contextmanager
    def _acquired(self, path: Path, why: str, **facts: object) -> Iterator[None]:
        lock = FileLock(path, timeout=PATIENCE_S)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(poll_interval=LOOK_EVERY_S)
        except Timeout as fault:
            raise LakeError(
                why,
                where=str(path),
                do=N_("wait until it has ended, or end it, and run this again; nothing was changed"),
                facts=facts,
            ) from fault
        except OSError as fault:
            raise LakeError(
                N_("cannot be locked: {fault}"),
                where=str(path),
                do=N_("free disk space or give yourself write permission to the folder, and run it again"),
                facts={"fault": fault},
            ) from fault
        try:
            yield
        finally:
            lock.release()

    def _busy(self) -> list[str]:
        """Names of the locks that somebody holds: the monitor's, scheduled jobs', briefs', sessions'."""
        own = {self._folder / GATE, *(self._folder / TABLES_OF).glob("*.lock")}
        return [_who(p.stem) for p in sorted(self._folder.rglob("*.lock")) if p not in own and not _free(p)]

    def _clear_dead(self) -> None:
        """Remove the files of sessions that were killed; to be called behind the gate, where none begins."""
        for path in (self._folder / SESSIONS).glob("*.lock"):
            if _free(path):
                path.unlink(missing_ok=True)


def _who(name: str) -> str:
    """Words for the name of a lock; a session's begins with its process."""
    result = re.fullmatch(r"(\d+)-[0-9a-f]{8}-(.+)", name)
    return f"{result[2]} (process {result[1]})" if result else name


def _free(path: Path) -> bool:
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    return True
