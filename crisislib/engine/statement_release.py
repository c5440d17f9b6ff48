"""Statements on their way: proposed with a strategy, checked, approved, scheduled, published, followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from crisislib import respond
from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Phrase
from crisislib.engine.analyst_actions import log_response
from crisislib.engine.response_effects import effects
from crisislib.engine.statement_basis import NAMED_BY, fingerprint
from crisislib.engine.statement_drafts import content_faults, content_of, standing
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import EntryChanges, record_change, record_decided

APPROVERS = {"legal": N_("Legal"), "lead": N_("Lead")}
"""Who must approve: the text, and that it is published; role -> its name, a gettext id."""
AS_KIND = {
    "holding": "holding", "statement": "statement", "correction": "correction", "press_qa": "press_conference",
    "partner": "partner", "internal": "internal", "reply": "one_to_one", "regulator": "regulator",
}  # fmt: skip
"""Draft -> the kind of response that it is once published; any other is `other`."""


def approve(change: TeamChange, statement_id: str, *, role: str, content: str) -> dict[str, Any]:
    """Approve a statement as legal or as lead; nobody approves their own, nor both.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    statement_id : str
        Which.
    role : str
        One of :data:`APPROVERS`.
    content : str
        Hash of what is approved, as it was read, or its first digits (at least :data:`NAMED_BY`).

    Returns
    -------
    dict
        The LOGBOOK row; `approved` once both have.

    Raises
    ------
    InputError
        It has changed since it was read, the checklist refuses it, an unknown role, or the author approves.
    """
    if role not in APPROVERS:
        raise InputError(
            N_("{name} approves nothing"), where="--as", do=N_("use one of {known}"),
            facts={"name": repr(role), "known": ", ".join(APPROVERS)},
        )  # fmt: skip
    return record_decided(change, statement_id, lambda row: _approved(change, row, role, content.strip().lower()))


def _approved(change: TeamChange, row: dict[str, Any], role: str, named: str) -> EntryChanges:
    """What an approval makes of a statement as it stands."""
    content = standing(row, ("draft", "approved"))
    print_now = fingerprint(content)
    if len(named) < NAMED_BY or not print_now.startswith(named):
        raise InputError(
            N_("what {entry} says now is {now}, not {named}"), where="--content",
            do=N_("read it again (crisis release show), and approve what it says now"),
            facts={"entry": row["entry_id"], "now": print_now[:NAMED_BY],
                   "named": named or Phrase(N_("what you named"))},
        )  # fmt: skip
    if refused := content_faults(change.home, change.watch, content):
        raise InputError(
            N_("the checklist refuses it: {fault}"), do=N_("establish what is missing: crisis release fill"),
            facts={"fault": refused[0]},
        )  # fmt: skip
    others = {who["by"] for key, who in content["approvals"].items() if key != role}
    if change.by == content["author"] or change.by in others:
        raise InputError(
            N_("{by} wrote or approved it already"), where="--by", do=N_("let somebody else look at it"),
            facts={"by": change.by},
        )  # fmt: skip
    mine = {"by": change.by, "at": change.now.isoformat(), "content": print_now}
    approvals = {**content["approvals"], role: mine}
    state = "approved" if all(one in approvals for one in APPROVERS) else "draft"
    return {"status": state, "facts": {"approvals": approvals}}


def _as_approved(row: dict[str, Any]) -> dict[str, Any]:
    """The content of a statement that may go out: both have approved just this."""
    content = standing(row, ("approved", "scheduled"))
    if {one.get("content") for one in content["approvals"].values()} != {fingerprint(content)}:
        raise InputError(
            N_("{entry} is not what was approved"), do=N_("have it approved again"), facts={"entry": row["entry_id"]}
        )
    return content


def schedule(change: TeamChange, statement_id: str, *, at: datetime) -> dict[str, Any]:
    """Say when an approved statement goes out.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    statement_id : str
        Which.
    at : datetime
        When; not in the past.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    InputError
        It is not approved, or the time is past.
    """
    if at < change.now:
        local = f"{at.astimezone(change.watch.zone):%Y-%m-%d %H:%M}"
        raise InputError(
            N_("{local} is past"),
            where="--at",
            do=N_("choose a time to come, or publish it now"),
            facts={"local": local},
        )

    def scheduled(row: dict[str, Any]) -> EntryChanges:
        _as_approved(row)
        return {"status": "scheduled", "due_at": at}

    return record_decided(change, statement_id, scheduled)


def publish(
    change: TeamChange, statement_id: str, *, url: str, channel: str, at: datetime
) -> tuple[dict[str, Any], str]:
    """Take the address of an approved statement that is out; it is logged as a response and closes its step.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    statement_id : str
        Which.
    url : str
        Where it can be read; needed.
    channel : str
        Where it was published.
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
    if not url.strip():
        raise InputError(
            N_("no address is given"), where="--url", do=N_("say where it can be read, so that it can be followed")
        )
    respond.web_address(url)
    logged: list[str] = []

    def published(row: dict[str, Any]) -> EntryChanges:
        content = _as_approved(row)
        if respond.for_each(content["text"]):
            raise InputError(
                N_("{entry_id} goes to each affected person"),
                do=N_("crisis breach write, or crisis breach send"),
                facts={"entry_id": row["entry_id"]},
            )
        logged.append(
            log_response(
                change, kind=AS_KIND.get(content["draft"], "other"), channel=channel,
                strategy=",".join(content["strategy"]), url=url, text=content["text"], at=at,
                incident_id=str(row["incident_id"]),
            )
        )  # fmt: skip
        return {"status": "published", "facts": {"url": url, "channel": channel, "published_at": at.isoformat()}}

    return record_decided(change, statement_id, published), logged[0]


def follow(change: TeamChange, statement_id: str) -> list[Finding]:
    """What came of a published statement: the effect of its response so far; it counts as followed then.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    statement_id : str
        Which.

    Returns
    -------
    list of Finding
        `respond.effect`, one a signal.

    Raises
    ------
    InputError
        It is not published.
    """
    row, content = content_of(change.home, change.watch, statement_id, ("published", "followed"))
    at, kind = pd.Timestamp(content["published_at"]), AS_KIND.get(content["draft"], "other")
    known = pd.concat(
        [one.table for one in effects(change.home.lake, change.watch, now=change.now)] or [pd.DataFrame()]
    )
    rows = known[(pd.to_datetime(known["at"], utc=True) == at) & (known["kind"] == kind)] if len(known) else known
    mine = respond.effect_sentences(rows, change.watch) if len(rows) else []
    note = " ".join(one.render(change.watch.language) for one in mine)
    if row["status"] == "published":
        record_change(change, row["entry_id"], status="followed", note=note)
    return mine


def withdraw(change: TeamChange, statement_id: str, *, why: str) -> dict[str, Any]:
    """Take a statement back, with the reason; what is published stays logged as a response.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    statement_id : str
        Which.
    why : str
        The reason; needed.

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
        raise InputError(N_("no reason is given"), where="--why", do=N_("say why it is taken back"))
    row, _ = content_of(change.home, change.watch, statement_id)  # whatever it says by now, it is taken back
    return record_change(change, row["entry_id"], status="withdrawn", note=why)
