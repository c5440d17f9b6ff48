"""The course of an incident: posts a window against an ordinary week, with the moments that matter."""

from __future__ import annotations

import unicodedata

import altair as alt
import pandas as pd

from crisislib.charts.theme import BAND, CLOCK_LABEL, INK, MAIN, SOFT, clock, count_note, finish, nothing
from crisislib.charts.timeline import shades
from crisislib.charts.windows import grid
from crisislib.core.i18n import N_, tr

COURSE = N_("How it went: {signal}")
_LETTER, _ROW = 6.4, 14
"""Pixels of a letter at 11 px (a Chinese one takes two), and of a row of words."""
_GAP = 10
"""Pixels between two words of one row."""


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
    layers = [
        *shades(frame),
        alt.Chart(measured.dropna(subset=["lo", "hi"]))
        .mark_area(color=BAND)
        .encode(x=x, y=alt.Y("lo:Q", title=None), y2=alt.Y2("hi:Q"), detail=alt.Detail("piece:N")),
        alt.Chart(measured).mark_line(color=MAIN, strokeWidth=2.2).encode(x=x, y=y, detail=alt.Detail("piece:N")),
        *event_marks(events, domain, zone=zone, width=width),
    ]
    drawn = alt.layer(*layers).properties(width=width, height=height)
    return finish(
        drawn, title=COURSE, language=language, notes=[count_note(measured["n_posts"].sum(), language)], facts=facts
    )


def event_marks(events: pd.DataFrame | None, domain: list[pd.Timestamp], *, zone: str, width: int) -> list[alt.Chart]:
    """A line for each event, and its words above the plot in the first row where they have room.

    Parameters
    ----------
    events : pandas.DataFrame or None
        `at` (UTC), `label`; those outside the domain are left out.
    domain : list of pandas.Timestamp
        First and last wall-clock time of the axis, as :func:`crisislib.charts.theme.clock` gives them.
    zone : str
        IANA name of the watch's time zone.
    width : int
        Of the plot, pixels.

    Returns
    -------
    list of altair.Chart
        Layers; none where there is no event.
    """
    if events is None or events.empty:
        return []
    data = pd.DataFrame({"t": clock(events["at"], zone), "label": events["label"].astype(str)}).sort_values("t")
    data = data[(data["t"] >= domain[0]) & (data["t"] <= domain[1])].reset_index(drop=True)
    if data.empty:
        return []
    span = (domain[1] - domain[0]).total_seconds() or 1.0
    x = (data["t"] - domain[0]).dt.total_seconds() / span * width
    rows, left = _placed(list(x), [_pixels(label) for label in data["label"]], width)
    data["row"] = [-8.0 - _ROW * row for row in rows]
    rule = alt.Chart(data).mark_rule(color=SOFT, strokeDash=[3, 3]).encode(x=alt.X("t:T"))
    layers = [rule]
    for side, align, shift in ((True, "left", 4), (False, "right", -4)):
        mine = data[[one is side for one in left]]
        if len(mine):
            words = alt.Chart(mine).mark_text(align=align, dx=shift, fontSize=11, color=INK, baseline="middle")
            layers.append(
                words.encode(x=alt.X("t:T"), y=alt.Y("row:Q", scale=None, axis=None), text=alt.Text("label:N"))
            )
    return layers


def _placed(x: list[float], lengths: list[float], width: float) -> tuple[list[int], list[bool]]:
    """Row of each word, and whether it stands to the right of its line; where it would leave the plot, to the left."""
    taken: list[list[tuple[float, float]]] = []
    rows, right = [], []
    for at, long in zip(x, lengths, strict=True):
        to_right = at + long + 4 <= width or at < long
        begin, end = (at, at + long + 4) if to_right else (at - long - 4, at)
        row = next(
            (i for i, spans in enumerate(taken) if all(end + _GAP < b or begin - _GAP > e for b, e in spans)),
            len(taken),
        )
        if row == len(taken):
            taken.append([])
        taken[row].append((begin, end))
        rows.append(row)
        right.append(to_right)
    return rows, right


def _pixels(text: str) -> float:
    return sum(_LETTER * (2 if unicodedata.east_asian_width(letter) in "WF" else 1) * 0.9 for letter in text)
