"""A drill: a simulated incident through the real monitor, tasks and channels, on a clock that runs as fast as asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from crisislib import notify
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.ids import short_hash
from crisislib.core.phrase import Both
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Channel, Respond, SourceUse
from crisislib.engine.drill_score import DRILL_INJECT, DrillScore, score_drill
from crisislib.engine.home import Home
from crisislib.engine.home_folders import MARKER
from crisislib.engine.incident_records import NO_INCIDENT, latest_incident
from crisislib.engine.response_plan import plan_incident
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import write_entry
from crisislib.services.drill_team import SimulatedTeam
from crisislib.services.monitor.clock import Clock
from crisislib.services.monitor.service import Monitor
from crisislib.services.task_notices import look_at_tasks
from crisislib.services.watch_files import write_watch
from crisislib.simulation import DrillStream, Inject, Response, Scenario, find_scenario, scenario_names

NAME = "drill"
"""Name of the watch, and of its file."""
STEP_MINUTES = 5.0
"""Simulated minutes from look to look: a third of the shortest clock of the playbooks."""
TASKS_EVERY = timedelta(minutes=15)
"""How often owners hear of their tasks: the shortest clock of the playbooks."""
PATIENCE_S = 120.0
"""Seconds that a look waits for the posts: the first brings three weeks of them, and none may come a look late."""
_CALL = N_("Phone call: {words}")
_MEMO = N_("Something has leaked: {words}")
_OUTAGE = N_("A platform is down: {words}")
_INJECTS = {"call": _CALL, "memo": _MEMO, "outage": _OUTAGE}
_TITLE = N_("Inject for {watch}")
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
    planned: str = ""


def drill(
    folder: Path,
    plan: DrillPlan,
    *,
    now: datetime,
    channel: str = "",
    owners: dict[str, str] | None = None,
    echo: Callable[[str], None] = lambda line: None,
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
        Gets a line for each thing that happens.

    Returns
    -------
    tuple of Home and DrillScore
        The workbench of the drill, and how the team did.
    """
    stream = DrillStream(plan.pack, now, plan.seed, plan.posts, NAME, plan.language)
    home, watch = _workbench(folder.resolve(), stream, plan, channel, owners or {})
    state = _State(stream.start)
    began = time.monotonic()
    clock = Clock(wall=lambda: state.at, steady=lambda: state.at.timestamp())
    _set_clock(home, state.at)
    local = f"{state.at.astimezone(watch.zone):%Y-%m-%d %H:%M}"
    echo(tr(BEGUN, plan.language, title=plan.pack.title[plan.language], at=local, folder=folder))  # type: ignore[index]
    monitor = Monitor(
        home, [watch], clock=clock, every_s=60 * STEP_MINUTES, patience_s=PATIENCE_S, briefs=False, echo=echo
    )
    team = SimulatedTeam(plan.team, plan.pack)
    try:
        while state.at < stream.start + timedelta(hours=plan.hours):
            _set_clock(home, state.at)
            _look(home, watch, stream, state, monitor, team, echo)
            state.at += timedelta(minutes=STEP_MINUTES)
            if plan.speed:
                due = (state.at - stream.start).total_seconds() / plan.speed
                time.sleep(max(0.0, due - (time.monotonic() - began)))
    finally:
        monitor.close()
    _set_clock(home, state.at)
    return home, score_drill(
        home,
        watch,
        Both(plan.pack.title["zh"], plan.pack.title["en"]),
        onset=stream.onset,
        now=state.at,
        team=plan.team,
    )


def _look(
    home: Home, watch: Watch, stream: DrillStream, state: _State, monitor: Monitor, team: SimulatedTeam,
    echo: Callable[[str], None],
) -> None:  # fmt: skip
    """One look: the posts that have come, the monitor's tick, the plan, injects, tasks, and a simulated team's work."""
    fresh = stream.until(state.at, _responses(home, watch))
    waiting = pd.concat([state.pending, fresh], ignore_index=True) if len(state.pending) else fresh
    shown = waiting["shown_at"] <= pd.Timestamp(state.at)
    state.pending = waiting[~shown]
    _append_posts(_stream_file(home), waiting[shown])
    monitor.tick()
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


# -- the workbench of a drill ------------------------------------------------------------------------


def _workbench(
    folder: Path, stream: DrillStream, plan: DrillPlan, channel: str, owners: dict[str, str]
) -> tuple[Home, Watch]:
    """Folders, watch file and an empty stream; a lake for each run, so that an earlier drill stays as it was."""
    key = short_hash(plan.pack.kind, str(plan.seed), datetime.now(UTC).isoformat(), length=6)
    name = f"{plan.pack.kind}-{stream.start:%Y%m%d}-{key}"
    home = replace(Home.at(folder), lake_root=folder / name, watches=folder / "watches", reports=folder / "reports")
    file = _stream_file(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Without a command the crawler source only watches what is written: here, by the drill.
    options: dict[str, str | int | float | bool | list[str]] = {
        "output": str(file),
        "layout": "generic",
        "settle_s": 0.0,
    }
    brand = stream.brand
    respond = Respond(**{**brand.respond.model_dump(), "owners": {**brand.respond.owners, **owners}})
    changes = {
        "drill": True, "sources": [SourceUse(source="crawler", name="drill", every_minutes=1, options=options)],
        "notify": [Channel(name="drill", url=channel, from_level="blue")] if channel else [], "respond": respond,
    }  # fmt: skip
    watch = brand.model_copy(update=changes)
    write_watch(watch, home.watches)
    return home, watch


def _stream_file(home: Home) -> Path:
    return home.lake_root.parent / f"{home.lake_root.name}-stream" / "posts.csv"


def _set_clock(home: Home, at: datetime) -> None:
    """The clock of everything that looks at the drill's folder, moved in one step."""
    lines = {"lake": home.lake_root.name, "watches": home.watches.name, "reports": home.reports.name}
    folders = [f"{key} = {json.dumps(value)}" for key, value in lines.items()]
    text = "\n".join(["[folders]", *folders, "", "[demonstration]", f"at = {at.isoformat()}", ""])
    file = home.lake_root.parent / MARKER
    part = file.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def _append_posts(file: Path, posts: pd.DataFrame) -> None:
    """Add posts to the file that the monitor reads, as a crawler would."""
    if posts.empty and file.exists():
        return
    platform = posts["platform"].astype(str)
    rows = pd.DataFrame({
        "platform": platform, "type": posts["kind"], "id": _native(posts["post_id"]),
        "user_id": _native(posts["account_id"]), "user_name": posts["name"], "followers": posts["followers"],
        "verified": posts["verified"], "created_at": posts["created_at"].map(lambda t: t.isoformat()),
        "text": posts["text"], "url": posts["url"], "likes": posts["likes"], "reposts": posts["reposts"],
        "comments": posts["comments"], "parent_id": _native(posts["parent_id"]), "root_id": _native(posts["root_id"]),
    })  # fmt: skip
    rows.to_csv(file, mode="a", header=not file.exists(), index=False, encoding="utf-8")


def _native(ids: pd.Series) -> pd.Series:
    """Ids as the platform itself writes them; the layout puts the platform before them again."""
    return ids.astype("string").str.split(":", n=1).str[-1]
