"""Situation: every watch with its level, trend, alerts and data health, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from zoneinfo import ZoneInfo

import altair as alt
import ipywidgets
import pandas as pd

from crisislib.charts import LEVEL_COLOURS, level_name, level_strip, volume
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVELS, rank
from crisislib.engine.rendering import signal_words
from crisislib.workbench import chart_frames, health_lines, incident_tables
from crisislib.workbench.dashboards.choice import Choice, query
from crisislib.workbench.dashboards.dashboard_base import Board
from crisislib.workbench.display import Shown
from crisislib.workbench.page_tables import page_head
from crisislib.workbench.progressive_page import Piece
from crisislib.workbench.selection import note_on
from crisislib.workbench.workbench import Workbench

TITLE = N_("Situation")
AT_LEAST = N_("Level at least")
TREND = N_("Last 24 hours: {now} posts; the 24 hours before: {before} ({change}).")
NO_TREND = N_("Last 24 hours: {now} posts; the 24 hours before: {before}.")
TRENDS = 6  # watches whose trend is drawn; more belong on their own pages


def situation() -> ipywidgets.VBox:
    """All watches on one page; `?language=…&level=…`."""
    asked = query()
    return Board(_page, asked=asked, with_watch=False, more={"level": (AT_LEAST, _levels)}, days=7).show()


def _levels(choice: Choice) -> list[tuple[str, object]]:
    return [(level_name(level, choice.language), level) for level in LEVELS]


def _page(choice: Choice) -> Iterator[Piece]:
    benches = [choice.bench(watch.watch) for watch in choice.offer.watches]
    ranked = [(incident_tables.level(b.desk), b) for b in benches]
    least = choice["level"] or "unknown"
    # A watch that cannot be judged is never filtered away: not knowing is a reason to look.
    ranked = [(v, b) for v, b in ranked if rank(v) >= rank(least) or v == "unknown"]
    ranked.sort(key=lambda pair: (-rank(pair[0]), pair[1].desk.watch.watch))
    cards = "".join(_card(level, bench) for level, bench in ranked)
    note = note_on(choice.offer.home, choice.language, zone=ZoneInfo(_zone(ranked)), empty=not choice.offer.filled)
    head = page_head(tr(TITLE, choice.language), "", note=note)
    yield Shown(f'{head}<div class="cw-cards">{cards}</div>')
    yield level_strip(levels=_spans(ranked), language=choice.language, zone=_zone(ranked))
    yield from (_trend(bench) for _, bench in ranked[:TRENDS])


def _zone(ranked: Sequence[tuple[str, Workbench]]) -> str:
    """One clock for all watches: theirs where they agree, else UTC."""
    zones = {bench.desk.zone for _, bench in ranked}
    return zones.pop() if len(zones) == 1 else "UTC"


def _spans(ranked: Sequence[tuple[str, Workbench]]) -> pd.DataFrame:
    """Levels of all watches, cut to the window."""
    parts = []
    for _, bench in ranked:
        rows = incident_tables.spans(bench.desk)
        if bench.desk.since:
            since = pd.Timestamp(bench.desk.since)
            rows = rows[rows["until"] > since]
            rows = rows.assign(at=rows["at"].mask(rows["at"] < since, since))
        parts.append(rows.assign(row=bench.desk.watch.name(bench.desk.language)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["row", "at", "until", "level"])


def _trend(bench: Workbench) -> alt.Chart:
    desk = bench.desk
    titles, units = signal_words(["volume"], desk.language)
    name = f"{desk.watch.name(desk.language)} · {titles['volume']}"
    rows = chart_frames.signals(desk, ["volume"])
    return volume(signals=rows, language=desk.language, zone=desk.zone, name=name, unit=units["volume"], height=110)


def _card(level: str, bench: Workbench) -> str:
    """One watch in a frame of its level's colour."""
    desk = bench.desk
    counted = desk.sql(
        """SELECT count(*) FILTER (created_at >= $now::TIMESTAMPTZ - INTERVAL 24 HOURS) AS now,
                  count(*) FILTER (created_at < $now::TIMESTAMPTZ - INTERVAL 24 HOURS
                               AND created_at >= $now::TIMESTAMPTZ - INTERVAL 48 HOURS) AS before FROM posts""",
        "POSTS",
        now=desk.now,
    ).iloc[0]
    now, before = int(counted["now"]), int(counted["before"])
    change = f"{(now - before) / before:+.0%}" if before else ""
    facts = {"now": f"{now:,}", "before": f"{before:,}"}
    trend = tr(TREND, desk.language, change=change, **facts) if before else tr(NO_TREND, desk.language, **facts)
    lines = [trend] if desk.counted("POSTS") else []  # without a post nothing is known: no zero is shown
    live = incident_tables.present(desk)
    lines += incident_tables.titles(desk, live[live["closed_at"].isna()].head(2))
    said = health_lines.judged(desk).lines(desk.language)
    body = "".join(f"<p>{escape(line)}</p>" for line in [*lines, *said[:2]])
    name = escape(desk.watch.name(desk.language))
    more = f"incident.ipynb?watch={desk.watch.watch}&language={desk.language}"
    badge = escape(level_name(level, desk.language))
    return (
        f'<div class="cw-card" style="border-top-color:{LEVEL_COLOURS[level]}"><h3><a href="{more}">{name}</a></h3>'
        f"<p><b>{badge}</b></p>{body}</div>"
    )
