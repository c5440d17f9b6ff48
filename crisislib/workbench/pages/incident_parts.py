"""Parts of the incident page: its head, the course, the steps, what people say, where and who, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.design import Step, Utterance
from crisislib.engine.plan_in_words import RESPONSE, plan_in_words
from crisislib.engine.rendering import KINDS, incident_title
from crisislib.workbench.evidence_table import short
from crisislib.workbench.pages.incident_course import volume_trend
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading

QUOTED, CALM = N_("“{claim}”"), N_("No incident is open")
SETTLED_BY, COMMENT = N_("by {by}"), N_("{text} ({by}, {at})")
STANDINGS = {
    "unverified": N_("unverified"),
    "disputed": N_("disputed"),
    "denied": N_("unverified, denied by the brand"),
    "confirmed": N_("confirmed by the brand"),
}
"""How a claim stands, for a headline."""
APPEARED, FIRST = N_("first seen {at} on {platform}"), N_("since {at}")
IN_HOURS = N_("{n} {n:post|posts} in {span}")
TAG = N_("{open} open · {done} done")
NO_STEPS = N_("no step is due")
DUE, LATE = N_("due {at}"), N_("due {at}, {span} late")
NEGATIVE, DENY, BELIEVE = N_("{share} negative"), N_("{share} deny it"), N_("{share} believe it")
REFUTES = N_("speaks against it")
CARRIED = N_("Carried furthest by {names}; names are masked.")
AFTER = "+{span}"
STEPS, SAYINGS, CARRIERS = 3, 4, 3
"""Steps, sayings and accounts that a reader takes in at a glance; the other pages have all."""
LETTERS = 8
"""Letters below which a text that many copy is a gesture ("mark", "faster!"), and not something that they say."""


def head(reading: Reading, row: pd.Series | None, choice: Choice, summary: Mapping[str, Any]) -> tuple[str, str, str]:
    """Headline, standing and the line below.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row.
    choice : Choice
        The chosen posts.
    summary : mapping
        Of the chosen posts.

    Returns
    -------
    tuple of (str, str, str)
    """
    if row is None:
        return reading.words(CALM), "", reading.words(IN_HOURS, n=f"{summary['n']:,}", span="…") if summary["n"] else ""
    claim = reading.finding("brief.claim", str(row["incident_id"]))
    title = str(incident_title(row.to_dict(), reading.snapshot.watch).render(reading.language))
    headline = title if claim is None else reading.words(QUOTED, claim=claim.facts["claim"])
    subject = row.get("subject") if isinstance(row.get("subject"), str) else row["kind"]
    standing = STANDINGS.get(str(row.get("standing")), "")
    first = summary["first"]
    begin = reading.words(FIRST, at=reading.time(row["opened_at"]))
    if claim is not None and "first_at" in claim.facts:
        first = claim.facts["first_at"]
        begin = reading.words(APPEARED, at=reading.time(first), platform=claim.facts["platform"])
    span = (pd.Timestamp(reading.now) - pd.to_datetime(first, utc=True)).total_seconds() if pd.notna(first) else 0.0
    size = reading.words(IN_HOURS, n=f"{summary['n']:,}", span=reading.span(span)) if summary["n"] else ""
    what = reading.words(KINDS.get(str(subject), str(subject))) if subject and subject != "other" else ""
    sub = reading.joined(what, begin, size, volume_trend(reading, row))
    return headline, reading.words(standing) if standing else "", sub


def open_steps(reading: Reading, incident: str, *, most: int = STEPS) -> tuple[list[Step], str]:
    """The next open steps of an incident, and how many there are.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.
    most : int
        Steps at most.

    Returns
    -------
    tuple of (list of Step, str)
    """
    rows = reading.snapshot.table("ACTIONS")
    rows = rows[rows["incident_id"] == incident]
    if rows.empty:
        return [], reading.words(NO_STEPS)
    plan = plan_in_words(rows, reading.snapshot.watch, language=reading.language, now=reading.now, every=True)
    due = plan[plan["status"].isin(["open", "late"])]
    done = int(plan["status"].isin(["done", "done late"]).sum())
    tag = reading.words(TAG, open=len(due), done=done) if len(due) else reading.words(NO_STEPS)
    return [step_of(reading, r) for r in due.head(most).to_dict("records")], tag


def step_of(reading: Reading, row: Mapping[Any, Any], notes: Sequence[str] = ()) -> Step:
    """A step as a component.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : mapping
        A row of :func:`crisislib.engine.plan_in_words.plan_in_words`.
    notes : sequence of str
        What people wrote about it.

    Returns
    -------
    Step
    """
    late = row["status"] == "late"
    behind = (pd.Timestamp(reading.now) - row["due_at"]).total_seconds() if late else 0.0
    at = reading.time(row["due_at"])
    due = reading.words(LATE, at=at, span=reading.span(behind)) if late else reading.words(DUE, at=at)
    state = "open" if row["status"] in {"open", "late"} else "done"
    if state == "open":
        begun = str(row["state"]) if pd.notna(row["started_at"]) else ""
        detail = reading.joined(str(row["owner"] or ""), begun, due)
    else:
        at = reading.time(row["done_at"]) if pd.notna(row["done_at"]) else ""
        who = reading.words(SETTLED_BY, by=row["by"]) if row["by"] else ""
        detail = reading.joined(str(row["owner"] or ""), " ".join(filter(None, (str(row["state"]), at))), who)
        notes = [*([str(row["note"])] if row["by"] and not _by_response(row["note"]) else []), *notes]
    return Step(str(row["step"]), detail, late, str(row["action_id"]), state, notes)


def _by_response(note: object) -> bool:
    """Whether there is no note, or only the id of the response that settled the step: what was published is shown."""
    return not note or str(note).startswith(RESPONSE)


def comments_of(reading: Reading, incident: str) -> dict[str, list[str]]:
    """What people wrote about the steps of an incident.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.

    Returns
    -------
    dict of str to list of str
        Action id to sentences, the oldest first.
    """
    rows = reading.snapshot.table("LOGBOOK")
    mine = rows[(rows["kind"] == "comment") & (rows["incident_id"] == incident)].sort_values("at")
    made: dict[str, list[str]] = {}
    for row in mine.to_dict("records"):
        words = reading.words(COMMENT, text=row["title"], by=row["by"], at=reading.time(row["at"]))
        made.setdefault(str(row["about"]), []).append(words)
    return made


def sayings(reading: Reading, incident: str, choice: Choice) -> list[Utterance]:
    """What people say: the claims that the run found; where posts are chosen, or none was found, what is copied most.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.
    choice : Choice
        The chosen posts.

    Returns
    -------
    list of Utterance
    """
    found = reading.finding("brief.claims", incident)
    if found is not None and len(found.table) and not reading.address.filtered():
        top = float(found.table["n"].max()) or 1.0
        return [_claim(reading, r, top) for r in found.table.head(SAYINGS).to_dict("records")]
    rows = reading.snapshot.posts.stories(choice, most=3 * SAYINGS)
    texts = reading.snapshot.texts(list(rows["first_id"]), None, None).set_index("post_id")["text"]
    rows = rows.assign(text=[short(texts.get(i, ""), 90) for i in rows["first_id"]])
    rows = rows[[len(text) >= LETTERS for text in rows["text"]]].head(SAYINGS)
    top = float(rows["n"].max()) if len(rows) else 1.0
    return [_copied(reading, r, top) for r in rows.to_dict("records")]


def _claim(reading: Reading, row: Mapping[Any, Any], top: float) -> Utterance:
    sides = int(row["believe"] or 0) + int(row["deny"] or 0) + int(row["ask"] or 0)
    shares = [
        reading.words(words, share=reading.percent(row[key] / sides))
        for key, words in (("believe", BELIEVE), ("deny", DENY)) if sides >= 10
    ]  # fmt: skip
    against = row["role"] == "refutation"
    where = reading.listed([reading.platform(p) for p in list(row["platforms"])[:3]])
    note = reading.joined(reading.words(REFUTES) if against else "", where, *shares)
    href = reading.address.to("posts", claim=row["claim_id"])
    kind = "refutation" if against else ""
    return Utterance(str(row["text"]), f"{int(row['n']):,}", note, row["n"] / top, kind, href)


def _copied(reading: Reading, row: Mapping[Any, Any], top: float) -> Utterance:
    where = reading.listed([reading.platform(p) for p in list(row["platforms"])[:3]])
    share = reading.words(NEGATIVE, share=reading.percent(row["negative"]))
    since = reading.words(FIRST, at=reading.time(row["first"]))
    href = reading.address.to("posts", story=row["narrative"])
    return Utterance(row["text"], f"{int(row['n']):,}", reading.joined(where, since, share), row["n"] / top, "", href)


def places(reading: Reading, incident: str, choice: Choice) -> list[list[object]]:
    """Platforms with their posts, and how long after the first each came.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.
    choice : Choice
        The chosen posts.

    Returns
    -------
    list of list
        Rows: name with its address, posts, since when.
    """
    claim = reading.finding("brief.claim", incident)
    begun = None if claim is None else claim.facts.get("first_at")  # what came before it is ordinary talk
    rows = reading.snapshot.posts.platforms(choice, since=begun)
    begin = rows["first"].min()
    made: list[list[object]] = []
    for r in rows.to_dict("records"):
        lag = (r["first"] - begin).total_seconds()
        later = "–" if pd.isna(lag) else AFTER.format(span=reading.span(lag))
        since = reading.time(r["first"]) if lag == 0 else later
        href = reading.address.to(platform=r["platform"] or "")
        made.append([{"text": reading.platform(r["platform"]), "href": href}, f"{int(r['n']):,}", since])
    return made


def carriers(reading: Reading, incident: str) -> str:
    """Accounts through which most posts came.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.

    Returns
    -------
    str
        Empty where none is known.
    """
    found = reading.finding("brief.who", incident)
    if found is None or found.table.empty:
        return ""
    names = found.table["name_masked"] if "name_masked" in found.table else pd.Series([found.facts.get("name", "")])
    shown = [str(n) for n in names.dropna().head(CARRIERS) if n]
    return reading.words(CARRIED, names=reading.listed(shown)) if shown else ""


def changes(reading: Reading, incident: str) -> list[str]:
    """What changed since the last brief; where no run compared, what would bring the level down, and the outlook.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.

    Returns
    -------
    list of str
        Sentences.
    """
    found = [one for one in reading.findings("brief.change", incident) if not one.silent]
    if not found:
        keys = ("warn.level", "warn.mood", "warn.down", "warn.outlook")
        found = [one for key in keys if (one := reading.finding(key, incident)) is not None]
    return [f.render(reading.language) for f in found[:5]]
