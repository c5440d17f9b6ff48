"""Six numbers of an incident, each with what is usual or its interval, each leading to its posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from crisislib.core.durations import expected_count
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.phrase import Amount, whole_percents
from crisislib.design import Tile
from crisislib.workbench.pages.incident_time import closed_at, whole_choice
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading

LAST_HOUR, LAST_WINDOW = N_("Posts, last hour"), N_("Posts, last {span}")
CHOSEN, CHOSEN_NOTE = N_("Posts selected"), N_("of {n} in the incident")
TIMES = N_("{times} × the usual {usual}")
USUAL = N_("usual: {usual}")
NEGATIVE = N_("Negative")
UNCHECKED, CHECKED = N_("{lo}–{hi}%, not checked by labels"), N_("{lo}–{hi}%, corrected by {n} {n:label|labels}")
OF_CHOSEN = N_("of {n} classified posts, model’s answers")
REACH, REACH_NOTE, REACH_UNKNOWN = (
    N_("Could have seen it"),
    N_("people, each counted once"),
    N_("no followers or views in the data"),
)
TOGETHER, ACCOUNTS = N_("Acting together"), N_("{n} {n:account|accounts}")
GROUPS, ONE_GROUP, ALONE = (
    N_("in {n} {n:group|groups}, {share} of the posts"),
    N_("in one group, {share} of the posts"),
    N_("nothing beyond chance"),
)
AHEAD, AHEAD_END = N_("Next {hours} h"), N_("Largest story")
RISING, FALLING, STEADY = N_("rising; 80% interval"), N_("falling; 80% interval"), N_("80% interval")
IN_THE_END = N_("posts in the end; 80% interval")
LOSS, ONE_IN_TEN, NO_RANGES = (
    N_("Possible loss"),
    N_("one case in ten above {p90}"),
    N_("the watch file gives no ranges"),
)
NOT_ASSESSED, TOO_FEW = N_("no run has reported on this incident"), N_("too few hours of data")
ALL_POSTS, UNTIL_CLOSED = N_("Posts"), N_("until it was closed")
CLOSED, AFTER = N_("Closed"), N_("after {span}")
UNKNOWN = N_("unknown")
WHOLE = N_("{label} (all posts)")
TWICE = 2.0
"""Times the usual from which a number is shown as a warning."""


def tiles(reading: Reading, row: pd.Series | None, summary: Mapping[str, object]) -> list[Tile]:
    """The six numbers.

    Parameters
    ----------
    reading : Reading
        The reading.
    row : pandas.Series or None
        The INCIDENTS row; None for the watch.
    summary : mapping
        Of the chosen posts, see :meth:`PostIndex.summary`.

    Returns
    -------
    list of Tile
        Where posts are filtered, the first two speak of these; the others are of the whole incident and say so.
    """
    incident, over = "" if row is None else str(row["incident_id"]), closed_at(reading, row)
    now = last_window(reading) if over is None else _in_all(reading, summary)
    first = _chosen(reading, row, summary) if reading.address.filtered() else now
    ahead = _ahead(reading, incident) if over is None or row is None else _over(reading, row, over)
    whole = [
        _reach(reading, incident),
        _together(reading, incident, whole_choice(reading, row)),
        ahead,
        _loss(reading, incident),
    ]
    if reading.address.filtered():
        whole = [replace(one, label=reading.words(WHOLE, label=one.label)) for one in whole]
    return [first, _negative(reading, incident, summary), *whole]


def last_window(reading: Reading) -> Tile:
    """Posts in the last full window that was decided on, against the usual.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    Tile
    """
    label = (
        reading.words(LAST_HOUR)
        if reading.hour == 1
        else reading.words(LAST_WINDOW, span=reading.span(reading.hour * 3600))
    )
    row = newest_window(reading)
    if row is None:
        return Tile(label, "–", reading.words(UNKNOWN))
    value, usual = float(row["value"]), row["expected"]
    since = pd.Timestamp(row["at"])
    href = reading.address.to(
        "posts",
        since=since.isoformat(),
        until=(since + pd.Timedelta(seconds=int(row["step_s"]))).isoformat(),
        sort="time",
    )
    note, tone = against(reading, value, usual)
    return Tile(label, f"{value:,.0f}", note, tone, href)


def against(reading: Reading, value: float, usual: object) -> tuple[str, str]:
    """A number against what is usual: the words, and whether it warns.

    Parameters
    ----------
    reading : Reading
        The reading.
    value : float
        The number.
    usual : object
        What is expected; NaN or None where it is not known.

    Returns
    -------
    tuple of (str, str)
        Words and tone.
    """
    if usual is None or pd.isna(usual) or float(usual) <= 0:  # type: ignore[call-overload,arg-type]
        return "", ""
    known = float(usual)  # type: ignore[arg-type]
    shown = expected_count(known)
    if value < TWICE * known:
        return reading.words(USUAL, usual=shown), ""
    return reading.words(TIMES, times=f"{value / known:.1f}", usual=shown), "bad"


def newest_window(reading: Reading) -> pd.Series | None:
    """The newest window of the volume that is over and was collected.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    pandas.Series or None
        A SIGNALS row.
    """
    until = min(reading.status.judged_until or reading.now, reading.now)
    return reading.snapshot.once(("newest window", until), lambda: _newest(reading, pd.Timestamp(until)))


def _newest(reading: Reading, until: pd.Timestamp) -> pd.Series | None:
    rows = reading.snapshot.signal("volume")
    over = rows["at"] + pd.to_timedelta(rows["step_s"], unit="s") <= until
    rows = rows[over & rows["value"].notna() & (rows["complete"].fillna(1.0) >= 0.5)]
    return None if rows.empty else rows.iloc[-1]


def _in_all(reading: Reading, summary: Mapping[str, object]) -> Tile:
    return Tile(
        reading.words(ALL_POSTS), f"{summary['n']:,}", reading.words(UNTIL_CLOSED), "", reading.address.to("posts")
    )


def _over(reading: Reading, row: pd.Series, at: pd.Timestamp) -> Tile:
    """When a closed incident was closed, where an open one has its forecast."""
    lasted = reading.span((at - row["opened_at"]).total_seconds())
    return Tile(reading.words(CLOSED), reading.time(at), reading.words(AFTER, span=lasted))


def _chosen(reading: Reading, row: pd.Series | None, summary: Mapping[str, object]) -> Tile:
    note = reading.words(CHOSEN_NOTE, n=f"{reading.snapshot.posts.count(whole_choice(reading, row)):,}")
    return Tile(reading.words(CHOSEN), f"{summary['n']:,}", note, "", reading.address.to("posts"))


def _negative(reading: Reading, incident: str, summary: Mapping[str, Any]) -> Tile:
    label, href = reading.words(NEGATIVE), reading.address.to("posts", sentiment="negative")
    size = reading.finding("brief.size", incident)
    if not reading.address.filtered() and size is not None and "share" in size.facts:
        share, lo, hi = (_percent(size.facts[k]) for k in ("share", "lo", "hi"))
        n = size.facts.get("labels")
        note = reading.words(CHECKED, lo=lo, hi=hi, n=n) if n else reading.words(UNCHECKED, lo=lo, hi=hi)
        return Tile(label, whole_percents(float(share) / 100), note, "", href)
    labelled = int(summary["labelled"])
    if not labelled:
        return Tile(label, "–", reading.words(UNKNOWN))
    share = whole_percents(int(summary["negative"]) / labelled)
    return Tile(label, share, reading.words(OF_CHOSEN, n=f"{labelled:,}"), "", href)


def _percent(value: object) -> str:
    """A stored share ("27%" or 0.27) as whole percents."""
    return value.rstrip("%").strip() if isinstance(value, str) else f"{100 * float(value):.0f}"  # type: ignore[arg-type]


def _reach(reading: Reading, incident: str) -> Tile:
    found = reading.finding("brief.reach", incident) or reading.finding("spread.reach", incident)
    facts = {} if found is None else dict(found.facts)
    if not {"lo", "hi"} <= facts.keys():
        note = _reason(reading, "brief.reach", incident, REACH_UNKNOWN)
        return Tile(reading.words(REACH), reading.words(UNKNOWN), note)
    return Tile(reading.words(REACH), _range(reading, facts["lo"], facts["hi"]), reading.words(REACH_NOTE))


def _reason(reading: Reading, key: str, incident: str, reason: str) -> str:
    """Why a number is not known: as the run reports it, or that no run has reported."""
    reported = reading.findings(key, incident)
    return reading.words(reason if reported or not incident else NOT_ASSESSED)


def _together(reading: Reading, incident: str, whole: Choice) -> Tile:
    label = reading.words(TOGETHER)
    found = reading.finding("brief.together", incident) or reading.finding("spread.coordination", incident)
    if found is None or not found.facts.get("accounts"):
        if found is None and not (incident and reading.findings("brief.together", incident)):
            return Tile(label, reading.words(UNKNOWN), reading.words(NOT_ASSESSED) if incident else "")
        return Tile(label, "0", reading.words(ALONE))
    accounts, groups = found.facts["accounts"], int(found.facts["groups"])  # type: ignore[call-overload]
    share = found.facts.get("share")
    if share is None:
        members = reading.snapshot.table("GROUPS")
        ids = list(members.loc[members["grade"] != "weak", "account_id"].unique())
        posts = reading.snapshot.posts
        share = posts.count(replace(whole, accounts=tuple(ids))) / max(posts.count(whole), 1)
    words = ONE_GROUP if groups == 1 else GROUPS
    note = reading.words(words, n=groups, share=whole_percents(float(share)))  # type: ignore[arg-type]
    return Tile(label, reading.words(ACCOUNTS, n=accounts), note, "bad", reading.address.to("spread") + "#groups")


def _ahead(reading: Reading, incident: str) -> Tile:
    found: Finding | None = reading.finding("brief.goes", incident)
    if found is None or "lo" not in found.facts:
        note = _reason(reading, "brief.goes", incident, TOO_FEW)
        return Tile(reading.words(AHEAD, hours=24), reading.words(UNKNOWN), note)
    facts = found.facts
    value = _range(reading, facts["lo"], facts["hi"])
    if "hours" not in facts:  # a lake of a former version forecast its largest story only
        return Tile(reading.words(AHEAD_END), value, reading.words(IN_THE_END))
    way = reading.finding("brief.now", incident)
    key = str((way.facts if way else {}).get("direction_key", ""))
    note, tone = (
        (RISING, "bad") if key == "rising" else (FALLING, "good") if key in {"falling", "past_peak"} else (STEADY, "")
    )
    return Tile(reading.words(AHEAD, hours=facts["hours"]), value, reading.words(note), tone)


def _loss(reading: Reading, incident: str) -> Tile:
    label = reading.words(LOSS)
    found = reading.finding("brief.risk", incident)
    p50, p90 = (None, None) if found is None else (found.facts.get("p50"), found.facts.get("p90"))
    if not isinstance(p50, Amount) or not isinstance(p90, Amount):
        return Tile(label, reading.words(UNKNOWN), _reason(reading, "brief.risk", incident, NO_RANGES))
    return Tile(label, reading.money(p50), reading.words(ONE_IN_TEN, p90=reading.money(p90)))


def _number(value: object) -> float:
    return float(value.replace(",", "")) if isinstance(value, str) else float(value)  # type: ignore[arg-type]


def _range(reading: Reading, lo: object, hi: object) -> str:
    """An interval; its unit once, for the lower end is written in the unit of the upper one."""
    top = _number(hi)
    low, high = reading.amount(_number(lo), unit_of=top), reading.amount(top)
    unit = high.lstrip("0123456789.,")
    return f"{low.removesuffix(unit)}–{high}"
