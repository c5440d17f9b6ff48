"""What is learnt from a watch's own history: the outlook, the backtest."""

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
from crisislib.engine.progress import Told, of, silent
from crisislib.engine.runs import run_row

TRAINED = N_("outlook trained on {n} watches and the simulator; written to {path}")


def outlook_path(home: Home) -> Path:
    """Where the outlook that `crisis train` made lies; absent until then."""
    return home.lake.artifact("outlook.npz")


def outlook_model(home: Home) -> warn.Model:
    """The outlook trained here, else the shipped one."""
    own = outlook_path(home)
    return warn.load(own if own.is_file() else None)


def train(home: Home, watches: list[Watch], *, seed: int = 0, told: Told = silent) -> str:
    """Train the outlook on the simulator and on the histories that are held."""
    histories = [home.lake.read("SIGNALS", watch=w.watch) for w in watches]
    held = [h for h in histories if len(h)]
    model = warn.train(held, expect=signals.expect, seed=seed, progress=of(told, "train"))
    path = outlook_path(home)
    warn.save(model, path)
    return tr(TRAINED, watches[0].language if watches else "en", n=len(held), path=path)


def backtest(
    home: Home, watch: Watch, *, budget: float | None = None, now: datetime
) -> tuple[pd.DataFrame, list[Finding]]:
    """Replay a watch's history: every published rule and ours at the same false alarms a week; stores what it tells."""
    history = warn.as_seen(home.lake.read("SIGNALS", watch=watch.watch, present=False))
    incidents = home.lake.read("INCIDENTS", watch=watch.watch, present=False)
    found = warn.backtest(
        [history],
        warn.known_events(incidents, until=history["at"].max()),
        budget=budget or watch.levels.alarms_per_week,
        model=outlook_model(home),
        levels=watch.levels,
        late=True,
    )
    first, last = history["at"].min().to_pydatetime(), history["at"].max().to_pydatetime()
    window = RunWindow(first, last, min(last, now), now)
    ctx = RunContext(home, watch, window, run_identity(watch, "backtest", now), "backtest")
    ctx.append("FINDINGS", finding_rows(ctx, found.findings, at=window.at))
    ctx.append("RUNS", run_row(ctx, lake=home.lake, parameters={"budget": budget}))
    return found.table, found.findings
