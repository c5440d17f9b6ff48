"""The posts of a watch in memory, without their texts: every filter of a page is counted here, in milliseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pandas as pd

from crisislib.engine.label_changes import CLAIM_ID
from crisislib.lake import Lake

LABELS = ("sentiment", "narrative", "stance")
"""Labels that pages filter and count by."""
_MAKE = f"""
CREATE TABLE posts AS
SELECT p.post_id, p.created_at, p.platform, p.kind, p.account_id, coalesce(p.source, '?') AS source,
       coalesce(p.n_reposts, 0)::INTEGER AS n_reposts, l.sentiment, l.narrative, l.stance
FROM read_posts p LEFT JOIN (
    SELECT post_id, any_value("value") FILTER (label = 'sentiment') AS sentiment,
           any_value("value") FILTER (label = 'narrative') AS narrative,
           any_value("value") FILTER (label = 'stance') AS stance
    FROM read_labels GROUP BY post_id) l USING (post_id)
ORDER BY p.created_at, p.post_id;
CREATE TABLE claim_posts AS
SELECT post_id, substr(label, 1 + length('{CLAIM_ID}')) || '/' || "value" AS claim
FROM read_labels WHERE starts_with(label, '{CLAIM_ID}') AND "value" IS NOT NULL
"""


@dataclass(frozen=True)
class Choice:
    """Which posts are meant; empty means all.

    Attributes
    ----------
    since, until : datetime or None
        Half-open window over when posts were created.
    platform, sentiment, story, account : str
        Values that must hold.
    ids, accounts, claims : tuple of str, optional
        Only these posts; only of these accounts; only those that tell one of these claims (incident/claim).
    """

    since: datetime | None = None
    until: datetime | None = None
    platform: str = ""
    sentiment: str = ""
    story: str = ""
    account: str = ""
    ids: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    claims: tuple[str, ...] | None = None

    def condition(self) -> tuple[str, dict[str, object]]:
        """SQL over `posts`, and what fills its places."""
        columns = {
            "created_at >= $since": self.since,
            "created_at < $until": self.until,
            "platform = $platform": self.platform,
            "sentiment = $sentiment": self.sentiment,
            "narrative = $story": self.story,
            "account_id = $account": self.account,
            "post_id IN (SELECT unnest($ids))": None if self.ids is None else list(self.ids),
            "account_id IN (SELECT unnest($accounts))": None if self.accounts is None else list(self.accounts),
            "post_id IN (SELECT post_id FROM claim_posts WHERE claim IN (SELECT unnest($claims)))": (
                None if self.claims is None else list(self.claims)
            ),
        }
        chosen = {text: value for text, value in columns.items() if value or value == []}
        names = {re.findall(r"\$(\w+)", text)[0]: value for text, value in chosen.items()}
        return " AND ".join(chosen) or "true", dict(names)


class PostIndex:
    """The posts of one watch as they stand.

    Parameters
    ----------
    lake : Lake
        Where they lie.
    watch : str
        Whose.
    """

    def __init__(self, lake: Lake, watch: str) -> None:
        posts = lake.sql("POSTS", watch=watch)
        columns = "post_id, created_at, platform, kind, account_id, source, n_reposts"
        names = ", ".join(f"'{name}'" for name in LABELS)
        mine = f"label IN ({names}) OR starts_with(label, '{CLAIM_ID}')"
        labels = lake.sql("LABELS", watch=watch).filter(mine).project('post_id, label, "value"')
        self._db = duckdb.connect()
        self._db.execute("SET TimeZone='UTC'")
        self._db.register("read_posts", posts.project(columns).to_arrow_table())
        self._db.register("read_labels", labels.to_arrow_table())
        self._db.execute(_MAKE)
        for name in ("read_posts", "read_labels"):
            self._db.unregister(name)

    def frame(self, query: str, choice: Choice, **values: object) -> pd.DataFrame:
        """Some SQL over the chosen posts.

        Parameters
        ----------
        query : str
            SQL with `{chosen}` where the condition belongs, over the table `posts`.
        choice : Choice
            Which posts.
        **values : object
            Further places of the query.

        Returns
        -------
        pandas.DataFrame
            Times are UTC.
        """
        condition, names = choice.condition()
        cursor = self._db.cursor()  # one a request: requests are answered in several threads
        cursor.execute("SET TimeZone='UTC'")
        made: pd.DataFrame = cursor.execute(query.format(chosen=condition), {**names, **values}).df()
        return made

    def count(self, choice: Choice) -> int:
        """How many posts are chosen.

        Parameters
        ----------
        choice : Choice
            Which posts.

        Returns
        -------
        int
        """
        return int(self.frame("SELECT count(*) AS n FROM posts WHERE {chosen}", choice)["n"].iloc[0])

    def summary(self, choice: Choice) -> dict[str, object]:
        """Posts, classified and negative ones, first and last of what is chosen.

        Parameters
        ----------
        choice : Choice
            Which posts.

        Returns
        -------
        dict
            `n`, `labelled`, `negative`, `first`, `last`.
        """
        query = """SELECT count(*) AS n, count(sentiment) AS labelled, min(created_at) AS "first",
                   max(created_at) AS "last", count(*) FILTER (sentiment = 'negative') AS negative
                   FROM posts WHERE {chosen}"""
        return {str(k): v for k, v in self.frame(query, choice).iloc[0].items()}

    def per_window(self, choice: Choice, *, step_s: int) -> pd.DataFrame:
        """Posts per window.

        Parameters
        ----------
        choice : Choice
            Which posts.
        step_s : int
            Seconds of a window.

        Returns
        -------
        pandas.DataFrame
            `at`, `value`; windows without posts are left out.
        """
        query = f"""SELECT time_bucket(to_seconds({step_s}), created_at) AS "at", count(*) AS "value"
                    FROM posts WHERE {{chosen}} GROUP BY 1 ORDER BY 1"""
        return self.frame(query, choice)

    def platforms(self, choice: Choice) -> pd.DataFrame:
        """Where it is spoken of: `platform`, `n`, `first`; the most posts first.

        Parameters
        ----------
        choice : Choice
            Which posts.

        Returns
        -------
        pandas.DataFrame
            One row a platform.
        """
        query = """SELECT platform, count(*) AS n, min(created_at) AS "first"
                   FROM posts WHERE {chosen} GROUP BY 1 ORDER BY 2 DESC, 1"""
        return self.frame(query, choice)

    def stories(self, choice: Choice, *, most: int) -> pd.DataFrame:
        """What is said: narratives by posts, with where, since when and how people take them.

        Parameters
        ----------
        choice : Choice
            Which posts.
        most : int
            Narratives at most.

        Returns
        -------
        pandas.DataFrame
            `narrative`, `first_id`, `first`, `n`, `negative` (share of the classified), `deny` (share), `platforms`.
        """
        query = """SELECT narrative, arg_min(post_id, created_at) AS first_id, min(created_at) AS "first",
                   count(*) AS n, count(*) FILTER (sentiment = 'negative') / greatest(1, count(sentiment)) AS negative,
                   count(*) FILTER (stance = 'deny') / count(*) AS deny,
                   list(DISTINCT platform) AS platforms
                   FROM posts WHERE {chosen} AND narrative IS NOT NULL
                   GROUP BY 1 HAVING count(*) > 1 ORDER BY n DESC, narrative LIMIT $most"""
        return self.frame(query, choice, most=most)

    def page(self, choice: Choice, *, sort: str, offset: int, limit: int) -> pd.DataFrame:
        """One page of the chosen posts: `post_id`, `created_at`, `sentiment`.

        Parameters
        ----------
        choice : Choice
            Which posts.
        sort : {"", "time"}
            Most passed on first, or newest first.
        offset, limit : int
            Posts before the page, and on it.

        Returns
        -------
        pandas.DataFrame
            In order.
        """
        order = "created_at DESC, post_id" if sort == "time" else "n_reposts DESC, created_at, post_id"
        columns = "post_id, created_at, sentiment"
        query = f"SELECT {columns} FROM posts WHERE {{chosen}} ORDER BY {order} LIMIT $limit OFFSET $offset"
        return self.frame(query, choice, limit=limit, offset=offset)
