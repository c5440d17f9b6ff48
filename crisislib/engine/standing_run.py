"""A run that stands: nothing that it depends on has changed since, so that its results need not be made again.

One fingerprint says what a run depends on: the rows of its watch, the watch itself, the window, the models and files
of the workbench, and the code. It is kept beside the lake when a run has ended; the results are those in the tables.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from crisislib import __version__, lake
from crisislib.core.atomic_files import replace_file
from crisislib.core.finding import Finding
from crisislib.core.ids import short_hash
from crisislib.core.tables import TABLES
from crisislib.engine.assess import Assessed, chosen
from crisislib.engine.context import RunContext
from crisislib.engine.findings import revived
from crisislib.engine.home_folders import MARKER, PACKAGE
from crisislib.engine.incident_records import actions_of

WRITTEN_ONLY = ("RUNS", "DELIVERIES")
"""Tables that a run adds to and that nothing in it is computed from."""
_NO_INPUT = {"locks", "monitor", "sources", "runs", "pages"}
"""Folders of artifacts that only collecting, the monitor, report pages and this module read."""
_PLACE = ("runs", "standing.json")


@dataclass(frozen=True)
class StandingRun:
    """What an earlier run has left, as the tables have it.

    Attributes
    ----------
    at : datetime
        Wall clock of that run.
    row : dict
        Its row of RUNS.
    assessed : Assessed
        The incident, its steps and the findings of the run.
    report : Path or None
        Its page, where it made one that is still there.
    """

    at: datetime
    row: dict[str, Any]
    assessed: Assessed
    report: Path | None

    @property
    def findings(self) -> list[Finding]:
        """All findings of the run."""
        return self.assessed.findings

    def outcome(self) -> dict[str, Any]:
        """`level`, `peak` and `peak_at` as the run decided them."""
        peaked = self.row["peak_at"]
        return {
            "level": self.row["level"],
            "peak": self.row["peak"],
            "peak_at": None if peaked is None or pd.isna(peaked) else peaked.to_pydatetime(),
        }


class RunInputs:
    """The inputs of a run, looked at as it begins, so that what others write meanwhile is not taken for read.

    Parameters
    ----------
    ctx : RunContext
        The run.
    """

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self._versions, self._commits = ctx.lake.versions(), dict(ctx.lake.commits)

    def fingerprint(self) -> str:
        """Everything that the outcome of the run depends on, as it is now."""
        ctx = self._ctx
        window, home = ctx.window, ctx.home
        watch = ctx.watch.model_dump_json(exclude={"notify"})  # what is sent is sent all the same
        times = " ".join(t.isoformat() for t in (window.since, window.until, window.at))
        settings = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("CRISIS_"))
        folders = [*home.playbooks, *home.notebooks, home.indicators, home.sources]
        files = [*_files(folders), *_files([home.root / MARKER]), *_artifacts(home.lake_root / "artifacts")]
        names = [name for name in TABLES if name not in WRITTEN_ONLY]
        rows = lake.contents(ctx.lake, ctx.watch.watch, names)
        return short_hash(_code(), watch, ctx.job, times, *settings, *files, rows, length=32)

    def standing(self) -> StandingRun | None:
        """The last run of this job, where its inputs were these and its results are all there."""
        path = self._path()
        if not path.is_file():
            return None
        kept = json.loads(path.read_text("utf-8"))
        if kept["fingerprint"] != self.fingerprint():
            return None
        ctx = self._ctx
        rows = ctx.lake.read("RUNS", watch=ctx.watch.watch, present=False)
        rows = rows[(rows["run_id"] == kept["run_id"]) & rows["level"].notna()]
        if rows.empty:
            return None
        row = {str(k): v for k, v in rows.sort_values("at").iloc[-1].items()}
        incident, report = chosen(ctx), Path(kept["report"])
        steps = actions_of(ctx.home, ctx.watch, incident or {"incident_id": ""})
        assessed = Assessed(incident, {}, steps, self._findings(str(row["run_id"])))
        page = report if kept["report"] and report.is_file() else None
        return StandingRun(row["at"].to_pydatetime(), row, assessed, page)

    def settled(self) -> str:
        """The fingerprint now that all steps are done; empty where others wrote rows meanwhile, which were not read."""
        made = {name: self._ctx.lake.commits[name] - self._commits.get(name, 0) for name in TABLES}
        now = {name: at for name, at in self._ctx.lake.versions().items() if name not in WRITTEN_ONLY}
        disturbed = any(at - self._versions.get(name, -1) != made[name] for name, at in now.items())
        return "" if disturbed else self.fingerprint()

    def keep(self, fingerprint: str, assessed: Assessed, report: Path | None) -> None:
        """Remember that the run has ended.

        Parameters
        ----------
        fingerprint : str
            Of :meth:`settled`; nothing is kept of a run without one, so that it is made again.
        assessed : Assessed
            What it came to.
        report : Path or None
            Its page.
        """
        unstored = assessed.incident is None and not assessed.actions.empty  # first steps are shown and not stored
        if unstored or not fingerprint:
            return
        page = str(report.resolve()) if report is not None else ""
        path = self._path()
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps({"fingerprint": fingerprint, "run_id": self._ctx.run_id, "report": page}))

    def _path(self) -> Path:
        ctx = self._ctx
        return ctx.home.lake_root.joinpath("artifacts", ctx.watch.watch, _PLACE[0], f"{ctx.job}-{_PLACE[1]}")

    def _findings(self, run_id: str) -> list[Finding]:
        """FINDINGS of the run at its end: of the last decision, then of the steps that explain it."""
        ctx = self._ctx
        rows = ctx.lake.sql("FINDINGS", watch=ctx.watch.watch, present=False)
        rows = rows.filter(f"run_id = '{run_id}' AND \"at\" = TIMESTAMPTZ '{ctx.window.at.isoformat()}'")
        stored = rows.to_arrow_table().to_pandas().sort_values("place", kind="stable")
        return [revived(row) for row in stored.to_dict("records")]


@cache
def _code() -> str:
    """The program: its version, and in a checkout the state of its files."""
    return short_hash(__version__, *_files([PACKAGE]))


def _artifacts(folder: Path) -> Iterator[str]:
    """Models and memories that the steps of a run read."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _NO_INPUT & set(path.relative_to(folder).parts):
            yield _state(path)


def _files(places: Iterable[Path]) -> Iterator[str]:
    """Files of some folders, each with its state."""
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                yield _state(path)


def _state(path: Path) -> str:
    seen = path.stat()
    return f"{path} {seen.st_mtime_ns} {seen.st_size}"
