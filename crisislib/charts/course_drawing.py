"""The course as a drawing inside a page, written as SVG here: a page draws it anew at every filter.

A drawing library takes a tenth of a second of computing for it, this one some thousandths, so that a filter is answered
at once on a small server. It looks like the charts of the library: same colours, sizes and words under the pointer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import pandas as pd

from crisislib.charts.event_marks import event_list, letters_width, number_rows, placed_events
from crisislib.charts.plot_axes import time_label, time_marks, value_label, value_marks
from crisislib.charts.theme import NO_DATA
from crisislib.charts.windows import gap_spans
from crisislib.core.i18n import N_, tr

Place = Callable[[pd.Series], list[float]]
"""Times or values to pixels."""
VALUE, VALUE_USUAL = N_("{at}: {value}"), N_("{at}: {value}, usual {lo}–{hi}")
HEIGHT = 210
"""Of the plot, pixels."""
_EDGE, _BELOW, _RIGHT = 2, 24, 6
"""Pixels left free around the drawing; below it stand the times."""
_MARK = 110
"""Pixels of the time axis to one mark."""


def course_drawings(
    *, frame: pd.DataFrame, events: pd.DataFrame | None, language: str, zone: str, widths: Sequence[int]
) -> list[str]:
    """One signal with its usual band, at several widths.

    Parameters
    ----------
    frame : pandas.DataFrame
        Windows of one signal, from :func:`crisislib.charts.windows.grid`; the axis begins and ends where they do.
    events : pandas.DataFrame or None
        `at` (UTC), `label`; those outside the signals' time are left out.
    language, zone : str
        Of the reader and of the watch.
    widths : sequence of int
        Of the plot, pixels.

    Returns
    -------
    list of str
        SVG; colours are variables of the page, and every text is escaped.
    """
    if frame.empty or frame["value"].isna().all():
        return [_nothing(language, width) for width in widths]
    measured = frame[~frame["gap"]]
    words = _in_words(measured, language)
    return [_drawn(frame, measured, words, events, language, zone, width) for width in widths]


def _drawn(
    frame: pd.DataFrame, measured: pd.DataFrame, values: list[str], events: pd.DataFrame | None, language: str,
    zone: str, width: int,
) -> str:  # fmt: skip
    first, last = frame["t"].min(), frame["end"].max()
    span = (last - first).total_seconds() or 1.0
    levels = value_marks(float(measured[["value", "hi"]].max().max()))

    def x(times: pd.Series) -> list[float]:
        return [round(v, 1) for v in (times - first).dt.total_seconds() / span * width]

    def y(values: pd.Series) -> list[float]:
        return [round(HEIGHT - v / levels[-1] * HEIGHT, 1) for v in values]

    lines, words = placed_events(events, [first, last], zone=zone, width=width)
    labels = [value_label(v, language) for v in levels]
    left = _EDGE + round(max(letters_width(one) for one in labels)) + 6
    numbers = number_rows(list(lines["x"])) if event_list(events, [first, last], zone=zone) else []
    above = 8 + max((round(8 - row) for row in (numbers or words["row"])), default=0)
    parts = [
        *_value_axis(levels, labels, width),
        *_time_axis(first, last, span, width),
        *(f'<path d="M{a} 0H{b}V{HEIGHT}H{a}Z" fill="var(--gap)" opacity="0.55"/>' for a, b in _spans(frame, x)),
        *_band(measured, x, y),
        *_line(measured, x, y),
        *(f'<path d="M{at:.1f} 0V{HEIGHT}" stroke="var(--mute)" stroke-dasharray="3 3"/>' for at in lines["x"]),
        *(_event_numbers(list(lines["x"]), numbers) if numbers else _event_words(words)),
        *(
            f'<path class="hit" d="M{a} 0H{b}V{HEIGHT}H{a}Z" opacity="0"><title>{escape(one)}</title></path>'
            for a, b, one in zip(x(measured["t"]), x(measured["end"]), values, strict=True)
        ),
    ]
    box = f"{-left} {-above} {left + width + _RIGHT} {above + HEIGHT + _BELOW}"
    return _svg(box, "".join(parts))


def _value_axis(levels: list[float], labels: list[str], width: int) -> list[str]:
    made = []
    for value, label in zip(levels, labels, strict=True):
        at = round(HEIGHT - value / levels[-1] * HEIGHT, 1)
        made.append(f'<path d="M0 {at}H{width}" stroke="var(--line)"/>')
        made.append(f'<text x="-4" y="{at + 3:.1f}" text-anchor="end" fill="var(--mute)">{escape(label)}</text>')
    return made


def _time_axis(first: pd.Timestamp, last: pd.Timestamp, span: float, width: int) -> list[str]:
    """Marks with their times; a label at an end of the axis stays inside, and none runs into the one before."""
    made, free = [], float("-inf")
    for at in time_marks(first, last, max(3, width // _MARK)):
        place, label = (at - first).total_seconds() / span * width, time_label(at)
        half = letters_width(label) / 2
        middle = min(max(place, half - 4), width - half + 4)
        made.append(f'<path d="M{place:.1f} {HEIGHT}v5" stroke="var(--line)"/>')
        if middle - half > free:
            made.append(
                f'<text x="{middle:.1f}" y="{HEIGHT + 16}" text-anchor="middle" fill="var(--mute)">{label}</text>'
            )
            free = middle + half + 6
    return made


def _spans(frame: pd.DataFrame, x: Place) -> list[tuple[float, float]]:
    gaps = gap_spans(frame)
    return list(zip(x(gaps["t"]), x(gaps["end"]), strict=True)) if len(gaps) else []


def _band(measured: pd.DataFrame, x: Place, y: Place) -> list[str]:
    known = measured[measured["lo"].notna() & measured["hi"].notna()]
    made = []
    for _, run in known.groupby("piece"):
        at = x(run["t"])
        over = [f"{a} {b}" for a, b in zip(at, y(run["hi"]), strict=True)]
        under = [f"{a} {b}" for a, b in zip(at, y(run["lo"]), strict=True)]
        made.append(f'<path d="M{"L".join([*over, *reversed(under)])}Z" fill="var(--band)"/>')
    return made


def _line(measured: pd.DataFrame, x: Place, y: Place) -> list[str]:
    """One path an unbroken run of windows; a window that stands alone is a dot."""
    made = []
    for _, run in measured.groupby("piece"):
        points = [f"{a} {b}" for a, b in zip(x(run["t"]), y(run["value"]), strict=True)]
        d = "M" + "L".join(points if len(points) > 1 else [points[0], points[0]])
        made.append(f'<path d="{d}" fill="none" stroke="var(--accent)" stroke-width="2.2" stroke-linecap="round"/>')
    return made


def _event_words(words: pd.DataFrame) -> list[str]:
    return [
        f'<text x="{at + (4 if right else -4):.1f}" y="{row + 3.5:.1f}" fill="var(--ink)" '
        f'text-anchor="{"start" if right else "end"}">{escape(label)}</text>'
        for at, row, right, label in words[["x", "row", "right", "label"]].itertuples(index=False)
    ]


def _event_numbers(x: list[float], rows: list[float]) -> list[str]:
    return [
        f'<path d="M{at:.1f} {row:.1f}V0" stroke="var(--mute)" stroke-dasharray="3 3"/>'
        f'<circle cx="{at:.1f}" cy="{row:.1f}" r="7.5" fill="var(--card)" stroke="var(--mute)"/>'
        f'<text x="{at:.1f}" y="{row + 3.5:.1f}" fill="var(--ink)" text-anchor="middle">{number}</text>'
        for number, (at, row) in enumerate(zip(x, rows, strict=True), 1)
    ]


def _nothing(language: str, width: int) -> str:
    message = tr(NO_DATA, language, what=tr(N_("nothing was collected or computed for this"), language))
    text = f'<text x="{width / 2}" y="34" text-anchor="middle" fill="var(--mute)">{escape(message)}</text>'
    return _svg(f"0 0 {width} 60", text)


def _svg(box: str, inside: str) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-size="11" aria-hidden="true" focusable="false">'
    )
    return f"{head}{inside}</svg>"


def _in_words(frame: pd.DataFrame, language: str) -> list[str]:
    """Each window as it is read out: when, how much, and what is usual then."""
    rows = frame[["when", "value", "lo", "hi"]].itertuples(index=False)
    return [
        tr(VALUE, language, at=at[5:], value=f"{value:,.0f}")
        if pd.isna(lo)
        else tr(VALUE_USUAL, language, at=at[5:], value=f"{value:,.0f}", lo=f"{lo:,.0f}", hi=f"{hi:,.0f}")
        for at, value, lo, hi in rows
    ]
