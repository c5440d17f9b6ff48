"""The course of an incident: posts a window against an ordinary week, with the moments that matter."""

from __future__ import annotations

import altair as alt
import pandas as pd

from crisislib.charts.event_marks import event_marks
from crisislib.charts.hover_values import hover_values
from crisislib.charts.theme import BAND, CLOCK_LABEL, MAIN, count_note, finish, nothing
from crisislib.charts.timeline import shades
from crisislib.charts.windows import grid
from crisislib.core.i18n import N_, tr

COURSE = N_("How it went: {signal}")
VALUE, VALUE_USUAL = N_("{at}: {value}"), N_("{at}: {value}, usual {lo}–{hi}")


def course(
    *,
    signals: pd.DataFrame,
    events: pd.DataFrame | None = None,
    language: str = "en",
    zone: str = "UTC",
    name: str = "",
    width: int = 760,
    height: int = 210,
) -> alt.Chart:
    """One signal with its usual band; events stand above the plot in rows, so that no two words overlap.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of one signal and one step; the axis begins and ends where they do.
    events : pandas.DataFrame, optional
        `at` (UTC), `label`; those outside the signals' time are left out.
    language, zone : str
        Of the reader and of the watch.
    name : str
        Of the signal in words.
    width, height : int
        Of the plot, pixels.

    Returns
    -------
    altair.Chart
    """
    facts = {"signal": name or tr(N_("Volume"), language)}
    if signals.empty or signals["value"].isna().all():
        return nothing(title=COURSE, language=language, facts=facts)
    frame = grid(signals, zone=zone)
    measured = frame[~frame["gap"]]
    domain = [frame["t"].min(), frame["end"].max()]
    axis = alt.Axis(
        title=None, tickCount=max(3, width // 110), labelOverlap=True, labelFlush=True, labelExpr=CLOCK_LABEL
    )
    x = alt.X("t:T", scale=alt.Scale(type="utc", domain=[t.isoformat() for t in domain]), axis=axis)
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4, format="~s", domain=False, ticks=False))
    line = alt.Chart(measured[["t", "value", "piece"]]).mark_line(color=MAIN, strokeWidth=2.2)
    layers = [
        *shades(frame),
        alt.Chart(measured.loc[measured["lo"].notna() & measured["hi"].notna(), ["t", "lo", "hi", "piece"]])
        .mark_area(color=BAND)
        .encode(x=x, y=alt.Y("lo:Q", title=None), y2=alt.Y2("hi:Q"), detail=alt.Detail("piece:N")),
        line.encode(x=x, y=y, detail=alt.Detail("piece:N")),
        *event_marks(events, domain, zone=zone, width=width),
        hover_values(measured, values_in_words(measured, language)),
    ]
    drawn = alt.layer(*layers).properties(width=width, height=height)
    return finish(
        drawn, title=COURSE, language=language, notes=[count_note(measured["n_posts"].sum(), language)], facts=facts
    )


def values_in_words(frame: pd.DataFrame, language: str) -> list[str]:
    """Each window as it is read out: when, how much, and what is usual then.

    Parameters
    ----------
    frame : pandas.DataFrame
        `when`, `value`, `lo`, `hi`; see :func:`crisislib.charts.windows.grid`.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    list of str
    """
    rows = frame[["when", "value", "lo", "hi"]].itertuples(index=False)
    return [
        tr(VALUE, language, at=at[5:], value=f"{value:,.0f}")
        if pd.isna(lo)
        else tr(VALUE_USUAL, language, at=at[5:], value=f"{value:,.0f}", lo=f"{lo:,.0f}", hi=f"{hi:,.0f}")
        for at, value, lo, hi in rows
    ]
