"""What is odd about an export as a whole: messages with numbers, never in silence."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.import_batch import Message
from crisislib.collect.importing.column_roles import words
from crisislib.collect.importing.derived_columns import Derived
from crisislib.collect.importing.field_mapping import Header, used
from crisislib.collect.importing.home_zones import home_zone
from crisislib.collect.importing.id_clocks import SAMPLE as ID_SAMPLE
from crisislib.collect.importing.id_clocks import IdClock, of_columns
from crisislib.collect.importing.layout import COUNTS, Layout
from crisislib.collect.importing.moment import DAY
from crisislib.collect.importing.platform_words import platform_above, platform_of_columns, platform_of_file
from crisislib.collect.importing.time_columns import read_times
from crisislib.collect.importing.zone_words import zone_in_name
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch

ZONE_ASSUMED = N_("the export does not state its time zone; times were read as {zone}")
ZONE_HOME = N_(
    "the export does not state its time zone; times were read as {zone}, in which its platforms write them, and not as "
    "{watch}; give timezone= where that is wrong"
)
DAY_ORDER = N_("dates such as {example} are ambiguous; the {first} was read first; set dates=dmy or dates=mdy")
NO_YEAR = N_(
    "{n} {n:time states|times state} no year and {n:was|were} read as the last such day before {until}; "
    "give collected=TIME when the export is older"
)
MONTH = N_("month")
DAY_WORD = N_("day")
DOTS = N_("{column}: {example} is ambiguous; its dots were read as thousands separators")
REPEATED = N_("rows that repeat the column names were passed over: {n}")
ADDED = N_("columns that the layout does not name were recognised by their names: {taken}")
SHARED = N_("{n} {n:id stands|ids stand} on different posts; such posts are identified by their content instead")
NO_AUTHOR = N_("this export does not say who wrote its posts")
NO_CLOCK = N_("the times of this export are days without a time of day")
NO_COUNTS = N_("this export holds no counts of likes, reposts, replies or views")
UNUSED = N_("columns that became no field and stay in extra: {columns}")
RESTORED = N_("{n} {n:text|texts} had been saved in a wrong encoding and were restored")
PLATFORM_ASSUMED = N_("no column states the platform; it was taken for {platform} by {evidence}")
BY_COLUMNS = N_("the words of its column names")
BY_ABOVE = N_("the lines above its column names")
BY_FILE = N_("the name of the file")
BY_IDS = N_("the times in its ids")
OFF_CLOCK = N_(
    "by the times in the ids of {platform}, times read as {zone} are {hours} h off; "
    "give timezone= with the zone of the export"
)
HOUR_S = 3600
"""Seconds of an hour."""
SHOWN = 20
"""Columns that a message names; who has more looks into extra."""
CHINA_S = 28_800
"""A tool that takes Beijing time for UTC is this many seconds off: 8 hours."""
MIDNIGHT = N_("every time in the file is midnight; times are taken as days")
LATE = N_(
    "{n} {n:row has|rows have} a second time that is 8 hours off (a known fault of the tool); the right one was used"
)
ROUNDED = N_("{n} {n:id was|ids were} rounded by a spreadsheet; such posts are identified by their content instead")
UNREAD = N_(
    "{n} {n:cell|cells} of {column} {n:is no count and stays as it is|are no counts and stay as they are} in extra"
)
DOUBLED = N_("the column {column} stands in the file more than once; the first was used, the others are in extra")
GARBLED = N_(
    "{n} {n:text holds|texts hold} the mark of lost characters; the file was saved in a wrong encoding before "
    "it came here"
)


def doubts_of(derived: Derived, layout: Layout, header: Header, zone: str) -> list[Message]:
    """What was assumed of times and counts that can be read in two ways.

    Parameters
    ----------
    derived : Derived
        Columns as read.
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are.
    zone : str
        In which days are meant.
    """
    found: list[Message] = []
    times = derived.times.get("created")
    if times is not None and times.doubt:
        first = DAY_WORD if times.order == "dmy" else MONTH
        found.append((DAY_ORDER, {"first": first, "example": times.doubt}))
    if times is not None and times.yearless and derived.until is not None:
        facts = {"n": times.yearless, "until": derived.until.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d")}
        found.append((NO_YEAR, facts))
    if derived.restored:
        found.append((RESTORED, {"n": derived.restored}))
    for role, example in derived.doubts.items():
        column = header.names[header.of(layout.columns[role])[0]]
        found.append((DOTS, {"column": column, "example": example}))
    return found


def zone_of(layout: Layout, header: Header, watch: Watch, table: pa.Table) -> tuple[str, list[Message]]:
    """The zone of times without one: as the column header writes it, as layout or platform has it, or the watch's.

    Parameters
    ----------
    layout : Layout
        States a zone, or leaves it to the watch.
    header : Header
        Column names.
    watch : Watch
        Its zone is taken where nothing states one.
    table : pyarrow.Table
        Cells, which may be of platforms that have a zone of their own.
    """
    for name in layout.columns["created"].columns if "created" in layout.columns else ():
        for i in header.find(name) if name.startswith("/") else []:
            for written, zone in layout.zones.items():
                if f"({written.casefold()})" in header.names[i].casefold():
                    return zone, []
    if layout.last and "created" in layout.columns:
        places = header.of(layout.columns["created"])[:1]
        if places and (named := zone_in_name(header.names[places[0]])) is not None:
            return named, []
    home = home_zone(layout, header, table) if layout.timezone == "watch" else None
    if home is not None and home != watch.timezone:
        return home, [(ZONE_HOME, {"zone": home, "watch": watch.timezone})]
    zone = watch.timezone if layout.timezone == "watch" else layout.timezone
    stated = layout.zone_stated and layout.timezone != "watch"
    return zone, [] if stated else [(ZONE_ASSUMED, {"zone": zone})]


def check_ids(
    layout: Layout, header: Header, derived: Derived, table: pa.Table, *, name: str, above: str, zone: str
) -> tuple[Layout, list[Message]]:
    """The layout with the platform that its ids or names speak of, and whether the ids agree with the zone.

    Parameters
    ----------
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are.
    derived : Derived
        Times and addresses as read.
    table : pyarrow.Table
        Cells.
    name, above : str
        Of the file, and what stands above its column names.
    zone : str
        In which times without one were read.
    """
    stated = bool(layout.platform.columns) or layout.accounts_only
    open_platform = layout.last and not stated and "ad_platform" not in derived
    messages: list[Message] = []
    platform = layout.platform.default
    clock = _clock(layout, header, derived, table, None if open_platform or stated else platform)
    if open_platform:
        by_columns = platform_of_columns([words(n) for n in header.names])
        spoken = {BY_ABOVE: platform_above(above), BY_COLUMNS: by_columns, BY_FILE: platform_of_file(name)}
        evidence = next((by for by, said in spoken.items() if said == platform), "")
        if clock is not None and platform == "web":
            platform, evidence = clock.platform, BY_IDS
            cell = layout.platform.model_copy(update={"default": platform})
            layout = layout.model_copy(update={"platform": cell})
        if evidence:
            messages.append((PLATFORM_ASSUMED, {"platform": platform, "evidence": evidence}))
    naive = header.stamped or ("created" in derived.times and derived.times["created"].naive > 0)
    if clock is not None and clock.offset_s and naive and (stated or clock.platform == platform):
        hours = f"{clock.offset_s / HOUR_S:+g}"
        messages.append((OFF_CLOCK, {"platform": clock.platform, "zone": zone, "hours": hours}))
    return layout, messages


def _clock(layout: Layout, header: Header, derived: Derived, table: pa.Table, among: str | None) -> IdClock | None:
    times = derived.columns.get("stamped", derived.columns.get("t_created"))
    places = header.present(layout.columns["id"]) if "id" in layout.columns else []
    ids = derived.columns.get("b_id", derived.columns.get("ad_id"))
    if ids is None and len(places) == 1:
        ids = table.column(f"c{places[0]}")
    if ids is None or times is None or len(ids) != len(times):
        return None
    precision = derived.columns.get("p_created")
    finest = int(pc.min(precision.slice(0, ID_SAMPLE)).as_py() or 1) if precision is not None else 1
    return of_columns(ids, times, max(finest, layout.precision_s or 1), among)


def faults_of(
    db: duckdb.DuckDBPyConnection, layout: Layout, header: Header, zone: str, now: datetime
) -> tuple[list[Message], bool]:
    """What is odd about the file as a whole, with numbers; and whether its times are to be taken as days.

    Parameters
    ----------
    db : duckdb.DuckDBPyConnection
        A session with the tables `raw` and `typed`.
    layout : Layout
        What becomes what.
    header : Header
        Where the columns are.
    zone : str
        IANA zone of times without one.
    now : datetime
        UTC.
    """
    found: list[Message] = []
    midnight = "CASE WHEN contains(written, '0:00') AND created_precision_s <= 60 "
    midnight += "THEN regexp_matches(written, '[ T]0?0:00(:00)?([^:0-9]|$)') END"
    ask = "count(*) FILTER (rounded), count(*) FILTER (contains(text, chr(65533))), count(created), "
    ask += f"count(*) FILTER ({midnight})" + "".join(f", count(*) FILTER (unread_{role})" for role in COUNTS)
    rounded, garbled, good, days, *unread = db.sql(f"SELECT {ask} FROM typed").fetchall()[0]
    if rounded:
        found.append((ROUNDED, {"n": rounded}))
    if garbled:
        found.append((GARBLED, {"n": garbled}))
    whole_days = good >= 10 and days == good
    if whole_days:
        found.append((MIDNIGHT, {}))
    late = header.find(layout.late_column) if layout.late_column is not None else []
    if late and (n := _late(db, late[0], zone, now)):
        found.append((LATE, {"n": n}))
    for role, n in zip(COUNTS, unread, strict=True):
        if n:
            column = header.names[header.of(layout.columns[role])[0]]
            found.append((UNREAD, {"n": n, "column": column}))
    return found, whole_days


def absent_of(db: duckdb.DuckDBPyConnection, layout: Layout, header: Header) -> list[Message]:
    """What a table of no known layout does not hold, so that its absence is not taken for silence.

    Parameters
    ----------
    db : duckdb.DuckDBPyConnection
        A session with the table `typed`.
    layout : Layout
        The general layout over this table.
    header : Header
        Its columns.
    """
    counts = "count(coalesce(likes, reposts, replies, views))"
    ask = f"count(created), count(coalesce(account_native, name)), {counts}, min(created_precision_s)"
    good, authors, numbers, finest = db.sql(f"SELECT {ask} FROM typed").fetchall()[0]
    found: list[Message] = []
    if good and not authors:
        found.append((NO_AUTHOR, {}))
    if good and finest is not None and finest >= DAY:
        found.append((NO_CLOCK, {}))
    if good and not numbers:
        found.append((NO_COUNTS, {}))
    root = [layout.root] if layout.root else []
    words = {i for cell in (layout.platform, layout.kind, *layout.parents, *root) for i in header.of(cell)}
    unused = [
        header.title(i)
        for i in sorted(header.filled or ())
        if i not in used(layout, header) | words and header.names[i]
    ]
    if unused:
        shown = ", ".join(unused[:SHOWN]) + (", …" if len(unused) > SHOWN else "")
        found.append((UNUSED, {"columns": shown}))
    return found


def _late(db: duckdb.DuckDBPyConnection, i: int, zone: str, now: datetime) -> int:
    """Rows whose second time is 8 hours from the first."""
    table = db.sql(f"SELECT c{i} AS l, epoch(created) AS at FROM raw JOIN typed USING (row_no)").to_arrow_table()
    times = read_times(table["l"], zone, order=None, now=now)
    seconds = np.asarray(times.at.cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=float) / 1e6
    return int((np.abs(seconds - table["at"].to_numpy()) == CHINA_S).sum())
