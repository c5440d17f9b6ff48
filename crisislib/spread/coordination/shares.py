"""Who shared which object when: links, texts, hashtags, images, and reposted posts."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from crisislib.spread.forest import Ints
from crisislib.spread.posts import Frame, held

OBJECTS: dict[str, str] = {
    "repost": "SELECT post_id, parent_id AS object FROM p WHERE kind IN ('repost', 'quote') AND parent_id IS NOT NULL",
    "link": """SELECT post_id, regexp_replace(lower(trim(u)), '^https?://(www\\.)?|[/?#]+$', '', 'g') AS object
        FROM (SELECT post_id, unnest(coalesce(from_json(nullif(json_extract(extra, '$.urls'), 'null'),
        '["VARCHAR"]'), [])) AS u FROM p WHERE json_valid(extra) AND json_type(extra, '$.urls') = 'ARRAY')""",
    "hashtag": """SELECT post_id, lower(trim(h, '#＃ ')) AS object FROM (SELECT post_id,
        unnest(from_json(json_extract(extra, '$.hashtags'), '["VARCHAR"]')) AS h FROM p
        WHERE json_valid(extra) AND json_type(extra, '$.hashtags') = 'ARRAY')""",
    "image": """SELECT post_id, m AS object FROM (SELECT post_id,
        unnest(from_json(json_extract(extra, '$.media'), '["VARCHAR"]')) AS m FROM p
        WHERE json_valid(extra) AND json_type(extra, '$.media') = 'ARRAY')""",
    "text": """SELECT post_id, x AS object FROM (SELECT post_id,
        regexp_replace(lower(text), 'https?://\\S+|[@#＠＃]\\S+|\\s+', '', 'g') AS x FROM p WHERE kind <> 'repost')
        WHERE length(x) >= 12""",
}
"""What counts as the same object, as a query over POSTS `p`: kind of object -> post_id, object."""


@dataclass(frozen=True)
class Shares:
    """Who shared what when; one row per account and object: its first share.

    Attributes
    ----------
    account, thing : numpy.ndarray of shape (n,)
        Dense numbers, in order of object and time.
    at : numpy.ndarray of shape (n,)
        Seconds since 1970.
    row : numpy.ndarray of shape (n,)
        Row of the input that the share came from.
    accounts, things : numpy.ndarray
        The names behind the numbers.
    """

    account: Ints
    thing: Ints
    at: npt.NDArray[np.float64]
    row: Ints
    accounts: npt.NDArray[np.object_]
    things: npt.NDArray[np.object_]

    @property
    def n(self) -> int:
        """Shares."""
        return len(self.account)


def shares(things: pd.Series, accounts: pd.Series, at: npt.NDArray[np.float64]) -> Shares:
    """Bring columns to :class:`Shares`.

    Parameters
    ----------
    things, accounts : pandas.Series of shape (n,)
    at : numpy.ndarray of shape (n,)
        Seconds since 1970.
    """
    thing, thing_names = pd.factorize(things)
    account, account_names = pd.factorize(accounts)
    row = np.lexsort((at, account, thing))
    first = np.r_[True, (np.diff(thing[row]) != 0) | (np.diff(account[row]) != 0)] if len(row) else np.zeros(0, bool)
    row = row[first]
    row = row[np.lexsort((at[row], thing[row]))]
    return Shares(
        account[row].astype(np.int64), thing[row].astype(np.int64), np.asarray(at, np.float64)[row], row,
        np.asarray(account_names, dtype=object), np.asarray(thing_names, dtype=object),
    )  # fmt: skip


def objects(posts: Frame, kinds: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Objects that posts share.

    Parameters
    ----------
    posts : POSTS
    kinds : tuple of str, optional
        Some of :data:`OBJECTS`; all of them when left out.

    Returns
    -------
    pandas.DataFrame
        `post_id`, `account_id`, `at` (seconds), `kind`, `object`.
    """
    table: pa.Table = held(posts)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.register("p", table)
        parts = " UNION ALL ".join(
            f"SELECT '{kind}' AS sort, * FROM ({OBJECTS[kind]})" for kind in kinds or tuple(OBJECTS)
        )
        found: pd.DataFrame = con.sql(
            f"""SELECT o.post_id, p.account_id, epoch(p.created_at) AS "at", o.sort AS kind, o.object
            FROM ({parts}) o JOIN p USING (post_id)
            WHERE p.account_id IS NOT NULL AND p.created_at IS NOT NULL AND o.object <> ''
            ORDER BY p.created_at, o.post_id, kind, o.object"""
        ).df()
    return found
