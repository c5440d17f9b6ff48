"""How a cell of an export is read, as DuckDB expressions: counts, ids, times, flags, sentiment.

Each function takes SQL of type VARCHAR and returns another SQL expression, so that the engine reads
whole columns and no Python runs per row. :func:`clean` and :func:`plain` take a raw cell; all others
take the name of a column that these have cleaned, since they repeat it many times. Where the
:class:`~crisislib.collect.importing.column_profile.Shape` of a column shows that no cell needs the long way, the
expression is a short one that gives the same. What cannot be read becomes null; who calls decides
whether a null is a rejected row or a warning.
"""

from __future__ import annotations

from typing import Literal

from crisislib.collect.importing.column_profile import Shape

Order = Literal["mdy", "dmy"]

_NOTHING = "('', 'nan', 'NaN', 'None', 'none', 'null', 'NULL', 'N/A', '\\N', '<NA>')"

UNITS = {
    "": "1",
    "千": "1e3",
    "k": "1e3",
    "万": "1e4",
    "萬": "1e4",
    "w": "1e4",
    "m": "1e6",
    "亿": "1e8",
    "億": "1e8",
    "b": "1e9",
}
"""How tools shorten counts."""

ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": " ", "&amp;": "&"}

DAY_FIRST = ("%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y %I:%M:%S %p", "%d-%m-%Y %I:%M %p", "%d-%m-%Y")
MONTH_FIRST = ("%m-%d-%Y %H:%M:%S", "%m-%d-%Y %H:%M", "%m-%d-%Y %I:%M:%S %p", "%m-%d-%Y %I:%M %p", "%m-%d-%Y")
NAMED_MONTH = (
    "%d-%b-%Y %I:%M%p", "%d-%b-%Y %I:%M %p", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M", "%d-%b-%Y",
    "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M", "%d %b %Y", "%b %d, %Y %I:%M %p", "%b %d, %Y %H:%M:%S", "%b %d, %Y",
    "%B %d, %Y %I:%M %p", "%B %d, %Y", "%d %B %Y %H:%M", "%d %B %Y", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p",
)  # fmt: skip
ZONED = ("%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z", "%Y-%m-%d %H:%M:%S %z", "%d %b %Y %H:%M:%S %z")

COMPACT = ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y%m%dT%H%M%S")
OFFSET = r"\d:\d\d.*(Z|UTC|GMT|[+-]\d\d:?(\d\d)?)( \d{4})?$"
SLASHED = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
"""A numeric date that starts with a day or a month: which one, the cell alone cannot say."""


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def clean(cell: str) -> str:
    """A raw cell (its outer space is off already), null where it is empty."""
    return f"nullif({cell}, '')"


def plain(cell: str, shape: Shape | None = None) -> str:
    """A raw cell in which the words that tools write for nothing (`nan`, `None`, `null`) are null too."""
    if shape is not None and shape.worded:
        return cell if shape.full else clean(cell)
    return f"CASE WHEN {cell} NOT IN {_NOTHING} THEN {cell} END"


def prose(cell: str, shape: Shape | None = None) -> str:
    """Text for people: a spreadsheet's guarding apostrophe and the entities that some tools leave in taken back."""
    guarded = f"CASE WHEN {cell} LIKE '''%' THEN regexp_replace({cell}, '^''([=+\\-@])', '\\1') ELSE {cell} END"
    if shape is not None and shape.lacks(b"&"):
        return cell if shape.lacks(b"'") else guarded
    plain_marks = guarded
    for entity, mark in ENTITIES.items():
        plain_marks = f"replace({plain_marks}, {quoted(entity)}, {quoted(mark)})"
    return f"CASE WHEN contains({cell}, '&') THEN {plain_marks} ELSE {guarded} END"


def ident(cell: str, shape: Shape | None = None) -> str:
    """An id: quotes, guards and a spreadsheet's `.0` off; null where a spreadsheet has rounded it."""
    if shape is not None and shape.bare:
        return cell
    guarded = " OR ".join(f"{cell} LIKE {quoted(mark + '%')}" for mark in "\"'`=")
    bare = f"CASE WHEN {guarded} THEN nullif(trim({cell}, '\"''`='), '') ELSE {cell} END"
    whole = f"CASE WHEN {cell} LIKE '%.0' THEN regexp_replace({bare}, '^(\\d+)\\.0$', '\\1') ELSE {bare} END"
    return f"CASE WHEN {rounded_id(cell)} THEN NULL ELSE {whole} END"


