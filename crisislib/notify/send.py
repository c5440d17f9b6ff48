"""Sending through Apprise: mail, webhooks, WeCom, DingTalk, Feishu, Slack and a hundred more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import apprise
import pandas as pd
import pyarrow as pa

from crisislib.core.errors import NotifyError
from crisislib.core.i18n import N_
from crisislib.core.isolation import run_isolated
from crisislib.core.sanitize import one_line
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import Channel
from crisislib.notify.message import Notice, Target, compose
from crisislib.notify.message_outbox import Attempt, due

logger = logging.getLogger(__name__)

_TYPES = {"red": "failure", "orange": "warning", "yellow": "warning"}
_TARGETS: dict[str, Target] = {"text": "text", "markdown": "markdown", "html": "html"}
_DETAIL = 400
"""Characters of a failure that are stored: the sentence of a server fits, its HTML page does not."""


class AppriseLog(logging.Handler):
    """Keeps what Apprise says about failures in one thread; it returns only true or false."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of this thread.

        Parameters
        ----------
        record : logging.LogRecord
            What Apprise logs.
        """
        if record.thread == self.thread:
            self.lines.append(record.getMessage())


def plugin(channel: Channel) -> Any:
    """The Apprise plugin of a channel.

    Parameters
    ----------
    channel : Channel
        From the watch file.

    Returns
    -------
    apprise.plugins.NotifyBase
        Ready to send; nothing was sent.

    Raises
    ------
    NotifyError
        The address is not one that Apprise knows. The address itself is not shown: it holds secrets.
    WatchError
        An environment variable that the address names is not set.
    """
    made = apprise.Apprise.instantiate(channel.address(), suppress_exceptions=True)
    if made is None:
        raise NotifyError(
            N_("its url is not an address that Apprise knows"),
            where=f"channel {channel.name!r}",
            do=N_(
                "write it as in Apprise's list of services, e.g. mailtos://user:${PASSWORD}@host?to=a@b or wecombot://${KEY}"
            ),
        )
    return made


def check_channels(channels: Sequence[Channel]) -> None:
    """Raise for the first channel whose address is wrong; sends nothing.

    Parameters
    ----------
    channels : Sequence of Channel
        From the watch file.

    Raises
    ------
    NotifyError
        Apprise does not know the address.
    WatchError
        An environment variable that the address names is not set.
    """
    for channel in channels:
        plugin(channel)


def deliver(
    items: Sequence[Notice],
    channels: Sequence[Channel],
    *,
    watch: Watch,
    now: datetime,
    history: pa.Table | pd.DataFrame | None = None,
    record: Callable[[pa.Table], object] | None = None,
) -> pa.Table:
    """Send what is due, each notice once per channel, and say how it went.

    Parameters
    ----------
    items : sequence of Notice
        Every notice that is due by now, sent or not.
    channels : sequence of Channel
        Where to.
    watch : Watch
        Name, language, time zone, quiet hours.
    now : datetime
        UTC; becomes `sent_at`.
    history : DELIVERIES, optional
        Every attempt so far; what a channel has taken is not sent again.
    record : callable, optional
        Called with one row of DELIVERIES right after each attempt, so that a crash between two
        sendings forgets neither. Called by one thread at a time.

    Returns
    -------
    pyarrow.Table
        DELIVERIES, one row per attempt made now. A channel that fails, hangs or has a wrong address
        gives a row with `ok` false and the reason; it neither raises nor delays the others beyond
        Apprise's time limits (four seconds to connect, four to answer, unless the address says).

    Notes
    -----
    Exactly once as far as a sender can know: if this process is killed after the channel took a notice
    and before the row was recorded, the notice is sent again with the same item id in its last line.
    """
    attempts = due(items, channels, empty("DELIVERIES") if history is None else history, watch=watch, now=now)
    if not attempts:
        return empty("DELIVERIES")
    lock = threading.Lock()

    def along(channel: Channel) -> list[pa.Table]:
        rows = []
        for attempt in [a for a in attempts if a.channel.name == channel.name]:
            row = _row(attempt, watch, now, *_send(attempt, watch))
            if record is not None:
                with lock:
                    record(row)
            rows.append(row)
        return rows

    used = list({a.channel.name: a.channel for a in attempts}.values())
    with ThreadPoolExecutor(max_workers=min(8, len(used))) as pool:
        done = [row for rows in pool.map(along, used) for row in rows]
    return pa.concat_tables(done)


def _send(attempt: Attempt, watch: Watch) -> tuple[bool, str]:
    """One sending: whether the channel took it, and why not."""
    log = AppriseLog()
    apprise_log = logging.getLogger("apprise")
    apprise_log.addHandler(log)
    try:
        ok, detail = run_isolated(
            f"sending {attempt.notice.item_id} to {attempt.channel.name}",
            lambda: _sent(attempt, watch, log),
            on_error=lambda failure: (False, one_line(f"{failure.kind}: {failure.error}")),
            logger=logger,
            watch=watch.watch,
        )
    finally:
        apprise_log.removeHandler(log)
    if not ok:
        logger.warning(
            "%s did not take %s of %s, attempt %d: %s",
            attempt.channel.name, attempt.notice.item_id, watch.watch, attempt.number, detail,
        )  # fmt: skip
    return ok, detail[:_DETAIL]


def _sent(attempt: Attempt, watch: Watch, log: AppriseLog) -> tuple[bool, str]:
    """Compose and send; what Apprise says about a failure is the reason."""
    made = plugin(attempt.channel)
    target = _target(made)
    blended = int(made.title_maxlen) <= 0
    message = compose(
        attempt.notice,
        watch,
        language=attempt.channel.language or watch.language,
        target=target,
        limit=_limit(made, attempt.notice, blended=blended),
        blended=blended,
    )
    file = attempt.notice.attachment
    along = apprise.AppriseAttachment(str(file)) if file and file.is_file() and made.attachment_support else None
    kind = apprise.NotifyType(_TYPES.get(attempt.notice.level, "info"))
    # the plugin itself, not Apprise's dispatcher: that one works in other threads and its reasons get lost
    ok = bool(made.notify(body=message.body, title=message.title, notify_type=kind, body_format=target, attach=along))
    if ok:
        lost = file is not None and not file.is_file()
        return True, f"sent without its attachment: there is no {file.name}" if lost and file else ""
    return False, one_line("; ".join(log.lines)) or "the channel did not take it and gave no reason"


def _target(made: Any) -> Target:
    """What the channel shows: text, markdown or html."""
    wanted = made.resolve_format(None)
    return _TARGETS[str(getattr(wanted, "value", wanted))]


def _limit(made: Any, notice: Notice, *, blended: bool) -> int:
    """Longest body in characters, with room for a title that is put before it."""
    whole = int(made.body_maxlen)
    if str(made.service_name).startswith("WeCom"):
        whole = whole // 3  # WeCom counts bytes; a Chinese character has three
    return whole - (len(notice.title) + 40 if blended else 0)


def _row(attempt: Attempt, watch: Watch, now: datetime, ok: bool, detail: str) -> pa.Table:
    row = {
        "item_id": attempt.notice.item_id,
        "channel": attempt.channel.name,
        "sent_at": now,
        "watch": watch.watch,
        "ok": ok,
        "attempt": attempt.number,
        "detail": detail,
    }
    return conform(pd.DataFrame([row]), "DELIVERIES")
