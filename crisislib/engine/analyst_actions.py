"""What people do: take an incident, log a response, ask whether responses worked."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from crisislib import respond, warn
from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_, tr
from crisislib.core.phrase import Listing, render
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import NO_INCIDENT, incident_of, refuse_before
from crisislib.engine.rendering import incident_title, response_word
from crisislib.engine.response_plan import tick
from crisislib.engine.team_change import TeamChange
from crisislib.lake import Lake

TICKED = N_("; done with it: {steps}")
LOGGED = N_(
    "logged: {kind} at {at} for incident {incident}; later, crisis effect estimates whether it changed anything"
)
TAKEN = N_(
    "{by} has taken charge of incident {incident} ({title}); no further alert is sent for it unless it gets worse"
)


def acknowledge(home: Home, watch: Watch, *, by: str, now: datetime) -> str:
    """Acknowledge the newest open incident of a watch and its newest alert, so that nothing escalates further.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch; its language is used.
    by : str
        Who takes the incident.
    now : datetime
        Wall clock.

    Returns
    -------
    str
        What was done, as a sentence.
    """
    lake = home.lake
    with lake.changing("INCIDENTS"):
        chosen = _taken(lake, watch, by=by, now=now)
    alerts = lake.read("ALERTS", watch=watch.watch, present=False)
    mine = alerts[alerts["incident_id"] == chosen["incident_id"]].sort_values("made_at")
    if len(mine):
        lake.append("ALERTS", warn.acknowledge(alerts, mine["alert_id"].iloc[-1], by=by, now=now))
    title = render(incident_title(chosen.to_dict(), watch), watch.language)
    return tr(TAKEN, watch.language, by=by, incident=chosen["incident_id"], title=title)


def _taken(lake: Lake, watch: Watch, *, by: str, now: datetime) -> pd.Series:
    """The newest open incident, as it was before somebody took it."""
    incidents = lake.read("INCIDENTS", watch=watch.watch, present=False)
    present = lake.read("INCIDENTS", watch=watch.watch)
    unsettled = present[present["status"] == "open"].sort_values("at")
    taken = present[present["status"] == "acknowledged"].sort_values("at")
    if unsettled.empty and len(taken):
        last = taken.iloc[-1]
        raise CrisisError(
            N_("incident {incident} is acknowledged already, by {by}"),
            where=watch.watch,
            do=N_("crisis task list shows its steps"),
            facts={"incident": last["incident_id"], "by": last["by"]},
        )
    if unsettled.empty:
        raise CrisisError(N_("no incident is open"), where=watch.watch, do=N_("crisis run --watch … detects them"))
    chosen = unsettled.iloc[-1]
    row = warn.change(incidents, chosen["incident_id"], status="acknowledged", by=by, now=now)
    lake.append("INCIDENTS", row)
    return chosen


def log_response(
    change: TeamChange,
    *,
    kind: str,
    channel: str,
    strategy: str,
    url: str,
    text: str,
    at: datetime,
    incident_id: str = "",
) -> str:
    """Log a response to the incident named, or to the newest that went on then; steps that it fulfils are ticked.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    kind : str
        A key of :data:`crisislib.respond.RESPONSE_KINDS`.
    channel : str
        Where it was published; may be empty.
    strategy : str
        Strategy tags with commas between them; may be empty.
    url : str
        Address of what was published; may be empty.
    text : str
        Its words; may be empty.
    at : datetime
        Event time of the response.
    incident_id : str, default ""
        The incident; empty chooses by `at`: the newest that was open then, else the newest that had begun.

    Returns
    -------
    str
        What was logged and ticked, as a sentence.
    """
    incidents = change.home.lake.read("INCIDENTS", watch=change.watch.watch)
    begun = incidents[incidents["opened_at"] <= at].sort_values("opened_at")
    going_on = begun[begun["closed_at"].isna() | (begun["closed_at"] >= at)]
    begun = going_on if len(going_on) else begun
    incident = str(begun["incident_id"].iloc[-1]) if len(begun) else NO_INCIDENT
    incident = incident_id or incident
    chosen = None if incident == NO_INCIDENT else incident_of(change.home, change.watch, incident)
    if chosen is not None:
        refuse_before(chosen, at, change.watch)
    row = respond.respond(
        change.watch, incident, kind, at=at, now=change.now, text=text, url=url, channel=channel, by=change.by,
        strategy=[s for s in strategy.split(",") if s],
    )  # fmt: skip
    change.home.lake.append("RESPONSES", row)
    shown = f"{at.astimezone(change.watch.zone):%Y-%m-%d %H:%M}"
    word = response_word(kind, change.watch.language)
    sentence = tr(LOGGED, change.watch.language, kind=word, at=shown, incident=incident)
    if chosen is None:
        return sentence
    ticked = respond.describe_actions(
        tick(change.home, change.watch, chosen, row.to_pandas(), now=change.now), change.watch, change.watch.language
    )
    steps = Listing(tuple(ticked["step"])).render(change.watch.language)
    return sentence + (tr(TICKED, change.watch.language, steps=steps) if len(ticked) else "")
