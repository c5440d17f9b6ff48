"""What all watches read alike, cached: accounts, groups, and whether another process has written to the lake."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import empty
from crisislib.lake import Lake

READ = ("POSTS", "LABELS", "BATCHES", "ACCOUNTS", "GROUPS")
ACCOUNT_COLUMNS = ["account_id", "n_followers", "is_verified", "kind"]
ACCOUNTS_MOST = 2_000_000
"""Accounts cached; beyond them the lake is read."""


class SharedTables:
    """Newest state of accounts and groups, as the lake has them.

    Parameters
    ----------
    lake : Lake
        The lake, whose versions are followed.
    watches : collection of str, optional
        Rows of others are no change: another monitor has those watches.
    """

    def __init__(self, lake: Lake, watches: Collection[str] | None = None) -> None:
        self._lake, self._watches = lake, watches
        self._versions = {name: (lake.version(name), lake.commits[name]) for name in READ}
        self._accounts: list[pa.Table] | None = None
        self._groups: dict[str, pa.Table] = {}

    def changed(self) -> set[str]:
        """Tables that somebody else has written to since the last time; what is cached of them is dropped."""
        now = {name: (self._lake.version(name), self._lake.commits[name]) for name in READ}
        result = {
            name for name in READ if self._others(self._versions[name], now[name]) and self._foreign(name, now[name])
        }
        self._versions = now
        if "ACCOUNTS" in result:
            self._accounts = None
        if "GROUPS" in result:
            self._groups = {}
        return result

    @staticmethod
    def _others(before: tuple[int, int], now: tuple[int, int]) -> bool:
        """Whether there are other versions than our own."""
        return now[0] - before[0] != now[1] - before[1]

    def _foreign(self, name: str, now: tuple[int, int]) -> bool:
        """Whether any of them has other rows; the hourly joining of files has not."""
        version, commits = self._versions[name]
        return now[0] < version or self._lake.changes(name, version, self._watches) != now[1] - commits

    def add_accounts(self, accounts: pa.Table) -> None:
        """Take over accounts that were collected just now.

        Parameters
        ----------
        accounts : pyarrow.Table
            ACCOUNTS rows. Past :data:`ACCOUNTS_MOST` accounts all are dropped and read again when asked for.
        """
        if self._accounts is None or not accounts.num_rows:
            return
        self._accounts.append(accounts.select(ACCOUNT_COLUMNS))
        if sum(t.num_rows for t in self._accounts[1:]) > max(20_000, self._accounts[0].num_rows // 2):
            self._accounts = [_newest(self._accounts)]
            if self._accounts[0].num_rows > ACCOUNTS_MOST:
                self._accounts = None

    def accounts(self, ids: pa.ChunkedArray) -> pa.Table:
        """The newest state of some accounts.

        Parameters
        ----------
        ids : pyarrow.ChunkedArray of string
            Account ids, repeated or not.

        Returns
        -------
        pyarrow.Table
            :data:`ACCOUNT_COLUMNS`, one row an account that is stored.
        """
        if self._accounts is None:
            self._accounts = [self._lake.sql("ACCOUNTS").select(*ACCOUNT_COLUMNS).to_arrow_table()]
        wanted = pc.unique(ids)
        return _newest([t.filter(pc.is_in(t["account_id"], wanted)) for t in self._accounts])

    def groups(self, watch: str) -> pa.Table:
        """GROUPS of a watch, every observation.

        Parameters
        ----------
        watch : str
            Name of the watch.

        Returns
        -------
        pyarrow.Table
            GROUPS rows.
        """
        if watch not in self._groups:
            self._groups[watch] = self._lake.arrow("GROUPS", watch=watch, present=False)
        return self._groups[watch]


def _newest(parts: list[pa.Table]) -> pa.Table:
    """Of several rows of an account the one that came last."""
    schema = empty("ACCOUNTS").select(ACCOUNT_COLUMNS).schema
    schema = pa.schema([f.with_nullable(True) for f in schema])
    rows = pa.concat_tables([t.cast(schema) for t in parts])
    numbered = rows.append_column("row", pa.array(np.arange(rows.num_rows)))
    last = numbered.group_by("account_id").aggregate([("row", "max")])["row_max"]
    return rows.take(last)
