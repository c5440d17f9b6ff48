"""Statements as the terminal shows them: text, strategy, evidence, approvals, and what the checklist finds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crisislib.cli.common import escape, out
from crisislib.cli.respond import print_places
from crisislib.core.i18n import N_, tr

STANDS = N_("{title} {id}: {state}, by {by}")
READY = N_("The checklist found nothing wrong; the statement now needs the approval of legal and lead.")
LACKS = N_("still to be approved as: {roles}")
APPROVED = N_("approved as {role} by {by}, {at}")
CONTENT = N_("Content {digits}: an approval names these digits, and holds for this text alone.")


def print_row(row: dict[str, Any], language: str) -> None:
    """One line: title, id, state, by whom."""
    from crisislib.engine import logbook_reading

    one = logbook_reading.entry_in_words(row, language)
    facts = {"title": row["title"], "id": row["entry_id"], "state": one["status"], "by": one["by"]}
    out.print(escape(tr(STANDS, language, **facts)))


def print_statement(place: Any, watch: Any, statement: str, language: str) -> None:
    """A statement in full, as whoever approves it must read it."""
    from crisislib.engine import statement_basis, statement_drafts

    row, content = statement_drafts.content_of(place, watch, statement)
    print_row(row, language)
    for reason in content["reasons"]:
        out.print(f"  · {escape(reason.render(language))}")
    out.print(escape(content["text"]))
    out.print(escape(tr(CONTENT, language, digits=statement_basis.fingerprint(content)[:12])))
    for fact, source in content["evidence"].items():
        out.print(escape(f"  {fact}: {source}"), style="dim")
    print_approvals(row, content, watch, language)
    if row["status"] == "draft":
        print_faults(place, watch, statement, language)


def print_approvals(row: dict[str, Any], content: dict[str, Any], watch: Any, language: str) -> None:
    """Who has approved a statement, and whose approval it still waits for."""
    from crisislib.engine.statement_release import APPROVERS

    for role, one in content["approvals"].items():
        at = f"{datetime.fromisoformat(one['at']).astimezone(watch.zone):%Y-%m-%d %H:%M}"
        out.print(escape(tr(APPROVED, language, role=tr(APPROVERS[role], language), by=one["by"], at=at)))
    lacks = [tr(name, language) for role, name in APPROVERS.items() if role not in content["approvals"]]
    if row["status"] == "draft" and content["approvals"] and lacks:
        out.print(escape(tr(LACKS, language, roles=tr(", ", language).join(lacks))), style="yellow")


def print_faults(place: Any, watch: Any, statement: str, language: str) -> bool:
    """What keeps a statement from going out, and the places to fill; whether anything does."""
    from crisislib.engine import statement_drafts

    _, content = statement_drafts.content_of(place, watch, statement)
    refused = statement_drafts.content_faults(place, watch, content)
    for one in refused:
        out.print(escape(one.render(language)), style="yellow")
    print_places(statement_drafts.open_places(place, watch, content), language, out)
    if not refused:
        out.print(tr(READY, language), style="green")
    return bool(refused)
