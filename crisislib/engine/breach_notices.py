"""Notices to affected people: written as a mail merge or sent, answered, come back; at the end the step closes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from crisislib import respond
from crisislib.core.atomic_files import replace_file
from crisislib.core.csv_text import safe_csv
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import DRILL
from crisislib.engine.analyst_actions import log_response
from crisislib.engine.breach_contacts import contact_ids, reached_by
from crisislib.engine.breach_people import chosen_people, notice_rows, people_of, short_ids, store_people
from crisislib.engine.incident_records import actions_of, incident_of
from crisislib.engine.response_plan import mark
from crisislib.engine.statement_drafts import content_of
from crisislib.engine.team_change import TeamChange

RESPONSE = "notices"
"""Kind of response that is logged when everybody has been informed; it closes the step of the playbook."""
TO_INFORM = ("open", "bounced")
"""States of people to whom a notice goes when nobody is named."""
MERGE_COLUMNS = ["id", "name", "contact", "subject", "notice"]
READABLE = 0o600
"""Rights on a file with names and contacts: its owner's alone."""
REASONLESS = {
    "unreachable": ("nobody is given up without a reason", "say what was tried"),
    "removed": ("nobody is taken off the list without a reason", "say why: a double, or not affected after all"),
}
MERGED = N_("mail merge {file}")
PREFERRED = N_("another contact is preferred now")
NOBODY = "there is nobody with a contact who is still to be informed"


def write_notices(
    change: TeamChange, statement_id: str, out: Path, *, states: Collection[str] = TO_INFORM, kind: str = "",
    incident_id: str = "",
) -> int:  # fmt: skip
    """Write the approved notice for each person as a mail merge, for the channel that the team uses anyway.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    statement_id : str
        An approved statement whose draft is filled for each person.
    out : Path
        The CSV: id, name, contact, subject, notice; replaced where it exists, readable by its owner alone.
    states : collection of str
        Whose notices: people in these states.
    kind : str
        `mail` or `phone`: only people with such a contact, and that one; the preferred one of each when empty.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    int
        Notices written. Who has no contact is left out and stays to be informed.

    Raises
    ------
    InputError
        The statement is not approved or is no notice, nobody is left to inform, or the file cannot be written.
    """
    subject, text, statement = approved_notice(change, statement_id)
    incident = str(incident_of(change.home, change.watch, incident_id)["incident_id"])
    with change.home.lake.changing("NOTICES"):
        people = people_of(change.home, change.watch, incident)
        mine = reached_by(people[people["status"].isin(list(states))], kind)
        if mine.empty:
            raise InputError(NOBODY, do=N_("crisis breach list shows all"))
        merged = respond.notices(mine, text).assign(subject=subject, id=short_ids(mine["account_id"]))
        try:
            out.touch(mode=READABLE)
            replace_file(out, safe_csv(merged[MERGE_COLUMNS], with_lines=["notice"]))
            out.chmod(READABLE)
        except OSError as fault:
            raise InputError(
                N_("cannot be written: {fault}"), where=str(out), do=N_("choose another folder"), facts={"fault": fault}
            ) from fault
        rows = mine.assign(
            status="written",
            about=statement,
            channel="",
            contact_id=contact_ids(change.home, list(mine["contact"])),
            note=tr(MERGED, change.watch.language, file=out.name),
        )
        change.home.lake.append("NOTICES", notice_rows(change, incident, rows, people))
    return len(mine)


def mark_people(
    change: TeamChange, status: str, *, ids: Sequence[str] = (), file: Path | None = None,
    states: Collection[str] = (), note: str = "", columns: Mapping[str, str] | None = None, incident_id: str = "",
) -> tuple[int, str]:  # fmt: skip
    """Record what became of the notices of some people.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    status : str
        A key of :data:`crisislib.respond.NOTICE_STATES`.
    ids, file, states, columns
        Who, as for :func:`~crisislib.engine.breach_people.chosen_people`.
    note : str
        What was answered, why it came back; needed for people who cannot be reached or are taken off the list.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    tuple of int and str
        People changed, and what was logged and closed or opened again, empty where nothing was.

    Raises
    ------
    InputError
        There is no such state, nobody is meant, or no reason is given.
    """
    if status not in respond.NOTICE_STATES:
        raise InputError(
            N_("{status} is no state of a person"),
            do=N_("use one of {notice_states}"),
            facts={"status": repr(status), "notice_states": ", ".join(respond.NOTICE_STATES)},
        )
    if status in respond.WITH_REASON and not note.strip():
        raise InputError(REASONLESS[status][0], where="--note", do=REASONLESS[status][1])
    incident = str(incident_of(change.home, change.watch, incident_id)["incident_id"])
    with change.home.lake.changing("NOTICES"):
        people = people_of(change.home, change.watch, incident)
        mine = chosen_people(change.home, people, ids=ids, file=file, states=states, columns=columns)
        rows = mine.assign(status=status, note=note)
        change.home.lake.append("NOTICES", notice_rows(change, incident, rows, people))
    return len(mine), settle_step(change, incident)


