"""What pages read of a watch, at one version of the lake: each table once, for all readers of the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.engine.findings import revived
from crisislib.engine.home import Home
from crisislib.engine.runs import WatchStatus, watch_status
from crisislib.lake import Lake
from crisislib.workbench.pages.post_index import PostIndex

T = TypeVar("T")
_FAMILY = """CASE WHEN key IN ('warn.level', 'warn.trigger', 'warn.burst', 'warn.driver', 'warn.down', 'warn.incident',
                              'warn.about', 'warn.mood', 'warn.classified') THEN 'decision'
    WHEN split_part(key, '.', 1) IN ('spread', 'rumour') THEN 'spread' ELSE split_part(key, '.', 1) END"""
"""What one run stores together; each family is read from the newest run that stored any of it."""
_NEWEST = f"""SELECT *, {_FAMILY} AS family FROM rows
    QUALIFY rank() OVER (PARTITION BY incident_id, {_FAMILY} ORDER BY "at" DESC, made_at DESC, run_id) = 1
    ORDER BY place"""


@dataclass
class Snapshot:
    """One watch at one version of its lake; reads nothing until asked, and each thing once.

    Attributes
    ----------
    home : Home
        Where it lies.
    watch : Watch
        Whose rows.
    versions : mapping of str to int
        Version of each table when the snapshot was made.
    """

    home: Home
    watch: Watch
    versions: Mapping[str, int]
    _posts: Callable[[], PostIndex]
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _made: dict[object, Any] = field(default_factory=dict)

    def once(self, key: object, make: Callable[[], T]) -> T:
        """A value of this version, computed by whoever asks first.

        Parameters
        ----------
        key : object
            What it is.
        make : callable
            Computes it.

        Returns
        -------
        object
            What `make` gave.
        """
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            value: T = self._made[key]
            return value

    @property
    def lake(self) -> Lake:
        """The lake."""
        return self.home.lake

    @property
    def posts(self) -> PostIndex:
        """Posts without their texts."""
        return self._posts()

    def table(self, name: str) -> pd.DataFrame:
        """A small table of the watch, as it stands.

        Parameters
        ----------
        name : str
            INCIDENTS, ACTIONS, RISKS, RESPONSES, ALERTS, BATCHES, CASCADES or GROUPS: tables that are small.

        Returns
        -------
        pandas.DataFrame
            Shared: not to be changed.
        """

        def read() -> pd.DataFrame:
            made: pd.DataFrame = self.lake.sql(name, watch=self.watch.watch).to_arrow_table().to_pandas()
            return made

        return self.once(name, read)

    def history(self, name: str) -> pd.DataFrame:
        """Every observation of a small table, the oldest first.

        Parameters
        ----------
        name : str
            INCIDENTS or another table with `at`.

        Returns
        -------
        pandas.DataFrame
            Shared: not to be changed.
        """

        def read() -> pd.DataFrame:
            rows = self.lake.sql(name, watch=self.watch.watch, present=False).order('"at"')
            made: pd.DataFrame = rows.to_arrow_table().to_pandas()
            return made

        return self.once(("history", name), read)

    def signal(self, *names: str) -> pd.DataFrame:
        """SIGNALS rows of some signals, of the finest step, by time.

        Parameters
        ----------
        *names : str
            Signals.

        Returns
        -------
        pandas.DataFrame
            Shared: not to be changed.
        """

        def read() -> pd.DataFrame:
            quoted = ", ".join(f"'{name}'" for name in names)
            rows = (
                self.lake.sql("SIGNALS", watch=self.watch.watch).filter(f"signal IN ({quoted})").order('signal, "at"')
            )
            made: pd.DataFrame = rows.to_arrow_table().to_pandas()
            return made[made["step_s"] == made.groupby("signal")["step_s"].transform("min")]

        return self.once(("signal", *names), read)

    def status(self, now: datetime) -> WatchStatus:
        """Level, and until when it was decided.

        Parameters
        ----------
        now : datetime
            Moment of the reading.

        Returns
        -------
        WatchStatus
        """
        return self.once(("status", f"{now:%F %H:%M}"), lambda: watch_status(self.lake, self.watch, now=now))

    def findings(self, now: datetime) -> Mapping[str, list[Finding]]:
        """Findings of each incident (empty: of the watch), of the newest run of each family.

        Parameters
        ----------
        now : datetime
            Nothing decided later is read.

        Returns
        -------
        mapping of str to list of Finding
            Incident id to findings, in the order in which the run stored them.
        """

        def read() -> Mapping[str, list[Finding]]:
            rows = self.lake.sql("FINDINGS", watch=self.watch.watch, present=False)
            rows = rows.filter(f"\"at\" <= TIMESTAMPTZ '{now.isoformat()}'")
            newest = rows.query("rows", _NEWEST).to_arrow_table().to_pandas()
            grouped: dict[str, list[Finding]] = {}
            for row in newest.to_dict("records"):
                grouped.setdefault(str(row["incident_id"] or ""), []).append(revived(row))
            return grouped

        return self.once("findings", read)

    def texts(
        self, ids: list[str], since: datetime | None, until: datetime | None, *, named: bool = True
    ) -> pd.DataFrame:
        """Some posts with their texts and masked names, in the order asked for.

        Parameters
        ----------
        ids : list of str
            Post ids.
        since, until : datetime or None
            Bounds between which they were created, so that few files are read.
        named : bool, default True
            Whether names are read, which takes as long as the posts.

        Returns
        -------
        pandas.DataFrame
            POSTS; with `name_masked` where names are read.
        """
        if not ids:
            return self.once("no texts", lambda: _empty_posts(self.lake, self.watch.watch))
        quoted = ", ".join("'" + one.replace("'", "''") + "'" for one in ids)
        rows = self.lake.sql("POSTS", watch=self.watch.watch, since=since, until=until, present=False)
        mine = rows.filter(f"post_id IN ({quoted})").order("collected_at DESC").to_arrow_table().to_pandas()
        mine = (
            mine.drop_duplicates("post_id")
            .set_index("post_id")
            .reindex(ids)
            .dropna(subset=["created_at"])
            .reset_index()
        )
        if not named:
            unnamed: pd.DataFrame = mine
            return unnamed
        who = ", ".join("'" + str(a).replace("'", "''") + "'" for a in mine["account_id"].dropna().unique()) or "''"
        known = self.lake.sql("ACCOUNTS").filter(f"account_id IN ({who})").project("account_id, name_masked")
        names = known.to_arrow_table().to_pandas().drop_duplicates("account_id")
        merged: pd.DataFrame = mine.merge(names, on="account_id", how="left")
        return merged


def _empty_posts(lake: Lake, watch: str) -> pd.DataFrame:
    rows: pd.DataFrame = lake.sql("POSTS", watch=watch).limit(0).to_arrow_table().to_pandas()
    return rows.assign(name_masked="")
