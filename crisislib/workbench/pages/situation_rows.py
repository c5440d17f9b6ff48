"""One watch as a row of the first page: level, claim, now against usual, a line, and what is next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from crisislib.charts import level_name
from crisislib.core.i18n import N_
from crisislib.core.whole_shares import shares_of_whole
from crisislib.design import Chip, LevelBadge
from crisislib.engine.rendering import incident_title
from crisislib.workbench.pages.health_chip import health_chip
from crisislib.workbench.pages.incident_course import volume_trend
from crisislib.workbench.pages.incident_head import STANDINGS, kind_of
from crisislib.workbench.pages.incident_model import ordered
from crisislib.workbench.pages.incident_tiles import against, last_window, newest_window
from crisislib.workbench.pages.plan_parts import open_steps
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.pages.spark_line import Spark, spark

NAMED = N_("{watch}: {claim}")
CLAIM = N_("“{claim}”")
ALL_USUAL = N_("Everything as usual")
BLIND = N_("Not evaluated since {at}; last level {level}")
NEVER = N_("Never evaluated")
AN_HOUR, A_WINDOW = N_("posts an hour"), N_("posts in {span}")
NEXT = N_("next: {step}")
VOICE = N_("share of voice {now}, a week before {before}")
VOICE_NOW = N_("share of voice {now}")
ACTING = N_("{n} {n:account|accounts} act together")
UNTIL = N_("decided until {at}")
DAYS = 3
"""Days that the small line shows: an incident's course and what was usual before it."""


@dataclass(frozen=True)
class WatchRow:
    """One watch.

    Attributes
    ----------
    level : LevelBadge
        Its level.
    title, standing, detail : str
        Name and claim; how it stands; kind, since when, which way it goes.
    href : str
        Its incident page.
    value, unit, against, tone, posts : str
        The last window's posts with its unit, against what is usual, and the address of these posts.
    line : Spark
        The last days.
    health : Chip
        Of its data.
    more : sequence of str
        What else matters: who acts together, the next step, share of voice, until when it was decided.
    """

    level: LevelBadge
    title: str
    standing: str
    detail: str
    href: str
    value: str
    unit: str
    against: str
    tone: str
    posts: str
    line: Spark
    health: Chip
    more: Sequence[str]


def watch_row(reading: Reading, badge: LevelBadge) -> WatchRow:
    """One watch as a row.

    Parameters
    ----------
    reading : Reading
        The reading of its watch.
    badge : LevelBadge
        Its level.

    Returns
    -------
    WatchRow
    """
    watch, snapshot = reading.snapshot.watch, reading.snapshot
    rows = ordered(snapshot)
    live = rows[rows["closed_at"].isna()]
    row = live.iloc[0] if len(live) else None
    named = "" if row is None else str(row["incident_id"])
    title, standing, detail = _title(reading, row)
    last = newest_window(reading)
    note, tone = ("", "") if last is None else against(reading, float(last["value"]), last["expected"])
    unit = (
        reading.words(AN_HOUR) if reading.hour == 1 else reading.words(A_WINDOW, span=reading.span(reading.hour * 3600))
    )
    address = replace(reading.address, watch=watch.watch, incident="")
    return WatchRow(
        level=badge, title=title, standing=standing, detail=detail, href=address.to("incident"),
        value="–" if last is None or badge.key == "unknown" else f"{last['value']:,.0f}", unit=unit,
        against=note, tone=tone,
        posts=last_window(replace(reading, address=address)).href, line=spark(_recent(reading)),
        health=health_chip(reading), more=_more(reading, named),
    )  # fmt: skip


def _title(reading: Reading, row: pd.Series | None) -> tuple[str, str, str]:
    name, status = reading.snapshot.watch.name(reading.language), reading.status
    if status.judged_until is None:
        return name, "", reading.words(NEVER)
    if status.level == "unknown":
        at = reading.time(status.judged_until)
        return name, "", reading.words(BLIND, at=at, level=level_name(status.last_level, reading.language))
    if row is None:
        return name, "", reading.words(ALL_USUAL)
    claim = reading.finding("brief.claim", str(row["incident_id"]))
    if claim is None:
        title = str(incident_title(row.to_dict(), reading.snapshot.watch).render(reading.language))
    else:
        title = reading.words(NAMED, watch=name, claim=reading.words(CLAIM, claim=claim.facts["claim"]))
    what = kind_of(reading, row)
    standing = STANDINGS.get(str(row.get("standing")), "")
    return title, reading.words(standing) if standing else "", reading.joined(what, volume_trend(reading, row))


def _recent(reading: Reading) -> pd.DataFrame:
    rows = reading.snapshot.signal("volume")
    over = rows["at"] + pd.to_timedelta(rows["step_s"], unit="s") <= pd.Timestamp(reading.now)
    return rows[over & (rows["at"] > pd.Timestamp(reading.now - timedelta(days=DAYS)))]


def _more(reading: Reading, named: str) -> list[str]:
    parts = []
    together = reading.finding("brief.together", named) or reading.finding("spread.coordination", named)
    if together is not None and together.facts.get("accounts"):
        parts.append(reading.words(ACTING, n=together.facts["accounts"]))
    steps, _ = open_steps(reading, named, most=1)
    if steps:
        parts.append(reading.words(NEXT, step=reading.joined(steps[0].title, steps[0].detail)))
    if reading.snapshot.watch.brand.competitors:
        parts.append(_voice(reading))
    if reading.status.judged_until is not None:
        parts.append(reading.words(UNTIL, at=reading.time(reading.status.judged_until)))
    return [part for part in parts if part]


def market_shares(reading: Reading) -> pd.DataFrame | None:
    """How the talk of the last week is shared among the brand and its competitors, as the newest run found it.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    pandas.DataFrame or None
        `name` (empty for the brand), `n`, `share`, `before`; None where no run found shares.
    """
    every = reading.snapshot.findings(reading.now)
    found = next((one for many in every.values() for one in many if one.key == "market.voice"), None)
    if found is None or found.table.empty:
        return None
    whole = found.table[["share", "before"]].sum()  # runs of former versions stored shares of posts, not of mentions
    return found.table.assign(**{str(c): found.table[c] / total for c, total in whole.items() if total})


def _voice(reading: Reading) -> str:
    rows = market_shares(reading)
    mine = None if rows is None else rows[rows["name"] == ""]
    if rows is None or mine is None or mine.empty:
        return ""
    place = int((rows["name"] == "").to_numpy().argmax())
    now, before = (shares_of_whole(list(rows[c].fillna(0.0)))[place] for c in ("share", "before"))
    if math.isnan(float(mine["before"].iloc[0])):
        return reading.words(VOICE_NOW, now=now)
    return reading.words(VOICE, now=now, before=before)
