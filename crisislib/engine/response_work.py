"""What the response team asks for: drafts, the strategy to speak by, and how fast it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from babel.dates import format_date

from crisislib import respond
from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import (
    actions_of,
    alerted_at,
    claim_known,
    incident_of,
    latest_incident,
    responses_of,
)
from crisislib.engine.records import record
from crisislib.engine.response_plan import playbooks
from crisislib.respond import Text

__all__ = ["Score", "Text", "drafts", "score", "strategy"]
DAY_LOCALES = {"zh": "zh_CN", "en": "en_GB"}
"""How a day is written in a statement: 2026年3月1日, 1 March 2026."""


@dataclass(frozen=True)
class Score:
    """How fast and how well the team was.

    Attributes
    ----------
    steps, milestones : pandas.DataFrame
        See :func:`crisislib.respond.response_score`.
    checklist : pandas.DataFrame
        The 5S items, see :func:`crisislib.respond.five_s`.
    findings : list of Finding
        The sum of both.
    """

    steps: pd.DataFrame
    milestones: pd.DataFrame
    checklist: pd.DataFrame
    findings: list[Finding]


def drafts(
    home: Home,
    watch: Watch,
    names: Sequence[str] = (),
    *,
    by: str,
    now: datetime,
    playbook: str = "",
    facts: Mapping[str, str] | None = None,
    language: str | None = None,
    audience: str | None = None,
    incident_id: str = "",
) -> list[Text]:
    """Drafts of a playbook filled from established facts, and recorded.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    names : sequence of str
        Which drafts; all, or those for `audience`, when empty.
    by : str
        Who asks.
    now : datetime
        Wall clock.
    playbook : str
        Its name; that of the incident's kind, else the common one, when empty.
    facts : mapping, optional
        Place -> established words. The day on which the incident began is filled in where there is one.
    language : str, optional
        `zh` or `en`; the watch's own when left out.
    audience : str, optional
        A key of the playbook's audiences; all when left out.
    incident_id : str, default ""
        The incident; empty means the latest.

    Returns
    -------
    list of Text
        With the places that no fact fills.

    Raises
    ------
    CrisisError
        There is no such playbook, draft, place, audience or incident.
    """
    books = playbooks(home)
    incident = incident_of(home, watch, incident_id) if incident_id else latest_incident(home, watch)
    book = books.named(playbook) if playbook else books.for_kind((incident or {}).get("kind"))
    spoken = language or watch.language
    known = dict(facts or {})
    if incident and "date" in book.places:
        day = incident["opened_at"].astimezone(watch.zone)
        known.setdefault("date", format_date(day, "long", locale=DAY_LOCALES[spoken]))
    if names:
        texts = [respond.statement(book, name, watch, facts=known, language=spoken) for name in names]
    else:
        texts = respond.pack(book, watch, facts=known, audience=audience, language=spoken)
    asked = {"playbook": book.playbook, "drafts": [t.draft for t in texts], "facts": known, "language": spoken}
    own = str((incident or {}).get("incident_id", ""))
    result = [text.finding() for text in texts]
    record(home, watch, "statement", result, by=by, now=now, incident_id=own, parameters=asked)
    return texts


def strategy(
    home: Home,
    watch: Watch,
    *,
    by: str,
    now: datetime,
    known_true: bool | None = None,
    knew_before: bool | None = None,
    incident_id: str = "",
) -> respond.Strategy:
    """What to say in principle about an incident, with the reasons; the advice is recorded.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    by : str
        Who asks.
    now : datetime
        Wall clock.
    known_true : bool or None, default None
        Whether the accusation is known to be true; None where that is open, unless the incident is confirmed.
    knew_before : bool or None, default None
        Whether the organisation knew of the risk before; None where that is open.
    incident_id : str, default ""
        The incident; empty means the latest.

    Returns
    -------
    Strategy
        Cluster, strategies and reasons; see :func:`crisislib.respond.strategy`.
    """
    incident = incident_of(home, watch, incident_id)
    kind = incident["kind"] if isinstance(incident["kind"], str) else "other"
    known_true = claim_known(incident, known_true)
    advice = respond.strategy(
        kind, watch, playbooks(home).for_kind(kind), known_true=known_true, knew_before=knew_before
    )
    asked = {"kind": kind, "known_true": known_true, "knew_before": knew_before, "tags": list(advice.tags)}
    own = str(incident["incident_id"])
    record(home, watch, "strategy", [advice.finding()], by=by, now=now, incident_id=own, parameters=asked)
    return advice


def score(
    home: Home,
    watch: Watch,
    *,
    by: str,
    now: datetime,
    five_s: Mapping[str, tuple[int, str]] | None = None,
    incident_id: str = "",
) -> Score:
    """The clocks and milestones of an incident, and the 5S checklist with the scores given; recorded.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    by : str
        Who asks.
    now : datetime
        Wall clock.
    five_s : Mapping[str, tuple of int and str] or None, default None
        Item → score and reason.
    incident_id : str, default ""
        The incident; empty means the latest.

    Returns
    -------
    Score
        Steps, milestones, checklist and findings.
    """
    incident = incident_of(home, watch, incident_id)
    steps, milestones, clocks = respond.score(
        actions_of(home, watch, incident),
        responses_of(home, watch, incident),
        opened_at=pd.Timestamp(incident["opened_at"]).to_pydatetime(),
        alerted_at=alerted_at(home, watch, incident),
        now=now,
    )
    table, checked = respond.five_s(playbooks(home).for_kind(incident["kind"]), five_s or {})
    findings = [clocks, *([checked] if five_s else [])]
    asked = {"five_s": {key: list(given) for key, given in (five_s or {}).items()}}
    own = str(incident["incident_id"])
    record(home, watch, "score", findings, by=by, now=now, incident_id=own, parameters=asked)
    return Score(steps, milestones, table, findings)
