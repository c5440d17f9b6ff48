"""Ask what is due, side by side; one commit a table for all watches together."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow as pa

from crisislib.collect import Batch, write_rejects
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import tr
from crisislib.core.silence import pause_end
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.engine.deletions import with_last_text
from crisislib.engine.home import Home
from crisislib.engine.live_collection import covering, failed_batch
from crisislib.engine.pseudonyms import pseudonymised
from crisislib.engine.source_use import RESTING, Use, uses
from crisislib.services.monitor.fetching import Answer, FetchPool

logger = logging.getLogger(__name__)

UNREPORTED_MOST = 1000
"""Failures queued in memory while the lake cannot be written."""


@dataclass(frozen=True)
class FetchResult:
    """What came in at one tick.

    Attributes
    ----------
    posts : pyarrow.Table
        POSTS of all watches.
    accounts, records : pyarrow.Table
        ACCOUNTS and BATCHES that came with them.
    asked, failed : int
        Sources that answered, and those that did not.
    """

    posts: pa.Table
    accounts: pa.Table
    records: pa.Table
    asked: int
    failed: int


class SourceCollector:
    """Asks the sources of some watches when they are due; never waits long for any of them.

    Parameters
    ----------
    home : Home
        The workbench.
    watches : list of Watch
        Whose sources to ask.
    patience_s : float, default 3.0
        Seconds that a tick waits for answers at most.
    """

    def __init__(self, home: Home, watches: list[Watch], *, patience_s: float = 3.0) -> None:
        self._home, self._patience = home, patience_s
        self._uses: dict[str, Use] = {u.state_file: u for w in watches for u in uses(home, w)}
        self._tried: dict[str, datetime] = {}
        self._open: dict[str, datetime] = {}
        self._unstored: list[tuple[Use, Answer, datetime]] = []
        self._unreported: list[pa.Table] = []
        self._pool = FetchPool(len(self._uses))
        self.failing: dict[str, str] = {}
        """`watch/source` -> why it did not answer when it was last asked."""
        self.fault_kinds: dict[str, str] = {}
        """`watch/source` -> `throttled`, `empty` or `failed`, for those that fail."""
        self.silent: dict[str, datetime] = {}
        """`watch/source` -> since when it has had nothing new for unusually long although it answers."""

    def collect(self, now: datetime) -> FetchResult:
        """Ask the sources that are due, take the answers that have come, and store them in one commit a table.

        Parameters
        ----------
        now : datetime
            Wall clock of the tick.

        Returns
        -------
        FetchResult
            New posts and records of all watches, and the sources that failed.
        """
        refused = {use.state_file for use, _, _ in self._unstored}  # by the lake: not asked until it takes them
        failed = self._take(len(self._open), 0.0)
        # What a source answered a moment ago is not in the lake yet, but what to ask it next follows from that.
        states = {use.state_file: after for use, (_, after), _ in self._unstored}
        asked = 0
        for key, use in self._uses.items():
            if key not in self._open and key not in refused and self._due(key, use, now):
                self._tried[key] = self._open[key] = now
                self._pool.ask(key, use.use, use.watch, states.get(key, use.source), now)
                asked += 1
        failed += self._take(asked, self._patience)
        self._note_pauses(now)
        return self._store(now, failed)

    def _note_pauses(self, now: datetime) -> None:
        """Sources that an earlier process was asked to leave alone fail like those that ask this one."""
        for use in self._uses.values():
            source, until = f"{use.watch.watch}/{use.name}", pause_end(use.wait_until, now)
            if until is not None and source not in self.failing:
                facts = {"until": f"{until.astimezone(use.watch.zone):%Y-%m-%d %H:%M}"}
                self.failing[source] = tr(RESTING, use.watch.language, **facts)
                self.fault_kinds[source] = "throttled"

    def _due(self, key: str, use: Use, now: datetime) -> bool:
        """A source that failed is asked again at its usual pace, not at every tick."""
        tried, pace = self._tried.get(key), timedelta(minutes=use.use.every_minutes)
        return use.due(now) and (tried is None or not timedelta(0) <= now - tried < pace)

    def _take(self, n: int, patience_s: float) -> int:
        """Take answers, waiting for `n` of them; who is late is not waited for again. Returns how many failed."""
        failed = 0
        for key, answer in self._pool.take(n, patience_s):
            at, use = self._open.pop(key), self._uses[key]
            source = f"{use.watch.watch}/{use.name}"
            if isinstance(answer, SourceError):
                failed += 1
                # The log of the asking process has why, with its traceback where it was unforeseen.
                logger.warning("source %s fails: %s", source, answer.what, extra={"kind": type(answer).__name__})
                self.failing[source] = answer.wrong.render(use.watch.language)
                throttled = isinstance(answer, ThrottledError)
                self.fault_kinds[source] = "throttled" if throttled else "failed"
                row = failed_batch(use, answer.text(use.watch.language), at, throttled=throttled)
                self._unreported = [*self._unreported, row][-UNREPORTED_MOST:]
                self._uses[key] = use.paused(answer, at)
            else:
                batch = pseudonymised(self._home, use.watch, answer[0])
                self._unstored.append((use, (batch, answer[1]), at))
                self._note(source, batch)
        return failed

    def _note(self, source: str, batch: Batch) -> None:
        """Whether an answer says that all is well; one may bring posts and say that its crawler has stopped."""
        if not batch.record["ok"][0].as_py():
            why = batch.warnings[-1] if batch.warnings else ""
            logger.warning("source %s is not well: %s", source, why)
            self.failing[source] = why
            self.fault_kinds[source] = batch.record["state"][0].as_py() or "failed"
        elif self.failing.pop(source, None) is not None:
            logger.info("source %s answers again", source)

    def _store(self, now: datetime, failed: int) -> FetchResult:
        """Posts, accounts, rejected rows, then the records, which say that all is there; states last."""
        lake, came = self._home.lake, self._unstored
        batches = [batch for _, (batch, _), _ in came]
        stored = [with_last_text(lake, use.watch, batch.posts) for use, (batch, _), _ in came]
        posts = pa.concat_tables([empty("POSTS"), *(rows for rows, _ in stored)])
        if posts.num_rows:
            lake.append("POSTS", posts.sort_by([("watch", "ascending"), ("created_at", "ascending")]))
            lake.append("LABELS", pa.concat_tables([empty("LABELS"), *(gone for _, gone in stored)]))
        accounts = _once(pa.concat_tables([empty("ACCOUNTS"), *(b.accounts for b in batches)]))
        lake.append("ACCOUNTS", accounts)
        for batch in batches:
            write_rejects(batch, self._home.lake_root / "rejects")
        answered = [use.answered(covering(use, batch.record, at), at) for use, (batch, _), at in came]
        records = pa.concat_tables([empty("BATCHES"), *(record for record, _ in answered), *self._unreported])
        lake.append("BATCHES", records)
        self._unreported = []
        for (use, (_, after), at), (_, silence) in zip(came, answered, strict=True):
            use.save_state(after, at, silence)
            self._uses[use.state_file] = replace(use, asked_at=at, source=after, silence=silence)
        self.silent = _silent(self._uses.values(), now)
        self._unstored = []
        return FetchResult(posts, accounts, records, len(came), failed)

    def close(self) -> None:
        """Wait for nobody."""
        self._pool.close()


def _silent(uses: Iterable[Use], now: datetime) -> dict[str, datetime]:
    """Sources that are silent as at now, and since when."""
    since = {f"{u.watch.watch}/{u.name}": u.silent_since(now) for u in uses}
    return {name: at for name, at in since.items() if at is not None}


def _once(accounts: pa.Table) -> pa.Table:
    """One row an account: watches share them."""
    rows = accounts.append_column("row", pa.array(range(accounts.num_rows), pa.int64()))
    return accounts.take(rows.group_by("account_id").aggregate([("row", "max")])["row_max"])
