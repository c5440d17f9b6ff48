"""Volume over time against what was expected, with events marked and gaps shaded."""

from __future__ import annotations

import altair as alt
import pandas as pd

from crisislib.charts.event_marks import event_marks, event_notes
from crisislib.charts.theme import (
    ALARM,
    BAND,
    GAP,
    GAPS,
    MAIN,
    count_note,
    finish,
    nothing,
    time_axis,
)
from crisislib.charts.windows import TIPS, gap_spans, grid, measured, with_times
from crisislib.core.i18n import N_, tr

TITLE = N_("{signal} over time")
EXPECTED = N_("band: what was expected of an ordinary window (with its interval); red: far above it")
UNIT = N_("unit: {unit}")
VOLUME = N_("Volume")
FAR = 3.0  # surprise (−log10 p) from which a window is marked as far above what was expected


def shades(frame: pd.DataFrame) -> list[alt.Chart]:
    """The grey layer over windows that were not collected; no layer where there are none.

    Parameters
    ----------
    frame : pandas.DataFrame
        `t`, `end` (wall clock) and `gap` (bool) a window.

    Returns
    -------
    list of altair.Chart
        One layer, or none.
    """
    spans = gap_spans(frame)
    if spans.empty:
        return []
    return [alt.Chart(spans).mark_rect(color=GAP, opacity=0.55).encode(x=alt.X("t:T"), x2=alt.X2("end:T"))]


def far(windows: pd.DataFrame, *, y: alt.Y) -> list[alt.Chart]:
    """Red points where the surprise is far above what was expected; no layer where there are none.

    Parameters
    ----------
    windows : pandas.DataFrame
        From :func:`crisislib.charts.windows.measured`.
    y : altair.Y
        The axis that the line has.

    Returns
    -------
    list of altair.Chart
        One layer, or none.
    """
    if not (windows["surprise"] >= FAR).any():
        return []
    odd = with_times(alt.Chart(windows)).transform_filter(f"datum.surprise >= {FAR}")
    points = odd.mark_point(color=ALARM, filled=True, size=36, opacity=0.9)
    return [points.encode(x="t:T", y=y, tooltip=TIPS)]


def volume(
    *,
    signals: pd.DataFrame,
    events: pd.DataFrame | None = None,
    language: str = "en",
    zone: str = "UTC",
    name: str = "",
    unit: str = "",
    height: int = 220,
    width: int = 760,
) -> alt.Chart:
    """One signal over time with its expected band; events marked, gaps shaded and never drawn as zero.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of one signal and one step.
    events : pandas.DataFrame, optional
        `at` (UTC), `label`: responses, alerts, what happened.
    language, zone : str
        Of the reader and of the watch.
    name, unit : str
        Of the signal in words; posts per window when empty.
    height, width : int
        Of the plot in pixels.

    Returns
    -------
    altair.Chart
    """
    facts = {"signal": name or tr(VOLUME, language)}
    if signals.empty or signals["value"].isna().all():
        return nothing(title=TITLE, language=language, facts=facts)
    frame = grid(signals, zone=zone)
    held = measured(frame)
    whole = alt.Chart(held)  # one table for all layers: it is written into the page once
    unit = unit or tr(N_("posts per window"), language)
    band = whole.transform_filter("isValid(datum.lo) && isValid(datum.hi)").mark_area(color=BAND, opacity=0.7)
    line = whole.mark_line(color=MAIN, strokeWidth=1.8)
    y = alt.Y("value:Q", title=unit)
    domain = [frame["t"].min(), frame["end"].max()]
    layers = [
        *shades(frame),
        band.encode(x="t:T", y=alt.Y("lo:Q", title=unit), y2="hi:Q", detail="piece:N"),
        line.encode(x=time_axis("t", language, zone), y=y, detail="piece:N"),
        with_times(whole).mark_point(size=30, opacity=0).encode(x="t:T", y=y, tooltip=TIPS),
        *far(held, y=y),
        *event_marks(events, domain, zone=zone, width=width),
    ]
    missing = int(frame["gap"].sum())
    notes = [
        f"{count_note(held['n_posts'].sum(), language)} · {tr(UNIT, language, unit=unit)}",
        tr(EXPECTED, language) if held["hi"].notna().any() else "",
        tr(GAPS, language, n=missing) if missing else "",
        *event_notes(events, domain, zone=zone),
    ]
    drawn = alt.layer(*layers).properties(width=width, height=height)
    return finish(drawn, title=TITLE, language=language, notes=notes, facts=facts)
