"""How a team did in a drill: detection, assessment, first word, steps, injects; each from its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from crisislib import respond
from crisislib.core.durations import duration
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.phrase import Phrase, unpack
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import actions_of, alerted_at, latest_incident, responses_of
from crisislib.engine.logbook_reading import entries_of
from crisislib.engine.records import record

DRILL_INJECT = "drill_inject"
"""Fact of a logbook entry that the drill has written: what kind of inject it was."""
DETECTION_MIN = 60.0
"""Target in minutes: an alert within one window of the default grain. The other clocks are the plan's own."""
SHORT_HOURS = 4.0
"""Hours below which a drill is short: an hour of ordinary talk, up to an hour until the first alert, and the longest
clock of a first statement (90 minutes at yellow) with some to spare."""
ASSESSMENT, FIRST_WORD = ("verify",), ("holding", "status_page")
"""Steps of the shipped playbooks that are the assessment, and the first public word."""
PARTS: dict[str, str] = {
    "detection": N_("detection: from the first post to the first alert"),
    "assessment": N_("assessment: the facts on one page"),
    "first_word": N_("first public statement"),
    "steps": N_("steps done in time, of those that fell due"),
    "injects": N_("press enquiries answered in time"),
}
"""Part of the score to its name; gettext ids."""
_SCORED = N_(
    "Drill “{title}”: {score} of 100 points. First alert from yellow on: {detected}; facts established: {assessed}; "
    "first public statement: {spoken}. {missed} of {due} {due:step|steps} missed, {answered} of {asked} enquiries "
    "answered in time."
)
_NOT_SCORED = N_(
    "Drill “{title}”: not scored. No alert was raised within {span} of the first post and nobody opened an incident, "
    "so no step fell due. Run it longer (--hours) or with more posts (--posts)."
)
_NOTHING_DUE = N_(
    "Drill “{title}”: not scored. It ended {span} after the first post, before anything of the open incident fell due. "
    "Run it longer (--hours)."
)
_PARTLY = N_("The score rests on {n} of {of} parts; of the others nothing had fallen due when the drill ended.")
_NEVER, _NOT_DUE = N_("never"), N_("not due yet")


@dataclass(frozen=True)
class DrillScore:
    """How a team did.

    Attributes
    ----------
    points : float
        0-100: the mean of the parts; not a number where nothing was there to be answered.
    parts : pandas.DataFrame
        part, title (words), target_min, taken_min, points (0-1; null where nothing was due).
    finding : Finding
        `drill.score`.
    """

    points: float
    parts: pd.DataFrame
    finding: Finding


