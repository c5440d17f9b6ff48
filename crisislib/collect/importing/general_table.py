"""A layout over one table: the general one with the columns that are there, a known one with those it does not name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.collect.importing.addresses import read_address
from crisislib.collect.importing.cell_looks import looks_like
from crisislib.collect.importing.clock_columns import SAMPLE, sample
from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.column_roles import BESIDE, guess, infer, matches, words
from crisislib.collect.importing.derived_columns import OPEN_PLATFORMS, cut_ids
from crisislib.collect.importing.field_mapping import Header
from crisislib.collect.importing.id_clocks import id_clock
from crisislib.collect.importing.layout import Cell, Layout, Parent
from crisislib.collect.importing.layout_files import shipped
from crisislib.collect.importing.moments import read_moment
from crisislib.collect.importing.platform_words import platform_above, platform_of_columns, platform_of_file

_C = TypeVar("_C", Cell, Parent)
_UTC = ZoneInfo("UTC")
HEAD = 2000
"""Rows that tell whether an id stands on one post or on many comments."""
SEVERAL = 1.5
"""Texts that one id has on average, from which it is of what the rows stand under."""
_CLIENT = re.compile(r"(?i)\bfor (iphone|ipad|android|mac)\b|\bweb (app|client)\b|客户端|rel=\"nofollow\"")
_COMMENTS = re.compile(r"(.*(评论|留言|回复|弹幕)|comments?( |$)|.* comments?( |$)|repl(y|ies) text)")
_TABLE_OF_COMMENTS = re.compile(r"(?i)comment|repl(y|ies)|评论|回复|留言|弹幕")
"""Names of files and tables whose rows stand under posts."""
_COMMENT_ID = re.compile(r"(评论|回复|留言) ?id|cid|rpid|c(omment)?id|(comment|reply) (id|pk|key)|coid")
_CHANNEL = re.compile(r"(channel|chat|peer|group)( (username|name|title|id))?|频道(名称|id)?|群组?(名称|id)?")
_YES_OR_NO = {"true", "false", "yes", "no", "y", "n", "t", "f", "1", "0", "1.0", "0.0", "是", "否"}
_OF_WHAT = re.compile(
    r"((video|note|aweme|post|article|media|status|tweet|weibo|thread|submission|story|item|parent post|content|link)"
    r" (id|key|code|pk)|bvid|avid|aid|oid|(微博|帖子|视频|笔记|文章|作品|问题|回答) ?id|weibo mid|mid)"
)


def complete(layout: Layout, header: Header, table: pa.Table, name: str = "", above: str = "") -> tuple[Layout, str]:
    """A layout with the columns that it does not name itself.

    Parameters
    ----------
    layout : Layout
        The general layout gets all its columns; any other those of :data:`BESIDE` that it leaves open.
    header : Header
        Column names with their shapes.
    table : pyarrow.Table
        Cells.
    name : str
        Of the file, which may speak of a platform.
    above : str
        What stands above the column names, which may be the address of what the rows stand under.

    Returns
    -------
    layout : Layout
    added : str
        `field=COLUMN, …` of what was added to a known layout; empty for the general one, which says it all.
    """
    if layout.parts or layout.accounts_only:
        return layout, ""
    if layout.last:
        return _general(layout, header, table, name, above), ""
    named = {i for cell in _cells(layout) for i in header.of(cell)} | {i for t in layout.tags for i in header.find(t)}
    if layout.late_column:
        named |= set(header.find(layout.late_column))
    open_roles = [r for r in BESIDE if r not in layout.columns or not header.present(layout.columns[r])]
    if "name" in layout.columns and header.present(layout.columns["name"]):
        open_roles = [r for r in open_roles if r != "account"]
    if "id" in layout.columns:  # an address beside a post with its own id is as often a picture's or a query's
        open_roles = [r for r in open_roles if r != "url" or layout.platform.default in (*OPEN_PLATFORMS, None)]
    found = infer(header, table, open_roles, named)
    if "title" in found and len(set(titles := sample(table, found["title"][0]))) * 2 <= len(titles):
        del found["title"]  # what a page writes above many posts is the title of none
    if not found:
        return layout, ""
    columns = {**layout.columns, **_cells_of(found, header)}
    added = ", ".join(f"{role}={header.names[places[0]]}" for role, places in found.items())
    return layout.model_copy(update={"columns": columns}), added


def readable(header: Sequence[str], table: pa.Table) -> bool:
    """Whether a table of no known layout has a time, and something to read or the addresses of posts.

    Parameters
    ----------
    header : sequence of str
        Column names.
    table : pyarrow.Table
        Cells.
    """
    named = Header(header)
    columns = _general(shipped()["generic"], named, table, "").columns
    if "created" in columns and "url" in columns and not {"text", "title"} & set(columns):
        addresses = _cells_under(columns["url"].columns[0], named, table)
        return sum(read_address(a).id is not None for a in addresses) * 2 > len(addresses)
    return "created" in columns and bool({"text", "title"} & set(columns))


def _cells(layout: Layout) -> list[Cell]:
    return [
        layout.platform,
        layout.kind,
        *layout.columns.values(),
        *layout.parents,
        *([layout.root] if layout.root else []),
    ]


def _general(layout: Layout, header: Header, table: pa.Table, name: str, above: str = "") -> Layout:
    """The general layout over one table; what a user has mapped stays."""
    general = shipped()["generic"]
    given = {role: cell for role, cell in layout.columns.items() if general.columns.get(role) != cell}
    used = {i for cell in given.values() for i in header.of(cell)}
    if header.shapes:
        header.filled = {i for i, shape in enumerate(header.shapes) if isinstance(shape, Shape) and shape.filled}
    resolved = {
        name: _worded(_named(getattr(layout, name), header, used), header, table) for name in ("platform", "kind")
    }
    parents = [_of_ids(_named(p, header, used), header, table) for p in layout.parents]
    root = _named(layout.root, header, used) if layout.root else None
    relations = used | {i for cell in (*parents, *([root] if root else [])) for i in header.of(cell)}
    found = infer(header, table, [r for r in general.columns if r not in given], relations)
    columns = {**given, **_cells_of(found, header)}
    taken = relations | {i for cell in resolved.values() for i in header.of(cell)}
    for role in ("created", "text"):
        if role in columns or (role == "text" and "title" in columns):
            continue
        if (i := guess(table, len(header.names), role, taken)) is not None:
            columns[role] = Cell(columns=[header.names[i]])
            taken.add(i)
    if "id" not in columns and (ids := _timed_ids(columns.get("created"), header, table)):
        columns["id"] = Cell(columns=ids)
    kind, platform = resolved["kind"], _platform(resolved["platform"], header, name, above)
    columns, under = _under(columns, header, table, of_comments=_TABLE_OF_COMMENTS.search(name) is not None)
    if under:
        parents = [*parents, Parent(columns=under)]
        root = (root or Cell()).model_copy(update={"columns": [*(root.columns if root else []), *under]})
    comments = bool(under) or _of_comments(columns, header) or _shared_url(columns, header, table)
    if comments and kind.default == "post":
        kind = kind.model_copy(update={"default": "comment"})
    elif kind.default == "post":  # what hangs on another and does not say how is an answer to it
        parents = [p if p.kind else p.model_copy(update={"kind": "reply"}) for p in parents]
    if platform.default == "telegram":
        columns, parents = _of_channels(columns, parents, header)
    changed = {"platform": platform, "kind": kind, "parents": parents, "root": root, "columns": columns}
    return layout.model_copy(update=changed)


def _of_channels(
    columns: dict[str, Cell], parents: list[Parent], header: Header
) -> tuple[dict[str, Cell], list[Parent]]:
    """Ids with their channel before them: Telegram counts the messages of each channel from 1."""
    channel = [n for n in header.names if _CHANNEL.fullmatch(words(n))][:1]
    if not channel or "id" not in columns:
        return columns, parents
    columns = {**columns, "id": Cell(columns=[*channel, *columns["id"].columns[:1]], join="/")}
    joined = {"join": "/", "whole": True}
    return columns, [
        p.model_copy(update={"columns": [*channel, *p.columns[:1]], **joined}) if p.columns else p for p in parents
    ]


def _timed_ids(created: Cell | None, header: Header, table: pa.Table) -> list[str]:
    """A column of ids that hold the times of the posts, whatever it is called."""
    at = header.of(created) if created is not None else []
    if not at:
        return []
    times = [read_moment(c, _UTC).at for c in table.column(f"c{at[0]}").slice(0, SAMPLE).to_pylist()]
    for i in (i for i in range(len(header.names)) if i not in at):
        cells = table.column(f"c{i}").slice(0, SAMPLE)
        if pc.all(pc.match_substring_regex(cells, r"^\w{13,24}$")).as_py() and id_clock(cells.to_pylist(), times):
            return [header.names[i]]
    return []


def _cells_of(roles: dict[str, list[int]], header: Header) -> dict[str, Cell]:
    return {role: Cell(columns=[header.names[i] for i in places]) for role, places in roles.items()}


def _platform(cell: Cell, header: Header, name: str, above: str) -> Cell:
    """The platform as stated; where no column states it, as the column names or the file's name speak of it."""
    if cell.columns or cell.default != "web":
        return cell
    spoken = platform_above(above) or platform_of_columns([words(n) for n in header.names]) or platform_of_file(name)
    return cell.model_copy(update={"default": spoken}) if spoken else cell


