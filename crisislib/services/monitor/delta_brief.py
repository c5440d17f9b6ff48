"""The delta brief: every half hour while an incident is red, what has changed since the brief before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.engine.findings import read_findings
from crisislib.engine.home import Home

EVERY = timedelta(minutes=30)
"""How often a war room is briefed while it is red: what playbooks ask of whoever watches."""
MARK = "delta:"
"""Begins the id of a delta brief, where an emergency brief has the id of its alert."""
JOBS = ("brief", "delta")
"""Jobs in RUNS that count as a brief."""
TITLE = N_("What has changed: {title}")
WRITTEN = N_("An update on the last half hour is ready.")


def is_delta(item: str) -> bool:
    """Whether an item of the briefs' queue is a delta brief.

    Parameters
    ----------
    item : str
        Id of an alert, or of a delta brief.
    """
    return item.startswith(MARK)


def incident_of(item: str) -> str:
    """The incident of a delta brief.

    Parameters
    ----------
    item : str
        Id of a delta brief.
    """
    return item.removeprefix(MARK).partition("@")[0]


class DeltaClock:
    """Which watches are due for a delta brief.

    Parameters
    ----------
    home : Home
        The workbench; its ledger tells when the last brief of a watch was made, also by a process before this one.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._last: dict[str, datetime] = {}

    def briefed(self, watch: str, at: datetime) -> None:
        """Note that a brief of a watch is made.

        Parameters
        ----------
        watch : str
            Name of the watch.
        at : datetime
            As of when.
        """
        self._last[watch] = max(at, self._last.get(watch, at))

    def due(self, levels: Mapping[str, str], now: datetime) -> list[dict[str, object]]:
        """The delta briefs to make now, as items of the briefs' queue.

        Parameters
        ----------
        levels : mapping of str to str
            Level of each watch.
        now : datetime
            Wall clock.

        Returns
        -------
        list of dict
            `watch`, `alert_id`, `level`, `made_at`, `method`; one for each red watch that had no brief for
            :data:`EVERY`. A watch whose first brief is not made yet gets that one.
        """
        made: list[dict[str, object]] = []
        for watch in [name for name, level in levels.items() if rank(level) >= rank("red")]:
            last = self._last.get(watch) or self._from_ledger(watch)
            if last is None or now - last < EVERY:
                continue
            incidents = self._home.lake.read("INCIDENTS", watch=watch)
            mine = incidents[incidents["status"] != "closed"].sort_values("opened_at")
            if mine.empty:
                continue
            self.briefed(watch, now)
            item = f"{MARK}{mine['incident_id'].iloc[-1]}@{now:%Y%m%dT%H%M}"
            made.append({"watch": watch, "alert_id": item, "level": "red", "made_at": now, "method": "delta"})
        return made

    def _from_ledger(self, watch: str) -> datetime | None:
        runs = self._home.lake.read("RUNS", watch=watch, present=False)
        runs = runs[runs["job"].isin(JOBS) & (runs["status"] == "done")]
        if runs.empty:
            return None
        last: datetime = pd.Timestamp(runs["judged_until"].fillna(runs["at"]).max()).to_pydatetime()
        self.briefed(watch, last)
        return last


def changed(home: Home, watch: str, item: str, at: datetime) -> list[Finding]:
    """What a delta brief tells in its message.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : str
        Name of the watch.
    item : str
        Id of the delta brief.
    at : datetime
        As of when it was made.

    Returns
    -------
    list of Finding
        What has changed and what now is; a sentence where that was not stored.
    """
    stored = read_findings(home.lake, watch, ["brief."], now=at, incident=incident_of(item))
    known = [one for key in ("brief.changed", "brief.now") for one in stored if one.key == key and not one.silent]
    return known or [Finding("monitor.delta", WRITTEN, {}, pd.DataFrame())]
