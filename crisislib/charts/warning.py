"""Warning pictures: many signals at once, levels over time, and what made up the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from crisislib.charts.theme import (
    ALARM,
    BAND,
    GAPS,
    LEVEL_COLOURS,
    MAIN,
    clock,
    finish,
    level_name,
    nothing,
    time_axis,
    when,
)
from crisislib.charts.timeline import far, shades
from crisislib.charts.windows import TIPS, grid, measured, with_times
from crisislib.core.i18n import N_, tr
from crisislib.design import LIGHT

PANEL = N_("Warning signals")
STRIP = N_("Alert level over time")
WATERFALL = N_("What the crisis index of {index} is made of")
_LINE = "{name} ({unit})"


def _one(rows: pd.DataFrame, *, label: str, language: str, zone: str) -> alt.Chart:
    """One small picture of the panel."""
    frame = grid(rows, zone=zone)
    held, y = measured(frame), alt.Y("value:Q", title=None)
    whole = alt.Chart(held)  # one table for all layers: it is written into the page once
    band = whole.transform_filter("isValid(datum.lo) && isValid(datum.hi)").mark_area(color=BAND, opacity=0.7)
    line = whole.mark_line(color=MAIN, strokeWidth=1.4)
    layers = [
        *shades(frame),
        band.encode(x="t:T", y=alt.Y("lo:Q", title=None), y2="hi:Q", detail="piece:N"),
        line.encode(x=time_axis("t", language, zone), y=y, detail="piece:N"),
        with_times(whole).mark_point(size=24, opacity=0).encode(x="t:T", y=y, tooltip=TIPS),
        *far(held, y=y),
    ]
    return alt.layer(*layers).properties(width=350, height=90, title={"text": label, "fontSize": 12})


def signal_panel(
    *,
    signals: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    language: str = "en",
    zone: str = "UTC",
    most: int = 12,
    always: Sequence[str] = (),
) -> alt.Chart:
    """Small multiples of the signals, the most surprising first, each with its expected band.

    Parameters
    ----------
    signals : pandas.DataFrame
        SIGNALS rows of many signals.
    names, units : Mapping[str, str], optional
        Signal to its words and unit in the reader's language.
    language, zone : str
        Of the reader and of the watch.
    most : int
        How many signals at most.
    always : sequence of str
        Signals that are drawn in any case, after the others.

    Returns
    -------
    altair.Chart
    """
    held = signals.dropna(subset=["value"])
    if held.empty:
        return nothing(title=PANEL, language=language)
    ranked = held.groupby("signal")["surprise"].max().fillna(0.0).sort_values(ascending=False).index
    order = [*ranked[:most], *(one for one in ranked[most:] if one in always)]
    names, units = names or {}, units or {}
    small = [
        _one(
            signals[signals["signal"] == one],
            label=_LINE.format(name=names.get(one, one), unit=units[one]) if units.get(one) else names.get(one, one),
            language=language,
            zone=zone,
        )
        for one in order
    ]
    gaps = int(signals["value"].isna().sum())
    notes = [
        tr(N_("most surprising first; band: expected interval; red: far above it"), language),
        tr(GAPS, language, n=gaps) if gaps else "",
    ]
    if len(ranked) > len(order):
        notes.append(tr(N_("{shown} of {all} {all:signal|signals} shown"), language, shown=len(order), all=len(ranked)))
    return finish(alt.concat(*small, columns=2), title=PANEL, language=language, notes=notes)


def level_strip(*, levels: pd.DataFrame, language: str = "en", zone: str = "UTC") -> alt.Chart:
    """Alert levels over time as coloured spans with their names, one row per watch or incident.

    Parameters
    ----------
    levels : pandas.DataFrame
        `row` (what the row is), `at`, `until` (UTC), `level` (of `core.levels.LEVELS`).
    language, zone : str
        Of the reader and of the watch.

    Returns
    -------
    altair.Chart
    """
    if levels.empty:
        return nothing(title=STRIP, language=language)
    data = pd.DataFrame(
        {
            "row": levels["row"].astype(str),
            "t": clock(levels["at"], zone),
            "end": clock(levels["until"], zone),
            "since": when(levels["at"], zone),
            "level": levels["level"].astype(str),
        }
    )
    data["name"] = [level_name(level, language) for level in data["level"]]
    scale = alt.Scale(domain=[level_name(k, language) for k in LEVEL_COLOURS], range=list(LEVEL_COLOURS.values()))
    x = time_axis("t", language, zone)
    y = alt.Y("row:N", title=None, sort=None)
    tips = ["row:N", "since:N", "name:N"]
    spans = alt.Chart(data).mark_bar(height=22, cornerRadius=2, stroke="white")
    colour = alt.Color("name:N", scale=scale, title=tr(N_("level"), language))
    # The name stands in the last span of a row only: words in every short span would run into each other.
    last = data.sort_values("t").groupby("row", as_index=False).tail(1)
    words = alt.Chart(last).mark_text(align="left", dx=4, fontSize=11)
    drawn = alt.layer(
        spans.encode(x=x, x2="end:T", y=y, color=colour, tooltip=tips), words.encode(x="end:T", y=y, text="name:N")
    )
    note = tr(N_("grey is not calm: too little data to tell"), language)
    height = 40 * max(1, data["row"].nunique())
    return finish(drawn.properties(width=700, height=height), title=STRIP, language=language, notes=[note])


def waterfall(*, contributions: pd.DataFrame, language: str = "en") -> alt.Chart:
    """The index as the sum of what each signal adds.

    Parameters
    ----------
    contributions : pandas.DataFrame
        `name` (words), `points` (index points, may be negative), `n_posts`.
    language : str
        Of the reader.

    Returns
    -------
    altair.Chart
    """
    data = contributions.dropna(subset=["points"])
    if data.empty:
        return nothing(title=N_("What the crisis index is made of"), language=language)
    data = data.reindex(data["points"].abs().sort_values(ascending=False).index).reset_index(drop=True)
    total = float(data["points"].sum())
    data = data.assign(end=data["points"].cumsum())
    data["start"] = data["end"] - data["points"]
    data["sign"] = data["points"].ge(0).map({True: tr(N_("raises"), language), False: tr(N_("lowers"), language)})
    whole = tr(N_("index"), language)
    last = {"name": whole, "points": total, "start": 0.0, "end": total, "sign": whole}
    data = pd.concat([data, pd.DataFrame([last])], ignore_index=True)
    data["said"] = [f"{p:+.1f}" for p in data["points"][:-1]] + [f"{total:.1f}"]
    y = alt.Y("name:N", sort=None, title=None)
    colours = alt.Scale(
        domain=[tr(N_("raises"), language), tr(N_("lowers"), language), whole], range=[ALARM, LIGHT["ok"], MAIN]
    )
    bars = alt.Chart(data).mark_bar(height=16)
    words = alt.Chart(data).mark_text(align="left", dx=5, fontSize=11)
    drawn = alt.layer(
        bars.encode(
            x=alt.X("start:Q", title=tr(N_("index points (0-100)"), language)),
            x2="end:Q",
            y=y,
            color=alt.Color("sign:N", scale=colours, title=None),
            tooltip=["name:N", alt.Tooltip("points:Q", format="+.2f")],
        ),
        words.encode(x="hi:Q", y=y, text="said:N").transform_calculate(hi="max(datum.start, datum.end)"),
    )
    note = tr(N_("each bar: points that one signal adds now; the last bar is their sum"), language)
    drawn = drawn.properties(width=620, height=24 * len(data))
    return finish(drawn, title=WATERFALL, language=language, notes=[note], facts={"index": f"{total:.0f}"})
