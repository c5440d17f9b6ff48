"""What a watch's own history trains and tests: the outlook, the backtest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from crisislib import signals, warn
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.context import RunContext, RunWindow, run_identity
from crisislib.engine.findings import finding_rows
from crisislib.engine.home import Home
from crisislib.engine.incident_review import without_harm
from crisislib.engine.progress import Progress, silent, stage_progress
from crisislib.engine.runs import run_row

TRAINED = N_("outlook trained on {n} {n:watch|watches} and the simulator; written to {path}")


def outlook_path(home: Home) -> Path:
    """File of the outlook model that `crisis train` writes; absent until then.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    Path
        An `.npz` file.
    """
    return home.lake.artifact("outlook.npz")


def outlook_model(home: Home) -> warn.Model:
    """The outlook model trained in this workbench, else the shipped one.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    Model
        See :func:`crisislib.warn.load`.

    Raises
    ------
    ModelError
        The file is damaged or of another version.
    """
    own = outlook_path(home)
    return warn.load(own if own.is_file() else None)


def train(home: Home, watches: list[Watch], *, seed: int = 0, progress: Progress = silent) -> str:
    """Train the outlook model on the simulator and on the stored histories, and store it.

    Parameters
    ----------
    home : Home
        The workbench.
    watches : list of Watch
        Whose histories to use; the language of the first is used.
    seed : int, default 0
        Seed of the simulator and of the model.
    progress : Progress
        Gets the progress.

    Returns
    -------
    str
        What was made, as a sentence.
    """
    histories = [home.lake.read("SIGNALS", watch=w.watch) for w in watches]
    stored = [h for h in histories if len(h)]
    model = warn.train(stored, expect=signals.expect, seed=seed, progress=stage_progress(progress, "train"))
    path = outlook_path(home)
    warn.save(model, path)
    return tr(TRAINED, watches[0].language if watches else "en", n=len(stored), path=path)


def backtest(
    home: Home, watch: Watch, *, budget: float | None = None, now: datetime
) -> tuple[pd.DataFrame, list[Finding]]:
    """Replay a watch's history under every published rule and ours, at the same false alarms a week; stores the
    findings, and how each rule in use did, which later alerts carry.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : Watch
        The watch.
    budget : float or None, default None
        False alarms a week; the watch's `levels.alarms_per_week` when left out.
    now : datetime
        Wall clock.

    Returns
    -------
    tuple of pandas.DataFrame and list of Finding
        One row a rule, and the findings.

    Raises
    ------
    NotEnoughData
        No history, or no incident to find.
    """
    history = warn.point_in_time(home.lake.read("SIGNALS", watch=watch.watch, present=False))
    incidents = home.lake.read("INCIDENTS", watch=watch.watch, present=False)
    events = warn.known_events(incidents, until=history["at"].max(), without=without_harm(home, watch))
    result = warn.run_backtest(
        [history],
        events,
        budget=budget or watch.levels.alarms_per_week,
        model=outlook_model(home),
        levels=watch.levels,
        late=True,
        watch=watch,
    )
    first, last = history["at"].min().to_pydatetime(), history["at"].max().to_pydatetime()
    window = RunWindow(first, last, min(last, now), now)
    ctx = RunContext(home, watch, window, run_identity(watch, "backtest", now), "backtest")
    records = warn.rules_in_use(history, watch, events)
    findings = [*result.findings, *warn.record_findings(records)]
    ctx.append("FINDINGS", finding_rows(ctx, findings, at=window.at))
    ctx.append("RUNS", run_row(ctx, lake=home.lake, parameters={"budget": budget}))
    return pd.concat([result.table, records], ignore_index=True), findings
