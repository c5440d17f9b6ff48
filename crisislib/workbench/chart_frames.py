"""Reductions of the tables of a report to the small frames that charts are drawn from."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd

from crisislib.core.i18n import N_, tr
from crisislib.workbench.evidence_table import short
from crisislib.workbench.report_context import ReportContext

OUTSIDE = N_("outside all topics")


def titled(context: ReportContext) -> str:
    """SQL of topic id to its title and words in the reader's language.

    Parameters
    ----------
    context : ReportContext
        Whose language.

    Returns
    -------
    str
        A query in brackets: `topic_id`, `title`, `words`.
    """
    title = "title_zh" if context.language == "zh" else "title_en"
    none = tr(OUTSIDE, context.language).replace("'", "''")
    return f"""(SELECT 'outside' AS topic_id, '{none}' AS title, NULL AS words UNION ALL
                SELECT topic_id, any_value(coalesce({title}, title_en, title_zh, words)) AS title,
                any_value(words) AS words FROM topics GROUP BY topic_id)"""


def stories(context: ReportContext, *, most: int = 15) -> pd.DataFrame:
    """Narratives: `narrative`, `first_id`, `text` (of the earliest held), `first_at`, `last_at`, `n`, `n_platforms`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    most : int
        Narratives at most, the largest first.

    Returns
    -------
    pandas.DataFrame
        One row a narrative of at least two posts.
    """
    label = context.label_rows("narrative")
    found = context.sql(
        f"""SELECT n."value" AS narrative, arg_min(post_id, n.created_at) AS first_id, min(n.created_at) AS first_at,
            max(n.created_at) AS last_at, count(*) AS n, count(DISTINCT platform) AS n_platforms
            FROM {label} n JOIN posts USING (post_id) GROUP BY 1 HAVING count(*) > 1
            ORDER BY n DESC, narrative LIMIT {most}""",
        "POSTS",
    )
    texts = context.posts_by_id(list(found["first_id"])).set_index("post_id")["text"]
    found["text"] = [short(texts.get(i), 160) for i in found["first_id"]]
    return found


def members(context: ReportContext, root: str) -> pd.DataFrame:
    """The tree below a root: `post_id`, `parent_id`, `at`, `account_id`, `platform`, `label` (masked), `ghost`.

    Parameters
    ----------
    context : ReportContext
        The watch that is read.
    root : str
        Post id of the root.

    Returns
    -------
    pandas.DataFrame
        One row a post, by time, the root included; `ghost` where the post itself is not in the data.
    """
    found = context.sql(
        """WITH RECURSIVE best AS (  -- of several runs' edges into a post the surest, so that they form a tree
               SELECT src, dst, "at" FROM edges WHERE dst <> $root AND src <> dst
               QUALIFY row_number() OVER (PARTITION BY dst ORDER BY confidence DESC, made_at DESC, src) = 1),
             below(post_id, parent_id, at_edge) AS (
               SELECT $root, NULL::VARCHAR, NULL::TIMESTAMPTZ
             UNION ALL
               SELECT e.dst, e.src, e."at" FROM best e JOIN below b ON e.src = b.post_id)
           SELECT b.post_id, b.parent_id, coalesce(p.created_at, b.at_edge) AS "at", p.account_id, p.platform,
                  coalesce(a.name_masked, '') AS label, p.post_id IS NULL AS ghost
           FROM below b LEFT JOIN posts p USING (post_id)
           LEFT JOIN (SELECT account_id, any_value(name_masked) AS name_masked FROM accounts GROUP BY 1) a
                  USING (account_id)
           ORDER BY "at", b.post_id""",
        "POSTS",
        "EDGES",
        "ACCOUNTS",
        root=root,
    )
    return found.drop_duplicates("post_id")


def json_frame(cell: object, columns: Sequence[str]) -> pd.DataFrame:
    """A JSON cell as a frame: a list of objects, a list of lists, or an object of lists.

    Parameters
    ----------
    cell : object
        JSON text; anything else counts as empty.
    columns : sequence of str
        Columns of the frame, and the order within inner lists.

    Returns
    -------
    pandas.DataFrame
        Exactly these columns; missing ones are null.
    """
    held = json.loads(cell) if isinstance(cell, str) and cell.strip() else []
    if isinstance(held, list) and held and not isinstance(held[0], dict):
        held = [dict(zip(columns, row, strict=False)) for row in held]
    return pd.DataFrame(held).reindex(columns=list(columns))


def drivers(cell: object) -> pd.DataFrame:
    """Forms of loss in a `drivers` cell of RISKS: `name`, `low`, `high` (mean loss with the form at its ends).

    Parameters
    ----------
    cell : object
        JSON text with `forms`; anything else counts as empty.

    Returns
    -------
    pandas.DataFrame
        One row a form of loss, in currency.
    """
    held = json.loads(cell) if isinstance(cell, str) and cell.strip() else {}
    forms = pd.DataFrame(held.get("forms", [])).reindex(columns=["form", "tornado_lo", "tornado_hi"])
    return forms.rename(columns={"form": "name", "tornado_lo": "low", "tornado_hi": "high"})
