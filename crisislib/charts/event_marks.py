"""Events above a plot: a line for each with its words, or with a number where words would not stand at their lines."""

from __future__ import annotations

import re
import unicodedata

import altair as alt
import pandas as pd

from crisislib.charts.theme import INK, SOFT, clock

_LETTER, _WIDE, _ROW = 6.7, 11.5, 14
"""Pixels of a letter and of a Chinese one at 11 px, in the widest font that a reader may have; of a row of words."""
_GAP = 10
"""Pixels between two words of one row."""
_NEAR = 18
"""Pixels between two events whose words are written as one: their lines are read as one bundle."""
_WIDEST = 0.62
"""Share of the plot that such joined words may take."""
_BETWEEN = " · "
_FEW = 3
"""Events whose words are read above a plot; more are numbered and listed beside it."""
_LAPTOP = 760
"""Width of a plot by which that is decided, so that one picture has numbers at every width or at none."""
_NUMBER = 17
"""Pixels that a number with its ring takes."""
_PHONE = 300
"""Width of the narrowest plot: numbers that do not touch there never do."""
_LINE = 105
"""Letters of one line of the list in a chart's note."""
_TIMED = re.compile(r"\d\d:\d\d$")


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
    data, words = placed_events(events, domain, zone=zone, width=width)
    if data.empty:
        return []
    if event_list(events, domain, zone=zone):
        return _numbered(data, width)
    layers = [alt.Chart(data[["t"]]).mark_rule(color=SOFT, strokeDash=[3, 3]).encode(x=alt.X("t:T"))]
    for side, align, shift in ((True, "left", 4), (False, "right", -4)):
        mine = words.loc[words["right"] == side, ["t", "row", "label"]]
        if len(mine):
            said = alt.Chart(mine).mark_text(align=align, dx=shift, fontSize=11, color=INK, baseline="middle")
            layers.append(
                said.encode(x=alt.X("t:T"), y=alt.Y("row:Q", scale=None, axis=None), text=alt.Text("label:N"))
            )
    return layers


def _numbered(data: pd.DataFrame, width: int) -> list[alt.Chart]:
    rows = number_rows(list(data["x"] * min(1.0, _PHONE / width)))
    marked = data[["t", "label"]].assign(n=range(1, len(data) + 1), row=rows)
    whole = alt.Chart(marked).encode(x=alt.X("t:T"), tooltip=["n:O", "label:N"])
    y = alt.Y("row:Q", scale=None, axis=None)
    return [
        alt.Chart(marked[["t"]]).mark_rule(color=SOFT, strokeDash=[3, 3]).encode(x=alt.X("t:T")),
        whole.mark_circle(size=190, color="#ffffff", stroke=SOFT, opacity=1).encode(y=y),
        whole.mark_text(fontSize=10, color=INK, baseline="middle").encode(y=y, text="n:O"),
    ]


def number_rows(x: list[float]) -> list[float]:
    """Heights of numbers above a plot: each in the lowest row where it does not touch the one before.

    Parameters
    ----------
    x : list of float
        Places in order, pixels.

    Returns
    -------
    list of float
        Pixels of their middles, below zero.
    """
    ends: list[float] = []
    rows = []
    for at in x:
        row = next((i for i, end in enumerate(ends) if end <= at), len(ends))
        ends[row : row + 1] = [at + _NUMBER]
        rows.append(-9.0 - _NUMBER * row)
    return rows


def event_list(events: pd.DataFrame | None, domain: list[pd.Timestamp], *, zone: str) -> list[str]:
    """The events in order with their times, where they are so many or so close that the plot only has their numbers.

    Parameters
    ----------
    events : pandas.DataFrame or None
        `at` (UTC), `label`; those outside the domain are left out.
    domain : list of pandas.Timestamp
        First and last wall-clock time of the axis.
    zone : str
        IANA name of the watch's time zone.

    Returns
    -------
    list of str
        Empty where the words stand at their lines.
    """
    data, words = placed_events(events, domain, zone=zone, width=_LAPTOP)
    if len(data) <= _FEW and len(words) == len(data):
        return []
    named = data[["label", "t"]].itertuples(index=False)
    return [label if _TIMED.search(label) else f"{label} {t:%m-%d %H:%M}" for label, t in named]