def _under(
    columns: dict[str, Cell], header: Header, table: pa.Table, *, of_comments: bool
) -> tuple[dict[str, Cell], list[str]]:
    """The columns without an id that is of what the rows stand under, and the columns that name that."""
    ids = header.of(columns["id"]) if "id" in columns else []
    others = [i for i, n in enumerate(header.names) if _OF_WHAT.fullmatch(words(n)) and i not in ids]
    others = [i for i in others if header.filled is None or i in header.filled]
    if ids and _COMMENT_ID.fullmatch(words(header.names[ids[0]])):
        return columns, [header.names[i] for i in others[:1]]
    text = header.of(columns["text"]) if "text" in columns else []
    if not ids or not text or not _OF_WHAT.fullmatch(words(header.names[ids[0]])):
        return columns, []
    own = of_comments and any(words(name) == "id" for name in header.names)
    if _rounded(table.column(f"c{ids[0]}")) or not (own or _repeats(ids[0], text[0], table)):
        return columns, []
    parent = header.names[ids[0]]
    columns = {role: cell for role, cell in columns.items() if role != "id"}
    again = infer(header, table, ["id"], {i for cell in columns.values() for i in header.of(cell)} | {ids[0], *others})
    return {**columns, **_cells_of(again, header)}, [parent]


