"""One tick after the other: collect, look quickly at all, look fully where it matters, tell."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.errors import CrisisError, LakeError
from crisislib.core.i18n import tr
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.lake import Lake, compact
from crisislib.services.monitor import position, reading
from crisislib.services.monitor import screening as screen
from crisislib.services.monitor.clock import Clock
from crisislib.services.monitor.collecting import Asker, Got
from crisislib.services.monitor.evaluation import Looked, look, store
from crisislib.services.monitor.shared import Shared
from crisislib.services.monitor.telling import Teller
from crisislib.services.monitor.vitals import JUMPED, MISSED, State, Vitals
from crisislib.services.monitor.watch_state import Desk, open_desk

FULL_EVERY = timedelta(seconds=60)
"""How often a calm watch is fully looked at; an unusual one is at every tick."""
REMEMBERED = timedelta(days=90)
"""How far back incidents and alerts are read: they are the memory of the decider."""
COMPACT_EVERY_S = 3600.0
NOTE_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Tick:
    """What one tick did.

    Attributes
    ----------
    at : datetime
        The clock when it began.
    posts, looked, alerts : int
        Posts collected, watches fully looked at, alerts raised.
    waits : numpy.ndarray
        Seconds from each new post's own time to the decision that includes it: the full look at its watch, or
        the quick look that found nothing unusual; alerts are in the lake and on their way by then.
    """

    at: datetime
    posts: int
    looked: int
    alerts: int
    waits: npt.NDArray[np.float64]


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
        Seconds of a tick after which calm watches wait for the next (one is looked at all the same); unusual ones
        never do.
    patience_s : float
        Seconds to wait for sources that are being asked; who is later is taken at the next tick.
    briefs : bool
        Whether to write emergency briefs.
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
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.home, self.watches = home, {w.watch: w for w in watches}
        self._clock, self._budget, self._say = clock or Clock(), budget_s, say
        self._language = watches[0].language if watches else "en"
        now, _ = self._clock.read()
        self._positions = home.lake.artifact("monitor", "positions.json")
        self._began = now
        held = position.held(self._positions)
        self.desks = {n: open_desk(home, w, decided=held.get(n), now=now) for n, w in self.watches.items()}
        self._asker = Asker(home, watches, patience_s=patience_s)
        self._shared = Shared(home.lake)
        self._teller = Teller(home, self.watches, briefs=briefs, now=now, say=say)
        self.vitals = Vitals(home.lake.artifact("monitor", "heartbeat.json"), every_s=every_s, language=self._language)
        self._notes: list[tuple[datetime, str]] = []
        self._care = ThreadPoolExecutor(1, thread_name_prefix="care")
        self._compacted = time.monotonic()
        self._teller.take_up(now)

    def tick(self) -> Tick:
        """Do everything that is due now, once."""
        began = self._began_tick = time.perf_counter()
        now, jump = self._clock.read()
        if jump is not None:
            self._note(
                now, tr(JUMPED, self._language, seconds=round(jump.by.total_seconds()), at=f"{now:%Y-%m-%d %H:%M} UTC")
            )
        state = State(at=now, sources=sum(len(w.sources) for w in self.watches.values()))
        posts = empty("POSTS")
        try:
            self._compare()
            posts = self._take_in(self._asker.collect(now), now)
        except (LakeError, OSError) as fault:
            state.store_fault = str(fault)
        looked, alerts, decided = self._look(now, began, state)
        self._teller.tell(now, state)
        self._look_after(state)
        waits = self._waits(posts, now, decided)
        self._beat(state, now, began, posts.num_rows, alerts, waits)
        return Tick(now, posts.num_rows, looked, alerts, waits)

    def close(self) -> None:
        """Stop: positions kept, what is being sent finished, the rest left for the next start."""
        self._asker.close()
        self._teller.close()
        self._care.shutdown(wait=True)

    # -- parts of a tick -------------------------------------------------------------------------

    def _compare(self) -> None:
        """Where somebody else has written to the lake, what is held in memory is forgotten and read again."""
        if self._shared.changed() & {"POSTS", "LABELS", "BATCHES"}:
            for desk in self.desks.values():
                desk.forget()

    def _take_in(self, got: Got, now: datetime) -> pa.Table:
        """What came to the desks: records and accounts, and new posts, read and counted by the quick look."""
        self._shared.add_accounts(got.accounts)
        if got.records.num_rows:
            for desk in self.desks.values():
                desk.held.add_batches(got.records)
        posts = got.posts
        if posts.num_rows == 0:
            return posts
        labels, unread = reading.read(self.home, self.watches, posts, now=now)
        seen = screen.known(posts, labels)
        for name, mine in seen.groupby("watch"):
            desk = self.desks[str(name)]
            own, said = (t.filter(pc.equal(t["watch"], str(name))) for t in (posts, labels))
            desk.take(own, None if name in unread else said, mine["created_at"].min().to_pydatetime())
            if name in unread:
                desk.looked = None  # what is wrong is said by the full look
            window = desk.window(now)
            desk.counts.add(screen.tally(mine[mine["created_at"] >= pd.Timestamp(window)]), window)
        return posts

    def _look(self, now: datetime, began: float, state: State) -> tuple[int, int, dict[str, float]]:
        """Full looks: unusual watches at once, the others by turns as far as the budget reaches.

        Returns how many, the alerts raised, and when each watch was decided on: one that nothing was unusual of,
        and that is not looked at by its turn, when the unusual ones had been.
        """
        urgent: list[Desk] = []
        calm: list[Desk] = []
        for desk in self.desks.values():
            if desk.decided > now:
                desk.decided = now  # the clock was set back: the identities keep anything from being said twice
            window = desk.window(now)
            unusual = desk.looked is None or desk.counts.unusual(window, (now - window) / desk.step)
            rested = desk.looked is None or not timedelta(0) <= now - desk.looked < FULL_EVERY
            (urgent if unusual else calm if rested else []).append(desk)
        calm.sort(key=lambda d: d.tried or now)
        if not urgent and not calm:
            return 0, 0, dict.fromkeys(self.desks, time.perf_counter())
        lake = self.home.lake
        memory = {n: lake.read(n, since=now - REMEMBERED, present=False) for n in ("INCIDENTS", "ALERTS")}
        looks = self._look_at(urgent, memory, now, state)
        alerts = self._store(looks, set(memory["ALERTS"]["alert_id"]), now, state)
        decided = dict.fromkeys(self.desks, time.perf_counter())
        turns = self._look_at(calm, memory, now, state, until=began + self._budget, least=1)
        alerts += self._store(turns, set(memory["ALERTS"]["alert_id"]), now, state)
        decided |= dict.fromkeys((desk.watch.watch for desk, _ in turns), time.perf_counter())
        return len(urgent) + len(turns), alerts, decided

    def _look_at(
        self, desks: list[Desk], memory: dict[str, pd.DataFrame], now: datetime, state: State,
        *, until: float = math.inf, least: int = 0,
    ) -> list[tuple[Desk, Looked]]:  # fmt: skip
        """Look fully at some desks, at `least` so many, and at the others while there is time."""
        looks: list[tuple[Desk, Looked]] = []
        for place, desk in enumerate(desks):
            if place >= least and time.perf_counter() > until:
                break
            desk.tried = now
            mine = {n: rows[rows["watch"] == desk.watch.watch] for n, rows in memory.items()}
            try:
                looks.append((desk, look(self.home, desk, self._shared, mine["INCIDENTS"], mine["ALERTS"], now=now)))
            except (LakeError, OSError) as fault:
                state.store_fault, desk.looked = str(fault), None
            except (CrisisError, duckdb.Error, pa.ArrowException, ValueError, KeyError) as fault:
                state.faults[desk.watch.watch] = f"{type(fault).__name__}: {fault}"
                desk.forget()
        return looks

    def _store(self, looks: list[tuple[Desk, Looked]], known: set[str], now: datetime, state: State) -> int:
        """What some looks found into the lake, and its alerts off; returns how many there were."""
        if not looks:
            return 0
        try:
            stored = store(self.home.lake, looks, known, now=now)
        except (LakeError, OSError) as fault:
            state.store_fault = str(fault)
            for desk, _ in looks:
                desk.looked = None
            return 0
        for (desk, found), fresh in zip(looks, stored, strict=True):
            since, desk.decided = desk.decided, now
            if found.missed:
                facts = {"since": f"{since:%Y-%m-%d %H:%M}", "until": f"{now:%Y-%m-%d %H:%M} UTC"}
                said = tr(MISSED, self._language, **facts, n=len(found.missed))
                self._note(now, f"{desk.watch.watch}: {said}")
            self._teller.raised(desk, found, fresh, now)
        return sum(fresh.num_rows for fresh in stored)

    def _beat(
        self, state: State, now: datetime, began: float, posts: int, alerts: int, waits: npt.NDArray[np.float64]
    ) -> None:
        """Positions and heartbeat: last, so that a kill before them repeats the tick and loses nothing."""
        state.failing = dict(self._asker.failing)
        state.posts, state.levels = posts, {n: d.level for n, d in self.desks.items()}
        state.behind_s = max((now - d.looked).total_seconds() if d.looked else 0.0 for d in self.desks.values())
        self._notes = [(at, line) for at, line in self._notes if abs(now - at) < NOTE_FOR][-20:]
        state.notes = [line for _, line in self._notes]
        state.seconds = time.perf_counter() - began
        try:
            position.keep(self._positions, {n: d.decided for n, d in self.desks.items()})
            self.vitals.beat(state, alerts=alerts, waits=waits)
        except OSError as fault:
            state.store_fault = str(fault)

    def _waits(self, posts: pa.Table, now: datetime, decided: dict[str, float]) -> npt.NDArray[np.float64]:
        """Seconds from the posts' own time; late posts of more than an hour are history, not news."""
        if posts.num_rows == 0:
            return np.zeros(0)
        watch = posts["watch"].combine_chunks().dictionary_encode()
        ended = np.array([decided[str(name)] for name in watch.dictionary.to_pylist()])[watch.indices.to_numpy()]
        made = posts["created_at"].cast(pa.int64()).to_numpy() / 1e6
        waits: npt.NDArray[np.float64] = now.timestamp() + ended - self._began_tick - made
        return waits[waits < 3600.0]

    def _look_after(self, state: State) -> None:
        """Join small files from time to time, beside everything else."""
        if time.monotonic() - self._compacted > COMPACT_EVERY_S and not state.store_fault:
            self._compacted = time.monotonic()
            self._care.submit(compact, Lake(self.home.lake_root))

    def _note(self, now: datetime, line: str) -> None:
        self._notes.append((now, line))
        self._say(f"{now:%Y-%m-%d %H:%M:%S}  {line}")