def event_notes(events: pd.DataFrame | None, domain: list[pd.Timestamp], *, zone: str) -> list[str]:
    """The list of :func:`event_list` as lines of a chart's note.

    Parameters
    ----------
    events, domain, zone
        As there.

    Returns
    -------
    list of str
    """
    lines: list[str] = []
    for number, one in enumerate(event_list(events, domain, zone=zone), 1):
        item = f"{number} {one}"
        if lines and letters_width(f"{lines[-1]}{_BETWEEN}{item}") <= _LINE * _LETTER:
            lines[-1] += f"{_BETWEEN}{item}"
        else:
            lines.append(item)
    return lines


def placed_events(
    events: pd.DataFrame | None, domain: list[pd.Timestamp], *, zone: str, width: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where the lines and the words of events stand.

    Parameters
    ----------
    events : pandas.DataFrame or None
        `at` (UTC), `label`; those outside the domain are left out.
    domain : list of pandas.Timestamp
        First and last wall-clock time of the axis.
    zone : str
        IANA name of the watch's time zone.
    width : int
        Of the plot, pixels.

    Returns
    -------
    tuple of (pandas.DataFrame, pandas.DataFrame)
        Lines: `t`, `label`, `x` (pixels). Words: `t`, `label`, `x`, `row` (pixels above the plot, below zero), `right`.
    """
    if events is None or events.empty:
        return pd.DataFrame(columns=["t", "label", "x"]), pd.DataFrame(columns=["t", "label", "x", "row", "right"])
    data = pd.DataFrame({"t": clock(events["at"], zone), "label": events["label"].astype(str)}).sort_values("t")
    data = data[(data["t"] >= domain[0]) & (data["t"] <= domain[1])].reset_index(drop=True)
    span = (domain[1] - domain[0]).total_seconds() or 1.0
    data["x"] = (data["t"] - domain[0]).dt.total_seconds() / span * width
    words = _bundled(data, width)
    rows, right = _placed(list(words["x"]), [letters_width(label) for label in words["label"]], width)
    return data, words.assign(row=[-8.0 - _ROW * row for row in rows], right=right)


def _bundled(data: pd.DataFrame, width: float) -> pd.DataFrame:
    """Events that stand close together under one line of words, at the first of them; in order of time."""
    bundles: list[dict[str, object]] = []
    for t, label, x in data[["t", "label", "x"]].itertuples(index=False):
        last = bundles[-1] if bundles else None
        joined = f"{last['label']}{_BETWEEN}{label}" if last else ""
        if last and x - float(last["last"]) < _NEAR and letters_width(joined) <= _WIDEST * width:  # type: ignore[arg-type]
            last |= {"label": joined, "last": x}
        else:
            bundles.append({"t": t, "label": label, "x": x, "last": x})
    return pd.DataFrame(bundles, columns=["t", "label", "x", "last"])


def _placed(x: list[float], lengths: list[float], width: float) -> tuple[list[int], list[bool]]:
    """Row of each word, and whether it stands to the right of its line: the first place that is free in the plot."""
    taken: list[list[tuple[float, float]]] = []
    rows, right = [], []
    for at, long in zip(x, lengths, strict=True):
        sides = [(True, at, at + long + 4), (False, at - long - 4, at)]
        inside = [one for one in sides if one[1] >= -_GAP and one[2] <= width + _GAP] or [sides[at > width / 2]]
        row, side, span = next(
            (i, to_right, (begin, end))
            for i in range(len(taken) + 1)
            for to_right, begin, end in inside
            if i == len(taken) or all(end + _GAP < b or begin - _GAP > e for b, e in taken[i])
        )
        if row == len(taken):
            taken.append([])
        taken[row].append(span)
        rows.append(row)
        right.append(side)
    return rows, right


def letters_width(text: str) -> float:
    """How wide a text of 11 pixels is, about.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    float
        Pixels.
    """
    return sum(_WIDE if unicodedata.east_asian_width(letter) in "WF" else _LETTER for letter in text)
