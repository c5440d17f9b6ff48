"""The posts behind a number: escaped, names masked, links only where they are links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.core.ids import mask_mentions, mask_name
from crisislib.core.phrase import render
from crisislib.core.platforms import platform_name
from crisislib.workbench.display import Fragment, link, table
from crisislib.workbench.report_context import ReportContext

COLUMNS = {
    "when": N_("Time"),
    "platform": N_("Platform"),
    "who": N_("Who"),
    "said": N_("Text"),
    "weight": N_("Reposts"),
    "post": N_("Post"),
}
NONE = N_("There are no posts behind this.")
MORE = N_("{shown} of {all} {all:post|posts} shown.")


def ending(post: str) -> str:
    """A post's id by its end, which tells posts of one platform apart.

    Parameters
    ----------
    post : str
        Post id.

    Returns
    -------
    str
        The id, or an ellipsis and its last ten letters.
    """
    return post if len(post) <= 14 else "…" + post[-10:]


def short(text: object, length: int) -> str:
    """A text on one line, cut with an ellipsis; never within a word that is written in letters.

    Parameters
    ----------
    text : object
        A text; anything else counts as empty.
    length : int
        Letters at most, with the ellipsis.

    Returns
    -------
    str
        On one line.
    """
    said = re.sub(r"\s+", " ", text if isinstance(text, str) else "").strip()
    if len(said) <= length:
        return said
    cut = said[: length - 1]
    inside = re.search(r"[A-Za-z0-9'’-]+$", cut) if re.match(r"[A-Za-z0-9'’-]", said[length - 1]) else None
    # A word longer than half of what is shown has to be cut: nothing would be left.
    whole = cut[: inside.start()].rstrip(" ,;:–-") if inside and inside.start() > length // 2 else cut
    return whole + "…"


def evidence(
    context: ReportContext, posts: Sequence[str], *, most: int = 8, length: int = 160, every: int = 0
) -> Fragment:
    """The posts behind a number as a table.

    Parameters
    ----------
    context : ReportContext
        Where they are looked up.
    posts : Sequence[str]
        Post ids, the most telling first.
    most, length : int
        Posts and letters of each at most.
    every : int
        How many posts there are, where only some of their ids are stored; as many as ids when 0.
    """
    rows = context.posts_by_id(list(dict.fromkeys(posts))[:most])
    if rows.empty:
        return Fragment(f'<p class="cw-none">{escape(tr(NONE, context.language))}</p>')
    names = [*context.watch.brand.names, *(a.split(":")[-1] for a in context.watch.brand.accounts)]
    native = rows["account_id"].fillna("").str.split(":").str[-1].str.lstrip("@")
    shown = pd.DataFrame(
        {
            "when": rows["created_at"].dt.tz_convert(context.zone),
            "platform": [str(render(platform_name(p), context.language)) for p in rows["platform"]],
            "who": rows["name_masked"].fillna(native.map(mask_name)),
            "said": [short(mask_mentions(t, names), length) for t in rows["text"].fillna(rows["title"]).fillna("")],
            "weight": rows["n_reposts"].astype("Int64"),
            "post": [
                f'<span class="cw-id">{link(u, ending(i))}</span>'
                for u, i in zip(rows["url"], rows["post_id"], strict=True)
            ],
        }
    )
    heads = {c: tr(h, context.language) for c, h in COLUMNS.items()}
    total = every or len(set(posts))
    more = tr(MORE, context.language, shown=len(rows), all=total) if total > len(rows) else ""
    return Fragment(table(shown, heads, raw=["post"]) + (f'<p class="cw-note">{escape(more)}</p>' if more else ""))
