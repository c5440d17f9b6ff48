"""The way a story came to one post, step by step, with how each step is known."""

from __future__ import annotations

from html import escape

import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.core.ids import mask_name
from crisislib.engine.trace import path_to
from crisislib.workbench import cascade_frames, chart_frames
from crisislib.workbench.display import Fragment, table
from crisislib.workbench.page_text import METHODS
from crisislib.workbench.report_context import ReportContext

TITLE = N_("Path to {post}")
ALONE = N_("Nobody passed this story on, so there is no path to show.")
GONE = N_("This post is not in the data of this page.")
COLUMNS = {
    "step": N_("Step"),
    "post_id": N_("Post"),
    "who": N_("Who"),
    "at": N_("Time"),
    "method": N_("How it is known"),
    "certainty": N_("Certainty so far"),
}


def path_table(context: ReportContext, post: str, root: str = "") -> Fragment:
    """Every step from the root of a story to a post; nothing where there is no story.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    post : str
        Post id; the one through which most of the story came when empty.
    root : str
        Post id of the story's root; the largest story when empty.

    Returns
    -------
    Fragment
        A sentence where the post is not in the data, or nobody passed the story on.
    """
    post = post or _busiest(context, root)
    if not post:
        return Fragment(f'<p class="cw-none">{escape(tr(ALONE, context.language))}</p>')
    posts = context.arrow("POSTS")
    if post not in set(posts["post_id"].to_pylist()):
        return Fragment(f'<p class="cw-none">{escape(tr(GONE, context.language))}</p>')
    rows = path_to(posts, context.arrow("EDGES"), post)
    names = context.sql("SELECT account_id, any_value(name_masked) AS name FROM accounts GROUP BY 1", "ACCOUNTS")
    masked = rows["account_id"].map(names.set_index("account_id")["name"])
    native = rows["account_id"].fillna("").str.split(":").str[-1].str.lstrip("@").map(mask_name)
    known = [tr(METHODS[m], context.language) if m in METHODS else m for m in rows["method"]]
    at = pd.to_datetime(rows["at"], utc=True).dt.tz_convert(context.zone)
    shown = rows.assign(who=masked.fillna(native), at=at, method=known)
    heads = {c: tr(h, context.language) for c, h in COLUMNS.items()}
    return Fragment(f"<h3>{escape(tr(TITLE, context.language, post=post))}</h3>{table(shown, heads)}")


def _busiest(context: ReportContext, root: str) -> str:
    """The post, other than the root, through which most of a story came; empty where there is none."""
    rows = cascade_frames.cascades(context)
    chosen = root or (str(rows["root_id"].iloc[0]) if len(rows) else "")
    people = cascade_frames.key_spreaders(chart_frames.members(context, chosen))
    others = people[people["post_id"] != chosen]
    return str(others["post_id"].iloc[0]) if len(others) else ""