def score_drill(home: Home, watch: Watch, title: object, *, onset: datetime, now: datetime, team: str) -> DrillScore:
    """Score a drill from what is on record, and record the score.

    Parameters
    ----------
    home, watch : Home, Watch
        The drill's.
    title : object
        Words of the scenario.
    onset : datetime
        First post of the simulated crisis.
    now : datetime
        The drill's clock at its end.
    team : str
        Who played.

    Returns
    -------
    DrillScore
        Each part is 1 within its target and target / taken beyond it, 0 where it never came although its time is over;
        steps and enquiries count by the share in time. What had not fallen due counts neither way, and the finding says
        on how many parts the score rests. Where there was nothing to answer, there is no score.
    """
    alert = _first_alert(home, watch, onset)
    detected = None if alert is None else (alert - onset).total_seconds() / 60
    lasted = (now - onset).total_seconds() / 60
    early = detected is None and lasted <= DETECTION_MIN
    incident = latest_incident(home, watch)
    steps = pd.DataFrame(columns=["step", "result", "due_at", "done_at", "facts"])
    if incident is not None:
        steps, _, _ = respond.score(
            actions_of(home, watch, incident), responses_of(home, watch, incident),
            opened_at=pd.Timestamp(incident["opened_at"]).to_pydatetime(),
            alerted_at=alerted_at(home, watch, incident), now=now,
        )  # fmt: skip
    assessed, spoken = _clock(steps, ASSESSMENT, now), _clock(steps, FIRST_WORD, now)
    fell_due = steps[(steps["result"] != "open")]
    in_time, due = int((fell_due["result"] == "in time").sum()), len(fell_due)
    asked, answered = _enquiries(home, watch, now)
    parts = pd.DataFrame(
        [
            ("detection", DETECTION_MIN, detected, _timed(None if early else DETECTION_MIN, detected)),
            ("assessment", *assessed, _timed(*assessed)),
            ("first_word", *spoken, _timed(*spoken)),
            ("steps", None, None, in_time / due if due else None),
            ("injects", None, None, answered / asked if asked else None),
        ],
        columns=["part", "target_min", "taken_min", "points"],
    ).astype({"target_min": "float64", "taken_min": "float64", "points": "float64"})
    parts.insert(1, "title", [Phrase(PARTS[key]) for key in parts["part"]])
    scored = 0 if incident is None else int(parts["points"].notna().sum())
    points = float(100 * parts["points"].mean()) if scored else float("nan")
    facts: dict[str, object] = {"title": title, "span": duration(60 * max(lasted, 0.0))}
    if scored:
        facts = {
            "title": title, "score": round(points), "detected": _words(detected, due=not early),
            "assessed": _words(assessed[1], due=assessed[0] is not None),
            "spoken": _words(spoken[1], due=spoken[0] is not None), "missed": due - in_time, "due": due,
            "answered": answered, "asked": asked,
        }  # fmt: skip
    message = _SCORED if scored else _NOT_SCORED if incident is None else _NOTHING_DUE
    limits = [Phrase(_PARTLY, {"n": scored, "of": len(parts)})] if 0 < scored < len(parts) else []
    finding = Finding("drill.score", message, facts, parts, limits=limits, weight=1.0)
    own = "" if incident is None else str(incident["incident_id"])
    record(home, watch, "drill", [finding], by=team, now=now, incident_id=own, parameters={"team": team})
    return DrillScore(points, parts, finding)


def _first_alert(home: Home, watch: Watch, onset: datetime) -> datetime | None:
    """When the first alert from yellow on was decided after the onset."""
    alerts = home.lake.read("ALERTS", watch=watch.watch, present=False)
    raised = alerts[(alerts["level"].map(rank) >= rank("yellow")) & (alerts["made_at"] >= pd.Timestamp(onset))]
    return None if raised.empty else raised["made_at"].min().to_pydatetime()


def _clock(steps: pd.DataFrame, names: tuple[str, ...], now: datetime) -> tuple[float | None, float | None]:
    """Minutes that the plan gave for a step, and that it took; the latter is None where it was not done.

    A step's own clock begins when its level was decided, so that a team is measured against what it could know. A step
    that is not due yet gives no target.
    """
    mine = steps[steps["step"].isin(names)].sort_values("due_at")
    if mine.empty or (pd.isna(mine["done_at"].iloc[0]) and mine["due_at"].iloc[0] > pd.Timestamp(now)):
        return None, None
    row = mine.iloc[0]
    given = float((unpack(row["facts"]) or {}).get("minutes", 0))
    if pd.isna(row["done_at"]):
        return given, None
    return given, given + (row["done_at"] - row["due_at"]).total_seconds() / 60


def _enquiries(home: Home, watch: Watch, now: datetime) -> tuple[int, int]:
    """Enquiries of the drill whose time has come, and how many of them were answered by then."""
    rows = entries_of(home, watch, kind="enquiry")
    ours = rows["facts"].map(lambda text: DRILL_INJECT in (unpack(text) or {})).astype(bool)
    rows = rows[ours]
    ended = rows["status"].isin(respond.ENDED)
    asked = rows[ended | (rows["due_at"] <= pd.Timestamp(now))]
    in_time = asked["status"].isin(["replied", "declined"]) & (asked["at"] <= asked["due_at"])
    return len(asked), int(in_time.sum())


def _timed(target: float | None, taken: float | None) -> float | None:
    if target is None:
        return None
    return 0.0 if taken is None else 1.0 if taken <= target else target / taken


def _words(minutes: float | None, *, due: bool) -> object:
    """How long something took; what has not come is late only where it was due."""
    return Phrase(_NEVER if due else _NOT_DUE) if minutes is None else duration(60 * minutes)
