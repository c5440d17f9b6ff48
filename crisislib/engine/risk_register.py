"""The risk register of a watch: risks with owner, treatment, rating and review date, on record in the logbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.phrase import Listing, Phrase, unpack
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.incident_records import NO_INCIDENT
from crisislib.engine.logbook_reading import entries_of, owner_title
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import change_entry, write_entry

RISK = "risk"
"""Kind of the entries."""
TREATMENTS: dict[str, str] = {
    "avoid": N_("avoid it"), "reduce": N_("reduce it"), "transfer": N_("transfer it"), "accept": N_("accept it"),
}  # fmt: skip
"""What is done about a risk (ISO 31000), to its name; gettext ids."""
SCALE = 5
"""Steps of likelihood and impact, as in the usual five by five matrix."""
SOON = timedelta(days=1)
"""A review belongs to a digest the day before it is due: it takes a meeting, not a minute."""
MOST_LISTED = 8
"""Risks that a sentence names; a phone shows about as many lines."""
_DUE = N_("Risk register, {owner}: {n} {n:risk is|risks are} due for review: {risks}.")
_ONE = N_("“{title}” ({due})")
_SUMMARY = N_("The risk register has {n} open {n:risk|risks}; {due} {due:is|are} due for review. Highest: {risks}.")
_RATED = N_("“{title}” ({rating} of 25, {owner})")


def add_risk(
    change: TeamChange, title: str, *, owner: str, review: datetime, treatment: str, likelihood: int, impact: int,
    note: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Enter a risk.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    title : str
        What may happen.
    owner : str
        Role or person who answers for it; needed.
    review : datetime
        When it is looked at again; to come.
    treatment : str
        One of :data:`TREATMENTS`.
    likelihood, impact : int
        1 to 5.
    note : str
        What is done, in words.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    InputError
        No owner, an unknown treatment, a rating off the scale, or a review that is past.
    """
    if not owner.strip():
        raise InputError(
            N_("the risk has no owner"), where="--owner", do=N_("name the role or person who answers for it")
        )
    facts = {"treatment": _treatment(treatment), "likelihood": _rated(likelihood), "impact": _rated(impact)}
    return write_entry(
        change, RISK, title, owner=owner, due_at=_to_come(review, change.now), facts=facts, note=note,
        incident_id=NO_INCIDENT,
    )  # fmt: skip


def review_risk(
    change: TeamChange, risk_id: str, *, review: datetime | None = None, status: str | None = None,
    owner: str | None = None, treatment: str | None = None, likelihood: int | None = None, impact: int | None = None,
    note: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Record the review of a risk: what has changed, and when it is looked at next.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    risk_id : str
        Which; as much of the id as no other has.
    review : datetime, optional
        The next review; needed unless the risk is closed.
    status : str, optional
        open, treated, accepted or closed.
    owner, treatment : str, optional
        As for :func:`add_risk`; as they were when left out.
    likelihood, impact : int, optional
        Likewise.
    note : str
        What the review found.

    Returns
    -------
    dict
        The LOGBOOK row.

    Raises
    ------
    CrisisError
        There is no such risk, or as for :func:`add_risk`.
    """
    if review is None and status != "closed":
        raise InputError(
            N_("no next review is given"), where="--review", do=N_("say when, or close it: --status closed")
        )
    facts: dict[str, Any] = {} if treatment is None else {"treatment": _treatment(treatment)}
    facts |= {k: _rated(v) for k, v in (("likelihood", likelihood), ("impact", impact)) if v is not None}
    due = None if review is None else _to_come(review, change.now)
    return change_entry(change, risk_id, status=status, owner=owner, due_at=due, facts=facts, note=note)


def register(home: Home, watch: Watch, *, now: datetime, every: bool = False) -> pd.DataFrame:
    """The risks of a watch, the highest first.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        What is to be reviewed before is due.
    every : bool
        Closed ones too.

    Returns
    -------
    pandas.DataFrame
        LOGBOOK with treatment, likelihood, impact, rating (their product, 1 to 25) and due (bool).
    """
    rows = entries_of(home, watch, kind=RISK, open_only=not every)
    facts = [unpack(one) or {} for one in rows["facts"]]
    for key in ("treatment", "likelihood", "impact"):
        rows[key] = [one.get(key) for one in facts]
    rows["rating"] = pd.to_numeric(rows["likelihood"]) * pd.to_numeric(rows["impact"])
    rows["due"] = (rows["due_at"] <= pd.Timestamp(now + SOON)) & (rows["status"] != "closed")
    ordered: pd.DataFrame = rows.sort_values(["rating", "written_at"], ascending=[False, True], ignore_index=True)
    return ordered


def due_risks(home: Home, watch: Watch, *, now: datetime, owners: Sequence[str] = ()) -> list[tuple[str, Finding]]:
    """Risks whose review is due within a day or past, owner by owner.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        Wall clock.
    owners : sequence of str
        Only these roles and persons; everybody when empty.

    Returns
    -------
    list of (str, Finding)
        An identity that stays the same while the same reviews are due, and `register.due`.
    """
    rows = register(home, watch, now=now)
    rows = rows[rows["due"]]
    result = []
    for owner, mine in rows.groupby("owner", sort=True):
        person = watch.respond.owners.get(str(owner), str(owner))
        if owners and not {str(owner), person} & set(owners):
            continue
        listed = [
            Phrase(_ONE, {"title": one["title"], "due": f"{one['due_at'].astimezone(watch.zone):%Y-%m-%d}"})
            for one in mine.head(MOST_LISTED).to_dict("records")
        ]
        facts = {"owner": person, "n": len(mine), "risks": Listing(tuple(listed))}
        key = short_hash(watch.watch, str(owner), *(mine["entry_id"] + mine["due_at"].astype(str)))
        table = mine[["entry_id", "title", "owner", "due_at", "rating"]].reset_index(drop=True)
        result.append((f"register-{key}", Finding("register.due", _DUE, facts, table, n=0, weight=0.4)))
    return result


def register_finding(home: Home, watch: Watch, *, now: datetime) -> list[Finding]:
    """The register in one sentence, for reports by period; nothing where it is empty.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        End of the period.

    Returns
    -------
    list of Finding
        `register.summary`.
    """
    rows = register(home, watch, now=now)
    if rows.empty:
        return []
    highest = [
        Phrase(_RATED, {"title": one["title"], "rating": int(one["rating"]), "owner": owner_title(str(one["owner"]))})
        for one in rows.head(3).to_dict("records")
    ]
    facts = {"n": len(rows), "due": int(rows["due"].sum()), "risks": Listing(tuple(highest))}
    table = rows[["entry_id", "title", "owner", "status", "treatment", "rating", "due_at"]]
    return [Finding("register.summary", _SUMMARY, facts, table, n=0, weight=0.3)]


def _treatment(name: str) -> str:
    if name not in TREATMENTS:
        raise InputError(
            N_("{name} is no treatment"),
            where="--treatment",
            do=N_("use one of {treatments}"),
            facts={"name": repr(name), "treatments": ", ".join(TREATMENTS)},
        )
    return name


def _rated(value: int) -> int:
    if not 1 <= value <= SCALE:
        raise InputError(
            N_("{value} is off the scale"),
            where="--likelihood, --impact",
            do=N_("give 1 to {scale}"),
            facts={"value": value, "scale": SCALE},
        )
    return value


def _to_come(review: datetime, now: datetime) -> datetime:
    if review < now:
        raise InputError(
            N_("the review {review} is past"),
            where="--review",
            do=N_("give a day to come"),
            facts={"review": review.isoformat()},
        )
    return review
