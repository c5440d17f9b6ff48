"""The page of an incident: the claim, six numbers, the course, what to do now, what people say, the posts."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.phrase import Both
from crisislib.design import Evidence, Figure, LevelBadge, Step, Tile, Utterance, level_badge
from crisislib.engine.rendering import incident_title
from crisislib.workbench.pages import incident_course, incident_head, incident_parts, incident_tiles, plan_parts
from crisislib.workbench.pages.evidence_model import counted, lines_of, posts_with_texts
from crisislib.workbench.pages.incident_time import choice_of, closed_at
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.pages.snapshot import Snapshot

STALE = N_("{level} until {at}, not decided on since")
NEVER = N_("never decided on")
WHOLE = N_(
    "The level, the claim and what is marked “all posts” cover the whole incident; the other figures cover only "
    "the selected posts."
)
ALL_POSTS = N_("all posts")
CLOSED, INCIDENT = Both("已结案", "Closed"), Both("事件", "Incident")
"""Of an incident that is over; as sentences elsewhere these words mean other things."""
MOST_OFFERED = 20
"""Incidents that can be chosen: older ones are found by their address."""
FIRST_POSTS = 8
"""Posts under the page; all of them are one click away."""
DRAWING = ThreadPoolExecutor(4, thread_name_prefix="drawing")
"""Where courses are drawn while texts are read: as many as pages are made at once."""


@dataclass(frozen=True)
class IncidentPage:
    """What the incident page shows, in its order.

    Attributes
    ----------
    level : LevelBadge
        Grey once it no longer holds.
    headline, standing, sub : str
        The claim, how it stands, and since when, how big, whether it grows.
    tiles : sequence of Tile
        Six numbers.
    course : Figure
        How it went.
    steps : sequence of Step
        What to do now.
    steps_tag : str
        How many of how many.
    advice : str
        Beside the steps.
    sayings : sequence of Utterance
        What people say.
    places, carriers : sequence of sequence
        Where and who: rows of a table, and sentences.
    changes : sequence of str
        What changed.
    evidence : Evidence
        The first posts.
    counted : str
        How many posts stand behind the page.
    incidents : sequence of (str, str, bool)
        Id, title and whether it is the one shown.
    whole : str
        Beside what no filter governs, where posts are chosen; empty where none are.
    """

    level: LevelBadge
    headline: str
    standing: str
    sub: str
    tiles: Sequence[Tile]
    course: Figure
    steps: Sequence[Step]
    steps_tag: str
    advice: str
    sayings: Sequence[Utterance]
    places: Sequence[Sequence[object]]
    carriers: str
    changes: Sequence[str]
    evidence: Evidence
    counted: str
    incidents: Sequence[tuple[str, str, bool]]
    whole: str = ""


def ordered(snapshot: Snapshot) -> pd.DataFrame:
    """Incidents as they stand, the open and most urgent first.

    Parameters
    ----------
    snapshot : Snapshot
        The watch.

    Returns
    -------
    pandas.DataFrame
        INCIDENTS; shared, not to be changed.
    """
    return snapshot.once("ordered incidents", lambda: _ordered(snapshot.table("INCIDENTS")))


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    order = {level: i for i, level in enumerate(("red", "orange", "yellow", "blue", "none", "unknown"))}
    rows = rows[rows["merged_into"].isna()] if "merged_into" in rows else rows
    made = rows.assign(_closed=rows["closed_at"].notna(), _rank=rows["level"].map(order))
    made = made.sort_values(["_closed", "_rank", "opened_at"], ascending=[True, True, False])
    return made.drop(columns=["_closed", "_rank"]).reset_index(drop=True)


def chosen_incident(reading: Reading) -> pd.Series | None:
    """The incident that the address names, else the one that matters most.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    pandas.Series or None
        A row of INCIDENTS; None where there is none, or none of that name.
    """
    rows, wanted = ordered(reading.snapshot), reading.address.incident
    rows = rows[rows["incident_id"] == wanted] if wanted else rows
    return rows.iloc[0] if len(rows) else None


def titled(reading: Reading, rows: pd.DataFrame, named: str = "") -> list[tuple[str, str, bool]]:
    """The incidents that can be chosen.

    Parameters
    ----------
    reading : Reading
        The reading.
    rows : pandas.DataFrame
        From :func:`ordered`.
    named : str
        Id of the one that is shown; the first where the address names none.

    Returns
    -------
    list of (str, str, bool)
        Id, title, and whether it is shown.
    """
    shown = named or reading.address.incident or (str(rows.iloc[0]["incident_id"]) if len(rows) else "")
    return [
        (
            str(r["incident_id"]),
            str(incident_title(r, reading.snapshot.watch).render(reading.language)),
            r["incident_id"] == shown,
        )
        for r in rows.head(MOST_OFFERED).to_dict("records")
    ]


def badge(reading: Reading, row: pd.Series | None = None) -> LevelBadge:
    """The level of the watch with until when it was decided; grey where that is too long ago, or the incident is over.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row that is shown.

    Returns
    -------
    LevelBadge
    """
    status = reading.status
    every = reading.words(WHOLE) if reading.address.filtered() else ""
    if row is not None and closed_at(reading, row) is not None:
        word, kind = CLOSED.render(reading.language), INCIDENT.render(reading.language)
        return LevelBadge("unknown", word, kind, every)
    if status.judged_until is None:
        return level_badge("unknown", reading.language, reading.words(NEVER))
    at = reading.time(status.judged_until)
    if status.level == "unknown" and status.last_level != "unknown":
        last = level_badge(status.last_level, reading.language).word
        return level_badge("unknown", reading.language, reading.words(STALE, level=last, at=at))
    return level_badge(status.level, reading.language, every)


def incident_page(reading: Reading) -> IncidentPage:
    """The model of an incident page.

    Parameters
    ----------
    reading : Reading
        The reading; its address names an incident that is there, or the most urgent is shown.

    Returns
    -------
    IncidentPage
    """
    rows = ordered(reading.snapshot)
    row = chosen_incident(reading)
    named = "" if row is None else str(row["incident_id"])
    choice = choice_of(reading, row)
    summary = reading.snapshot.posts.summary(choice)
    drawn = DRAWING.submit(incident_course.course_figure, reading, row, choice)  # the drawing waits for no table
    headline, standing, sub = incident_head.head(reading, row, choice, summary)
    steps, tag = reading.steady(("steps", named), lambda: plan_parts.open_steps(reading, named))
    evidence, sayings = _posts_and_sayings(reading, named, choice)
    return IncidentPage(
        level=badge(reading, row),
        headline=headline,
        standing=standing,
        sub=sub,
        tiles=incident_tiles.tiles(reading, row, summary),
        course=drawn.result(),
        steps=steps,
        steps_tag=tag,
        advice="",
        sayings=sayings,
        places=incident_parts.places(reading, named, choice),
        carriers=reading.steady(("carriers", named), lambda: incident_parts.carriers(reading, named)),
        changes=reading.steady(("changes", named), lambda: incident_parts.changes(reading, named)),
        evidence=evidence,
        counted=counted(reading, int(summary["n"])),  # type: ignore[call-overload]
        incidents=titled(reading, rows, named),
        whole=reading.words(ALL_POSTS) if reading.address.filtered() else "",
    )


def _posts_and_sayings(reading: Reading, incident: str, choice: Choice) -> tuple[Evidence, list[Utterance]]:
    """The first posts, and what people say: the texts of both are read at once."""
    listed = reading.snapshot.posts.page(choice, sort=reading.address.sort, offset=0, limit=FIRST_POSTS)
    stories = incident_parts.copied_stories(reading, incident, choice)
    first = incident_parts.first_posts(stories)
    both = listed if first.empty else pd.concat([listed[["post_id", "created_at"]], first])
    texts = posts_with_texts(reading, both.drop_duplicates("post_id"))
    shown = lines_of(reading, texts[texts["post_id"].isin(listed["post_id"])])
    return shown, incident_parts.sayings_of(reading, incident, stories, texts)
