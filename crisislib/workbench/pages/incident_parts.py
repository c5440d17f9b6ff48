"""Parts of the incident page: what people say, where and who, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import whole_percents
from crisislib.design import Utterance
from crisislib.workbench.evidence_table import short
from crisislib.workbench.pages.evidence_model import posts_with_texts
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.posts_of_claim import posts_telling
from crisislib.workbench.pages.reading import Reading

FIRST = N_("since {at}")
NEGATIVE, DENY, BELIEVE = N_("{share} negative"), N_("{share} deny it"), N_("{share} believe it")
REFUTES = N_("speaks against it")
CARRIED = N_("Carried furthest by {names}; names are masked.")
AFTER = "+{span}"
SAYINGS, CARRIERS = 4, 3
"""Sayings and accounts that a reader takes in at a glance; the other pages have all."""
LETTERS = 8
"""Letters below which a text that many copy is a gesture ("mark", "faster!"), and not something that they say."""


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
    rows = copied_stories(reading, incident, choice)
    return sayings_of(reading, incident, rows, posts_with_texts(reading, first_posts(rows), named=False))


def sayings_of(reading: Reading, incident: str, stories: pd.DataFrame, texts: pd.DataFrame) -> list[Utterance]:
    """What people say, from rows that were read already.

    Parameters
    ----------
    reading : Reading
        The reading.
    incident : str
        Its id.
    stories : pandas.DataFrame
        From :func:`copied_stories`.
    texts : pandas.DataFrame
        `post_id`, `text` of the first post of each, at least.

    Returns
    -------
    list of Utterance
    """
    found = _claims_of(reading, incident)
    if found is not None:
        top = float(found.table["n"].max()) or 1.0
        return [_claim(reading, r, top) for r in found.table.head(SAYINGS).to_dict("records")]
    if stories.empty:
        return []
    known = texts.drop_duplicates("post_id").set_index("post_id")["text"]
    rows = stories.assign(text=[short(known.get(one, ""), 90) for one in stories["first_id"]])
    rows = rows[[len(text) >= LETTERS for text in rows["text"]]].head(SAYINGS)
    top = float(rows["n"].max()) if len(rows) else 1.0
    return [_copied(reading, r, top) for r in rows.to_dict("records")]


def copied_stories(reading: Reading, incident: str, choice: Choice) -> pd.DataFrame:
    """The narratives that are copied most among the chosen posts; none where the claims of the run are shown instead.

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
    pandas.DataFrame
        See :meth:`PostIndex.stories`.
    """
    if _claims_of(reading, incident) is not None:
        return pd.DataFrame(columns=["first_id", "first"])
    return reading.snapshot.posts.stories(choice, most=3 * SAYINGS)


def first_posts(stories: pd.DataFrame) -> pd.DataFrame:
    """The first post of each narrative, for whoever reads texts.

    Parameters
    ----------
    stories : pandas.DataFrame
        From :func:`copied_stories`.

    Returns
    -------
    pandas.DataFrame
        `post_id`, `created_at`.
    """
    return stories[["first_id", "first"]].set_axis(["post_id", "created_at"], axis=1)


def _claims_of(reading: Reading, incident: str) -> Finding | None:
    found = reading.finding("brief.claims", incident)
    return found if found is not None and len(found.table) and not reading.address.filtered() else None


def _claim(reading: Reading, row: Mapping[Any, Any], top: float) -> Utterance:
    sides = int(row["believe"] or 0) + int(row["deny"] or 0) + int(row["ask"] or 0)
    shares = [
        reading.words(words, share=whole_percents(row[key] / sides))
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
    share = reading.words(NEGATIVE, share=whole_percents(row["negative"]))
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
    rows = reading.snapshot.posts.platforms(choice)
    if not reading.address.filtered() and (begun := _claimed(reading, incident)) is not None:
        rows = rows.assign(first=rows["platform"].map(begun))  # other posts are ordinary talk
    begin = rows["first"].min()
    made: list[list[object]] = []
    for r in rows.to_dict("records"):
        lag = (r["first"] - begin).total_seconds()
        later = "–" if pd.isna(lag) else AFTER.format(span=reading.span(lag))
        since = reading.time(r["first"]) if lag == 0 else later
        href = reading.address.to(platform=r["platform"] or "")
        made.append([{"text": reading.platform(r["platform"]), "href": href}, f"{int(r['n']):,}", since])
    return made


def _claimed(reading: Reading, incident: str) -> pd.Series | None:
    """Platform -> when the incident's claims first stood there; None where no run found any."""
    found = reading.finding("brief.claims", incident)
    if found is None or "claim_id" not in found.table:
        return None
    rows = found.table[found.table["role"] != "refutation"]

    def read() -> pd.Series | None:
        of_claims = posts_telling(reading.snapshot, incident, rows)
        if of_claims.claims is None and "members" not in rows:
            return None  # of a run that stored twenty posts of each claim
        return reading.snapshot.posts.platforms(of_claims).set_index("platform")["first"]

    return reading.snapshot.once(("claimed", incident), read)


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
