"""What the address of a notebook asks for, and the watches that can be asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

import ipywidgets
import pandas as pd

from crisislib.charts import CHARTS
from crisislib.core.i18n import N_
from crisislib.core.lazy import preload
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.reader_language import reader_language
from crisislib.workbench.selection import Selection, list_watches

WATCH, LANGUAGE = N_("Watch"), N_("Language")
LANGUAGES = [("中文", "zh"), ("English", "en")]
"""Words and value of each."""


def dropdown(options: Sequence[tuple[str, object]], wanted: object = None) -> ipywidgets.Dropdown:
    """A control of one choice, on what is wanted where that is offered; on none where nothing is.

    Parameters
    ----------
    options : sequence of (str, object)
        Label and value of each choice.
    wanted : object
        Value to begin with.

    Returns
    -------
    ipywidgets.Dropdown
        The control.
    """
    values = [v for _, v in options]
    chosen = wanted if wanted in values else None
    return ipywidgets.Dropdown(options=list(options), value=chosen, layout={"width": "auto", "min_width": "9rem"})


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