def prefer(change: TeamChange, who: str, contact: str, *, incident_id: str = "") -> str:
    """Put a contact of an affected person first, and on record where it is new.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    who : str
        The person: as much of the id as no other has, or one of the contacts.
    contact : str
        The contact by which the person is reached from now on.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    str
        The id, as lists show it.

    Raises
    ------
    InputError
        There is no such person, or it is neither a mail address nor a number.
    """
    if respond.contact_kind(contact) == "other":
        raise InputError(
            N_("{contact} is neither a mail address nor a telephone number"), do=N_("write it as a list would have it"),
            facts={"contact": repr(contact)},
        )  # fmt: skip
    incident = str(incident_of(change.home, change.watch, incident_id)["incident_id"])
    with change.home.lake.changing("NOTICES"):
        people = people_of(change.home, change.watch, incident)
        mine = chosen_people(change.home, people, ids=[who])
        row = mine.iloc[0]
        contacts = respond.contacts_in([contact, *row["contacts"]])
        several = pd.Series([contacts], index=mine.index, dtype=object)
        now = mine.assign(contact=contacts[0], contacts=several, chosen=True)
        store_people(change, incident, now)
        note = tr(PREFERRED, change.watch.language)
        kept = people.loc[mine.index].assign(note=note)
        change.home.lake.append("NOTICES", notice_rows(change, incident, kept, people))
    return str(short_ids(mine["account_id"]).iloc[0])


def approved_notice(change: TeamChange, statement_id: str) -> tuple[str, str, str]:
    """Subject, text and id of an approved statement that is filled for each person.

    Parameters
    ----------
    change : TeamChange
        Where, and whose.
    statement_id : str
        Which.

    Returns
    -------
    tuple of str, str and str
        Subject, which says so in a drill as the text does, text and the whole id.

    Raises
    ------
    InputError
        It is not approved, or is no notice.
    """
    row, content = content_of(change.home, change.watch, statement_id, ("approved", "scheduled", "published"))
    if not respond.for_each(content["text"]):
        raise InputError(
            N_("{entry_id} is not filled for each person"),
            do=N_("crisis release propose notice begins such a statement, in a playbook whose draft says each:"),
            facts={"entry_id": row["entry_id"]},
        )
    subject = tr(DRILL, change.watch.language, title=row["title"]) if change.watch.drill else str(row["title"])
    return subject, str(content["text"]), str(row["entry_id"])


def settle_step(change: TeamChange, incident: str) -> str:
    """Close the step when everybody is informed, and open it again when somebody no longer is.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    incident : str
        Id of the incident.

    Returns
    -------
    str
        What was logged and closed or opened, as a sentence; empty where nothing was.
    """
    rows = change.home.lake.read("NOTICES", watch=change.watch.watch)
    counts = respond.notice_counts(rows[rows["incident_id"] == incident])
    actions = actions_of(change.home, change.watch, incident_of(change.home, change.watch, incident))
    steps = respond.done_by(actions, RESPONSE)
    pending = steps[respond.states(steps, now=change.now).isin(respond.PENDING)]
    words = counts.finding().render(change.watch.language)
    if counts.ended and len(pending):
        return log_response(
            change, kind=RESPONSE, channel="", strategy="", url="", text=words, at=change.now, incident_id=incident
        )
    done = steps[steps["status"].isin(["done", "done late"])]
    if counts.n and not counts.ended and len(done):
        mark(change, list(done["action_id"]), "open", note=words, incident_id=incident)
        return words
    return ""
