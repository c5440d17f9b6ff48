"""One look for every chart: fonts, colours, titles, the empty chart, and the clock of the watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.core.levels import LEVELS
from crisislib.core.zone_names import zone_name
from crisislib.design import FONT_NAMES, LIGHT

FONTS = FONT_NAMES
INK, SOFT, GRID, BAND, MAIN, ALARM, GAP = (LIGHT[k] for k in ("ink", "mute", "line", "band", "accent", "bad", "gap"))
LEVEL_COLOURS: dict[str, str] = {level: LIGHT[f"level-{level}"] for level in LEVELS}
LEVEL_NAMES: dict[str, str] = {
    "unknown": N_("unknown"),
    "none": N_("no alert"),
    "blue": N_("blue"),
    "yellow": N_("yellow"),
    "orange": N_("orange"),
    "red": N_("red"),
}
SERIES = tuple(colour for name, colour in LIGHT.items() if name.startswith("series-"))
"""Eight colours that are distinguished without red and green; more groups than that are no longer read."""

NO_DATA = N_("There is no data to draw: {what}.")
COUNT = N_("n = {n} {n:post|posts}")
GAPS = N_("grey: {n} {n:window|windows} not (fully) collected, not zero")
CLOCK = N_("Time ({zone})")
_EMBED = {"embedOptions": {"actions": {"export": True, "source": False, "compiled": False, "editor": False}}}


def _config() -> dict[str, object]:
    axis = {"labelColor": SOFT, "titleColor": SOFT, "gridColor": GRID, "domainColor": GRID, "tickColor": GRID}
    return {
        "font": FONTS,
        "background": "white",
        "axis": {**axis, "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "labelLimit": 320},
        "axisX": {"grid": False},
        "header": {"labelFontSize": 12, "labelColor": INK, "labelAnchor": "start", "labelFontWeight": "bold"},
        "legend": {
            "labelColor": INK,
            "titleColor": SOFT,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "labelLimit": 320,
            "orient": "bottom",
        },
        "range": {"category": list(SERIES)},
        "title": {
            "anchor": "start",
            "fontSize": 14,
            "fontWeight": "bold",
            "color": INK,
            "subtitleColor": SOFT,
            "subtitleFontSize": 11,
            "offset": 10,
        },
        "text": {"color": INK},
        "view": {"stroke": None},
    }


def finish(
    chart: alt.Chart, *, title: str, language: str, notes: Sequence[str] = (), facts: Mapping[str, object] | None = None
) -> alt.Chart:
    """Give a chart its title in the reader's language, its notes, the theme, and a safe menu.

    Parameters
    ----------
    chart : altair.Chart
        The drawing, of any kind.
    title : str
        Marked title (English gettext id) with `{named}` places.
    language : str
        `zh` or `en`.
    notes : Sequence[str]
        Lines under the title, translated already: unit, count, what is missing.
    facts : Mapping[str, object], optional
        Fills the places of the title.

    Returns
    -------
    altair.Chart
        Whose specification carries everything that it needs.
    """
    said = tr(title, language, **dict(facts or {}))
    head: dict[str, object] = {"text": said}
    lines = [line for line in notes if line]
    if lines:
        head["subtitle"] = lines
    return chart.properties(title=head, config=_config(), usermeta=_EMBED)


def nothing(*, title: str, language: str, facts: Mapping[str, object] | None = None) -> alt.Chart:
    """The chart that says there is no data; an empty frame must not look like a quiet week.

    Parameters
    ----------
    title : str
        Marked (N_) title of the chart that would stand here.
    language : {"zh", "en"}
        Of the reader.
    facts : mapping of str to object, optional
        Fills the places of the title.

    Returns
    -------
    altair.Chart
        One line of text, with the title.
    """
    said = tr(NO_DATA, language, what=tr(N_("nothing was collected or computed for this"), language))
    mark = alt.Chart(alt.InlineData([{"said": said}])).mark_text(fontSize=13, color=SOFT, align="center")
    return finish(
        mark.encode(text="said:N").properties(width=640, height=60), title=title, language=language, facts=facts
    )


def count_note(n: float, language: str) -> str:
    """The line that says over how many posts a picture was drawn.

    Parameters
    ----------
    n : float
        Posts.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    str
        A subtitle.
    """
    return tr(COUNT, language, n=f"{int(n):,}")


STORED = "ISO8601"
"""Times of a stored finding come as text, with a fraction of a second or without one, in one column."""


def clock(times: pd.Series, zone: str) -> pd.Series:
    """Instants as the wall clock of the watch, marked UTC so that no browser shifts them again.

    Parameters
    ----------
    times : pandas.Series
        Datetimes or ISO 8601 texts; UTC where they name no zone.
    zone : str
        IANA name of the watch's time zone.

    Returns
    -------
    pandas.Series of datetime64[UTC]
        Local wall-clock times; not instants any more.
    """
    return pd.to_datetime(times, utc=True, format=STORED).dt.tz_convert(zone).dt.tz_localize(None).dt.tz_localize("UTC")


def when(times: pd.Series, zone: str) -> pd.Series:
    """Instants as words for a tooltip, in the zone of the watch.

    Parameters
    ----------
    times : pandas.Series
        Datetimes or ISO 8601 texts; UTC where they name no zone.
    zone : str
        IANA name of the watch's time zone.

    Returns
    -------
    pandas.Series of str
        `YYYY-MM-DD HH:MM`; empty where there is no time.
    """
    return pd.to_datetime(times, utc=True, format=STORED).dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M").fillna("")


def time_axis(field: str, language: str, zone: str, *, days: bool = False, **more: object) -> alt.X:
    """The time axis: wall clock of the watch, its zone in the title; `days` sets its marks at midnight.

    Parameters
    ----------
    field : str
        Column with the times of :func:`clock`.
    language : {"zh", "en"}
        Of the reader.
    zone : str
        IANA name, shown in the title of the axis.
    days : bool
        Whether ticks stand at midnight only.
    **more : object
        Further settings of the scale, such as `domain`.

    Returns
    -------
    altair.X
        The encoding.
    """
    scale = alt.Scale(type="utc", **more)
    ticks = {"tickCount": "day"} if days else {}
    axis = alt.Axis(labelOverlap=True, labelSeparation=LABEL_GAP, labelExpr=CLOCK_LABEL, **ticks)
    return alt.X(f"{field}:T", scale=scale, title=tr(CLOCK, language, zone=zone_name(zone, language)), axis=axis)


LABEL_GAP = 8
"""Pixels between two labels of the time axis: without, those that just do not touch run together."""
# Hour within a day, otherwise month-day: readable in both languages, so that no locale file is needed.
CLOCK_LABEL = (
    "utchours(datum.value) == 0 && utcminutes(datum.value) == 0 ? utcFormat(datum.value, '%m-%d')"
    " : utcFormat(datum.value, '%H:%M')"
)


def level_name(level: str, language: str) -> str:
    """A level in words.

    Parameters
    ----------
    level : str
        `none`, `blue`, `yellow`, `orange`, `red` or `unknown`.
    language : {"zh", "en"}
        Of the reader.

    Returns
    -------
    str
        The level in words; an unknown key as it is.
    """
    return tr(LEVEL_NAMES.get(level, level), language)


def shorten(texts: pd.Series, length: int = 36) -> pd.Series:
    """Texts cut for an axis, with an ellipsis where cut.

    Parameters
    ----------
    texts : pandas.Series
        Texts; a missing one counts as empty.
    length : int
        Letters at most, with the ellipsis.

    Returns
    -------
    pandas.Series of str
        On one line each.
    """
    plain = texts.fillna("").astype(str).str.replace(r"\s+", " ", regex=True).str.strip()
    return plain.where(plain.str.len() <= length, plain.str.slice(0, length - 1) + "…")
