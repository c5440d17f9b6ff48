"""What a reader of a dashboard asks for, and the watches that can be asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pandas as pd

from crisislib.charts import CHARTS
from crisislib.core.errors import WatchError
from crisislib.core.lazy import preload
from crisislib.core.levels import rank
from crisislib.core.watch import Watch, load_watch
from crisislib.lake import Lake
from crisislib.workbench import places
from crisislib.workbench.bench import Workbench

FIRST = datetime(1990, 1, 1, tzinfo=UTC)  # before any social medium: the start of `everything held`


class Choice:
    """What the reader has chosen.

    Attributes
    ----------
    values : Mapping[str, object]
        Control to value.
    language : str
        `zh` or `en`.
    """

    def __init__(self, values: Mapping[str, object], language: str, opened: dict[object, Workbench]) -> None:
        self.values, self.language, self._opened = values, language, opened

    def __getitem__(self, name: str) -> str:
        return str(self.values.get(name) or "")

    def bench(self, watch: str = "") -> Workbench:
        """The chosen watch, in the chosen window, in the chosen language; data as they are now."""
        days = int(str(self.values.get("window") or 0))
        name = watch or self["watch"]
        key = (name, days, self.language)
        if key not in self._opened:
            now = moment()
            since = now - timedelta(days=days) if days else FIRST
            self._opened[key] = Workbench.open(name, since=since, now=now, language=self.language)
        return self._opened[key]


def moment() -> datetime:
    """The clock, or `CRISIS_NOW` where a drill or a demonstration stands still in time."""
    said = os.environ.get("CRISIS_NOW")
    return datetime.fromisoformat(said) if said else datetime.now(UTC)


def query() -> dict[str, str]:
    """What the address asks for (`?watch=…&language=…`); waits for it in a kernel that was started ahead."""
    if os.environ.get("VOILA_PREHEAT", "False") != "False":
        from voila.utils import wait_for_request

        _warm()
        wait_for_request()
    return {k: v[-1] for k, v in parse_qs(os.environ.get("QUERY_STRING", "")).items()}


def _warm() -> None:
    """Import and draw once what takes long the first time, so that the first reader does not wait for it."""
    preload("crisislib.workbench", "crisislib.charts", "crisislib.lake")
    spec = CHARTS["level_strip"]
    spec.draw(**{spec.table: pd.DataFrame(columns=list(spec.columns))}).to_dict()


def watches() -> tuple[list[Watch], list[str]]:
    """Every watch of the folder, by name, and what is wrong with the files that are none.

    One wrong file must not blind a room to all other watches; it is shown on every page instead.
    """
    good, wrong = [], []
    for path in sorted(places.watches(None).glob("*.yml")):
        try:
            good.append(load_watch(path))
        except WatchError as fault:
            wrong.append(str(fault))
    return good, wrong


def urgent(names: Sequence[str]) -> str:
    """The watch whose open incident is the most urgent; empty where none is open."""
    rows = Lake(places.lake(None)).sql("INCIDENTS").filter("closed_at IS NULL").project("watch, level").fetchall()
    live = sorted(((rank(level), watch) for watch, level in rows if watch in names), key=lambda r: (-r[0], r[1]))
    return live[0][1] if live else ""
