"""Affected people of a data breach: crisis breach add, list, write, send, mark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from crisislib.cli.common import (
    By,
    Incident,
    LakeDir,
    Language,
    WatchDir,
    WatchName,
    bars,
    change_of,
    escape,
    opened,
    out,
    print_listing,
)
from crisislib.cli.run import pairs
from crisislib.core.i18n import N_, tr

HEADINGS = (N_("Name"), N_("Contact"), N_("Data"), N_("State"), N_("Used"), N_("Since"), N_("By"), N_("Note"))
PREFERRED, FIRST = N_("Preferred"), N_("{id}: {contact} is the preferred contact now, by {by}")
EMPTY = N_("Nobody is on the list. Add people: crisis breach add FILE")
ADDED = N_("{new} {new:person|people} added, {known} known before")
NO_CONTACT = N_("{n} {n:person has|people have} no contact and must be informed in another way, rows {rows}")
UNNAMED = N_("{n} {n:row has|rows have} neither a name nor a contact and {n:was|were} left out: {rows}")
SHARED = N_(
    "{n} {n:row has|rows have} the contact of somebody above, under another name; they get one notice, to both: {rows}"
)
READ_FROM = N_("Read: {columns}")
UNUSED = N_("Not read: {columns}")
OTHER_KIND = N_(
    "{n} {n:person has a contact|people have contacts} of another kind than this channel takes; "
    "nothing was sent to them"
)
BROKEN = N_("{n} {n:row|rows} could not be read, so nobody was added for them: {rows}")
WRITTEN = N_("{n} {n:notice|notices} written to {file}; when they are out: crisis breach mark sent --state written")
SENT = N_("{sent} {sent:notice|notices} sent, {failed} not taken")
SURE = N_("Send this notice to {n} {n:person|people}?")
SURE_IN_DRILL = N_("This is a drill. Send its notice to {n} {n:person|people} all the same, marked as one?")
MARKED = N_("{n} {n:person|people}: {state}, by {by}")
MORE = N_("… and {n} more; --most shows more")
SHOWN_ROWS = 20
"""Row numbers that a message names."""
State = Annotated[
    list[str] | None,
    typer.Option(
        "--state", help="People in this state: open, written, sent, answered, informed, bounced, unreachable, removed."
    ),
]
Statement = Annotated[str, typer.Argument(help="Id of the approved notice (crisis release propose notice).")]

breach = typer.Typer(
    no_args_is_help=True,
    help="People affected by a data breach: the list, their notices, who is informed. Names and contacts are stored "
    "apart from all else; crisis erase contact:ADDRESS and crisis forget reach them.",
)


@breach.command("add")
def breach_add(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX, one row a person.")],
    watch: WatchName,
    column: Annotated[
        list[str] | None,
        typer.Option(help="name=…, contact=…, data=… or preferred=… and the column; known names are found alone."),
    ] = None,
    data: Annotated[str, typer.Option(help="Which kinds of data it concerns, where the file does not say.")] = "",
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Add the affected people of a file: name, contact, which data of theirs. A contact is one person, however written.

    Several columns may hold contacts (mail, phone …), and so may one cell, parted by semicolons. Addresses come first,
    unless a column says which is preferred: one of the contacts, or a word such as phone.
    Who is on the list already keeps the state. Delete your file afterwards: the program cannot do it for you.
    """
    from crisislib.engine import breach_people

    change = change_of(watch, by, lake, watches)
    language = change.watch.language
    added = breach_people.add_people(
        change, file, columns=pairs(column or [], "--column"), data=data, incident_id=incident
    )
    out.print(tr(ADDED, language, new=added.new, known=added.known))
    _print_columns(added.read, language)
    read = added.read
    for message, rows in ((NO_CONTACT, read.without_contact), (SHARED, read.shared), (UNNAMED, read.unnamed),
                          (BROKEN, read.broken)):  # fmt: skip
        if rows:
            shown = ", ".join(map(str, rows[:SHOWN_ROWS])) + (" …" if len(rows) > SHOWN_ROWS else "")
            out.print(tr(message, language, n=len(rows), rows=shown))
    _print_progress(change.home, change.watch, incident, language)


