"""The hand-over of a shift: what happened, what was decided, what is open, what comes next, from what is on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from crisislib import respond
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVEL_NAMES, rank
from crisislib.core.phrase import render
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_decisions import incident_decisions
from crisislib.engine.incident_records import actions_of, incident_of, responses_of
from crisislib.engine.logbook_reading import entries_in_words, entries_of
from crisislib.engine.plan_in_words import GUIDANCE, guidance, in_words, plan_in_words
from crisislib.engine.rendering import STATUS, incident_title, response_word
from crisislib.engine.runs import watch_status

NEXT_LEAST, FAR = 3, timedelta(days=3)
"""So many steps that come next are named, if they fall due within so long: a quiet shift prepares them."""
NEXT = timedelta(hours=8)
"""What is due within a shift is the next one's: the usual length of one."""
HEADINGS = {
    "happened": N_("What happened"),
    "decided": N_("What was decided"),
    "open": N_("What is open"),
    "next": N_("What comes next"),
    "incidents": N_("Other incidents that are open"),
    **{key: GUIDANCE[key] for key in ("waiting", "affected", "contacts", "forbidden", "close")},
}
"""Part of a hand-over to its heading; gettext ids."""
_LEVEL = N_("The level is {level}, decided up to {until}.")
_STANDING = N_("The incident began on {at}; it is {state}, level {level}.")
_ALERT = N_("{at}: alert, {level}")
_RESPONSE = N_("{at}: {kind}, by {by}")
_STEP = N_("{at}: {step}: {state}, by {by}")
_ENTRY = N_("{at}: {kind}: {title} ({state}, {by})")
_LATE = N_("overdue since {due}: {step} ({owner})")
_OPEN_ENTRY = N_("{kind} {id}: {title} ({state})")
_TIMED_ENTRY = N_("{kind} {id}: {title} ({state}, {due})")
_DUE = N_("{due}: {step} ({owner})")
_OTHER = N_("{title} ({id}): level {level}, since {at}; {n} {n:step|steps} open, {late} late")


@dataclass(frozen=True)
class Handover:
    """What the next shift must know.

    Attributes
    ----------
    title : str
        The incident.
    since, until : datetime
        The shift.
    parts : dict of str to list of str
        Key of :data:`HEADINGS` -> lines in the reader's language, in order of time.
    """

    title: str
    since: datetime
    until: datetime
    parts: dict[str, list[str]]

    def markdown(self, watch: Watch, language: str) -> str:
        """The hand-over as a page.

        Parameters
        ----------
        watch : Watch
            Its time zone is the reader's.
        language : str
            `zh` or `en`.

        Returns
        -------
        str
            Markdown; an empty part says so by a dash.
        """
        span = " – ".join(f"{at.astimezone(watch.zone):%Y-%m-%d %H:%M}" for at in (self.since, self.until))
        lines = [f"# {self.title}", "", span]
        for key, heading in HEADINGS.items():
            lines += ["", f"## {tr(heading, language)}", "", *(f"- {one}" for one in self.parts[key] or ["–"])]
        return "\n".join(lines) + "\n"


def handover(
    home: Home, watch: Watch, *, since: datetime, now: datetime, language: str, incident_id: str = ""
) -> Handover:
    """What happened in a shift, what was decided, what is open, what comes next.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    since : datetime
        Begin of the shift.
    now : datetime
        Its end.
    language : str
        `zh` or `en`.
    incident_id : str
        The incident; the latest when empty, with what was decided about any.

    Returns
    -------
    Handover
        From alerts, responses, steps and the logbook; nothing is computed anew.

    Raises
    ------
    CrisisError
        There is no such incident.
    """
    incident = incident_of(home, watch, incident_id)
    own = str(incident["incident_id"])
    actions = actions_of(home, watch, incident)
    entries = entries_of(home, watch, incident_id=own)
    written = entries if incident_id else entries_of(home, watch)
    taken = [
        (at, str(one.render(language)))
        for at, one in incident_decisions(home, watch, since=since, until=now, incident_id=incident_id)
    ]
    parts = {
        "happened": [
            _level(home, watch, now, language),
            _standing(incident, watch, language),
            *_happened(home, watch, incident, actions, since, now, language),
        ],
        "decided": _in_order(taken + _entries(written[written["kind"] == "decision"], watch, since, language)),
        "open": _open(actions, entries, watch, now, language),
        "next": _next(actions, watch, now, language),
        "incidents": _others(home, watch, own, now, language),
        **{one.key: one.lines for one in guidance(home, incident, language) if one.key in HEADINGS},
    }
    return Handover(str(render(incident_title(incident, watch), language)), since, now, parts)


def _clock(at: datetime, watch: Watch) -> str:
    return f"{pd.Timestamp(at).astimezone(watch.zone):%m-%d %H:%M}"


def _level(home: Home, watch: Watch, now: datetime, language: str) -> str:
    status = watch_status(home.lake, watch, now=now)
    until = "–" if status.judged_until is None else _clock(status.judged_until, watch)
    return tr(_LEVEL, language, level=tr(LEVEL_NAMES[status.level], language), until=until)