def rounded_id(cell: str) -> str:
    """Whether a spreadsheet has turned the id into `4.9E+18`, so that digits are lost."""
    return f"coalesce({cell} LIKE '%E+%' AND regexp_full_match({cell}, '\\d(\\.\\d+)?E\\+\\d+'), false)"


def count(cell: str, shape: Shape | None = None) -> str:
    """A count as integer: `1,234`, `1.2万`, `10万+`, `3.4k`, `12`; null for `12%`, words and the impossible."""
    if shape is not None and shape.digits:
        return f"try_cast({cell} AS BIGINT)"
    bare = f"regexp_replace({cell}, '[,，\\s+]', '', 'g')"
    number = f"try_cast(regexp_extract({bare}, '^(\\d+(?:\\.\\d+)?)', 1) AS DOUBLE)"
    cases = " ".join(f"WHEN '{word}' THEN {size}" for word, size in UNITS.items())
    unit = f"CASE lower(regexp_extract({bare}, '^\\d+(?:\\.\\d+)?(.*)$', 1)) {cases} END"
    slow = f"CASE WHEN {number} * {unit} < 9e18 THEN CAST(round({number} * {unit}) AS BIGINT) END"
    simple = f"try_cast({cell} AS BIGINT)"
    return f"CASE WHEN {simple} >= 0 THEN {simple} WHEN {simple} IS NULL AND {cell} IS NOT NULL THEN {slow} END"


def flag(cell: str) -> str:
    """Yes or no as written in either language; null for anything else."""
    word = f"lower({cell})"
    return (
        f"CASE WHEN {word} IN ('true', 't', '1', '1.0', 'yes', 'y', '是', '已认证', 'verified') THEN true "
        f"WHEN {word} IN ('false', 'f', '0', '0.0', 'no', 'n', '否', '未认证', '-1', 'unverified') THEN false END"
    )


def sentiment(cell: str) -> str:
    """The vendor's own sentiment as negative, neutral or positive; numbers by their sign."""
    word = f"lower({cell})"
    return (
        f"CASE WHEN {word} IN ('positive', 'pos', '正', '正面', '积极', '非常正面') THEN 'positive' "
        f"WHEN {word} IN ('negative', 'neg', '负', '负面', '消极', '敏感', '非常负面') THEN 'negative' "
        f"WHEN {word} IN ('neutral', 'neu', '中', '中性', '非敏感') THEN 'neutral' "
        f"WHEN try_cast({word} AS DOUBLE) > 0 THEN 'positive' WHEN try_cast({word} AS DOUBLE) < 0 THEN 'negative' "
        f"WHEN try_cast({word} AS DOUBLE) = 0 THEN 'neutral' END"
    )


