"""Live sources into the lake: which are due, what each was asked, and the record of each answer."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from crisislib.collect import fetch
from crisislib.core.errors import ThrottledError
from crisislib.core.i18n import N_, tr
from crisislib.core.ids import short_hash
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.sanitize import escape_controls, mask_secrets
from crisislib.core.silence import pause_end
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.ingest import FAILED, ImportResult, store_batch
from crisislib.engine.progress import Progress, silent
from crisislib.engine.source_use import FILED, Use, state_key, uses

logger = logging.getLogger(__name__)

NOT_ASKED = N_("{source}: not asked: it asked us to pause until {until}")


def collect(
    home: Home, watch: Watch, *, now: datetime, progress: Progress = silent, due: bool = False
) -> list[ImportResult]:
    """Ask the live sources of a watch once; a source that fails is recorded, and the others go on.

    A source whose server asked for a pause is not asked before it is over, whoever calls.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    now : datetime
        Wall clock.
    progress : Progress
        Gets the number of sources that were asked.
    due : bool, default False
        Only sources whose `every_minutes` have passed since they were last asked.

    Returns
    -------
    list of ImportResult
        One a source, in the order of the watch file.
    """
    result = []
    for number, use in enumerate(uses(home, watch)):
        progress("collect", number, len(watch.sources))
        if (until := pause_end(use.wait_until, now)) is not None:
            facts = {"source": use.name, "until": f"{until.astimezone(watch.zone):%Y-%m-%d %H:%M}"}
            result += [] if due else [ImportResult(use.name, False, (tr(NOT_ASKED, watch.language, **facts),))]
        elif not due or use.due(now):
            result.append(_ask(home, use, now))
    progress("collect", len(watch.sources), len(watch.sources))
    return result


def _ask(home: Home, use: Use, now: datetime) -> ImportResult:
    """One source; whatever goes wrong in it is a row of BATCHES and a line for the reader."""

    def failed(failure: Failure) -> ImportResult:
        lines = (tr(FAILED, use.watch.language, file=use.name, why=failure.text),)
        return run_isolated(
            f"record of source {use.name}",
            lambda: _recorded(home, use, failure, now, lines),
            on_error=lambda _: ImportResult(use.name, False, lines),
            logger=logger,
        )

    return run_isolated(
        f"source {use.name}",
        lambda: _fetched(home, use, now),
        on_error=failed,
        logger=logger,
        watch=use.watch.watch,
        source=use.name,
    )


def covering(use: Use, record: pa.Table, at: datetime) -> pa.Table:
    """The record of a live answer, which covers the time since the last answer: a quiet hour was watched, too.

    Parameters
    ----------
    use : Use
        The source as it was before the answer.
    record : pyarrow.Table, shape (1, columns)
        The BATCHES row of the answer.
    at : datetime
        Wall clock of the answer.
    """
    row = record.to_pylist()[0]
    if use.use.source in FILED or not row["ok"]:
        return record
    since = min(t for t in (row["since"], use.asked_at, at) if t is not None)
    return conform(pa.Table.from_pylist([{**row, "since": since, "until": at}], schema=record.schema), "BATCHES")


def _fetched(home: Home, use: Use, now: datetime) -> ImportResult:
    batch, after = fetch(use.use, use.watch, state=use.source, now=now)
    record, silence = use.answered(covering(use, batch.record, now), now)
    result = store_batch(home, use.watch, replace(batch, record=record), now)
    use.save_state(after, now, silence)
    return result


def _recorded(home: Home, use: Use, failure: Failure, now: datetime, lines: tuple[str, ...]) -> ImportResult:
    throttled = isinstance(failure.error, ThrottledError)
    home.lake.append("BATCHES", failed_batch(use, failure.text, now, throttled=throttled))
    if isinstance(failure.error, ThrottledError):
        use.paused(failure.error, now)
    return ImportResult(use.name, False, lines)


def failed_batch(use: Use, why: str, now: datetime, *, throttled: bool = False) -> pa.Table:
    """A BATCHES row that says that a source did not answer, so that its silence is not read as calm.

    Parameters
    ----------
    use : Use
        The source.
    why : str
        The error; secrets are masked here.
    now : datetime
        When it was asked.
    throttled : bool, default False
        It asked to be left alone.

    Returns
    -------
    pyarrow.Table, shape (1, columns)
        The span since it last answered counts as not collected.
    """
    since = use.asked_at or now - timedelta(minutes=use.use.every_minutes)
    row = {
        "batch_id": short_hash(use.watch.watch, state_key(use.use), now.isoformat()),
        "at": now,
        "watch": use.watch.watch,
        "source": use.name,
        "n_read": 0,
        "n_kept": 0,
        "n_rejected": 0,
        "n_duplicate": 0,
        "since": min(since, now),
        "until": now,
        "warnings": escape_controls(mask_secrets(why)),
        "ok": False,
        "state": "throttled" if throttled else "failed",
    }
    return conform(pd.DataFrame([row]), "BATCHES")