def _rounded(ids: pa.ChunkedArray) -> bool:
    """Whether a spreadsheet has had a column of ids, so that different ones are alike."""
    return cut_ids(ids) or bool(pc.any(pc.match_substring_regex(ids, r"^\d([.,]\d+)?[eE]\+\d+$")).as_py())


def _repeats(i: int, text: int, table: pa.Table) -> bool:
    """Whether a value stands on several different texts on average."""
    head = table.select([f"c{i}", f"c{text}"]).slice(0, HEAD)
    head = head.filter(pc.not_equal(head.column(0), ""))
    values: int = pc.count_distinct(head.column(0)).as_py()
    pairs: int = head.group_by(head.column_names).aggregate([]).num_rows
    return values > 0 and pairs > SEVERAL * values


def _of_comments(columns: dict[str, Cell], header: Header) -> bool:
    """Whether the text is called a comment."""
    text = header.of(columns["text"]) if "text" in columns else []
    return bool(text) and _COMMENTS.match(words(header.names[text[0]])) is not None


def _shared_url(columns: dict[str, Cell], header: Header, table: pa.Table) -> bool:
    """Whether one address stands beside many texts with ids of their own, so that it is of what they stand under."""
    places = [header.of(columns[role])[:1] for role in ("url", "text", "id") if role in columns]
    if len(places) < len(("url", "text", "id")) or not all(places):
        return False
    return _repeats(places[0][0], places[1][0], table)


def _named(cell: _C, header: Header, used: set[int]) -> _C:
    """A cell with the names that its columns have in this table."""
    names = [n for w in cell.columns for i, n in enumerate(header.names) if i not in used and matches(n, w)]
    flags = {n: v for w, v in cell.flags.items() for i, n in enumerate(header.names) if i not in used and matches(n, w)}
    return cell.model_copy(update={"columns": list(dict.fromkeys(names)), "flags": flags})


def _cells_under(name: str, header: Header, table: pa.Table) -> list[str]:
    return sample(table, header.find(name)[0])


def _of_ids(cell: Parent, header: Header, table: pa.Table) -> Parent:
    """A parent without columns that hold lists or sentences instead of ids."""
    names = [n for n in cell.columns if not (cells := _cells_under(n, header, table)) or looks_like("id", cells)]
    return cell.model_copy(update={"columns": names})


def _clients(cells: Sequence[str]) -> bool:
    """Whether cells name the programs that posts were written with, as `source` of X and Weibo does."""
    return sum(_CLIENT.search(c) is not None for c in cells) * 3 > len(cells)


def _worded(cell: Cell, header: Header, table: pa.Table) -> Cell:
    """A cell without the columns that hold none of its words; where nothing of it is left, its default stands."""
    patterns = [re.compile(p, re.IGNORECASE) for p in cell.patterns]
    flags = {n: v for n, v in cell.flags.items() if _yes_or_no(_cells_under(n, header, table))}
    clients = {n for n in cell.columns if _clients(_cells_under(n, header, table))}
    known = {value.casefold() for value in cell.values}
    names = [
        name
        for name in cell.columns
        if name not in clients
        and name not in flags
        and any(
            v.casefold() in known or any(p.search(v) for p in patterns) for v in sample(table, header.find(name)[0])
        )
    ]
    return cell.model_copy(update={"columns": names, "flags": flags})


def _yes_or_no(cells: Sequence[str]) -> bool:
    """Whether cells say yes or no and nothing else."""
    return bool(cells) and {c.casefold() for c in cells} <= _YES_OR_NO
