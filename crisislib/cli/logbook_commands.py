"""The logbook: crisis log list, add, set, history."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from crisislib.cli.common import (
    By,
    Incident,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    change_of,
    escape,
    instant,
    opened,
    out,
    print_listing,
)
from crisislib.cli.run import pairs
from crisislib.core.i18n import N_, tr

HEADINGS = (N_("Written"), N_("Kind"), N_("State"), N_("Text"), N_("Owner"), N_("Due"), N_("Note"))
EMPTY = N_("The logbook is empty.")
WRITTEN = N_("{kind} {id}: {state}, by {by}")
Kind = Annotated[
    str,
    typer.Argument(
        help="decision, meeting, notice, feedback, enquiry, press_conference, contact, partner, "
        "joint_action, publicity."
    ),
]
Entry = Annotated[str, typer.Argument(metavar="ID", help="Its id, or as much of it as no other has.")]
About = Annotated[str, typer.Option(help="What it speaks of: an account, a post, a step, another entry.")]
Owner = Annotated[str | None, typer.Option(help="Role or person who sees to it.")]
Due = Annotated[
    str | None,
    typer.Option(help="By when, or when it takes place: 10:00 (the next) or 2026-03-01T10:00, in the watch's zone."),
]
Fact = Annotated[
    list[str] | None,
    typer.Option("--fact", "-f", help="What its kind needs, name=words: channel=…, url=…, strategy=…."),
]

log = typer.Typer(
    no_args_is_help=True,
    help="The logbook: decisions, meetings, notices, feedback, enquiries, contacts, partners, publicity; "
    "with who and when.",
)


@log.command("list")
def log_list(
    watch: WatchName,
    kind: Annotated[str, typer.Option(help="Of one kind only.")] = "",
    open_only: Annotated[bool, typer.Option("--open", help="Without what is ended.")] = False,
    incident: Annotated[str, typer.Option(help="Of one incident; of all if left out.")] = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """List the entries as they stand, oldest first. Comments on steps are among them (--kind comment)."""
    from crisislib.engine import logbook_reading

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    rows = logbook_reading.entries_of(place, chosen, incident_id=incident, kind=kind, open_only=open_only)
    if rows.empty:
        out.print(tr(EMPTY, spoken))
        return
    print_entries(
        rows.to_dict("records"), logbook_reading.entries_in_words(rows, spoken).to_dict("records"), chosen, spoken
    )


def print_entries(keys: list[dict[Any, Any]], rows: list[dict[Any, Any]], watch: Any, language: str) -> None:
    """Entries as a table; `keys` are the same rows before they were put into words."""
    import pandas as pd

    shown = []
    for key, row in zip(keys, rows, strict=True):
        at = key.get("written_at", key["at"])
        due = "" if pd.isna(row["due_at"]) else f"{row['due_at'].astimezone(watch.zone):%m-%d %H:%M}"
        when = f"{at.astimezone(watch.zone):%m-%d %H:%M} {key.get('first_by', key['by']) or ''}"
        cells = (row["entry_id"], when, row["kind"], row["status"], row["title"], row["owner"], due, row["note"])
        shown.append([str(cell) for cell in cells])
    print_listing(("id", *(tr(words, language) for words in HEADINGS)), shown)


@log.command("add")
def log_add(
    kind: Kind,
    words: Annotated[str, typer.Argument(help="What was decided, asked, planned or answered.")],
    watch: WatchName,
    about: About = "",
    owner: Owner = None,
    due: Due = None,
    status: Annotated[str, typer.Option(help="Its state; the first of its kind if left out.")] = "",
    note: Annotated[str, typer.Option(help="More words: reasons, who was there.")] = "",
    fact: Fact = None,
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Write something down: a decision with its reasons, a meeting, a note to staff, feedback, who must be called.

    An entry that reaches the public or a person (a press conference that is done, a contact made, a partner who has
    spoken, a notice sent) is logged as a response too: it closes its step, and crisis effect looks at what it did.
    """
    from crisislib.engine import team_logbook

    change = change_of(watch, by, lake, watches)
    row = team_logbook.write_entry(
        change,
        kind,
        words,
        about=about,
        owner=owner or "",
        due_at=instant(due, change.watch, "--due", after=change.now),
        status=status,
        note=note,
        facts=pairs(fact or [], "--fact"),
        incident_id=incident,
    )
    _written(row, change.watch.language)


@log.command("set")
def log_set(
    entry: Entry,
    watch: WatchName,
    status: Annotated[str | None, typer.Option(help="Its new state.")] = None,
    owner: Owner = None,
    due: Due = None,
    words: Annotated[str | None, typer.Option(help="Its new words.")] = None,
    note: Annotated[str, typer.Option(help="Why, or what came of it.")] = "",
    fact: Fact = None,
    by: By = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Change an entry: its state, owner, time, words or facts. What was there before stays on record."""
    from crisislib.engine import team_logbook

    change = change_of(watch, by, lake, watches)
    row = team_logbook.change_entry(
        change,
        entry,
        status=status,
        owner=owner,
        title=words,
        due_at=instant(due, change.watch, "--due", after=change.now),
        note=note,
        facts=pairs(fact or [], "--fact"),
    )
    _written(row, change.watch.language)


@log.command("history")
def log_history(
    entry: Entry, watch: WatchName, language: Language = None, lake: LakeDir = None, watches: WatchDir = None
) -> None:
    """Every change of an entry, with who and when."""
    from crisislib.engine import logbook_reading

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    rows = logbook_reading.history_of(place, chosen, entry)
    print_entries(
        rows.to_dict("records"), logbook_reading.entries_in_words(rows, spoken).to_dict("records"), chosen, spoken
    )


def _written(row: dict[str, Any], language: str) -> None:
    from crisislib.engine import logbook_reading

    one = logbook_reading.entry_in_words(row, language)
    facts = {"kind": one["kind"], "id": row["entry_id"], "state": one["status"], "by": one["by"]}
    out.print(escape(tr(WRITTEN, language, **facts)))
