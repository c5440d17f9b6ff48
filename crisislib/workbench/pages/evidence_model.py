"""Posts behind a number, as lines of a page: names masked, addresses checked, texts cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from crisislib.core.i18n import N_
from crisislib.core.ids import mask_mentions, mask_name
from crisislib.design import Evidence, PostLine
from crisislib.workbench.evidence_table import short
from crisislib.workbench.pages.post_index import Choice
from crisislib.workbench.pages.reading import Reading

HEADS = (N_("time"), N_("where"), N_("who"), N_("what was published"), N_("reposts"))
NONE = N_("No post fits. Take a filter away to see more.")
COUNTED, ONE = N_("{n} {n:post|posts}"), N_("1 post")
LETTERS = 180
"""Letters of a post that a line shows; its address leads to the whole."""


def counted(reading: Reading, n: int) -> str:
    """How many posts, in words.

    Parameters
    ----------
    reading : Reading
        The reading.
    n : int
        Posts.

    Returns
    -------
    str
    """
    return reading.words(ONE) if n == 1 else reading.words(COUNTED, n=f"{n:,}")


def evidence_of(reading: Reading, choice: Choice, *, limit: int, offset: int = 0, letters: int = LETTERS) -> Evidence:
    """One page of the chosen posts.

    Parameters
    ----------
    reading : Reading
        The reading; its address says the order.
    choice : Choice
        Which posts.
    limit, offset : int
        Posts on the page, and before it.
    letters : int
        Letters of each at most.

    Returns
    -------
    Evidence
    """
    ids = reading.snapshot.posts.page(choice, sort=reading.address.sort, offset=offset, limit=limit)
    return lines_of(reading, posts_with_texts(reading, ids), letters=letters)


def lines_of(reading: Reading, rows: pd.DataFrame, *, letters: int = LETTERS) -> Evidence:
    """Posts that were read already, as lines of a page.

    Parameters
    ----------
    reading : Reading
        The reading.
    rows : pandas.DataFrame
        From :func:`posts_with_texts`.
    letters : int
        Letters of each at most.

    Returns
    -------
    Evidence
    """
    heads = [reading.words(head) for head in HEADS]
    return Evidence(heads, [_line(reading, row, letters) for row in rows.to_dict("records")], reading.words(NONE))


def posts_with_texts(reading: Reading, ids: pd.DataFrame, *, named: bool = True) -> pd.DataFrame:
    """Texts of some posts.

    Parameters
    ----------
    reading : Reading
        The reading.
    ids : pandas.DataFrame
        `post_id`, `created_at`.
    named : bool, default True
        Whether the names of their accounts are read.

    Returns
    -------
    pandas.DataFrame
        POSTS with `name_masked` and `said` (names masked), in the same order.
    """
    if ids.empty:
        return pd.DataFrame(columns=["post_id", "text"])
    first, last = ids["created_at"].min(), ids["created_at"].max()
    rows = reading.snapshot.texts(
        list(ids["post_id"]), first.to_pydatetime(), (last + pd.Timedelta(seconds=1)).to_pydatetime(), named=named
    )
    if not named:
        return rows
    brand = reading.snapshot.watch.brand
    own = [*brand.names, *(a.split(":")[-1] for a in brand.accounts)]
    native = rows["account_id"].fillna("").str.split(":").str[-1].str.lstrip("@")
    return rows.assign(
        name_masked=rows["name_masked"].fillna(native.map(mask_name)),
        said=[mask_mentions(t, own) for t in rows["text"].fillna(rows["title"]).fillna("")],
    )


def _line(reading: Reading, row: Mapping[Any, Any], letters: int) -> PostLine:
    weight = row["n_reposts"]
    return PostLine(
        when=reading.time(row["created_at"]),
        where=reading.platform(row["platform"]),
        who=str(row["name_masked"] or ""),
        text=short(row["said"], letters),
        weight="–" if pd.isna(weight) else f"{int(weight):,}",
        href=web_address(row["url"]),
    )


def web_address(address: object) -> str:
    """An address where it is one of the web; anything else (`javascript:`, `data:`) is none.

    Parameters
    ----------
    address : object
        What a source gave; hostile until checked.

    Returns
    -------
    str
        Empty where it is no http(s) address.
    """
    text = address.strip() if isinstance(address, str) else ""
    try:
        parts = urlsplit(text)
    except ValueError:  # not an address at all
        return ""
    return text if parts.scheme.lower() in {"http", "https"} and parts.netloc else ""
