"""A simulated team for drills: it works through its plan at its own pace, so that a drill can be tried out alone."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.phrase import unpack
from crisislib.core.watch import Watch
from crisislib.engine.analyst_actions import log_response
from crisislib.engine.home import Home
from crisislib.engine.incident_records import actions_of, latest_incident
from crisislib.engine.logbook_reading import entries_of
from crisislib.engine.response_plan import mark, still_open
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import change_entry
from crisislib.simulation import Scenario

PACES = {"good": 0.6, "slow": 2.5}
"""Team -> share of a step's time after which it is done. The good one is done well within its clocks, the slow one
takes two and a half times as long: what separates them is time alone, so that a score must follow it."""
TEAMS = ("people", "none", *PACES)
"""Who may run a drill; only the last two do anything by themselves."""


class SimulatedTeam:
    """Does what is open when its pace says so.

    Parameters
    ----------
    name : str
        One of :data:`TEAMS`.
    pack : Scenario
        Its words are what the team says.

    Raises
    ------
    InputError
        There is no such team.
    """

    def __init__(self, name: str, pack: Scenario) -> None:
        if name not in TEAMS:
            raise InputError(
                N_("there is no team {name}"),
                do=N_("use one of {teams}"),
                facts={"name": repr(name), "teams": ", ".join(TEAMS)},
            )
        self.name, self._pack = name, pack

    def work(self, home: Home, watch: Watch, *, now: datetime) -> None:
        """Do what is due by the pace of the team.

        Parameters
        ----------
        home, watch : Home, Watch
            The drill's.
        now : datetime
            The drill's clock.
        """
        pace, incident = PACES.get(self.name), latest_incident(home, watch)
        if pace is None or incident is None:
            return
        history = actions_of(home, watch, incident, present=False)
        planned = history.groupby("action_id")["at"].min()
        newest = history.sort_values("at", kind="stable").drop_duplicates("action_id", keep="last")
        for row in still_open(newest, now=now).to_dict("records"):
            kinds = (unpack(row["facts"]) or {}).get("done_by", [])
            given = planned[row["action_id"]]
            if now < given + pace * (row["due_at"] - given):
                continue
            if kinds:
                self._respond(home, watch, kinds[0], str(incident["incident_id"]), now)
            else:
                mark(
                    TeamChange(home, watch, self.name, now),
                    [row["action_id"]],
                    "done",
                    incident_id=incident["incident_id"],
                )
        for one in entries_of(home, watch, kind="enquiry", open_only=True).to_dict("records"):
            if pd.notna(one["due_at"]) and now >= one["written_at"] + pace * (one["due_at"] - one["written_at"]):
                change_entry(TeamChange(home, watch, self.name, now), one["entry_id"], status="replied")

    def _respond(self, home: Home, watch: Watch, kind: str, incident_id: str, now: datetime) -> None:
        """Log a response in the words of the scenario, with the strategy that its truth bears."""
        lang = self._pack.root.lang
        words = self._pack.holding[lang] if kind == "holding" else self._pack.statement[lang]
        right = "rebuild.apology" if self._pack.known_true else "deny.denial"
        public = kind in ("statement", "correction", "press_conference")
        log_response(
            TeamChange(home, watch, self.name, now),
            kind=kind,
            channel="weibo" if lang == "zh" else "x",
            strategy=right if public else "instructing",
            url="",
            text=words,
            at=now,
            incident_id=incident_id,
        )
