"""Statements on their way: proposed with a strategy, checked, approved, scheduled, published, followed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from babel.dates import format_date

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.phrase import Phrase, unpack
from crisislib.core.watch import Watch
from crisislib.engine.analyst_actions import log_response
from crisislib.engine.home import Home
from crisislib.engine.incident_records import incident_of
from crisislib.engine.response_effects import effects
from crisislib.engine.response_plan import playbooks
from crisislib.engine.response_work import DAY_LOCALES
from crisislib.engine.team_logbook import STATEMENT, entries_of, record_change, record_entry

APPROVERS = ("legal", "lead")
"""Who must approve: what may be said, and that it is said."""
AS_KIND = {
    "holding": "holding", "statement": "statement", "correction": "correction", "press_qa": "press_conference",
    "partner": "partner", "internal": "internal", "reply": "one_to_one", "regulator": "regulator",
}  # fmt: skip
"""Draft -> the kind of response that it is once published; any other is `other`."""


def propose(
    home: Home, watch: Watch, draft: str, *, facts: Mapping[str, str], evidence: Mapping[str, str], by: str,
    now: datetime, claim_true: bool | None = None, knew_before: bool | None = None, owner: str = "",
    language: str | None = None, incident_id: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Put a statement on its way: the strategy with its reasons, and the draft filled from facts with their evidence.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    draft : str
        Which skeleton of the incident's playbook.
    facts : mapping of str to str
        Place -> established words; nothing else enters the text.
    evidence : mapping of str to str
        Place -> what bears its words out.
    by : str
        Who writes it.
    now : datetime
        Wall clock.
    claim_true : bool, optional
        Whether what people say is true; None where that is open.
    knew_before : bool, optional
        Whether the company knew before; None where that is open.
    owner : str
        Who sees to it; the author when empty.
    language : str, optional
        `zh` or `en`; the watch's own when left out.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    CrisisError
        There is no such incident, draft or place.
    """
    incident = incident_of(home, watch, incident_id)
    kind = incident["kind"] if isinstance(incident["kind"], str) else "other"
    book = playbooks(home).for_kind(kind)
    advice = respond.strategy(kind, watch, book, known_true=claim_true, knew_before=knew_before)
    known = dict(facts)
    spoken = language or watch.language
    if "date" in book.places:
        known.setdefault(
            "date", format_date(incident["opened_at"].astimezone(watch.zone), "long", locale=DAY_LOCALES[spoken])
        )
    text = respond.statement(book, draft, watch, facts=known, language=spoken)
    content = {
        "draft": draft, "playbook": book.playbook, "language": text.language, "text": text.text, "facts": known,
        "evidence": dict(evidence), "claim_true": claim_true, "strategy": list(advice.tags), "author": by,
        "advised": list(advice.advised), "avoid": list(advice.avoid),
        "reasons": [reason for _, reason in advice.reasons], "approvals": {},
    }  # fmt: skip
    title = text.title.render(spoken)
    return record_entry(
        home, watch, STATEMENT, title, by=by, now=now, about=draft, owner=owner or by, facts=content,
        incident_id=str(incident["incident_id"]),
    )  # fmt: skip


