"""The posts that tell a claim: every one of them, by the label that the brief gave it."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.snapshot import Snapshot


def posts_telling(snapshot: Snapshot, incident: str, claims: pd.DataFrame) -> Choice:
    """The posts that tell some claims of an incident.

    Parameters
    ----------
    snapshot : Snapshot
        The watch.
    incident : str
        Its id.
    claims : pandas.DataFrame
        Rows of the finding `brief.claims`.

    Returns
    -------
    Choice
        Runs of former versions stored a list of posts beside each claim and no labels: then it is these.
    """
    of_claims = Choice(claims=tuple(f"{incident}/{one}" for one in claims["claim_id"]))
    if snapshot.posts.count(of_claims):
        return of_claims
    listed = claims["members" if "members" in claims else "posts"]
    return Choice(ids=tuple(dict.fromkeys(post for posts in listed for post in posts)))


def posts_of_claim(snapshot: Snapshot, claim: str, now: datetime) -> Choice:
    """The posts that tell one claim, of whichever incident it is.

    Parameters
    ----------
    snapshot : Snapshot
        The watch.
    claim : str
        Its id.
    now : datetime
        Moment of the reading.

    Returns
    -------
    Choice
        No posts where there is no such claim.
    """
    for incident, findings in snapshot.findings(now).items():
        for one in findings:
            if one.key == "brief.claims" and "claim_id" in one.table:
                mine = one.table[one.table["claim_id"] == claim]
                if len(mine):
                    return posts_telling(snapshot, incident, mine)
    return Choice(ids=())
