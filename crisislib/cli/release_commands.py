"""Statements on their way: crisis release propose, fill, check, approve, schedule, publish, follow, withdraw, show."""

from __future__ import annotations

from typing import Annotated

import typer

from crisislib.cli.common import (
    By,
    Incident,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    Why,
    change_of,
    escape,
    instant,
    opened,
    out,
)
from crisislib.cli.logbook_commands import print_entries
from crisislib.cli.release_words import print_approvals, print_faults, print_row, print_statement
from crisislib.cli.respond import known_answer, print_findings
from crisislib.cli.run import pairs
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr

Statement = Annotated[str, typer.Argument(metavar="ID", help="Its id, or as much of it as no other has.")]
Fill = Annotated[list[str] | None, typer.Option("--fill", "-f", help="An established fact, place=words.")]
Evidence = Annotated[
    list[str] | None,
    typer.Option(
        "--evidence", "-e", help="What bears a fact out, place=source: an address, a document, who confirmed it."
    ),
]
Claim = Annotated[
    str,
    typer.Option(
        help="Is what people say true? true, false or unknown, which is true where the incident is confirmed."
    ),
]
NO_STATEMENT = N_("No statement has been proposed (crisis release propose).")
NO_EFFECT = N_("Its effect is not known yet.")

release = typer.Typer(
    no_args_is_help=True,
    help="Statements on their way: proposed with reasons, checked, approved by legal and lead, published, followed.",
)


