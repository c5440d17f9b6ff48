"""A watch opened for reading: its tables as they were at one moment, as data frames and findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.reader_language import reader_language
from crisislib.lake import AsOf
from crisislib.workbench import (
    finding_cards,
    signal_frames,
)
from crisislib.workbench.display import use_renderer
from crisislib.workbench.kernel_log import log_from_kernel
from crisislib.workbench.page_charts import Charts
from crisislib.workbench.report_context import ReportContext
from crisislib.workbench.report_times import parse_as_of, parse_time
from crisislib.workbench.selection import list_watches


class OpenedWatch:
    """The tables of one watch, in one window and at one version of the lake.

    Parameters
    ----------
    context : ReportContext
        Tables, window, version and language of the watch; :meth:`open` makes it.

    Attributes
    ----------
    context : ReportContext
        The same.
    charts : Charts
        The charts of the watch.
    """

    def __init__(self, context: ReportContext) -> None:
        self.context, self.charts = context, Charts(context)

    @classmethod
    def open(
        cls,
        watch: str = "",
        *,
        lake: str | Path | None = None,
        watches: str | Path | None = None,
        as_of: AsOf | str | Path = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        now: str | datetime | None = None,
        language: str | None = None,
    ) -> Self:
        """Open a watch.

        Parameters
        ----------
        watch : str
            Name of its file; the one that matters most of those that hold posts, else the demonstration, when empty.
        lake, watches : str or Path, optional
            Folders; those of the workbench that we are in when empty, see :meth:`crisislib.engine.home.Home.here`.
        as_of : str, Path, datetime or mapping, optional
            An instant, versions per table, or a manifest that names them; the present when empty.
        since, until : str or datetime, optional
            Window over when posts were created; the 35 days before the last post when empty.
        now : str or datetime, optional
            Moment of the reading; the clock (that of a demonstration stands still) when empty.
        language : str, optional
            `zh` or `en`; that of the watch when empty, the reader's own for the demonstration or where there are no
            posts.

        Returns
        -------
        Self

        Raises
        ------
        WatchError
            There is no such watch, or its file is wrong.
        InputError
            A time or version that cannot be read.
        """
        home = Home.here(lake=lake, watches=watches)
        if watch:
            home = home.holding(watch)
            chosen, own = home.watch(watch), not home.simulated
        else:
            selection = list_watches(home)
            home = selection.home
            chosen = selection.first() or home.all_watches()[0]
            own = not home.simulated and chosen.watch in selection.filled
        spoken = language or (chosen.language if own else reader_language(usual=chosen.language))
        return cls.of(home, chosen, as_of=as_of, since=since, until=until, now=now, language=spoken)

    @classmethod
    def of(
        cls,
        home: Home,
        watch: Watch,
        *,
        as_of: AsOf | str | Path = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        now: str | datetime | None = None,
        language: str,
    ) -> Self:
        """One watch of a home that is known.

        Parameters
        ----------
        home : Home
            Lake, watches and clock.
        watch : Watch
            The watch to read.
        as_of, since, until, now
            See :meth:`open`.
        language : str
            `zh` or `en`.

        Returns
        -------
        Self

        Raises
        ------
        InputError
            A time or version that cannot be read.
        """
        use_renderer()
        log_from_kernel()
        version = parse_as_of(as_of)
        read_at = parse_time(now, what="now") or home.now()
        context = ReportContext(
            watch=watch,
            home=home,
            # Pinned at opening: every number of one report comes from the same state of the lake.
            as_of=home.lake.versions() if version is None else version,
            since=parse_time(since, what="since"),
            until=parse_time(until, what="until") or read_at,
            now=read_at,
            language=language,
            past=version is not None,
        )
        return cls(context)

    # -- tables ----------------------------------------------------------------------------------

    def table(self, name: str) -> pd.DataFrame:
        """One table of the watch in the window; without long texts for POSTS and EDGES.

        Parameters
        ----------
        name : str
            Name of the table, such as `SIGNALS`.

        Returns
        -------
        pandas.DataFrame
        """
        return self.context.sql(f"SELECT * FROM {name.lower()}", name)

    def posts(self, ids: Sequence[str] = (), *, most: int = 1000) -> pd.DataFrame:
        """Chosen posts with their texts, or the newest ones.

        Parameters
        ----------
        ids : sequence of str
            Post ids; the newest posts when empty.
        most : int
            Posts at most where none are named.

        Returns
        -------
        pandas.DataFrame
            POSTS with `name_masked`, in the order asked for.
        """
        if not ids:
            newest = "SELECT post_id FROM posts ORDER BY created_at DESC, post_id LIMIT $most"
            ids = list(self.context.sql(newest, "POSTS", most=most)["post_id"])
        return self.context.posts_by_id(ids)

    def labels(self, label: str) -> pd.DataFrame:
        """Rows of one label in the window.

        Parameters
        ----------
        label : str
            Such as `sentiment` or `topic`.

        Returns
        -------
        pandas.DataFrame
            `post_id`, `created_at`, `value`, `p`, `score`, `model`.
        """
        return self.context.sql(f"SELECT * FROM {self.context.label_rows(label)}")

    def signals(self, *names: str) -> pd.DataFrame:
        """SIGNALS rows in the window.

        Parameters
        ----------
        *names : str
            Signals; all when none is named.

        Returns
        -------
        pandas.DataFrame
            Of the finest step that each signal has.
        """
        return signal_frames.signals(self.context, names)

    def facts(self, room: str) -> list[Finding]:
        """Findings of a room as objects.

        Parameters
        ----------
        room : str
            Key of :data:`crisislib.workbench.finding_cards.ROOMS`, such as `spread`.

        Returns
        -------
        list of Finding
            The weightiest first.

        Raises
        ------
        InputError
            There is no such room.
        """
        return finding_cards.findings(self.context, room)
