"""Notices to the people that a data breach affects, sent one by one through an address of the team's own."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from crisislib import notify, respond
from crisislib.core.errors import InputError
from crisislib.core.i18n import N_, tr
from crisislib.engine.breach_contacts import contact_for, contact_ids, returned
from crisislib.engine.breach_notices import NOBODY, TO_INFORM, approved_notice, settle_step
from crisislib.engine.breach_people import notice_rows, people_of
from crisislib.engine.incident_records import incident_of
from crisislib.engine.team_change import TeamChange

AT_ONCE = 25
"""People of whom a sending makes one record: one write each would take longer than the sending itself."""
IN_A_ROW = 5
"""Failures one after the other at which a sending ends: the address or the server is wrong, not the people."""

NOT_SENT = N_("not sent: {why}")


def send_notices(
    change: TeamChange, statement_id: str, through: str, *, states: Collection[str] = TO_INFORM, incident_id: str = "",
    on_progress: Callable[[int], None] = lambda done: None,
) -> Sending:  # fmt: skip
    """Send the approved notice to each person through an address of the team's own.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    statement_id : str
        An approved statement whose draft is filled for each person.
    through : str
        An Apprise address with `{contact}` where the person's goes; `${NAME}` is read from the environment or keyring.
    states : collection of str
        To whom: people in these states.
    incident_id : str
        The incident; the latest when empty.
    on_progress : callable
        Called with the people done so far.

    Returns
    -------
    Sending
        Notices that the channel took, the reason for each that it did not take, and people to whom it cannot send.

    Raises
    ------
    InputError
        The statement is not approved or is no notice, nobody is left to inform, or the address has no `{contact}`.

    Notes
    -----
    A record is made after every :data:`AT_ONCE` people, also where the sending is interrupted; only a process that is
    killed may leave up to so many notices that were sent and not recorded. It ends after :data:`IN_A_ROW` failures.
    Each is sent to the preferred contact where the channel takes it, else to another one; after a notice has come
    back, to another one first. Who has none that the channel takes is not tried, and stays on the list.
    """
    subject, text, statement = approved_notice(change, statement_id)
    incident = str(incident_of(change.home, change.watch, incident_id)["incident_id"])
    notify.check_personal(through)
    sending, asked = Sending(through, subject, text, change.watch.language), set[str]()
    while not sending.given_up:
        with change.home.lake.changing("NOTICES"):
            people = people_of(change.home, change.watch, incident)
            mine = people[people["status"].isin(list(states)) & (people["contact"] != "")]
            mine = mine.assign(returned=returned(change.home, mine))
            part = sending.part_of(mine[~mine["account_id"].isin(asked)])
            if part.empty:
                break
            done: list[dict[str, Any]] = []
            try:
                sending.send(respond.notices(part, text), done)
            finally:
                tried = part.head(len(done))
                rows = tried.assign(
                    about=statement,
                    contact_id=contact_ids(change.home, list(tried["contact"])),
                    channel=through.partition(":")[0],
                    status=[one["status"] for one in done],
                    note=[one["note"] for one in done],
                )
                change.home.lake.append("NOTICES", notice_rows(change, incident, rows, people))
            asked |= set(part["account_id"])
        on_progress(len(asked))
    if not asked and not sending.other_kind:
        raise InputError(NOBODY, do=N_("crisis breach list shows all"))
    settle_step(change, incident)
    return sending


@dataclass
class Sending:
    """One sending: through what, and how it went so far.

    Attributes
    ----------
    through, subject, text, language : str
        The address, and what is sent; in which language the reasons are recorded.
    sent : int
        Notices that the channel took.
    faults : list of str
        Why it did not take the others.
    other_kind : set of str
        Ids of people with a contact that the channel does not take.
    in_a_row : int
        Failures since the last success.
    """

    through: str
    subject: str
    text: str
    language: str
    sent: int = 0
    faults: list[str] = field(default_factory=list)
    other_kind: set[str] = field(default_factory=set)
    in_a_row: int = 0

    @property
    def given_up(self) -> bool:
        """Whether so many failed one after the other that no more is tried."""
        return self.in_a_row >= IN_A_ROW

    def part_of(self, people: pd.DataFrame) -> pd.DataFrame:
        """The next people to send to, with their contacts as the channel is given them.

        Parameters
        ----------
        people : pandas.DataFrame
            Everybody who is left; `account_id`, `contacts`, and `returned`: the one that a notice came back from.

        Returns
        -------
        pandas.DataFrame
            At most :data:`AT_ONCE`, with the `contact` that the channel takes: the preferred one, else another.
        """
        chosen: dict[Any, str] = {}
        people = people[~people["account_id"].isin(self.other_kind)]
        for at, person, contacts, back in people[["account_id", "contacts", "returned"]].itertuples():
            if len(chosen) == AT_ONCE:
                break
            usable = [respond.contact_to_use(one) for one in contacts]
            contact = contact_for(usable, partial(notify.takes, self.through), respond.contact_to_use(back))
            if contact:
                chosen[at] = contact
            else:
                self.other_kind.add(person)
        return people.loc[list(chosen)].assign(contact=pd.Series(chosen, dtype=object))

    def send(self, notices: pd.DataFrame, done: list[dict[str, Any]]) -> None:
        """Send to some people.

        Parameters
        ----------
        notices : pandas.DataFrame
            `contact`, `status`, `notice`.
        done : list of dict
            Gets a state and a note for each, also where it is interrupted.
        """
        for row in notices.to_dict("records"):
            ok, why = notify.send_personal(self.through, row["contact"], title=self.subject, body=row["notice"])
            note = "" if ok else tr(NOT_SENT, self.language, why=why)
            done.append({"status": "sent" if ok else row["status"], "note": note})
            self.sent, self.in_a_row = self.sent + ok, 0 if ok else self.in_a_row + 1
            self.faults += [] if ok else [why]
            if self.given_up:
                return