@release.command("propose")
def release_propose(
    draft: Annotated[str, typer.Argument(help="holding statement press_qa reply partner internal correction …")],
    watch: WatchName,
    fill: Fill = None,
    evidence: Evidence = None,
    claim: Claim = "unknown",
    knew: Annotated[str, typer.Option(help="Did the company know before? yes, no or unknown.")] = "unknown",
    owner: Annotated[str, typer.Option(help="Who sees to it; you if left out.")] = "",
    by: By = None,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Begin a statement: the advised strategy with its reasons, and a draft from facts with their evidence.

    Nothing but the facts that you give enters the text. Whoever says something must say what bears it out (--evidence):
    what happened, what we do, causes, scope. The checklist (crisis release check) refuses the rest.
    """
    from crisislib.engine import statement_drafts

    change = change_of(watch, by, lake, watches)
    row = statement_drafts.propose(
        change,
        draft,
        facts=pairs(fill or [], "--fill"),
        evidence=pairs(evidence or [], "--evidence"),
        owner=owner,
        language=language,
        incident_id=incident,
        claim_true=known_answer(claim, {"true": True, "false": False}, "--claim"),
        knew_before=known_answer(knew, {"yes": True, "no": False}, "--knew"),
    )
    print_statement(change.home, change.watch, row["entry_id"], language or change.watch.language)


@release.command("fill")
def release_fill(
    statement: Statement,
    watch: WatchName,
    fill: Fill = None,
    evidence: Evidence = None,
    claim: Claim = "unknown",
    content: Annotated[
        str,
        typer.Option(
            "--content",
            help="What you have read: its digits, as crisis release show has; your last change if omitted.",
        ),
    ] = "",
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Fill more of a draft, or change it. Approvals given before are cancelled: others must look again.

    What somebody else has filled since you read it is not replaced: name what you have read (--content).
    """
    from crisislib.engine import statement_drafts

    change = change_of(watch, by, lake, watches)
    row = statement_drafts.revise(
        change,
        statement,
        facts=pairs(fill or [], "--fill"),
        evidence=pairs(evidence or [], "--evidence"),
        claim_true=known_answer(claim, {"true": True, "false": False}, "--claim"),
        content=content,
    )
    print_statement(change.home, change.watch, row["entry_id"], change.watch.language)


@release.command("check")
def release_check(
    statement: Statement, watch: WatchName, language: Language = None, lake: LakeDir = None, watches: WatchDir = None
) -> None:
    """Check a statement: empty placeholders, facts without evidence, forbidden words.

    Also: a denial while it is not established that the claim is false, and a denial beside a remedy. Ends with code 1
    where anything is left.
    """
    place, chosen = opened(watch, lake, watches)
    if print_faults(place, chosen, statement, language or chosen.language):
        raise typer.Exit(1)


@release.command("approve")
def release_approve(
    statement: Statement,
    watch: WatchName,
    role: Annotated[str, typer.Option("--as", help="legal or lead.")],
    by: Annotated[str, typer.Option("--by", help="Who; not the author, and another person for each role.")],
    content: Annotated[
        str, typer.Option("--content", help="What you have read and approve: its digits, as crisis release show has.")
    ],
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Approve a statement as legal or as lead: its text as you read it, and nothing that was changed since.

    It must have passed the checklist.
    """
    from crisislib.engine import statement_drafts, statement_release

    change = change_of(watch, by, lake, watches)
    row = statement_release.approve(change, statement, role=role, content=content)
    print_row(row, change.watch.language)
    print_approvals(row, statement_drafts.standing(row), change.watch, change.watch.language)


@release.command("schedule")
def release_schedule(
    statement: Statement,
    watch: WatchName,
    at: Annotated[str, typer.Option(help="When it goes out, in the watch's zone.")],
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Set when an approved statement goes out. Nothing is sent: whoever publishes it records its address."""
    from crisislib.engine import statement_release

    change = change_of(watch, by, lake, watches)
    moment = instant(at, change.watch, "--at", after=change.now)
    if moment is None:
        raise InputError(N_("no time is given"), where="--at", do=N_("say when it goes out"))
    print_row(statement_release.schedule(change, statement, at=moment), change.watch.language)


@release.command("publish")
def release_publish(
    statement: Statement,
    watch: WatchName,
    url: Annotated[str, typer.Option(help="Where it can be read.")],
    channel: Annotated[str, typer.Option(help="Where: weibo, x, press …")] = "",
    at: Annotated[str | None, typer.Option(help="When it went out, in the watch's zone; now if left out.")] = None,
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Record where a statement was published: it is logged as a response, and its step is ticked off."""
    from crisislib.engine import statement_release

    change = change_of(watch, by, lake, watches)
    out_at = instant(at, change.watch, "--at", before=change.now) or change.now
    row, logged = statement_release.publish(change, statement, url=url, channel=channel, at=out_at)
    print_row(row, change.watch.language)
    out.print(escape(logged))


@release.command("follow")
def release_follow(
    statement: Statement,
    watch: WatchName,
    by: By = None,
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """What came of a published statement: before and after, with intervals, as crisis effect has it."""
    from crisislib.engine import statement_release

    change = change_of(watch, by, lake, watches)
    found = statement_release.follow(change, statement)
    print_findings(found, language or change.watch.language)
    if not found:
        out.print(tr(NO_EFFECT, language or change.watch.language))


@release.command("withdraw")
def release_withdraw(
    statement: Statement,
    watch: WatchName,
    why: Why,
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Take a statement back, with the reason."""
    from crisislib.engine import statement_release

    change = change_of(watch, by, lake, watches)
    print_row(statement_release.withdraw(change, statement, why=why), change.watch.language)


@release.command("show")
def release_show(
    watch: WatchName,
    statement: Annotated[str, typer.Argument(metavar="ID", help="Its id; all are listed if left out.")] = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Show a statement: strategy with reasons, text, evidence, approvals, and what the checklist finds wrong.

    Without an id: every statement of the watch, with its state.
    """
    from crisislib.engine import logbook_reading, team_logbook

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    if statement:
        print_statement(place, chosen, statement, spoken)
        return
    rows = logbook_reading.entries_of(place, chosen, kind=team_logbook.STATEMENT)
    if rows.empty:
        out.print(tr(NO_STATEMENT, spoken))
        return
    words = logbook_reading.entries_in_words(rows, spoken).to_dict("records")
    print_entries(rows.to_dict("records"), words, chosen, spoken)
