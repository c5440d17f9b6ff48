"""A drill: a simulated incident through the real monitor, tasks and channels, on a clock that runs as fast as asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from crisislib import notify
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.ids import short_hash
from crisislib.core.levels import LEVEL_NAMES
from crisislib.core.phrase import Both
from crisislib.core.watch import Watch
from crisislib.engine.drill_score import DRILL_INJECT, DrillScore, score_drill
from crisislib.engine.home import Home
from crisislib.engine.incident_records import NO_INCIDENT, latest_incident
from crisislib.engine.response_plan import plan_incident
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import write_entry
from crisislib.services.drill_team import SimulatedTeam
from crisislib.services.drill_workbench import append_posts, drill_workbench, set_clock, stream_file
from crisislib.services.monitor.clock import Clock
from crisislib.services.monitor.service import Monitor
from crisislib.services.task_notices import look_at_tasks
from crisislib.simulation import DrillStream, Inject, Response, Scenario, find_scenario, scenario_names

NAME = "drill"
"""Name of the watch, and of its file."""
STEP_MINUTES = 5.0
"""Simulated minutes from look to look: a third of the shortest clock of the playbooks."""
UNWATCHED_MINUTES = 15.0
"""Simulated minutes from tick to tick of the monitor where nothing is waited for: the shortest clock of the playbooks.
A simulated team still works at every look; a tick costs more than all else, and nobody reads the pages meanwhile."""
TASKS_EVERY = timedelta(minutes=15)
"""How often owners hear of their tasks: the shortest clock of the playbooks."""
PATIENCE_S = 120.0
"""Seconds that a look waits for the posts: the first brings three weeks of them, and none may come a look late."""
_CALL = N_("Phone call: {words}")
_MEMO = N_("Something has leaked: {words}")
_OUTAGE = N_("A platform is down: {words}")
_INJECTS = {"call": _CALL, "memo": _MEMO, "outage": _OUTAGE}
_TITLE = N_("Inject for {watch}")
_HOUR = N_("hour {hour} of {hours}: {n} {n:post|posts} so far, level {level}")
BEGUN = N_("the drill “{title}” runs on the clock of {at}; crisis --home {folder} works on it, and so do the pages")


__all__ = ["DrillPlan", "drill", "find_scenario", "known_scenarios"]


def known_scenarios(folder: Path, language: str) -> dict[str, str]:
    """The scenarios that can be played, shipped and the user's own.

    Parameters
    ----------
    folder : Path
        The user's folder of scenarios; it need not exist.
    language : str
        `zh` or `en`.

    Returns
    -------
    dict of str to str
        Name -> title.
    """
    names = sorted({*scenario_names(), *(path.stem for path in folder.glob("*.yml"))})
    return {name: find_scenario(name, folder).title[language] for name in names}  # type: ignore[index]


@dataclass(frozen=True)
class DrillPlan:
    """How a drill is run.

    Attributes
    ----------
    pack : Scenario
        What happens.
    speed : float
        Simulated seconds a second; 0 waits for nothing.
    hours : float
        How long the drill's clock runs.
    seed, posts : int
        Of the simulator.
    language : str
        `zh` or `en`.
    team : str
        `people`, or a simulated one: `good`, `slow`, `none`.
    """

    pack: Scenario
    speed: float = 60.0
    hours: float = 6.0
    seed: int = 0
    posts: int = 6000
    language: str = "en"
    team: str = "people"


@dataclass
class _State:
    """Where a running drill stands."""

    at: datetime
    pending: pd.DataFrame = field(default_factory=pd.DataFrame)
    injected: int = 0
    tasks_at: datetime | None = None
    ticked_at: datetime | None = None
    posts: int = 0
    planned: str = ""


def drill(
    folder: Path,
    plan: DrillPlan,
    *,
    now: datetime,
    channel: str = "",
    owners: dict[str, str] | None = None,
    echo: Callable[[str], None] = lambda line: None,
    progress: Callable[[int, int], None] = lambda done, whole: None,
) -> tuple[Home, DrillScore]:
    """Run a drill to its end, and score it.

    Parameters
    ----------
    folder : Path
        Becomes a workbench of its own, whose clock is the drill's: commands and pages on it see the drill as it is.
    plan : DrillPlan
        What, how fast, how long, with whom.
    now : datetime
        Wall clock; the drill is of its day.
    channel : str
        An Apprise address that messages go to; none when empty.
    owners : dict of str to str, optional
        Role -> person, as in a watch file.
    echo : callable
        Gets a line for each thing that happens, and one each hour of the drill.
    progress : callable
        Gets the simulated minutes that are over, and how many there are.

    Returns
    -------
    tuple of Home and DrillScore
        The workbench of the drill, and how the team did.
    """
    stream = DrillStream(plan.pack, now, plan.seed, plan.posts, NAME, plan.language)
    home, watch = drill_workbench(folder.resolve(), stream, channel, owners or {})
    state = _State(stream.start)
    began = time.monotonic()
    clock = Clock(wall=lambda: state.at, steady=lambda: state.at.timestamp())
    set_clock(home, state.at)
    local = f"{state.at.astimezone(watch.zone):%Y-%m-%d %H:%M}"
    echo(tr(BEGUN, plan.language, title=plan.pack.title[plan.language], at=local, folder=folder))  # type: ignore[index]
    tick = UNWATCHED_MINUTES if plan.speed == 0 else STEP_MINUTES
    monitor = Monitor(home, [watch], clock=clock, every_s=60 * tick, patience_s=PATIENCE_S, briefs=False, echo=echo)
    team = SimulatedTeam(plan.team, plan.pack)
    try:
        while state.at < stream.start + timedelta(hours=plan.hours):
            set_clock(home, state.at)
            if state.ticked_at is None or state.at - state.ticked_at >= timedelta(minutes=tick):
                _tick(home, watch, stream, state, monitor)
            _look(home, watch, stream, state, team, echo)
            state.at += timedelta(minutes=STEP_MINUTES)
            minutes = round((state.at - stream.start).total_seconds() / 60)
            progress(minutes, round(60 * plan.hours))
            if minutes % 60 == 0:
                echo(_hour(plan, watch, state, monitor, minutes // 60))
            if plan.speed:
                due = (state.at - stream.start).total_seconds() / plan.speed
                time.sleep(max(0.0, due - (time.monotonic() - began)))
    finally:
        monitor.close()
    set_clock(home, state.at)
    return home, score_drill(
        home,
        watch,
        Both(plan.pack.title["zh"], plan.pack.title["en"]),
        onset=stream.onset,
        now=state.at,
        team=plan.team,
    )


def _hour(plan: DrillPlan, watch: Watch, state: _State, monitor: Monitor, hour: int) -> str:
    """Where the drill stands after an hour of it: between two events a reader must see that it goes on."""
    level = tr(LEVEL_NAMES[monitor.states[NAME].level], plan.language)
    words = tr(_HOUR, plan.language, hour=hour, hours=f"{plan.hours:g}", n=state.posts, level=level)
    return f"{state.at.astimezone(watch.zone):%H:%M}  {words}"


def _tick(home: Home, watch: Watch, stream: DrillStream, state: _State, monitor: Monitor) -> None:
    """The posts that have come, and the monitor's tick."""
    state.ticked_at = state.at
    fresh = stream.until(state.at, _responses(home, watch))
    waiting = pd.concat([state.pending, fresh], ignore_index=True) if len(state.pending) else fresh
    shown = waiting["shown_at"] <= pd.Timestamp(state.at)
    state.pending = waiting[~shown]
    append_posts(stream_file(home), waiting[shown])
    state.posts += monitor.tick().posts


