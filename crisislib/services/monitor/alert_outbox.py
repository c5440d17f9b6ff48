"""The outbox: every alert to every channel that wants it, once, with retries, never in the way of decisions."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pandas as pd
import pyarrow as pa

from crisislib import notify
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_
from crisislib.core.isolation import run_isolated
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Channel
from crisislib.engine.home import Home
from crisislib.lake.shared_files import SharedFiles

logger = logging.getLogger(__name__)

CURRENT = timedelta(hours=24)
"""An alert older than this is suppressed; it stays listed as not delivered."""
KEPT = timedelta(days=7)
"""Deliveries that are read at the start: more than an alert is current for and every retry of it takes."""
SENT = "monitor/sent"
"""Folder of the shared files: an attempt each that the table does not have yet."""
SENDERS = 16
"""Channels that are sent to at once: a dead one holds a thread until its timeout, not the others."""
RAISED = N_("Crisis index {index} of 100 at {at}; the brief follows or is in the workbench.")


class Outbox:
    """Sends notices in threads; every attempt is on disk before the next, so that nobody is notified twice.

    Parameters
    ----------
    home : Home
        The workbench.
    watches : list of Watch
        Whose channels to serve.
    now : datetime
        Wall clock: deliveries of the :data:`KEPT` before it are read.
    """

    def __init__(self, home: Home, watches: list[Watch], *, now: datetime) -> None:
        self._home = home
        self._watches = {w.watch: w for w in watches}
        self._journal = home.lake.shared
        self._lock = threading.Lock()
        self._items: dict[str, dict[str, notify.Notice]] = {name: {} for name in self._watches}
        self._busy: dict[tuple[str, str], Future[None]] = {}
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="send")
        self.fault = ""
        """Why the last attempt could not be written down; empty where it was."""
        self._unstored, self._written = _replay(self._journal, self._watches)
        self._history = {
            name: home.lake.read("DELIVERIES", watch=name, since=now - KEPT, present=False) for name in self._watches
        }
        for row in self._unstored:
            self._record_delivery(row)

    def add(self, watch: str, notices: list[notify.Notice]) -> None:
        """Put notices in; one that is known already is not sent again.

        Parameters
        ----------
        watch : str
            Name of the watch.
        notices : list of Notice
            Each with an `item_id` of its own.
        """
        self._items[watch].update({n.item_id: n for n in notices})

    def pump(self, now: datetime) -> None:
        """Begin to send what is due, each channel of each watch in a thread of its own; returns at once.

        Parameters
        ----------
        now : datetime
            Wall clock; notices older than :data:`CURRENT` are dropped.
        """
        for name, watch in self._watches.items():
            items = {k: n for k, n in self._items[name].items() if now - n.at < CURRENT}
            self._items[name] = items
            for channel in watch.notify if items else ():
                running = self._busy.get((name, channel.name))
                if running is not None and not running.done():
                    continue
                with self._lock:
                    history = self._history[name]
                if notify.due(list(items.values()), [channel], history, watch=watch, now=now):
                    self._busy[name, channel.name] = self._pool.submit(
                        self._send, watch, channel, list(items.values()), history, now
                    )

    def _send(
        self, watch: Watch, channel: Channel, items: list[notify.Notice], history: pd.DataFrame, now: datetime
    ) -> None:
        def work() -> None:
            notify.deliver(items, [channel], watch=watch, now=now, history=history, record=self._record)

        # In a thread of its own, where an unforeseen error would go unnoticed.
        run_isolated(f"channel {channel.name}", work, on_error=lambda _: None, logger=logger, watch=watch.watch)

    def _record(self, row: pa.Table) -> None:
        """A file at once, which is far shorter than a commit; the table follows at the tick."""
        name = f"{SENT}/{uuid4().hex}.jsonl"
        with self._lock:
            self._unstored.append(row)
            self._record_delivery(row)
            try:
                line = json.dumps(row.to_pylist()[0], default=str, ensure_ascii=False)
                self._journal.write(name, f"{line}\n".encode(), durable=True)
                self._written.append(name)
                self.fault = ""
            except OSError as fault:
                # Known in memory, so not sent twice while this process lives; health says it until it is stored.
                self.fault = str(fault)

    def _record_delivery(self, row: pa.Table) -> None:
        name = row["watch"][0].as_py()
        if name in self._history:
            stored, new = self._history[name], row.to_pandas()
            self._history[name] = new if stored.empty else pd.concat([stored, new], ignore_index=True)

    def store(self) -> None:
        """Attempts since the last time into the lake; the journal is emptied when they are there.

        Raises
        ------
        LakeError
            They stay in the journal and are put in later.
        """
        with self._lock:
            if self._unstored:
                self._home.lake.append("DELIVERIES", pa.concat_tables([empty("DELIVERIES"), *self._unstored]))
                while self._written:
                    self._journal.remove(self._written[-1])
                    self._written.pop()
                self._unstored = []

    def waiting(self, now: datetime) -> int:
        """How many sendings have not succeeded yet and are still being tried.

        Parameters
        ----------
        now : datetime
            Wall clock.

        Returns
        -------
        int
            Pairs of notice and channel.
        """
        n = 0
        for name, watch in self._watches.items():
            running = sum(not f.done() for (w, _), f in self._busy.items() if w == name)
            items = list(self._items[name].values())
            if not items and not running:
                continue
            with self._lock:
                history = self._history[name]
            owed = notify.due(items, watch.notify, history, watch=watch, now=now + CURRENT)
            n += max(running, len(owed))
        return n

    def given_up(self) -> list[str]:
        """`watch/channel: item (reason)` of what a channel has never taken."""
        lines = []
        for name, history in self._history.items():
            if history.empty:
                continue
            lost = notify.undelivered(history)
            lost = lost[lost["given_up"].astype(bool)] if len(lost) else lost
            lines += [f"{name}/{r['channel']}: {r['item_id']} ({r['detail']})" for r in lost.to_dict("records")]
        return lines

    def close(self) -> None:
        """Let what is being sent finish for a moment; the rest is sent at the next start."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _replay(journal: SharedFiles, watches: Collection[str]) -> tuple[list[pa.Table], list[str]]:
    """Attempts that a kill kept from the table, and their files; those of other watches are another monitor's."""
    rows, names = [], []
    for name in journal.names(SENT):
        try:
            row = json.loads(journal.read(name) or b"{}")
        except json.JSONDecodeError:
            continue
        if row.get("watch") in watches:
            row["sent_at"] = pd.Timestamp(row["sent_at"])
            rows.append(conform(pd.DataFrame([row]), "DELIVERIES"))
            names.append(name)
    return rows, names


def notice(alert: dict[str, object], watch: Watch, title: str, findings: list[Finding]) -> notify.Notice:
    """The message of one alert.

    Parameters
    ----------
    alert : dict[str, object]
        An ALERTS row.
    watch : Watch
        Whose; its time zone is that of the message.
    title : str
        Title of the incident, in the watch's language.
    findings : list of Finding
        Sentences to send with it; one with the index where there are none yet.

    Returns
    -------
    Notice
        Its `item_id` is the alert's.
    """
    at = pd.Timestamp(alert["made_at"])  # type: ignore[arg-type]
    # A hard trigger speaks also where there is no index to give.
    index = alert["statistic"]
    shown = "–" if pd.isna(index) else str(round(float(index)))  # type: ignore[call-overload,arg-type]
    facts = {"at": f"{at.tz_convert(watch.zone):%Y-%m-%d %H:%M}", "index": shown}
    sentences = findings or [Finding("monitor.alert", RAISED, facts, pd.DataFrame([alert]))]
    return notify.Notice(str(alert["alert_id"]), title, alert["level"], at.to_pydatetime(), sentences)  # type: ignore[arg-type]
