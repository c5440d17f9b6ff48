"""The first page: all watches, the most urgent first, and what changed since yesterday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from crisislib.charts import level_name
from crisislib.core.i18n import N_
from crisislib.core.levels import rank
from crisislib.core.whole_shares import shares_of_whole
from crisislib.design import LevelBadge, Tile, Utterance, level_badge
from crisislib.engine.data_health import BAD
from crisislib.workbench.pages.health_chip import health_of
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.pages.situation_rows import WatchRow, market_shares, watch_row

ONE_ACTS, MANY_ACT = N_("{name} needs action now"), N_("{n} {n:watch|watches} need action now")
ONE_RISES, MANY_RISE = N_("{name} needs watching"), N_("{n} {n:watch|watches} need watching")
BLIND, ONE_BLIND = (
    N_("{n} {n:watch|watches} cannot be evaluated at the moment"),
    N_("{name} cannot be evaluated at the moment"),
)
QUIET = N_("No watch needs action")
SUMMARY, SUMMARY_ONE = N_("{n} {n:watch|watches}: {levels}."), N_("1 watch: {levels}.")
COUNT = N_("{n} {level}")
SINCE = N_("Since this time yesterday: {changes}.")
NO_CHANGE = N_("Since this time yesterday nothing has changed.")
OPENED, OPENED_ONE = N_("{n} {n:incident|incidents} opened"), N_("1 incident opened")
CLOSED, CLOSED_ONE = N_("{n} {n:incident|incidents} closed"), N_("1 incident closed")
MOVED = N_("{name} from {before} to {after}")
OPEN_NOW, YESTERDAY = N_("Open incidents"), N_("yesterday {n}")
OVERDUE, OLDEST, ON_TIME = N_("Late steps"), N_("the oldest {span} late"), N_("all on time")
ALERTS, OF_THEM_RED = N_("Alerts in 7 days"), N_("{n} of them red")
HEALTH, ALL_WELL = N_("Sources with data"), N_("all collected")
VOICE = N_("Share of voice: {name}")
POSTS, BEFORE = N_("{n} {n:post|posts}"), N_("a week before {share}")
URGENT, RAISED = 3, 1
"""Ranks of a level (orange, blue) from which a watch needs action, or watching."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
"""What a head of communications compares with in the morning; what an alarm budget is counted over."""


@dataclass(frozen=True)
class MarketShares:
    """Share of voice of a brand and its competitors.

    Attributes
    ----------
    title : str
        With the name of the watch.
    lines : sequence of Utterance
        Name, share, posts and the week before; the largest first.
    """

    title: str
    lines: Sequence[Utterance]


@dataclass(frozen=True)
class SituationPage:
    """What the first page shows.

    Attributes
    ----------
    headline, sub : str
        What needs action; how many watches at which level, and what changed since yesterday.
    tiles : sequence of Tile
        Four numbers.
    rows : sequence of WatchRow
        All watches, the most urgent first; one that cannot be judged is never last.
    faults : sequence of str
        What is wrong with files that are no watch.
    market : sequence of MarketShares
        Share of voice of each brand and its competitors.
    """

    headline: str
    sub: str
    tiles: Sequence[Tile]
    rows: Sequence[WatchRow]
    faults: Sequence[str]
    market: Sequence[MarketShares] = ()


def situation_page(readings: Sequence[Reading], faults: Sequence[str]) -> SituationPage:
    """The model of the first page.

    Parameters
    ----------
    readings : sequence of Reading
        One a watch; at least one.
    faults : sequence of str
        What is wrong with files that are no watch.

    Returns
    -------
    SituationPage
    """
    ordered = sorted(readings, key=lambda r: (-_urgency(r), r.snapshot.watch.watch))
    reader = ordered[0]
    levels = [r.status.level for r in ordered]
    counts = pd.Series(levels).value_counts()
    known = sorted(counts.index, key=rank, reverse=True)
    listed = [reader.words(COUNT, n=int(counts[v]), level=level_name(v, reader.language)) for v in known]
    summary = reader.words(SUMMARY_ONE if len(ordered) == 1 else SUMMARY, n=len(ordered), levels=reader.listed(listed))
    changes = _changes(ordered)
    changed = reader.words(SINCE, changes=reader.listed(changes)) if changes else reader.words(NO_CHANGE)
    space = "" if reader.language == "zh" else " "
    return SituationPage(
        headline=_headline(ordered),
        sub=f"{summary}{space}{changed}",
        tiles=_tiles(ordered),
        rows=[watch_row(one, badge_of(one)) for one in ordered],
        faults=faults,
        market=[made for one in ordered if (made := _market(one)) is not None],
    )


def _market(reading: Reading) -> MarketShares | None:
    rows, name = market_shares(reading), reading.snapshot.watch.name(reading.language)
    if rows is None:
        return None
    top, lines = float(rows["share"].max()) or 1.0, []
    shown, earlier = (shares_of_whole(list(rows[c].fillna(0.0))) for c in ("share", "before"))
    for row, now, before in zip(rows.to_dict("records"), shown, earlier, strict=True):
        change = "" if pd.isna(row["before"]) else reading.words(BEFORE, share=before)
        note = reading.joined(reading.words(POSTS, n=f"{int(row['n']):,}"), change)
        own = "" if row["name"] else "own"
        lines.append(Utterance(row["name"] or name, now, note, float(row["share"]) / top, own))
    return MarketShares(reading.words(VOICE, name=name), lines)


