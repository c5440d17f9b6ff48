"""The look at the open tasks: deputies take over what is long overdue, and each owner hears what is due."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from crisislib import notify
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import Level, rank
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.engine.due_tasks import due_tasks
from crisislib.engine.home import Home
from crisislib.engine.incident_records import latest_incident
from crisislib.engine.team_tasks import escalate

TITLE = N_("Tasks of {watch}")
OUTCOME = N_(
    "{handed} {handed:task|tasks} went to deputies; {sent} {sent:message|messages} sent, {failed} not delivered"
)


def send_due_tasks(home: Home, watch: Watch, *, now: datetime) -> pa.Table:
    """Send what is due within the hour or overdue to the channels of a watch, to each what is its owners'.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose. A channel that names `owners` hears of their tasks only, and of all of them whatever its
        `from_level`, which chooses among alerts; where none names owners, the channel that takes most alerts does.
    now : datetime
        Wall clock.

    Returns
    -------
    pyarrow.Table
        DELIVERIES made now. What a channel has heard it does not hear again until something changes.
    """
    incident = latest_incident(home, watch)
    # reviews of risks are due without an incident, too: that is a notice, no alert
    level: Level = "none" if incident is None or incident["status"] == "closed" else incident["level"]
    named = any(channel.owners for channel in watch.notify)
    widest = min((rank(channel.from_level) for channel in watch.notify), default=0)
    sent = [empty("DELIVERIES")]
    for channel in watch.notify:
        title = tr(TITLE, channel.language or watch.language, watch=watch.name(channel.language))
        notices = [
            notify.Notice(
                item_id=key,
                title=title,
                level=level,
                at=now,
                findings=[finding],
                every_level=bool(channel.owners) or (not named and rank(channel.from_level) == widest),
            )
            for key, finding in due_tasks(home, watch, now=now, owners=channel.owners)
        ]
        history = home.lake.read("DELIVERIES", watch=watch.watch, present=False)
        sent.append(
            notify.deliver(
                notices,
                [channel],
                watch=watch,
                now=now,
                history=history,
                record=lambda row: home.lake.append("DELIVERIES", row),
            )
        )
    return pa.concat_tables(sent)


def look_at_tasks(home: Home, watch: Watch, *, now: datetime) -> str:
    """Escalate, then send; one line for the ledger.

    Parameters
    ----------
    home, watch : Home, Watch
        Where, and whose.
    now : datetime
        Wall clock.

    Returns
    -------
    str
        How many steps went to deputies, and how many messages were taken.
    """
    handed = escalate(home, watch, now=now)
    ok = send_due_tasks(home, watch, now=now)["ok"].to_pylist()
    return tr(OUTCOME, watch.language, handed=len(handed), sent=sum(ok), failed=len(ok) - sum(ok))
