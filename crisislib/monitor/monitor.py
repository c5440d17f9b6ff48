"""One tick after the other: collect, look quickly at all, look fully where it matters, tell."""

from __future__ import annotations

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
from crisislib.lake import Lake, compact
from crisislib.monitor import brief, position, screen
from crisislib.monitor.clock import Clock
from crisislib.monitor.collecting import Asker
from crisislib.monitor.desk import Desk, open_desk
from crisislib.monitor.look import Looked, look, store
from crisislib.monitor.outbox import CURRENT, Outbox, notice
from crisislib.monitor.vitals import JUMPED, MISSED, State, Vitals
from crisislib.pipeline.home import Home
from crisislib.pipeline.walked import Walked

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
        Seconds from each new post's own time to the end of the tick whose decision includes it.
    """

    at: datetime
    posts: int
    looked: int
    alerts: int
    waits: npt.NDArray[np.float64]


class Monitor:
    """Watches some watches; one a lake (see :func:`crisislib.monitor.serve`, which holds the lock).

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
        Seconds of a tick after which calm watches wait for the next; unusual ones never do.
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
        budget_s: float = 3.0,
        patience_s: float = 2.0,
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
        self._outbox = Outbox(home, watches, now=now)
        self._briefs = brief.Briefs(home) if briefs else None
        self.vitals = Vitals(home.lake.artifact("monitor", "heartbeat.json"), every_s=every_s, language=self._language)
        self._notes: list[tuple[datetime, str]] = []
        self._care = ThreadPoolExecutor(1, thread_name_prefix="care")
        self._compacted = time.monotonic()
        self._take_up(now)

    def tick(self) -> Tick:
        """Do everything that is due now, once."""
        began = time.perf_counter()
        now, jump = self._clock.read()
        if jump is not None:
            self._note(
                now, tr(JUMPED, self._language, seconds=round(jump.by.total_seconds()), at=f"{now:%Y-%m-%d %H:%M} UTC")
            )
        state = State(at=now, sources=sum(len(w.sources) for w in self.watches.values()))
        posts = empty("POSTS")
        try:
            posts = self._asker.collect(now).posts
        except (LakeError, OSError) as fault:
            state.store_fault = str(fault)
        self._hand_out(posts, now)
        looked, alerts = self._look(now, began, state)
        self._tell(now, state)
        self._look_after(state)
        waits = self._waits(posts, now, began)
        self._beat(state, now, began, posts.num_rows, alerts, waits)
        return Tick(now, posts.num_rows, looked, alerts, waits)

    def close(self) -> None:
        """Stop: positions kept, what is being sent finished, the rest left for the next start."""
        self._asker.close()
        if self._briefs is not None:
            self._briefs.close()
        self._outbox.close()
        self._outbox.store()
        self._care.shutdown(wait=True)

    # -- parts of a tick -------------------------------------------------------------------------

    def _hand_out(self, posts: pa.Table, now: datetime) -> None:
        """New posts to their desks, each counted by the quick look."""
        if posts.num_rows == 0:
            return
        try:
            seen = screen.quick(posts, self.watches, models=None, now=now)
        except CrisisError:
            # What is wrong is said by the full look, watch by watch; without a quick look each gets one.
            seen = screen.unread(posts)
            for desk in self.desks.values():
                desk.looked = None
        for name, mine in seen.groupby("watch"):
            desk = self.desks[str(name)]
            desk.take(posts.filter(pc.equal(posts["watch"], str(name))), mine["created_at"].min().to_pydatetime())
            desk.counts.add(screen.tally(mine[mine["created_at"] >= pd.Timestamp(desk.window(now))]))

    def _look(self, now: datetime, began: float, state: State) -> tuple[int, int]:
        """Full looks: unusual watches at once, the others by turns as far as the budget reaches."""
        urgent: list[Desk] = []
        calm: list[Desk] = []
        for desk in self.desks.values():
            if desk.decided > now:
                desk.decided = now  # the clock was set back: the identities keep anything from being said twice
            window = desk.window(now)
            unusual = desk.looked is None or desk.counts.unusual(window, (now - window) / desk.step)
            rested = desk.looked is None or not timedelta(0) <= now - desk.looked < FULL_EVERY
            (urgent if unusual else calm if rested else []).append(desk)
        calm.sort(key=lambda d: d.looked or now)
        if not urgent and not calm:
            return 0, 0
        looked = alerts = 0
        lake = self.home.lake
        memory = {n: lake.read(n, since=now - REMEMBERED, present=False) for n in ("INCIDENTS", "ALERTS")}
        for place, desk in enumerate([*urgent, *calm]):
            if place >= len(urgent) and looked and time.perf_counter() - began > self._budget:
                break
            mine = {n: rows[rows["watch"] == desk.watch.watch] for n, rows in memory.items()}
            try:
                alerts += self._look_at(desk, mine["INCIDENTS"], mine["ALERTS"], now)
            except (LakeError, OSError) as fault:
                state.store_fault, desk.looked = str(fault), None
            except (CrisisError, duckdb.Error, pa.ArrowException, ValueError, KeyError) as fault:
                state.faults[desk.watch.watch] = f"{type(fault).__name__}: {fault}"
            looked += 1
        return looked, alerts

    def _look_at(self, desk: Desk, incidents: pd.DataFrame, alerts: pd.DataFrame, now: datetime) -> int:
        since = desk.decided
        found = look(self.home, desk, incidents, alerts, now=now)
        fresh = store(self.home.lake, desk, found, set(alerts["alert_id"]), now=now)
        desk.decided = now
        if found.missed:
            facts = {"since": f"{since:%Y-%m-%d %H:%M}", "until": f"{now:%Y-%m-%d %H:%M} UTC", "n": len(found.missed)}
            self._note(now, f"{desk.watch.watch}: {tr(MISSED, self._language, **facts)}")
        self._raise(desk, found, fresh, now)
        return int(fresh.num_rows)

    def _raise(self, desk: Desk, found: Looked, fresh: pa.Table, now: datetime) -> None:
        """Alerts to the outbox and off at once; their briefs begun."""
        rows = fresh.to_pylist()
        if not rows:
            return
        title = self._title(desk.watch, found.incidents)
        walked = Walked(
            desk.watch.watch, title, desk.watch.language, desk.watch.zone, now, desk.level, findings=found.last.findings
        )
        self._outbox.add(desk.watch.watch, [notice(row, title, walked.leading(3)) for row in rows])
        self._outbox.pump(now)
        if self._briefs is not None:
            self._briefs.want(rows)
        for row in rows:
            self._say(f"{now:%Y-%m-%d %H:%M:%S}  {row['level']}: {title} ({row['method'].split(';')[-1]})")

    def _tell(self, now: datetime, state: State) -> None:
        if self._briefs is not None:
            written = self._briefs.step()
            if written is not None:
                self._send_brief(written)
            state.briefs, state.briefs_failed = self._briefs.busy, self._briefs.failed()
        try:
            self._outbox.store()
        except (LakeError, OSError) as fault:
            state.store_fault = str(fault)
        state.store_fault = state.store_fault or self._outbox.fault
        self._outbox.pump(now)
        state.waiting, state.given_up = self._outbox.waiting(now), self._outbox.given_up()

    def _send_brief(self, alert: dict[str, object]) -> None:
        name = str(alert["watch"])
        page = self._briefs.done(name).get(brief.run_id(str(alert["alert_id"]))) if self._briefs else None
        if page is not None:
            watch = self.watches[name]
            self._outbox.add(name, [brief.notice(alert, watch, self._title(watch, empty("INCIDENTS")), page)])

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

    def _waits(self, posts: pa.Table, now: datetime, began: float) -> npt.NDArray[np.float64]:
        """Seconds from the posts' own time; late posts of more than an hour are history, not news."""
        if posts.num_rows == 0:
            return np.zeros(0)
        ended = now.timestamp() + (time.perf_counter() - began)
        made = posts["created_at"].cast(pa.int64()).to_numpy() / 1e6
        waits: npt.NDArray[np.float64] = ended - made
        return waits[waits < 3600.0]

    def _look_after(self, state: State) -> None:
        """Join small files from time to time, beside everything else."""
        if time.monotonic() - self._compacted > COMPACT_EVERY_S and not state.store_fault:
            self._compacted = time.monotonic()
            self._care.submit(compact, Lake(self.home.lake_root))

    # -- at the start ----------------------------------------------------------------------------

    def _take_up(self, now: datetime) -> None:
        """Alerts of the last day that were not told, and briefs that were not written, before the last stop."""
        for name, watch in self.watches.items():
            rows = self.home.lake.read("ALERTS", watch=watch.watch, present=False)
            rows = rows.sort_values("made_at").drop_duplicates("alert_id", keep="first")
            rows = rows[(rows["made_at"] > pd.Timestamp(now - CURRENT)) & (rows["made_at"] <= pd.Timestamp(now))]
            current = [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]
            title = self._title(watch, empty("INCIDENTS"))
            self._outbox.add(name, [notice(row, title, []) for row in current])
            if self._briefs is not None and current:
                done = self._briefs.done(name)
                self._briefs.want([a for a in current if brief.run_id(str(a["alert_id"])) not in done])
                for alert in (a for a in current if brief.run_id(str(a["alert_id"])) in done):
                    self._send_brief(alert)

    def _title(self, watch: Watch, incidents: pa.Table) -> str:
        """The title of the newest incident, from the decision or the lake; the watch's own where there is none."""
        held = incidents.to_pandas()
        if held.empty:
            held = self.home.lake.read("INCIDENTS", watch=watch.watch)
        return str(held.sort_values("at")["title"].iloc[-1]) if len(held) else watch.name()

    def _note(self, now: datetime, line: str) -> None:
        self._notes.append((now, line))
        self._say(f"{now:%Y-%m-%d %H:%M:%S}  {line}")
