"""What a column means: by the words of its name and by what its cells look like, together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.importing.cell_looks import (
    ANY_TIME,
    FIRST_WIDE,
    NEARLY_ALL,
    READABLE,
    STARS,
    UTC_ZONE,
    is_prose,
    is_time,
    looks_like,
    share,
)
from crisislib.collect.importing.clock_columns import sample
from crisislib.collect.importing.count_columns import read_count
from crisislib.collect.importing.field_mapping import Header
from crisislib.collect.importing.layout import COUNTS
from crisislib.collect.importing.layout_files import shipped
from crisislib.collect.importing.moment import DAY
from crisislib.collect.importing.moments import read_moment
from crisislib.collect.importing.written_days import folded

_OF_REVIEWS = re.compile(r"review|评价|点评|评分|version|thumbs up|reply content|^at$")
"""Names of columns beside which a score is the stars of a reviewer."""
_STATES = {"status", "entry"}
"""Names of columns that hold a text as often as the state of a row."""
_NUMBERS = {"编号", "流水号", "序列号", "记录编号", "번호", "글번호"}
"""Names of columns that hold ids as often as the numbers of rows."""
HEAD = 200
"""Rows that tell whether a column repeats or counts."""
_HANDLE = re.compile(r"(^| )(user ?name|screen ?name|handle|acct)$")
"""Names of columns with the handles of accounts."""
FIRST_ROLES = ("created", "text", "title", "url", "id", "account", "name")
"""Decided first, so that a doubtful column goes to the field that matters most."""
BESIDE = (
    "name", "account", "followers", "verified", "url", "title", "place", "lang", "sentiment", *COUNTS, "collected",
)  # fmt: skip
"""Fields in which a layout is completed by the names of columns that it does not name."""
TWINS = ("created", "text", "title", "id", "name", "account", "url", *COUNTS)
"""Fields that may come from several columns, each filled in other rows."""
ACCOUNT_COUNTS = {"friends count", "statuses count"}
"""Beside these, the first X API's `favourites_count` is how many posts the account has liked, not likes of the post."""
FEW_EMPTY = 0.02
"""Share of empty cells that every column may have."""
NEEDED = ("created", "text")
"""Fields without which no row is a post."""
_SIMPLE = str.maketrans(
    "發佈時間內標題評論轉點讚瀏覽閱讀觀帳號暱稱絲數體類來網語採連結貼關鍵詞國區處圖頻視訊訂歡覆應權創員戶專頁負緒傾屬譯鏈簡舉導擷聞聲譽認證級從於編輯誰組總計",
    "发布时间内标题评论转点赞浏览阅读观账号昵称丝数体类来网语采连结贴关键词国区处图频视讯订欢复应权创员户专页负绪倾属译链简举导撷闻声誉认证级从于编辑谁组总计",
)
"""Characters of column names in the script of Taiwan and Hong Kong; those of texts are folded elsewhere."""


@cache
def words(name: str) -> str:
    """A column name as words, without accents: `likeCount`, `like_count` and `Like Count` are one.

    Parameters
    ----------
    name : str
        As written in the header.
    """
    plain = re.sub(r"(?<=\w)['’]s\b", "", name.replace("\ufeff", ""))
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z]|[A-Z]+\b)", " ", plain.translate(_SIMPLE))
    return " ".join(re.sub(r"[\W_]+", " ", folded(apart)).split())


def matches(name: str, wanted: str) -> bool:
    """Whether a column name is meant by an entry of the general layout.

    Parameters
    ----------
    name : str
        Column name as written.
    wanted : str
        A name, or a /pattern/ over words.
    """
    if wanted.startswith("/") and wanted.endswith("/") and len(wanted) > 2:
        return re.search(wanted[1:-1], words(name)) is not None
    return words(name) == words(wanted) or name.strip().casefold() == wanted.casefold()


def infer(header: Header, table: pa.Table, roles: Sequence[str], used: set[int]) -> dict[str, list[int]]:
    """The column of each field, where there is one.

    Parameters
    ----------
    header : Header
        Column names.
    table : pyarrow.Table
        Cells.
    roles : sequence of str
        Fields that are sought.
    used : set of int
        Columns that are something else already; those found are added.

    Returns
    -------
    dict of str to list of int
        Field -> position of its column, and of those that are filled where it is empty.
    """
    general = shipped()["generic"]
    found: dict[str, list[int]] = {}
    for role in sorted(roles, key=lambda r: FIRST_ROLES.index(r) if r in FIRST_ROLES else len(FIRST_ROLES)):
        fits = _fitting(role, general.columns[role].columns, header, table, used)
        if role == "created":
            fits = sorted(fits, key=lambda i: _doubt_of_times(sample(table, i)))
        if role == "url":  # the page on which many posts stand is the address of none
            fits = sorted(fits, key=lambda i: _repeats(table, i))
        if role == "name" and "account" not in found:
            fits = sorted(fits, key=lambda i: not _is_handle(header.names[i], sample(table, i)))
        if not fits and role in NEEDED:
            by_cells = guess(table, len(header.names), role, used) if role == "created" else None
            plainly = _plainly(role, header, table, used)
            plainly = [i for i in plainly if role != "text" or _may_be_text(header.names[i], sample(table, i))]
            # When rows were collected is no time of posts where there is a column of these, though none can be read.
            if by_cells is not None and plainly and _named_as("collected", header.names[by_cells]):
                by_cells = None
            fits = [by_cells] if by_cells is not None else plainly
        if fits:
            found[role] = [fits[0], *_twins(role, fits[0], fits[1:], table)]
            used.update(found[role])
    return found


