"""Whom to speak to one by one: people who say that they are affected, and accounts through whom most posts came."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.core.ids import mask_name
from crisislib.core.memory_database import session
from crisislib.core.watch import Watch
from crisislib.engine.findings import newest_rows, revived
from crisislib.engine.home import Home
from crisislib.engine.incident_records import begun_at, incident_of
from crisislib.engine.logbook_reading import entries_in_words, entries_of
from crisislib.engine.team_change import TeamChange
from crisislib.engine.team_logbook import write_entry

WHY = {
    "affected": N_("complains in their own words, {n} {n:post|posts}"),
    "influential": N_("{n} {n:post|posts} came through them"),
}
"""Why somebody is on the list -> its words; gettext ids."""
OWNERS = {"affected": "care_lead", "influential": "spokesperson"}
"""Role that speaks to them: whoever is harmed to customer care, whoever carries the story to the spokesperson."""
CONTACT = "contact"
"""Kind of logbook entry that holds the state of a conversation."""
_TITLE = N_("Speak to {name}: {why}")
_AFFECTED = """SELECT p.account_id, count(DISTINCT p.post_id) AS n, min(p.created_at) AS first_at,
    arg_min(p.post_id, p.created_at) AS post_id
FROM posts p JOIN labels l USING (post_id)
WHERE l.label = 'complaint' AND p.account_id IS NOT NULL AND coalesce(p.kind, '') <> 'repost'
    AND p.post_id NOT IN (SELECT post_id FROM labels WHERE label = 'voice' AND "value" IN ('own', 'press', 'repost'))
GROUP BY 1 ORDER BY n DESC, first_at, p.account_id LIMIT $most"""


def contact_priorities(
    home: Home, watch: Watch, *, language: str, most: int = 10, incident_id: str = ""
) -> pd.DataFrame:
    """The accounts of an incident that are worth a word of one's own, those who say they are affected first.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    language : str
        `zh` or `en`.
    most : int
        Accounts of either kind at most.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    pandas.DataFrame
        account_id, name (masked), reason (`affected` or `influential`), why (words), post_id (to open), state (of the
        conversation, in words; empty where none was begun), owner, entry_id.

    Raises
    ------
    CrisisError
        There is no such incident.
    """
    incident = incident_of(home, watch, incident_id)
    own = str(incident["incident_id"])
    since = begun_at(home, watch, incident).to_pydatetime()
    until = None if pd.isna(incident["closed_at"]) else pd.Timestamp(incident["closed_at"]).to_pydatetime()
    posts = home.lake.arrow("POSTS", watch=watch.watch, since=since, until=until)
    labels = home.lake.arrow("LABELS", watch=watch.watch, since=since, until=until)
    with session() as db:
        db.register("posts", posts)
        db.register("labels", labels)
        affected = db.execute(_AFFECTED, {"most": most}).df().assign(reason="affected")
    who = newest_rows(home.lake, watch.watch, ["brief.who"], now=home.now(), incident=own)
    through = revived(who.to_dict("records")[0]).table if len(who) else pd.DataFrame()
    carried = pd.DataFrame(columns=["account_id", "n", "post_id", "reason"])
    if "descendants" in through:
        carried = through.rename(columns={"descendants": "n"})[["account_id", "n", "post_id"]].head(most)
        carried = carried.assign(reason="influential")
    rows = pd.concat([affected, carried], ignore_index=True).drop_duplicates("account_id")
    rows = rows[~rows["account_id"].isin(watch.brand.accounts)].reset_index(drop=True)
    names = home.lake.read("ACCOUNTS").drop_duplicates("account_id", keep="last").set_index("account_id")
    shown = rows["account_id"].map(names["name_masked"]).fillna(rows["account_id"].map(names["name"].map(mask_name)))
    known = entries_of(home, watch, incident_id=own, kind=CONTACT).drop_duplicates("about", keep="last")
    known = entries_in_words(known, language).set_index("about") if len(known) else known.set_index("about")
    listed: pd.DataFrame = rows.assign(
        name=shown.fillna(""),
        why=[tr(WHY[row["reason"]], language, n=int(row["n"])) for row in rows.to_dict("records")],
        state=rows["account_id"].map(known["status"]).fillna(""),
        owner=rows["account_id"].map(known["owner"]).fillna(""),
        entry_id=rows["account_id"].map(known["entry_id"]).fillna(""),
    )[["account_id", "name", "reason", "why", "post_id", "state", "owner", "entry_id"]]
    return listed


def take_contacts(
    change: TeamChange, people: pd.DataFrame, *, due_at: datetime | None = None, incident_id: str = ""
) -> int:
    """Begin a conversation with each person on a list with whom none was begun: an entry of the logbook.

    Parameters
    ----------
    change : TeamChange
        Where, whose, by whom and when.
    people : pandas.DataFrame
        Rows of :func:`contact_priorities`.
    due_at : datetime, optional
        By when they are to be spoken to.
    incident_id : str
        The incident; the latest when empty.

    Returns
    -------
    int
        Entries written; each has a role as its owner, and crisis log set changes its state.
    """
    new = people[people["entry_id"] == ""]
    for row in new.to_dict("records"):
        title = tr(_TITLE, change.watch.language, name=row["name"] or row["account_id"], why=row["why"])
        write_entry(
            change, CONTACT, title, about=str(row["account_id"]), owner=OWNERS[row["reason"]], due_at=due_at,
            facts={"post_id": row["post_id"]}, incident_id=incident_id,
        )  # fmt: skip
    return len(new)
