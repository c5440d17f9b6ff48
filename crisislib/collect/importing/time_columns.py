"""Columns of written times as instants: the order of day and month decided for the whole column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.importing.moment import FIRST_YEAR, LAST_YEAR, SECOND, Moment
from crisislib.collect.importing.moments import read_moment
from crisislib.collect.importing.written_days import Order
from crisislib.core.table_definitions import TIME

_DATE = re.compile(r"(?<![\d:.-])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
CLOCK_ONLY = re.compile(
    r"(?:上午|下午|晚上|凌晨|中午|午前|午後|오전|오후)?\s*\d{1,2}(?:[:：时時시h]|\.(?=\d\d\s?(?:uhr|[ap]\.?m)))\s?\d{2}(?:[:：分분m.]\s?\d{2})?[秒s초分분]?(?:\.\d+)?"
    r"\s*(?:[ap]\.?\s?m\.?|uhr|h|(?:da|de la|del|di) "
    r"(?:manh[ãa]|ma[ñn]ana|madrugada|mattina|mattino|tarde|noite|noche|pomeriggio|sera))?"
    r"(?:\s*(?:[+-]\d\d:?\d\d|[A-Z]{1,5}))?",
    re.I,
)
"""A cell that is a clock without a date."""
MONTH_END, YEAR_END = 12, 31
"""No month is later, no day of a month is later."""
NARROWER = 3.0
"""One order of day and month is preferred when it makes the export this many times shorter than the other.

An export covers a stretch of days; read in the wrong order the same dates scatter over a year.
"""


@dataclass
class Times:
    """A column of times as read.

    Attributes
    ----------
    at : pyarrow.Array
        Instants, null where a cell is no time.
    precision : pyarrow.Array
        Seconds that a cell leaves open.
    relative : numpy.ndarray of bool
        Cells that need the time of collection and have none.
    naive : int
        Instants whose cell states no zone.
    doubt : str
        A date that can be read in two ways; empty where the column decides.
    order : {'mdy', 'dmy', 'ymd'}
        The order taken.
    yearless : int
        Cells without a year, read as the last such day before `until`.
    """

    at: pa.Array
    precision: pa.Array
    relative: npt.NDArray[np.bool_]
    naive: int
    doubt: str
    order: Order
    yearless: int = 0


def read_times(
    cells: pa.ChunkedArray,
    zone: str,
    *,
    order: Order | None,
    now: datetime,
    references: Sequence[datetime | None] | None = None,
    constant: datetime | None = None,
    until: datetime | None = None,
) -> Times:
    """Read a column of times, each distinct cell once.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        Strings; null where there is none.
    zone : str
        IANA zone of times without one.
    order : {'mdy', 'dmy', 'ymd'}, optional
        Order of day and month as the layout or the user states it; the column's own evidence goes before it.
    now : datetime
        No time is later.
    references : sequence of datetime or None, optional
        When each row was collected.
    constant : datetime, optional
        When all rows were collected.
    until : datetime, optional
        Days without a year that nothing else places are the last such days before this; None rejects them.
    """
    if (zoned := _with_offsets(cells)) is not None:
        seconds = pa.array(np.full(len(cells), SECOND, dtype=np.int64))
        return Times(zoned, seconds, np.zeros(len(cells), dtype=bool), 0, "", order or "mdy")
    encoded = cells.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    words: list[str] = encoded.dictionary.to_pylist()
    home = ZoneInfo(zone)
    chosen, doubt = day_order(words, order, home, now)
    moments = [read_moment(word, home, chosen, constant) for word in words]
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    at = _pick([_micros(m) for m in moments], index)
    precision = np.array([m.precision for m in moments] + [1], dtype=np.int64)[index]
    relative = np.array([m.relative for m in moments] + [False], dtype=bool)[index]
    naive = sum(1 for m in moments if m.at is not None and not m.zoned)
    if references is not None and relative.any():
        for row in np.nonzero(relative)[0]:
            if (near := references[int(row)]) is not None:
                moment = read_moment(words[index[row]], home, chosen, near)
                at[row], precision[row] = _micros(moment), moment.precision
                relative[row] = moment.relative
                naive += moment.at is not None and not moment.zoned
    yearless = 0
    if until is not None and relative.any():
        for row in np.nonzero(relative)[0]:
            if (day := _last_such_day(words[index[row]], home, chosen, until)) is not None:
                at[row], precision[row], relative[row] = _micros(day), day.precision, False
                yearless, naive = yearless + 1, naive + (not day.zoned)
    instants = pa.array(at, pa.int64(), mask=at == _NONE).cast(TIME)
    return Times(instants, pa.array(precision), relative, naive, doubt, chosen, yearless)


def _last_such_day(word: str, zone: ZoneInfo, order: Order, until: datetime) -> Moment | None:
    """A day and month as the last such day before some time; None for what counts back from its collection."""
    moment, later = (read_moment(word, zone, order, at) for at in (until, until + timedelta(days=8)))
    return moment if moment.at is not None and moment.at == later.at else None


_OFFSETS = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)$"


def _with_offsets(cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column in which every cell is an ISO time with its offset; None where one is not, and cells are read singly."""
    if cells.null_count or len(cells) == 0 or not pc.all(pc.match_substring_regex(cells, _OFFSETS)).as_py():
        return None
    try:
        instants = cells.cast(TIME)
    except pa.ArrowInvalid:  # an impossible date among them
        return None
    first, last = (v.as_py() for v in pc.min_max(pc.year(instants)).values())
    return instants if first >= FIRST_YEAR and last <= LAST_YEAR else None


