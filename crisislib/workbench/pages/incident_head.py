"""The head of the incident page: the claim, how it stands, of which kind it is, since when and how big."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from crisislib.charts import level_name
from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.engine.rendering import incident_title, kind_words
from crisislib.workbench.pages.incident_course import volume_trend
from crisislib.workbench.pages.incident_time import begun_at, closed_at
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading

QUOTED, CALM = N_("“{claim}”"), N_("No incident is open")
STANDINGS = {
    "unverified": N_("unverified"),
    "disputed": N_("disputed"),
    "denied": N_("unverified, denied by the brand"),
    "confirmed": N_("confirmed by the brand"),
}
"""How a claim stands, for a headline."""
APPEARED, FIRST, FIRST_CHOSEN = (
    N_("first seen {at} on {platform}"),
    N_("since {at}"),
    N_("the first selected post {at}"),
)
IN_HOURS, CHOSEN_IN = N_("{n} {n:post|posts} in {span}"), N_("{n} selected {n:post|posts} in {span}")
WORST = N_("at worst: {level}")


def head(reading: Reading, row: pd.Series | None, choice: Choice, summary: Mapping[str, Any]) -> tuple[str, str, str]:
    """Headline, standing and the line below; where posts are chosen, all numbers in the line are of these.

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
    stands = str(row.get("standing"))
    standing = "" if claim is None and stands == "unverified" else STANDINGS.get(stands, "")
    begin = reading.words(FIRST, at=reading.time(row["opened_at"]))
    if reading.address.filtered():
        begin = reading.words(FIRST_CHOSEN, at=reading.time(summary["first"])) if summary["n"] else ""
    elif claim is not None and "first_at" in claim.facts:
        at, platform = claim.facts["first_at"], claim.facts["platform"]
        begin = reading.words(APPEARED, at=reading.time(at), platform=platform)
    over = closed_at(reading, row)
    sub = reading.joined(
        kind_of(reading, row), begin, _size(reading, row, summary), volume_trend(reading, row, choice),
        "" if over is None else _worst(reading, row),
    )  # fmt: skip
    return headline, reading.words(standing) if standing else "", sub


def _size(reading: Reading, row: pd.Series, summary: Mapping[str, Any]) -> str:
    """How many posts in how long: since the incident began, or as long as the reader chose."""
    if not summary["n"]:
        return ""
    since, until = reading.address.window(reading.zone)
    begin = pd.to_datetime(since or begun_at(reading, row), utc=True)
    end = pd.Timestamp(min(until or reading.now, reading.now))
    if (over := closed_at(reading, row)) is not None:
        end = min(end, over)
    words = CHOSEN_IN if reading.address.filtered() else IN_HOURS
    return reading.words(words, n=f"{summary['n']:,}", span=reading.span((end - begin).total_seconds()))


def kind_of(reading: Reading, row: pd.Series) -> str:
    """What an incident is about and of which kind; empty where nothing is known.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series
        An INCIDENTS row.

    Returns
    -------
    str
    """
    known = isinstance(row.get("kind"), str) and row["kind"] != "other"
    return str(kind_words(row).render(reading.language)) if known else ""


def _worst(reading: Reading, row: pd.Series) -> str:
    """The highest level that a closed incident had."""
    rows = reading.snapshot.history("INCIDENTS")
    levels = rows.loc[rows["incident_id"] == row["incident_id"], "level"].dropna()
    return reading.words(WORST, level=level_name(max(levels, key=rank, default="unknown"), reading.language))
