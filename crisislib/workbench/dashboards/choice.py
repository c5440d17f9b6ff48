"""What a reader of a dashboard asks for, and the watches that can be asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pandas as pd

from crisislib.charts import CHARTS
from crisislib.core.i18n import N_
from crisislib.core.lazy import preload
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.reader_language import reader_language
from crisislib.workbench.selection import Selection, list_watches
from crisislib.workbench.workbench import Workbench

FIRST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before any social medium: the start of `everything held`."""
NEWEST = -1
"""Days of the window that ends at the newest post, however old it is."""
WINDOWS: dict[str, int] = {
    N_("last 24 hours"): 1,
    N_("last 7 days"): 7,
    N_("last 35 days"): 35,
    N_("35 days up to the newest post"): NEWEST,
    N_("everything stored"): 0,
}
"""Windows that a reader can choose, in days."""


class Choice:
    """What the reader has chosen.

    Attributes
    ----------
    values : Mapping[str, object]
        Control to value.
    language : str
        `zh` or `en`.
    selection : Selection
        The watches that there are.
    """

    def __init__(
        self, values: Mapping[str, object], language: str, selection: Selection, opened: dict[object, Workbench]
    ) -> None:
        self.values, self.language, self.selection, self._opened = values, language, selection, opened

    def __getitem__(self, name: str) -> str:
        return str(self.values.get(name) or "")

    def workbench(self, watch: str = "") -> Workbench:
        """The chosen watch, in the chosen window, in the chosen language; data as they are now.

        Parameters
        ----------
        watch : str
            Name of a watch; the chosen one when empty.

        Returns
        -------
        Workbench
            Opened once for each watch, window and language.
        """
        days = int(str(self.values.get("window") or 0))
        name = watch or self["watch"]
        key = (name, days, self.language)
        if key not in self._opened:
            home = self.selection.home
            now = home.now()
            since = None if days == NEWEST else now - timedelta(days=days) if days else FIRST
            chosen = self.selection.named(name) or home.watch(name)
            self._opened[key] = Workbench.of(home, chosen, since=since, now=now, language=self.language)
        return self._opened[key]


def requested_watch(asked: Mapping[str, str]) -> tuple[Selection, Watch | None]:
    """The watches that there are, and the one to begin with: what the address asks for, None if that is not there.

    Parameters
    ----------
    asked : mapping of str to str
        Query of the address.

    Returns
    -------
    tuple of (Selection, Watch or None)
        All watches, and the first to show.
    """
    selection = list_watches(Home.here(), asked.get("watch", ""))
    return selection, selection.named(asked["watch"]) if asked.get("watch") else selection.first()


def language_of(asked: Mapping[str, str], selection: Selection, first: Watch | None) -> str:
    """What the page is written in: as the address asks, else that of the reader's own watch, else the reader's.

    Parameters
    ----------
    asked : mapping of str to str
        Query of the address; `language` counts where it is `zh` or `en`.
    selection : Selection
        The watches that there are.
    first : Watch or None
        The watch that is shown first.

    Returns
    -------
    {"zh", "en"}
        Language of the page.
    """
    usual = first.language if first is not None else "en"
    has_own = first is not None and first.watch in selection.filled and not selection.home.simulated
    own = usual if has_own else ""
    wanted = asked.get("language", "")
    if wanted in {"zh", "en"}:
        return wanted
    return reader_language(watch=own, browser=os.environ.get("HTTP_ACCEPT_LANGUAGE", ""), usual=usual)


def window_of(asked: Mapping[str, str], selection: Selection, names: list[str], days: int) -> int:
    """Days of the first window: as the address asks, else the usual ones, else up to a newest post older than these.

    Parameters
    ----------
    asked : mapping of str to str
        Query of the address; `days` counts where it is one of :data:`WINDOWS`.
    selection : Selection
        The watches that there are.
    names : list of str
        Watches that the page shows.
    days : int
        Usual length of the window.

    Returns
    -------
    int
        Days, or :data:`NEWEST`.
    """
    wanted = asked.get("days", "")
    if wanted in {str(n) for n in WINDOWS.values()}:
        return int(wanted)
    newest = selection.newest(names)
    return NEWEST if newest is not None and newest < selection.home.now() - timedelta(days=days) else days


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
