"""The response log: what was done and published, checked before it is stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from crisislib.core.errors import CrisisError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.respond.response_kinds import RESPONSE_KINDS
from crisislib.respond.response_strategy import BENOIT, STRATEGIES

TAGS = frozenset(STRATEGIES) | {tag for tags in BENOIT.values() for tag in tags}
"""What `strategy` may say: SCCT strategies and Benoit's tags, several joined by spaces."""


class ResponseError(CrisisError):
    """An entry of the response log that cannot be."""


def web_address(url: str) -> str:
    """Where something can be read, checked: it becomes a link on pages and in reports.

    Parameters
    ----------
    url : str
        As it was given.

    Returns
    -------
    str
        The same without blanks around it.

    Raises
    ------
    ResponseError
        It does not begin with http:// or https://.
    """
    if not re.match(r"https?://[^\s/]", url.strip(), re.IGNORECASE):
        raise ResponseError(
            N_("{url} is no web address"), do=N_("begin it with https:// or http://"), facts={"url": repr(url)}
        )
    return url.strip()


def respond(
    watch: Watch,
    incident_id: str,
    kind: str,
    *,
    at: datetime,
    now: datetime,
    text: str = "",
    url: str = "",
    channel: str = "",
    strategy: str | Sequence[str] = (),
    by: str = "",
) -> pa.Table:
    """One entry of the response log.

    Parameters
    ----------
    watch : Watch
        Whose.
    incident_id : str
        To which incident it answers.
    kind : str
        One of :data:`RESPONSE_KINDS`.
    at : datetime
        When it went out, with a zone; not after `now`.
    now : datetime
        UTC; when it is logged.
    text, url : str
        Its text or where it can be read; one of them at least, so that its effect can be checked later.
    channel, by : str
        Where, and who logged it.
    strategy : str or sequence of str
        Tags of :data:`TAGS`.

    Returns
    -------
    pyarrow.Table
        RESPONSES, one row; the same entry given twice has the same id.

    Raises
    ------
    ResponseError
        An unknown kind or tag, a time without a zone or in the future, or nothing said.
    """
    tags = strategy.split() if isinstance(strategy, str) else list(strategy)
    if kind not in RESPONSE_KINDS:
        raise ResponseError(
            N_("{kind} is no kind of response"),
            do=N_("use one of {response_kinds}"),
            facts={"kind": repr(kind), "response_kinds": ", ".join(RESPONSE_KINDS)},
        )
    if unknown := sorted(set(tags) - TAGS):
        raise ResponseError(
            N_("strategy tags {unknown} are not known"),
            do=N_("use some of {tags}"),
            facts={"unknown": unknown, "tags": ", ".join(sorted(TAGS))},
        )
    if at.tzinfo is None:
        raise ResponseError(
            N_("the time {at} has no zone"),
            do=N_("write it with an offset, like 2026-03-01T10:30+08:00"),
            facts={"at": at},
        )
    if at > now:
        raise ResponseError(
            N_("the time {at} is in the future"), do=N_("log a response when it has gone out"), facts={"at": at}
        )
    if url.strip():
        web_address(url)
    if not (text.strip() or url.strip()):
        raise ResponseError(N_("a response needs its text or its address"), do=N_("give text=… or url=…"))
    row = {
        "response_id": short_hash(watch.watch, incident_id, kind, at.isoformat(), channel, text, url),
        "at": at,
        "watch": watch.watch,
        "incident_id": incident_id,
        "kind": kind,
        "channel": channel,
        "strategy": " ".join(tags),
        "url": url,
        "text": text,
        "by": by,
        "logged_at": now,
    }
    return conform(pd.DataFrame([row]), "RESPONSES")