def _fitting(role: str, names: Sequence[str], header: Header, table: pa.Table, used: set[int]) -> list[int]:
    """Columns whose name and cells are a field's, the likelier name first."""
    named = list(
        dict.fromkeys(
            i for wanted in names for i, name in enumerate(header.names) if i not in used and matches(name, wanted)
        )
    )
    if role == "likes" and ACCOUNT_COUNTS & {words(name) for name in header.names}:
        named = [i for i in named if words(header.names[i]) != "favourites count"]
    if role == "likes":
        named = [i for i in named if not _is_rating(header, i, sample(table, i))]
    if role == "id":
        named = [i for i in named if words(header.names[i]) not in _NUMBERS or not _counts_rows(table, i)]
    if role == "text":
        named = [i for i in named if words(header.names[i]) not in _STATES or is_prose(sample(table, i))]
    return [i for i in named if looks_like(role, sample(table, i))]


def _is_rating(header: Header, i: int, cells: Sequence[str]) -> bool:
    """Whether a score is the stars that a reviewer gave: none above five, in a table of reviews."""
    if words(header.names[i]) != "score" or not any(_OF_REVIEWS.search(words(name)) for name in header.names):
        return False
    return all((n := read_count(c.split(".")[0])) is not None and n <= STARS for c in cells)


def _repeats(table: pa.Table, i: int) -> bool:
    """Whether a value stands in two rows or more on average."""
    head = table.column(f"c{i}").slice(0, HEAD)
    return bool(pc.count_distinct(head).as_py() * 2 <= len(head))


def _counts_rows(table: pa.Table, i: int) -> bool:
    """Whether a column only numbers the rows of its file from 1, so that every file has the same numbers."""
    return all(cell == str(n) for n, cell in enumerate(table.column(f"c{i}").slice(0, HEAD).to_pylist(), 1))


def _doubt_of_times(cells: Sequence[str]) -> int:
    """How little times say: those that count back from their collection less than days, days less than clocks."""
    alone = (read_moment(c, UTC_ZONE, "dmy").relative for c in cells)
    return 2 if sum(alone) * 2 > len(cells) else int(not _has_clock(cells))


def _is_handle(name: str, cells: Sequence[str]) -> bool:
    """Whether a column holds the names that addresses and other tools have for accounts, not those that people show."""
    return _HANDLE.search(words(name)) is not None and bool(cells) and not any(" " in c.strip() for c in cells)


def _may_be_text(name: str, cells: Sequence[str]) -> bool:
    """Whether a column that is called like a text is neither a counter nor the state of a row."""
    return words(name) not in _STATES and not (cells and all(read_count(c) is not None for c in cells))


def _has_clock(cells: Sequence[str]) -> bool:
    """Whether times are finer than days."""
    return any(
        (m := read_moment(c, UTC_ZONE, "dmy", ANY_TIME)).at is not None
        and m.precision < DAY
        and not c.endswith(" 00:00:00")
        for c in cells
    )


def _twins(role: str, first: int, others: Sequence[int], table: pa.Table) -> list[int]:
    """Columns of the same meaning that are filled where the first is not, as in tables of two tools put together."""
    if role not in TWINS or not others:
        return []
    empty = pc.equal(table.column(f"c{first}"), "")
    n = pc.sum(empty).as_py() or 0
    if n <= FEW_EMPTY * table.num_rows:
        return []
    rest = (table.column(f"c{i}").filter(empty) for i in others)
    return [i for i, cells in zip(others, rest, strict=True) if (pc.sum(pc.not_equal(cells, "")).as_py() or 0) > n / 2]


def _plainly(role: str, header: Header, table: pa.Table, used: set[int]) -> list[int]:
    """A filled column with exactly a field's name, whatever its cells: each is then rejected with its reason."""
    exact = [n for n in shipped()["generic"].columns[role].columns if not n.startswith("/")]
    places = (i for n in exact for i, name in enumerate(header.names) if i not in used and matches(name, n))
    return [i for i in places if sample(table, i, 1)][:1]


def _named_as(role: str, name: str) -> bool:
    """Whether a column has the name of a field."""
    return any(matches(name, wanted) for wanted in shipped()["generic"].columns[role].columns)


@cache
def commonly_named(name: str) -> bool:
    """Whether a column has a name that people and tools commonly use, so that it tells no export from another.

    Parameters
    ----------
    name : str
        Column name.
    """
    general = shipped()["generic"]
    cells = [general.platform, general.kind, *general.columns.values(), *general.parents]
    return any(matches(name, wanted) for cell in cells for wanted in cell.columns)


def guess(table: pa.Table, n: int, role: str, used: set[int]) -> int | None:
    """The column that is a time or a text by its cells alone.

    Parameters
    ----------
    table : pyarrow.Table
        Cells.
    n : int
        Number of columns.
    role : {'created', 'text'}
        What is sought.
    used : set of int
        Columns that are something else already.
    """
    best: tuple[float, int] | None = None
    for i in (i for i in range(n) if i not in used):
        cells = sample(table, i)
        if not cells:
            continue
        if role == "created":
            if share(cells, lambda c: len(c) > 5 and not c.isdigit() and is_time(c)) >= NEARLY_ALL:
                return i
        elif looks_like("text", cells) and is_prose(cells):
            size = sum(len(c) + sum(x >= FIRST_WIDE for x in c) for c in cells) / len(cells)
            best = max(best or (0.0, -1), (size, i)) if size >= READABLE else best
    return best[1] if best else None
