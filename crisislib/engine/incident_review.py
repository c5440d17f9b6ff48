"""The after-action review: how the clocks were kept, and what is known by now, from which models learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crisislib.core.errors import InputError
from crisislib.core.i18n import N_
from crisislib.core.phrase import unpack
from crisislib.core.watch import Watch
from crisislib.engine.analyst_labels import analyst_rows
from crisislib.engine.findings import newest_rows, revived
from crisislib.engine.home import Home
from crisislib.engine.incident_corrections import known_kind
from crisislib.engine.incident_records import incident_of
from crisislib.engine.logbook_reading import entries_of
from crisislib.engine.response_work import score
from crisislib.engine.story_labels import LABEL, OTHER, RUMOUR
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import record_entry

REVIEW = "review"
"""Kind of the logbook entry that holds a review."""
ANSWERS = {"refuted": RUMOUR, "confirmed": OTHER}
"""What a claim turned out to be -> the label of its stories, from which the rumour score learns."""
TYPE_LABEL = "crisis_type"
"""Label of posts that says which kind of crisis they speak of; an analyst's wins over every model."""


@dataclass(frozen=True)
class Reviewed:
    """What a review has recorded.

    Attributes
    ----------
    entry : dict
        The LOGBOOK row; its facts hold kind, harm, claims and the score of the clocks.
    kind_labels, story_labels : int
        LABELS that were new: posts with their kind, first posts of stories as rumour or other.
    """

    entry: dict[str, Any]
    kind_labels: int
    story_labels: int


def claims_of(home: Home, watch: Watch, *, incident_id: str = "") -> pd.DataFrame:
    """The claims of an incident as its newest brief has them.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        `number` (from 1), `claim`, `role` (claim or refutation), `n` posts, `posts` (ids); empty where none stands out.

    Raises
    ------
    CrisisError
        There is no such incident.
    """
    own = incident_of(home, watch, incident_id)["incident_id"]
    rows = newest_rows(home.lake, watch.watch, ["brief.claims.one"], now=home.now(), incident=str(own))
    findings = [revived(row) for row in rows.to_dict("records")]
    return pd.DataFrame(
        [
            {"number": number, "claim": str(one.facts["claim"]), "role": one.facts["role"], "n": one.n,
             "posts": list(one.post_ids)}
            for number, one in enumerate(findings, 1)
        ],
        columns=["number", "claim", "role", "n", "posts"],
    )  # fmt: skip


def review(
    change: TeamChange, *, kind: str = "", harm: bool | None = None, claims: Mapping[int, str], why: str,
    incident_id: str = "",
) -> Reviewed:  # fmt: skip
    """Record a review: the clocks as they were kept, and what is known of kind, harm and claims.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    kind : str
        The kind that it really was; as it stands when empty.
    harm : bool, optional
        Whether it really was a crisis; a backtest counts an incident without harm as a false alarm.
    claims : mapping of int to str
        Number of a claim, as :func:`claims_of` gives it, to `refuted` or `confirmed`.
    why : str
        What that rests on: a report, a ruling; needed.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    Reviewed
        The entry, and how many labels are new.

    Raises
    ------
    InputError
        No reason is given, or there is no such kind, claim or answer.
    CrisisError
        There is no such incident.
    """
    if not why.strip():
        raise InputError(
            N_("no reason is given"), where="--why", do=N_("say what it rests on: a report, a ruling, a recall")
        )
    incident = incident_of(change.home, change.watch, incident_id)
    own = str(incident["incident_id"])
    known = claims_of(change.home, change.watch, incident_id=own).set_index("number")
    for number, answer in claims.items():
        if number not in known.index:
            raise InputError(
                N_("there is no claim {number}"),
                where="--claim",
                do=N_("crisis review lists them"),
                facts={"number": number},
            )
        if answer not in ANSWERS:
            raise InputError(
                N_("{answer} is no answer"),
                where="--claim",
                do=N_("write {answers}"),
                facts={"answer": repr(answer), "answers": " or ".join(ANSWERS)},
            )
    settled = known_kind(change.home, kind or str(incident["kind"]))
    scored = score(change.home, change.watch, by=change.by, now=change.now, incident_id=own)
    telling = known[known["role"] == "claim"] if len(known) else known
    posts = list(dict.fromkeys(post for row in telling["posts"] for post in row))
    typed = _label(change, posts, TYPE_LABEL, [settled] * len(posts), why)
    roots = {
        root: ANSWERS[answer] for number, answer in claims.items()
        for root in _stories(change.home, change.watch, known["posts"][number])
    }  # fmt: skip
    stories = _label(change, list(roots), LABEL, list(roots.values()), why)
    clocks = {
        row["key"]: row["taken_min"] for row in scored.milestones.to_dict("records") if pd.notna(row["taken_min"])
    }
    facts = {
        "kind": settled, "harm": harm, "claims": {known["claim"][n]: answer for n, answer in claims.items()},
        "clocks": clocks, "score": scored.findings[0].render("en"),
    }  # fmt: skip
    entry = record_entry(change, REVIEW, why.strip(), about=own, facts=facts, incident_id=own)
    return Reviewed(entry, typed, stories)


def without_harm(home: Home, watch: Watch) -> set[str]:
    """Incidents that a review has found to be no crisis; the newest review counts.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.

    Returns
    -------
    set of str
        Incident ids.
    """
    rows = entries_of(home, watch, kind=REVIEW)
    newest = rows.drop_duplicates("incident_id", keep="last")
    harmless = newest["facts"].map(lambda text: (unpack(text) or {}).get("harm") is False).astype(bool)
    return set(newest.loc[harmless, "incident_id"])


def _stories(home: Home, watch: Watch, posts: list[str]) -> list[str]:
    """First posts of the stories that some posts belong to."""
    ids = ", ".join("'" + one.replace("'", "''") + "'" for one in posts) or "NULL"
    rows = home.lake.sql("POSTS", watch=watch.watch).filter(f"post_id IN ({ids})").project("coalesce(root_id, post_id)")
    roots = {row[0] for row in rows.fetchall()}
    known = home.lake.read("CASCADES", watch=watch.watch)["root_id"]
    return sorted(roots & set(known))


def _label(change: TeamChange, posts: list[str], label: str, values: list[str], why: str) -> int:
    """Store labels of an analyst with the reason; how many were new."""
    if not posts:
        return 0
    given = pd.DataFrame({"post_id": posts, "label": values, "why": why.strip()})
    score = (given["label"] == RUMOUR).astype(float) if label == LABEL else pd.Series(1.0, index=given.index)
    rows = analyst_rows(change.home, change.watch, given, label, score, by=change.by, now=change.now)
    return change.home.lake.append("LABELS", rows)
