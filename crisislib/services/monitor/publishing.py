"""What is published: alerts at once, their briefs when they are written, and what the last stop left unsent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import pandas as pd
import pyarrow as pa

from crisislib.core.errors import LakeError
from crisislib.core.phrase import render
from crisislib.core.tables import empty
from crisislib.core.watch import Watch
from crisislib.engine.evaluation import Evaluation
from crisislib.engine.home import Home
from crisislib.engine.rendering import incident_title
from crisislib.engine.result import RunResult
from crisislib.services.monitor import brief_queue, delta_brief, emergency_brief
from crisislib.services.monitor.alert_outbox import CURRENT, Outbox, notice
from crisislib.services.monitor.monitor_state import MonitorState


class AlertPublisher:
    """The outbox and the briefs of some watches.

    Parameters
    ----------
    home : Home
        The workbench.
    watches : dict[str, Watch]
        Watches by name.
    briefs : bool
        Whether emergency briefs are written.
    now : datetime
        Wall clock.
    echo : Callable[[str], None]
        Gets a line for each alert.
    """

    def __init__(
        self, home: Home, watches: dict[str, Watch], *, briefs: bool, now: datetime, echo: Callable[[str], None]
    ) -> None:
        self._home, self._watches, self._echo = home, watches, echo
        self._outbox = Outbox(home, list(watches.values()), now=now)
        self._briefs = brief_queue.Briefs(home) if briefs else None
        self._deltas = delta_brief.DeltaClock(home)

    def resume(self, now: datetime) -> None:
        """Send alerts of the last day that were not sent, and write briefs that were not written, before the last
        stop.

        Parameters
        ----------
        now : datetime
            Wall clock.
        """
        for name, watch in self._watches.items():
            rows = self._home.lake.read("ALERTS", watch=watch.watch, present=False)
            rows = rows.sort_values("made_at").drop_duplicates("alert_id", keep="first")
            rows = rows[(rows["made_at"] > pd.Timestamp(now - CURRENT)) & (rows["made_at"] <= pd.Timestamp(now))]
            if rows.empty:
                continue
            current = [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]
            title = self._title(watch, empty("INCIDENTS"))
            self._outbox.add(name, [notice(row, watch, title, []) for row in current])
            if self._briefs is not None:
                done = self._briefs.done(name)
                self._briefs.queue([a for a in current if emergency_brief.run_id(str(a["alert_id"])) not in done])
                for alert in (a for a in current if emergency_brief.run_id(str(a["alert_id"])) in done):
                    self._send_brief(alert)

    def publish_alerts(self, evaluation: Evaluation, fresh: pa.Table, now: datetime) -> None:
        """Send new alerts at once and begin their briefs.

        Parameters
        ----------
        evaluation : Evaluation
            The evaluation that raised them.
        fresh : pyarrow.Table
            ALERTS rows that are new.
        now : datetime
            Wall clock.
        """
        rows = fresh.to_pylist()
        if not rows:
            return
        watch, last = evaluation.ctx.watch, evaluation.decisions.last
        title = self._title(watch, evaluation.decisions.rows("INCIDENTS"))
        result = RunResult(watch.watch, title, watch.language, watch.zone, now, last.level, findings=last.findings)
        self._outbox.add(watch.watch, [notice(row, watch, title, result.leading(3)) for row in rows])
        self._outbox.pump(now)
        if self._briefs is not None:
            self._briefs.queue(rows)
            if any(brief_queue.needs_brief(row) for row in rows):
                self._deltas.briefed(watch.watch, now)
        for row in rows:
            why, local = row["method"].split(";")[-1], now.astimezone(watch.zone)
            self._echo(f"{local:%Y-%m-%d %H:%M:%S}  {row['level']}: {title} ({why})")

    def publish(self, now: datetime, state: MonitorState, levels: Mapping[str, str] | None = None) -> None:
        """Advance the briefs, send what is due, and enter into the state what waits.

        Parameters
        ----------
        now : datetime
            Wall clock.
        state : MonitorState
            Gets the numbers of waiting and given-up notices and of briefs, and a fault of the store.
        levels : mapping of str to str, optional
            Level of each watch: one that is red gets a brief of what has changed every half hour.
        """
        if self._briefs is not None:
            self._briefs.queue(self._deltas.due(levels or {}, now))
            written = self._briefs.step()
            if written is not None:
                self._send_brief(written)
            state.briefs, state.briefs_failed = self._briefs.busy, self._briefs.failed()
        try:
            self._outbox.store()
        except (LakeError, OSError) as fault:
            state.store_fault = str(fault)
        state.store_fault = state.store_fault or self._outbox.fault
        self._outbox.pump(now)
        state.waiting, state.given_up = self._outbox.waiting(now), self._outbox.given_up()

    def close(self) -> None:
        """What is being sent is finished, the rest left for the next start."""
        if self._briefs is not None:
            self._briefs.close()
        self._outbox.close()
        self._outbox.store()

    def _send_brief(self, alert: dict[str, object]) -> None:
        name = str(alert["watch"])
        page = self._briefs.done(name).get(emergency_brief.run_id(str(alert["alert_id"]))) if self._briefs else None
        if page is not None:
            watch = self._watches[name]
            item, at = str(alert["alert_id"]), pd.Timestamp(alert["made_at"]).to_pydatetime()  # type: ignore[arg-type]
            findings = delta_brief.changed(self._home, name, item, at) if delta_brief.is_delta(item) else []
            title = self._title(watch, empty("INCIDENTS"))
            self._outbox.add(name, [emergency_brief.notice(alert, watch, title, page, findings)])

    def _title(self, watch: Watch, incidents: pa.Table) -> str:
        """The title of the newest incident, from the decision or the lake; the watch's own where there is none."""
        rows = incidents.to_pandas()
        if rows.empty:
            rows = self._home.lake.read("INCIDENTS", watch=watch.watch)
        if rows.empty:
            return watch.name()
        newest = rows.sort_values("at").to_dict("records")[-1]
        return str(render(incident_title({str(k): v for k, v in newest.items()}, watch), watch.language))