def _standing(incident: dict[str, Any], watch: Watch, language: str) -> str:
    """How the incident itself stands: the level of the watch may be unknown, or calm, while people work on it."""
    state, level = str(incident["status"]), str(incident["level"])
    return tr(
        _STANDING, language, at=_clock(incident["opened_at"], watch), state=tr(STATUS.get(state, state), language),
        level=tr(LEVEL_NAMES.get(level, level), language),
    )  # fmt: skip


def _happened(
    home: Home, watch: Watch, incident: dict[str, object], actions: pd.DataFrame, since: datetime, now: datetime,
    language: str,
) -> list[str]:  # fmt: skip
    """Alerts, responses and settled steps of the shift, in order of time."""
    begin, end = pd.Timestamp(since), pd.Timestamp(now)
    lines: list[tuple[pd.Timestamp, str]] = []
    alerts = home.lake.read("ALERTS", watch=watch.watch)
    alerts = alerts[(alerts["incident_id"] == incident["incident_id"]) & alerts["made_at"].between(begin, end)]
    for one in alerts.to_dict("records"):
        level = tr(LEVEL_NAMES.get(one["level"], one["level"]), language)
        lines.append((one["made_at"], tr(_ALERT, language, at=_clock(one["made_at"], watch), level=level)))
    log = responses_of(home, watch, incident)
    for one in log[log["at"].between(begin, end)].to_dict("records"):
        kind = response_word(one["kind"], language)
        lines.append((one["at"], tr(_RESPONSE, language, at=_clock(one["at"], watch), kind=kind, by=one["by"] or "–")))
    settled = actions[actions["done_at"].between(begin, end)]
    for one in in_words(settled, watch, language).to_dict("records"):
        facts = {"step": one["step"], "state": one["state"], "by": one["by"] or "–"}
        lines.append((one["done_at"], tr(_STEP, language, at=_clock(one["done_at"], watch), **facts)))
    return _in_order(lines)


def _in_order(lines: list[tuple[pd.Timestamp, str]]) -> list[str]:
    return [words for _, words in sorted(lines, key=lambda pair: pair[0])]


def _others(home: Home, watch: Watch, own: str, now: datetime, language: str) -> list[str]:
    """The other open incidents, the worst first: level, and how many of their steps are open and late."""
    rows = home.lake.read("INCIDENTS", watch=watch.watch)
    rows = rows[(rows["status"] != "closed") & (rows["incident_id"] != own)]
    rows = rows.sort_values("level", key=lambda levels: levels.map(rank), ascending=False, kind="stable")
    lines = []
    for one in ({str(key): value for key, value in row.items()} for row in rows.to_dict("records")):
        steps = plan_in_words(actions_of(home, watch, one), watch, language=language, now=now)
        lines.append(
            tr(_OTHER, language, title=render(incident_title(one, watch), language), id=one["incident_id"],
               level=tr(LEVEL_NAMES.get(one["level"], one["level"]), language), at=_clock(one["opened_at"], watch),
               n=len(steps), late=int(steps["late"].sum()))
        )  # fmt: skip
    return lines


def _entries(rows: pd.DataFrame, watch: Watch, since: datetime, language: str) -> list[tuple[pd.Timestamp, str]]:
    rows = rows[rows["at"] >= pd.Timestamp(since)]
    return [
        (one["at"], tr(_ENTRY, language, at=_clock(one["at"], watch), kind=one["kind"], title=one["title"],
                       state=one["status"], by=one["by"]))
        for one in entries_in_words(rows, language).to_dict("records")
    ]  # fmt: skip


def _open(actions: pd.DataFrame, entries: pd.DataFrame, watch: Watch, now: datetime, language: str) -> list[str]:
    steps = plan_in_words(actions, watch, language=language, now=now)
    late = [
        tr(_LATE, language, due=_clock(one["due_at"], watch), step=one["step"], owner=one["owner"])
        for one in steps[steps["late"]].to_dict("records")
    ]
    waiting = entries_in_words(entries[~entries["status"].isin(respond.ENDED)], language)
    return late + [
        tr(
            _OPEN_ENTRY if pd.isna(one["due_at"]) else _TIMED_ENTRY, language, kind=one["kind"], id=one["entry_id"],
            title=one["title"], state=one["status"], due="" if pd.isna(one["due_at"]) else _clock(one["due_at"], watch),
        )
        for one in waiting.to_dict("records")
    ]  # fmt: skip


def _next(actions: pd.DataFrame, watch: Watch, now: datetime, language: str) -> list[str]:
    steps = plan_in_words(actions, watch, language=language, now=now)
    coming = steps[~steps["late"]]
    soon = coming[
        (coming["due_at"] <= pd.Timestamp(now + NEXT))
        | ((np.arange(len(coming)) < NEXT_LEAST) & (coming["due_at"] <= pd.Timestamp(now + FAR)))
    ]
    return [
        tr(_DUE, language, due=_clock(one["due_at"], watch), step=one["step"], owner=one["owner"])
        for one in soon.to_dict("records")
    ]
