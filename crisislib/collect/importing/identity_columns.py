"""SQL of the identities of a row: its platform, its own id, its author, what it answers and where it hangs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crisislib.collect.importing import cells
from crisislib.collect.importing.column_profile import Shape
from crisislib.collect.importing.derived_columns import OPEN_PLATFORMS, Derived
from crisislib.collect.importing.layout import Cell, Layout, Parent

RELATIONS = ("repost", "quote", "reply", "comment")
"""Kinds that say how a row stands to another; a stated one goes before what a parent column means."""
_PASSED_ON = "starts_with(s_text, 'RT @') OR starts_with(s_text, '转发微博') OR contains(s_text, '//@')"
"""What X and Weibo write into the text of a post that passes on another."""
VAGUE = (
    "web",
    "social",
    "socialmedia",
    "socialnetwork",
    "general",
    "other",
    "news",
    "online",
    "forum",
    "video",
    "blog",
)
"""Platforms so wide that the post's address says more."""


def platform_sql(layout: Layout, values: Mapping[str, Shape | None], derived: Derived) -> str:
    """The platform: what the export states, unless it is wide and the address says more; else the layout's own.

    Parameters
    ----------
    layout : Layout
        The layout of the export.
    values : mapping of str to Shape or None
        Role -> how its column is nested; a role without a column is not there.
    derived : Derived
        Columns that were computed for each distinct cell.

    Returns
    -------
    str
        An SQL expression.
    """
    default = cells.quoted(layout.platform.default or "web")
    if "ad_platform" not in derived or not (layout.last or layout.platform.default in (*OPEN_PLATFORMS, None)):
        return f"coalesce({'s_platform' if 'platform' in values else 'NULL'}, {default})"
    vague = ", ".join(cells.quoted(v) for v in VAGUE)
    sole = (
        f"CASE WHEN s_url IS NULL THEN {cells.quoted(derived.sole)} END, " if derived.sole and "url" in values else ""
    )
    stated = f"CASE WHEN e_platform NOT IN ({vague}) THEN e_platform END"
    return f"coalesce({stated}, ad_platform, e_platform, {sole}{default})"


def native_sql(layout: Layout, values: Mapping[str, Shape | None], derived: Derived) -> str:
    """The platform's own id of a post: as stated, or the one in its address.

    Parameters and result as for :func:`platform_sql`.
    """
    own = _id(layout.columns.get("id"), "id", values, derived)
    if "cut" in derived:
        own = "CAST(NULL AS VARCHAR)"
    if "ad_id" not in derived:
        return own
    if layout.last and layout.kind.default == "comment":  # the address beside a comment is that of its post
        return f"coalesce({own}, CASE WHEN ad_kind = 'comment' THEN ad_id END)"
    if layout.last and "id" in layout.columns:  # a vendor numbers its own rows; the address has the post's id
        by_address = f"coalesce(ad_id, {own})"
        return f"CASE WHEN ad_kind IS DISTINCT FROM 'comment' THEN {by_address} ELSE coalesce({own}, ad_id) END"
    prefix = layout.columns["id"].prefix if "id" in layout.columns else ""
    return f"coalesce({own}, {cells.quoted(prefix)} || ad_id)" if prefix else f"coalesce({own}, ad_id)"


def account_sql(layout: Layout, values: Mapping[str, Shape | None], derived: Derived) -> str:
    """The stated id of the account, else the one in the address; its handle where nothing else names it.

    Parameters and result as for :func:`platform_sql`.
    """
    own = _id(layout.columns.get("account"), "account", values, derived)
    return f"coalesce({own}, ad_account)" if "ad_account" in derived else own


def root_sql(layout: Layout, values: Mapping[str, Shape | None], derived: Derived) -> str:
    """The post at the top of the thread: as stated, or by the address.

    Parameters and result as for :func:`platform_sql`.
    """
    own = _id(layout.root, "root", values, derived)
    if "ad_root" not in derived:
        return own
    return f"coalesce({own}, {_place_of_comment(layout)})"


def _place_of_comment(layout: Layout) -> str:
    """The post under which a comment stands, by the address beside it."""
    if layout.last and layout.kind.default == "comment":
        return "CASE WHEN ad_kind = 'comment' THEN ad_root ELSE ad_id END"
    return "ad_root"


def _id(cell: Cell | None, role: str, values: Mapping[str, Shape | None], derived: Derived) -> str:
    if cell is None or role not in values:
        return "CAST(NULL AS VARCHAR)"
    prefix = f"{cells.quoted(cell.prefix)} || " if cell.prefix else ""
    if f"b_{role}" not in derived:
        return prefix + cells.ident(f"s_{role}", values[role])
    known = cells.ident(f"b_{role}")
    if role == "account":
        return prefix + known
    # What is still an address is of no platform: the same page by whichever tool, and as rows without an id have it.
    return f"CASE WHEN b_{role} ILIKE 'http%://%' THEN {cells.place_id(f'b_{role}')} ELSE {prefix}{known} END"


def parent_sql(
    layout: Layout, parents: Sequence[Parent], values: Mapping[str, Shape | None], derived: Derived
) -> tuple[str, str]:
    """Parent id of a row and what the row is.

    A row that names itself as its parent has none by that column. What the row is: a relation that the export states,
    else by the first parent column that is filled, else as stated, else by the layout.

    Parameters
    ----------
    layout : Layout
        The layout of the export.
    parents : sequence of Parent
        Columns that name what a row answers, the first that is filled counts.
    values : mapping of str to Shape or None
        Role -> how its column is nested; a role without a column is not there.
    derived : Derived
        Columns that were computed for each distinct cell.

    Returns
    -------
    tuple of str and str
        Two SQL expressions.
    """
    kind = "s_kind" if "kind" in values else "'post'"
    if layout.last and "text" in values and layout.kind.default == "post":
        kind = f"CASE WHEN {_PASSED_ON} THEN 'repost' ELSE {kind} END"
    if layout.last and "ad_kind" in derived:
        kind = f"coalesce(e_kind, {'' if layout.kind.default == 'comment' else 'ad_kind, '}{kind})"
    relations = ", ".join(cells.quoted(r) for r in RELATIONS)
    ids = [f"nullif({_id(parent, f'parent{n}', values, derived)}, native)" for n, parent in enumerate(parents)]
    under = f"nullif({_place_of_comment(layout)}, native)" if "ad_root" in derived else None
    if not ids:
        return under or "CAST(NULL AS VARCHAR)", kind
    cases = " ".join(
        f"WHEN {ids[n]} IS NOT NULL THEN {cells.quoted(parent.kind)}"
        for n, parent in enumerate(parents)
        if parent.kind is not None
    )
    named = f"coalesce({', '.join([*ids, *([under] if under else [])])})"
    if not cases:
        return named, kind
    return named, f"CASE WHEN e_kind IN ({relations}) THEN e_kind {cases} ELSE {kind} END"
