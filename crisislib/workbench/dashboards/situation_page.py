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
from crisislib.workbench import incident_tables, signal_frames
from crisislib.workbench.dashboards.choice import Choice, query
from crisislib.workbench.dashboards.dashboard_base import Dashboard
from crisislib.workbench.display import Fragment
from crisislib.workbench.page_frame import page_head
from crisislib.workbench.progressive_page import Piece
from crisislib.workbench.selection import note_on
from crisislib.workbench.workbench import Workbench

TITLE = N_("Situation")
AT_LEAST = N_("Level at least")
TREND = N_("Last 24 hours: {now} {now:post|posts}; the 24 hours before: {before} ({change}).")
NO_TREND = N_("Last 24 hours: {now} {now:post|posts}; the 24 hours before: {before}.")
TRENDS = 6  # watches whose trend is drawn; more belong on their own pages


def situation() -> ipywidgets.VBox:
    """All watches on one page; `?language=…&level=…`."""
    asked = query()
    return Dashboard(_page, asked=asked, with_watch=False, more={"level": (AT_LEAST, _levels)}, days=7).show()


def _levels(choice: Choice) -> list[tuple[str, object]]:
    return [(level_name(level, choice.language), level) for level in LEVELS]


def _page(choice: Choice) -> Iterator[Piece]:
    workbenches = [choice.workbench(watch.watch) for watch in choice.selection.watches]
    ranked = [(b.context.standing.level, b) for b in workbenches]
    least = choice["level"] or "unknown"
    # A watch that cannot be judged is never filtered away: not knowing is a reason to look.
    ranked = [(v, b) for v, b in ranked if rank(v) >= rank(least) or v == "unknown"]
    ranked.sort(key=lambda pair: (-rank(pair[0]), pair[1].context.watch.watch))
    cards = "".join(_card(level, workbench) for level, workbench in ranked)
    note = note_on(
        choice.selection.home, choice.language, zone=ZoneInfo(_zone(ranked)), empty=not choice.selection.filled
    )
    head = page_head(tr(TITLE, choice.language), "", note=note)
    yield Fragment(f'{head}<div class="cw-cards">{cards}</div>')
    yield level_strip(levels=_spans(ranked), language=choice.language, zone=_zone(ranked))
    yield from (_trend(workbench) for _, workbench in ranked[:TRENDS])


def _zone(ranked: Sequence[tuple[str, Workbench]]) -> str:
    """One clock for all watches: theirs where they agree, else UTC."""
    zones = {workbench.context.zone for _, workbench in ranked}
    return zones.pop() if len(zones) == 1 else "UTC"


def _spans(ranked: Sequence[tuple[str, Workbench]]) -> pd.DataFrame:
    """Levels of all watches, cut to the window."""
    parts = []
    for _, workbench in ranked:
        rows = incident_tables.spans(workbench.context)
        if workbench.context.since:
            since = pd.Timestamp(workbench.context.since)
            rows = rows[rows["until"] > since]
            rows = rows.assign(at=rows["at"].mask(rows["at"] < since, since))
        parts.append(rows.assign(row=workbench.context.watch.name(workbench.context.language)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["row", "at", "until", "level"])


def _trend(workbench: Workbench) -> alt.Chart:
    context = workbench.context
    titles, units = signal_words(["volume"], context.language)
    name = f"{context.watch.name(context.language)} · {titles['volume']}"
    rows = signal_frames.signals(context, ["volume"])
    return volume(
        signals=rows, language=context.language, zone=context.zone, name=name, unit=units["volume"], height=110
    )


def _card(level: str, workbench: Workbench) -> str:
    """One watch in a frame of its level's colour."""
    context = workbench.context
    counted = context.sql(
        """SELECT count(*) FILTER (created_at >= $now::TIMESTAMPTZ - INTERVAL 24 HOURS) AS now,
                  count(*) FILTER (created_at < $now::TIMESTAMPTZ - INTERVAL 24 HOURS
                               AND created_at >= $now::TIMESTAMPTZ - INTERVAL 48 HOURS) AS before FROM posts""",
        "POSTS",
        now=context.now,
    ).iloc[0]
    now, before = int(counted["now"]), int(counted["before"])
    change = f"{(now - before) / before:+.0%}" if before else ""
    facts = {"now": f"{now:,}", "before": f"{before:,}"}
    trend = tr(TREND, context.language, change=change, **facts) if before else tr(NO_TREND, context.language, **facts)
    lines = [trend] if context.row_count("POSTS") else []  # without a post nothing is known: no zero is shown
    live = incident_tables.present(context)
    lines += incident_tables.titles(context, live[live["closed_at"].isna()].head(2))
    said = context.health.lines(context.language)
    body = "".join(f"<p>{escape(line)}</p>" for line in [*lines, *said[:2]])
    name = escape(context.watch.name(context.language))
    more = f"incident.ipynb?watch={context.watch.watch}&language={context.language}"
    badge = escape(level_name(level, context.language))
    return (
        f'<div class="cw-card" style="border-top-color:{LEVEL_COLOURS[level]}"><h3><a href="{more}">{name}</a></h3>'
        f"<p><b>{badge}</b></p>{body}</div>"
    )