@breach.command("list")
def breach_list(
    watch: WatchName,
    state: State = None,
    plain: Annotated[bool, typer.Option("--plain", help="Names and contacts in full; masked if left out.")] = False,
    most: Annotated[int, typer.Option(min=1, help="People shown at most.")] = 50,
    incident: Incident = "",
    language: Language = None,
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """List the affected people with their state, and count them.

    Of several contacts the preferred one stands first; Used is the one that was used last.
    """
    from crisislib.engine import breach_reading

    place, chosen = opened(watch, lake, watches)
    spoken = language or chosen.language
    rows = breach_reading.people_in_words(
        place, chosen, language=spoken, states=breach_reading.known_states(state or ()), plain=plain,
        incident_id=incident,
    )  # fmt: skip
    cells = [[str(cell) for cell in row] for row in rows.head(most).itertuples(index=False)]
    if cells:
        print_listing(("id", *(tr(words, spoken) for words in HEADINGS)), cells)
    if len(rows) > most:
        out.print(tr(MORE, spoken, n=len(rows) - most))
    _print_progress(place, chosen, incident, spoken)


@breach.command("write")
def breach_write(
    statement: Statement,
    watch: WatchName,
    to: Annotated[Path, typer.Option("--out", help="The CSV for your mail merge or message service.")],
    state: State = None,
    kind: Annotated[
        str, typer.Option(help="mail or phone: only who has such a contact, by it; the preferred one if left out.")
    ] = "",
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Write the notices as a mail merge: id, name, contact, subject, notice. For who is not informed yet.

    The text is an approved statement; name and data are filled in for each person. The file holds them in full: only
    you can read it, and you must delete it.
    """
    from crisislib.engine import breach_notices, breach_reading

    change = change_of(watch, by, lake, watches)
    n = breach_notices.write_notices(
        change,
        statement,
        to,
        states=breach_reading.known_states(state or breach_notices.TO_INFORM),
        kind=kind,
        incident_id=incident,
    )
    out.print(escape(tr(WRITTEN, change.watch.language, n=n, file=str(to))))


@breach.command("send")
def breach_send(
    statement: Statement,
    watch: WatchName,
    through: Annotated[
        str,
        typer.Option(help="Your address for it, as Apprise writes it: 'mailtos://user:${PASSWORD}@host?to={contact}'."),
    ],
    state: State = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Send the notices through your own mail or message service, one to each person who is still to be informed.

    The preferred contact is used where this channel takes it, else another one; after a notice has come back, another
    one first. Each is recorded with the contact.

    It asks before; it stops after five failures in a row; whom it did not reach stays on the list.
    """
    from crisislib.engine import breach_notices, breach_reading
    from crisislib.services import notice_sending

    change = change_of(watch, by, lake, watches)
    language, states = change.watch.language, breach_reading.known_states(state or breach_notices.TO_INFORM)
    n = breach_reading.with_contact(change.home, change.watch, states, incident_id=incident)
    if n and not yes:
        typer.confirm(tr(SURE_IN_DRILL if change.watch.drill else SURE, language, n=n), abort=True)
    with bars() as advance:
        sending = notice_sending.send_notices(
            change, statement, through, states=states, incident_id=incident,
            on_progress=lambda done: advance("notices", done, n),
        )  # fmt: skip
    out.print(tr(SENT, language, sent=sending.sent, failed=len(sending.faults)))
    if sending.other_kind:
        out.print(tr(OTHER_KIND, language, n=len(sending.other_kind)))
    for fault in dict.fromkeys(sending.faults[:SHOWN_ROWS]):
        out.print(escape(fault), style="red")
    _print_progress(change.home, change.watch, incident, language)
    if sending.faults:
        raise typer.Exit(1)


@breach.command("prefer")
def breach_prefer(
    person: Annotated[str, typer.Argument(help="Its id as the list shows it, or one of the contacts.")],
    contact: Annotated[str, typer.Argument(help="The mail address or number to use from now on.")],
    watch: WatchName,
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Say by which contact somebody is reached from now on; a new one is put on record, the others stay."""
    from crisislib.core.ids import mask_name
    from crisislib.engine import breach_notices

    change = change_of(watch, by, lake, watches)
    who = breach_notices.prefer(change, person, contact, incident_id=incident)
    out.print(escape(tr(FIRST, change.watch.language, id=who, contact=mask_name(contact), by=change.by)))


@breach.command("mark")
def breach_mark(
    status: Annotated[
        str, typer.Argument(help="sent, answered, informed, bounced, unreachable, removed, open or written.")
    ],
    watch: WatchName,
    people: Annotated[
        list[str] | None, typer.Argument(metavar="[PERSON…]", help="Ids as the list shows them, or contacts.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file with a column of contacts, such as your mail program's bounces.")
    ] = None,
    column: Annotated[str, typer.Option(help="The column of the file with the contacts, where it is not found.")] = "",
    state: State = None,
    note: Annotated[str, typer.Option(help="What was answered, why it came back, what was tried.")] = "",
    by: By = None,
    incident: Incident = "",
    lake: LakeDir = None,
    watches: WatchDir = None,
) -> None:
    """Record what became of notices: sent by your own channel, answered, informed by telephone, come back.

    Name people by the contact that was used, and it is on record; an id keeps the one that was used before.
    Who is on the list by mistake or twice is marked removed, with the reason, and no longer counted. When everybody is
    informed or cannot be reached, a response is logged and the step of the plan is done; when a
    notice comes back afterwards, the step opens again.
    """
    from crisislib.engine import breach_notices, breach_reading

    change = change_of(watch, by, lake, watches)
    language = change.watch.language
    n, logged = breach_notices.mark_people(
        change, status, ids=people or (), file=file, states=breach_reading.known_states(state or ()), note=note,
        columns={"contact": column} if column else {}, incident_id=incident,
    )  # fmt: skip
    out.print(escape(tr(MARKED, language, n=n, state=breach_reading.notice_state(status, language), by=change.by)))
    if logged:
        out.print(escape(logged))
    _print_progress(change.home, change.watch, incident, language)


def _print_columns(read: Any, language: str) -> None:
    """From which columns a list was read, so that a wrong guess is seen, and which were not read."""
    headings = {"name": HEADINGS[0], "contact": HEADINGS[1], "data": HEADINGS[2], "preferred": PREFERRED}
    used = [f"{tr(headings[what], language)} = {' / '.join(read.columns[what])}" for what in read.columns]
    out.print(escape(tr(READ_FROM, language, columns=("；" if language == "zh" else "; ").join(used))))
    if read.unused:
        out.print(escape(tr(UNUSED, language, columns=("、" if language == "zh" else ", ").join(read.unused))))


def _print_progress(home: Any, watch: Any, incident: str, language: str) -> None:
    from crisislib.engine import breach_reading

    found = breach_reading.progress(home, watch, incident_id=incident)
    out.print(escape(found.render(language)) if found else tr(EMPTY, language))