def _look(
    home: Home, watch: Watch, stream: DrillStream, state: _State, team: SimulatedTeam, echo: Callable[[str], None]
) -> None:
    """One look: the plan, injects, tasks, and a simulated team's work."""
    incident = latest_incident(home, watch)
    if incident is not None:
        standing = f"{incident['incident_id']} {incident['kind']} {incident['level']}"
        if standing != state.planned:
            plan_incident(home, watch, incident, now=state.at)
            state.planned = standing
    for moment, inject in stream.injects()[state.injected :]:
        if moment <= state.at:
            state.injected += 1
            _inject(home, watch, inject, incident is not None, echo, now=state.at)
    team.work(home, watch, now=state.at)
    if state.tasks_at is None or state.at - state.tasks_at >= TASKS_EVERY:
        state.tasks_at = state.at
        look_at_tasks(home, watch, now=state.at)


def _responses(home: Home, watch: Watch) -> list[Response]:
    rows = home.lake.read("RESPONSES", watch=watch.watch).sort_values("at")
    return [
        Response(r["response_id"], r["kind"], r["text"] or "", r["strategy"] or "", r["at"].to_pydatetime())
        for r in rows.to_dict("records")
    ]


def _inject(
    home: Home, watch: Watch, inject: Inject, known: bool, echo: Callable[[str], None], *, now: datetime
) -> None:
    """Write down what happens beside the posts, and send it to the channels as a message."""
    words = Both(inject.words["zh"], inject.words["en"])
    title = words.render(watch.language)
    finding = Finding("drill.inject", _INJECTS[inject.kind], {"words": words}, pd.DataFrame(), weight=1.0)
    echo(f"{now.astimezone(watch.zone):%H:%M}  {finding.render(watch.language)}")
    if inject.kind == "call":
        due = now + timedelta(minutes=inject.answer_within)
        write_entry(
            TeamChange(home, watch, NAME, now),
            "enquiry",
            title,
            due_at=due,
            owner="spokesperson",
            facts={DRILL_INJECT: inject.kind},
            incident_id="" if known else NO_INCIDENT,
        )
    notice = notify.Notice(
        item_id="inject-" + short_hash(inject.kind, now.isoformat()),
        title=tr(_TITLE, watch.language, watch=watch.name()), level="red", at=now, findings=[finding],
    )  # fmt: skip
    notify.deliver([notice], watch.notify, watch=watch, now=now, record=lambda row: home.lake.append("DELIVERIES", row))