def moment(cell: str, zone: str, order: Order = "mdy", shape: Shape | None = None) -> str:
    """A time as TIMESTAMPTZ in whatever form of the field's tools it is written.

    Parameters
    ----------
    cell : str
        SQL expression of the cell.
    zone : str
        IANA name of the zone in which a time without one is meant.
    order : {'mdy', 'dmy'}
        How `03/04/2026` is read.
    shape : Shape, optional
        Of the column, where known.

    Returns
    -------
    str
        SQL expression; null for an impossible date and for a form that is not known.

    Notes
    -----
    Numbers are told apart by magnitude: seconds below 1e11, milliseconds below 1e14, microseconds
    below 1e17, else nanoseconds since 1970; 8, 12 and 14 digits that start with 19 or 20 are dates.
    """
    s = cell
    if shape is not None and shape.stamped:
        return f"timezone({quoted(zone)}, try_cast({s} AS TIMESTAMP))"
    compact = f"regexp_full_match({s}, '(19|20)\\d{{6}}(\\d{{4}}(\\d{{2}})?)?(T\\d{{6}}Z?)?')"
    formats = _formats(DAY_FIRST if order == "dmy" else MONTH_FIRST)
    parts = f"translate({s}, '年月日时分秒/', '-- :: -')"
    chinese = f"regexp_replace(trim(regexp_replace({parts}, '\\s+', ' ', 'g')), ':$', '')"
    naive = (
        f"CASE WHEN {compact} THEN try_strptime({s}, {_formats(COMPACT)}) "
        f"WHEN regexp_matches({s}, '{SLASHED}') THEN try_strptime(translate({s}, '/.', '--'), {formats}) "
        f"WHEN regexp_matches({s}, '^\\d{{4}}') "
        f"THEN coalesce(try_cast({chinese} AS TIMESTAMP), try_strptime({s}, {_formats(NAMED_MONTH)})) "
        f"WHEN regexp_matches({s}, '\\d{{4}}') THEN try_strptime({s}, {_formats(NAMED_MONTH)}) END"
    )
    return (
        f"CASE WHEN {s} IS NULL THEN NULL "
        f"WHEN {s} LIKE '____-__-__ __:__%' AND strlen({s}) <= 19 "
        f"THEN timezone({quoted(zone)}, try_cast({s} AS TIMESTAMP)) "
        f"WHEN {compact} AND {s} LIKE '%Z' THEN timezone('UTC', try_strptime({s}, '%Y%m%dT%H%M%SZ')) "
        f"WHEN regexp_full_match({s}, '\\d{{9,19}}(\\.\\d+)?') AND NOT {compact} THEN {_epoch(s)} "
        f"WHEN regexp_matches({s}, '{OFFSET}') THEN {_offset(s)} ELSE timezone({quoted(zone)}, {naive}) END"
    )


def _epoch(s: str) -> str:
    """Seconds, milli-, micro- or nanoseconds since 1970 as TIMESTAMPTZ."""
    number = f"try_cast({s} AS DOUBLE)"
    micros = (
        f"CASE WHEN {number} < 1e11 THEN {number} * 1e6 WHEN {number} < 1e14 THEN {number} * 1e3 "
        f"WHEN {number} < 1e17 THEN {number} WHEN {number} < 1e20 THEN {number} / 1e3 END"
    )
    return f"make_timestamptz(CAST(CASE WHEN {number} >= 1e8 THEN {micros} END AS BIGINT))"


def _offset(s: str) -> str:
    """A time that states its offset, as TIMESTAMPTZ."""
    tight = f"regexp_replace({s}, ' ([+-]\\d)', '\\1')"
    named = f"regexp_replace({s}, '(GMT|UTC|Z)$', '+0000')"
    return (
        f"CASE WHEN {s} LIKE '____-%' "
        f"THEN coalesce(try_cast({tight} AS TIMESTAMPTZ), try_strptime({s}, {_formats(ZONED)})) "
        f"ELSE try_strptime({named}, {_formats(ZONED)}) END"
    )


def precision(cell: str, floor_s: int | None, shape: Shape | None = None) -> str:
    """How fine the time is as written, in seconds: 86400 a date, 3600 an hour, 60 a minute, else 1."""
    s = cell
    if shape is not None and shape.stamped and shape.full:
        return f"CAST({max(1, floor_s or 1)} AS BIGINT)"
    second = r"\d:\d\d[:.]\d\d|^\d{9,11}(\.|$)|^\d{13,19}(\.|$)|T\d{6}|秒"
    hour = r"\d{4}.*\d\s*([ap]m|时|点)|[ T]\d\d$"
    written = (
        f"CASE WHEN {s} LIKE '____-__-__ __:__:__' THEN 1 WHEN regexp_full_match({s}, '\\d{{8}}') THEN 86400 "
        f"WHEN regexp_matches({s}, '{second}') THEN 1 WHEN regexp_matches({s}, '\\d:\\d\\d|^\\d{{12}}$|分') THEN 60 "
        f"WHEN regexp_matches({s}, '{hour}') THEN 3600 ELSE 86400 END"
    )
    return f"CAST({written if floor_s is None else f'greatest({written}, {floor_s})'} AS BIGINT)"


def _formats(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(quoted(n) for n in names) + "]"