def revise(
    home: Home, watch: Watch, statement_id: str, *, facts: Mapping[str, str], evidence: Mapping[str, str], by: str,
    now: datetime, claim_true: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Fill a draft further, or otherwise; approvals of what it said before fall.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.
    facts, evidence : mapping of str to str
        What is added or replaced.
    by : str
        Who.
    now : datetime
        Wall clock.
    claim_true : bool, optional
        Whether the claim is true, where that is now known.

    Returns
    -------
    dict
        The LOGBOOK row, a draft again.

    Raises
    ------
    CrisisError
        There is no such statement or place, or it is published.
    """
    row, content = _statement(home, watch, statement_id, ("draft", "approved", "scheduled"))
    book = playbooks(home).named(content["playbook"])
    known = {**content["facts"], **facts}
    text = respond.statement(book, content["draft"], watch, facts=known, language=content["language"])
    claim = content["claim_true"] if claim_true is None else claim_true
    new = {
        "facts": known, "evidence": {**content["evidence"], **evidence}, "text": text.text, "approvals": {},
        "claim_true": claim, "author": by,
    }  # fmt: skip
    return record_change(home, watch, row["entry_id"], by=by, now=now, status="draft", facts=new)


def faults(home: Home, watch: Watch, statement_id: str) -> list[Phrase]:
    """Why a statement must not go out yet.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.

    Returns
    -------
    list of Phrase
        Empty where nothing speaks against it.

    Raises
    ------
    CrisisError
        There is no such statement.
    """
    _, content = _statement(home, watch, statement_id)
    book = playbooks(home).named(content["playbook"])
    text = respond.statement(book, content["draft"], watch, facts=content["facts"], language=content["language"])
    skeleton = book.draft(content["draft"]).placeholders()
    return respond.statement_faults(
        text, {k: v for k, v in content["facts"].items() if k in skeleton}, content["evidence"],
        places={key: respond.both(words) for key, words in book.places.items()},
        forbidden=[(one.words, respond.both(one.why)) for one in book.forbidden],
        claim_false=content["claim_true"] is False,
    )  # fmt: skip


def approve(home: Home, watch: Watch, statement_id: str, *, role: str, by: str, now: datetime) -> dict[str, Any]:
    """Approve a statement as legal or as lead; nobody approves their own, nor both.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.
    role : str
        One of :data:`APPROVERS`.
    by : str
        Who.
    now : datetime
        Wall clock.

    Returns
    -------
    dict
        The LOGBOOK row; `approved` once both have.

    Raises
    ------
    InputError
        The checklist refuses it, an unknown role, or the author approves.
    """
    if role not in APPROVERS:
        raise InputError(f"{role!r} approves nothing", where="--as", do=f"use one of {', '.join(APPROVERS)}")
    row, content = _statement(home, watch, statement_id, ("draft", "approved"))
    if refused := faults(home, watch, row["entry_id"]):
        words = " ".join(one.render(watch.language) for one in refused)
        raise InputError(f"the checklist refuses it: {words}", do="establish what is missing: crisis release fill")
    others = {who["by"] for key, who in content["approvals"].items() if key != role}
    if by == content["author"] or by in others:
        raise InputError(f"{by} wrote or approved it already", where="--by", do="let somebody else look at it")
    approvals = {**content["approvals"], role: {"by": by, "at": now.isoformat()}}
    whole = all(one in approvals for one in APPROVERS)
    state = "approved" if whole else "draft"
    return record_change(home, watch, row["entry_id"], by=by, now=now, status=state, facts={"approvals": approvals})


def schedule(home: Home, watch: Watch, statement_id: str, *, at: datetime, by: str, now: datetime) -> dict[str, Any]:
    """Say when an approved statement goes out.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.
    at : datetime
        When; not in the past.
    by : str
        Who.
    now : datetime
        Wall clock.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    InputError
        It is not approved, or the time is past.
    """
    row, _ = _statement(home, watch, statement_id, ("approved", "scheduled"))
    if at < now:
        raise InputError(f"{at.isoformat()} is past", where="--at", do="choose a time to come, or publish it now")
    return record_change(home, watch, row["entry_id"], by=by, now=now, status="scheduled", due_at=at)


def publish(
    home: Home, watch: Watch, statement_id: str, *, url: str, channel: str, by: str, now: datetime, at: datetime
) -> tuple[dict[str, Any], str]:
    """Take the address of an approved statement that is out; it is logged as a response and closes its step.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.
    url : str
        Where it can be read; needed.
    channel : str
        Where it was published.
    by : str
        Who.
    now : datetime
        Wall clock.
    at : datetime
        When it went out.

    Returns
    -------
    tuple of dict and str
        The LOGBOOK row, and what was logged and ticked, as a sentence.

    Raises
    ------
    InputError
        It is not approved, or has no address.
    """
    row, content = _statement(home, watch, statement_id, ("approved", "scheduled"))
    if not url.strip():
        raise InputError(
            "no address is given", where="--url", do="say where it can be read, so that it can be followed"
        )
    sentence = log_response(
        home, watch, kind=AS_KIND.get(content["draft"], "other"), by=by, channel=channel,
        strategy=",".join(content["strategy"]), url=url, text=content["text"], at=at, now=now,
        incident_id=str(row["incident_id"]),
    )  # fmt: skip
    new = {"url": url, "channel": channel, "published_at": at.isoformat()}
    return record_change(home, watch, row["entry_id"], by=by, now=now, status="published", facts=new), sentence


def follow(home: Home, watch: Watch, statement_id: str, *, by: str, now: datetime) -> list[Finding]:
    """What came of a published statement: the effect of its response so far; it counts as followed then.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.
    by : str
        Who looks.
    now : datetime
        Wall clock.

    Returns
    -------
    list of Finding
        `respond.effect`, one a signal.

    Raises
    ------
    InputError
        It is not published.
    """
    row, content = _statement(home, watch, statement_id, ("published", "followed"))
    at = pd.Timestamp(content["published_at"])
    mine = [
        one for one in effects(home.lake, watch, now=now)
        if len(one.table) and pd.Timestamp(one.table["at"].iloc[0]) == at
    ]  # fmt: skip
    note = " ".join(one.render(watch.language) for one in mine)
    if row["status"] == "published":
        record_change(home, watch, row["entry_id"], by=by, now=now, status="followed", note=note)
    return mine


def withdraw(home: Home, watch: Watch, statement_id: str, *, why: str, by: str, now: datetime) -> dict[str, Any]:
    """Take a statement back, with the reason; what is published stays logged as a response.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.
    why : str
        The reason; needed.
    by : str
        Who.
    now : datetime
        Wall clock.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    InputError
        No reason is given.
    """
    if not why.strip():
        raise InputError("no reason is given", where="--why", do="say why it is taken back")
    row, _ = _statement(home, watch, statement_id)
    return record_change(home, watch, row["entry_id"], by=by, now=now, status="withdrawn", note=why)


def content_of(home: Home, watch: Watch, statement_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A statement as it stands: its LOGBOOK row, and its text, facts, evidence, strategy, reasons and approvals.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    statement_id : str
        Which.

    Returns
    -------
    tuple of dict and dict
        The row, and what its `facts` hold.

    Raises
    ------
    CrisisError
        There is no such statement.
    """
    return _statement(home, watch, statement_id)


def _statement(
    home: Home, watch: Watch, statement_id: str, states: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    row = respond.entry(entries_of(home, watch, kind=STATEMENT), statement_id)
    if states and row["status"] not in states:
        raise InputError(
            f"statement {row['entry_id']} is {row['status']}", do=f"that can be done while it is {', '.join(states)}"
        )
    return row, unpack(row["facts"]) or {}