_NONE = np.iinfo(np.int64).min


def _micros(moment: Moment) -> int:
    if moment.at is None:
        return int(_NONE)
    return (moment.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _pick(values: list[int], index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = np.array([*values, _NONE], dtype=np.int64)[index]
    return found


def day_order(words: Sequence[str | None], stated: Order | None, zone: ZoneInfo, now: datetime) -> tuple[Order, str]:
    """Whether 03/04/26 is March, April or 2003, decided for a whole column.

    Parameters
    ----------
    words : sequence of str or None
        Cells.
    stated : {'mdy', 'dmy', 'ymd'}, optional
        What the layout or the user says.
    zone : ZoneInfo
        Of times without one.
    now : datetime
        An order that puts times after it is the wrong one.

    Returns
    -------
    order : {'mdy', 'dmy', 'ymd'}
    doubt : str
        A cell that both orders read, where nothing decided; else empty.

    Notes
    -----
    In this order: a number above 12 (above 31: a year), what is stated, dates that would lie in the future, dots
    between the numbers (day first), the order that makes the export :data:`NARROWER` times shorter, month first.
    """
    dates = [found for w in words if w and (found := _DATE.search(w))]
    if not dates:
        return stated or "mdy", ""
    first, second = max(int(d[1]) for d in dates), max(int(d[3]) for d in dates)
    if first > YEAR_END:
        return "ymd", ""
    if first > MONTH_END and second <= MONTH_END:
        return "dmy", ""
    if second > MONTH_END and first <= MONTH_END:
        return "mdy", ""
    if stated:
        return stated, ""
    return _weighed([d.string for d in dates], zone, now)


def _weighed(words: Sequence[str], zone: ZoneInfo, now: datetime) -> tuple[Order, str]:
    """The likelier order of dates that both orders read, and one of these dates where it stays a guess."""
    spans: dict[Order, float] = {}
    orders: tuple[Order, Order] = ("mdy", "dmy")
    for order in orders:
        instants = [m.at for w in words if (m := read_moment(w, zone, order)).at is not None]
        if instants and max(instants) <= now + timedelta(days=1):
            spans[order] = (max(instants) - min(instants)) / timedelta(days=1) + 1
    different = next((w for w in words if (d := _DATE.search(w)) and d[1] != d[3]), "")
    if not different:
        return "mdy", ""
    if len(spans) == 1:
        return next(iter(spans)), ""
    dotted = all((d := _DATE.search(w)) and d[2] == "." for w in words)
    if dotted:
        return "dmy", ""
    if spans and spans["dmy"] * NARROWER <= spans["mdy"]:
        return "dmy", different
    return "mdy", different


def clock_column(samples: Sequence[str]) -> bool:
    """Whether a column holds clocks without dates, as beside a column of dates.

    Parameters
    ----------
    samples : sequence of str
        Some filled cells.
    """
    return bool(samples) and all(CLOCK_ONLY.fullmatch(s.strip()) for s in samples)