def badge_of(reading: Reading) -> LevelBadge:
    """The level of a watch; unknown where it no longer holds.

    Parameters
    ----------
    reading : Reading
        The reading.

    Returns
    -------
    LevelBadge
    """
    return level_badge(reading.status.level, reading.language)


def _urgency(reading: Reading) -> float:
    """Order of watches: by level; what cannot be judged stands above what is calm, for it may be anything."""
    level = reading.status.level
    return 0.5 if level == "unknown" else float(rank(level))


def _headline(ordered: Sequence[Reading]) -> str:
    reader = ordered[0]
    for least, one, many in ((URGENT, ONE_ACTS, MANY_ACT), (RAISED, ONE_RISES, MANY_RISE)):
        mine = [r for r in ordered if rank(r.status.level) >= least]
        if mine:
            name = mine[0].snapshot.watch.name(reader.language)
            return reader.words(one, name=name) if len(mine) == 1 else reader.words(many, n=len(mine))
    blind = [r for r in ordered if r.status.level == "unknown"]
    if blind:
        name = blind[0].snapshot.watch.name(reader.language)
        return reader.words(ONE_BLIND, name=name) if len(blind) == 1 else reader.words(BLIND, n=len(blind))
    return reader.words(QUIET)


def _changes(ordered: Sequence[Reading]) -> list[str]:
    """What is different from this time yesterday, by what was decided then."""
    reader, made = ordered[0], []
    opened = closed = 0
    for one in ordered:
        rows, begin = one.snapshot.table("INCIDENTS"), pd.Timestamp(one.now - DAY)
        opened += int(((rows["opened_at"] > begin) & (rows["opened_at"] <= pd.Timestamp(one.now))).sum())
        closed += int(((rows["closed_at"] > begin) & (rows["closed_at"] <= pd.Timestamp(one.now))).sum())
        before, after = one.snapshot.status(one.now - DAY), one.status
        if before.judged_until is not None and before.last_level != after.last_level:
            facts = {
                "before": level_name(before.last_level, one.language),
                "after": level_name(after.last_level, one.language),
            }
            made.append(one.words(MOVED, name=one.snapshot.watch.name(one.language), **facts))
    if opened:
        made.insert(0, reader.words(OPENED_ONE if opened == 1 else OPENED, n=opened))
    if closed:
        made.append(reader.words(CLOSED_ONE if closed == 1 else CLOSED, n=closed))
    return made


def _tiles(ordered: Sequence[Reading]) -> list[Tile]:
    reader = ordered[0]
    return [_open(reader, ordered), _late(reader, ordered), _alerts(reader, ordered), _sources(reader, ordered)]


def _open(reader: Reading, ordered: Sequence[Reading]) -> Tile:
    now = yesterday = 0
    for one in ordered:
        rows = one.snapshot.table("INCIDENTS")
        for at, ended in ((one.now, "now"), (one.now - DAY, "then")):
            moment = pd.Timestamp(at)
            live = (rows["opened_at"] <= moment) & ~(rows["closed_at"] <= moment)
            now, yesterday = (
                (now + int(live.sum()), yesterday) if ended == "now" else (now, yesterday + int(live.sum()))
            )
    return Tile(reader.words(OPEN_NOW), str(now), reader.words(YESTERDAY, n=yesterday))


def _late(reader: Reading, ordered: Sequence[Reading]) -> Tile:
    late = [
        due
        for one in ordered
        for due in one.snapshot.table("ACTIONS").query("status in ('open', 'late')")["due_at"].dropna()
        if due < pd.Timestamp(one.now)
    ]
    note = (
        reader.words(OLDEST, span=reader.span((pd.Timestamp(reader.now) - min(late)).total_seconds())) if late else ""
    )
    return Tile(reader.words(OVERDUE), str(len(late)), note or reader.words(ON_TIME), "bad" if late else "")


def _alerts(reader: Reading, ordered: Sequence[Reading]) -> Tile:
    levels: list[str] = []
    for one in ordered:
        rows = one.snapshot.table("ALERTS")
        inside = (rows["at"] > pd.Timestamp(one.now - WEEK)) & (rows["at"] <= pd.Timestamp(one.now))
        levels += list(rows.loc[inside, "level"])
    return Tile(reader.words(ALERTS), str(len(levels)), reader.words(OF_THEM_RED, n=levels.count("red")))


def _sources(reader: Reading, ordered: Sequence[Reading]) -> Tile:
    states = [(str(r["source"]), str(r["state"])) for one in ordered for r in health_of(one).sources.to_dict("records")]
    bad = [name for name, state in states if state in BAD]
    note = reader.listed(list(dict.fromkeys(bad))[:2]) if bad else reader.words(ALL_WELL)
    return Tile(reader.words(HEALTH), f"{len(states) - len(bad)} / {len(states)}", note, "bad" if bad else "")
