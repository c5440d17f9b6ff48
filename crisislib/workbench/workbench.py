"""The workbench: what a notebook may ask. Everything shown is in the reader's language and escaped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from crisislib.core.finding import Finding
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.reader_language import reader_language
from crisislib.lake import AsOf
from crisislib.workbench import (
    finding_cards,
    health_lines,
    incident_tables,
    page_frame,
    page_tables,
    signal_frames,
)
from crisislib.workbench.display import Fragment, use_renderer
from crisislib.workbench.evidence_table import evidence
from crisislib.workbench.kernel_log import log_from_kernel
from crisislib.workbench.page_charts import Charts
from crisislib.workbench.report_context import ReportContext
from crisislib.workbench.report_times import parse_as_of, parse_time
from crisislib.workbench.selection import list_watches


class Workbench:
    """One watch, opened for reading.

    Every method that ends in a :class:`Fragment` draws one piece of a page from :attr:`context`.

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
    ) -> Workbench:
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
        Workbench

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
    ) -> Workbench:
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
        Workbench

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

    # -- pieces of a page ------------------------------------------------------------------------

    def heading(self, title: str) -> Fragment:
        """Head of a page: title, watch, level, moment of reading; and its styles.

        Parameters
        ----------
        title : str
            Key of the page, such as `brief` (:data:`crisislib.workbench.page_text.TITLES`), or a title of your own.

        Returns
        -------
        Fragment
        """
        return page_frame.heading(self.context, title)

    def passage(self, *parts: str, incident: str = "") -> Fragment:
        """Some findings of the brief, as a passage to read: sentences, what limits them, and their posts.

        Parameters
        ----------
        *parts : str
            Keys without `brief.`, such as `claim`, `now`, `goes`; `claims` also gives each claim.
        incident : str
            Id of the incident; the watch as a whole when empty.

        Returns
        -------
        Fragment
            A sentence where there is nothing to say.
        """
        stored = finding_cards.findings(self.context, "brief", incident)
        wanted = [f"brief.{part}" for part in parts]
        mine = [
            f for key in wanted for f in stored if f.key == key or (key == "brief.claims" and f.key == f"{key}.one")
        ]
        return finding_cards.findings_fragment(self.context, mine, most=3)

    def warning_record(self) -> Fragment:
        """How right the warnings in the window were: forecasts and alerts."""
        return finding_cards.findings_fragment(self.context, finding_cards.record(self.context))

    def executive(self, incident: str = "") -> Fragment:
        """The first page: level, claim, six numbers, the course, what to do, what people say, where, what changed.

        Parameters
        ----------
        incident : str
            Id of the incident; the one that matters most when empty.

        Returns
        -------
        Fragment
        """
        from crisislib.workbench.executive_page import executive

        return executive(self.context, incident)

    def controls(self) -> Any:
        """The first page with lists to choose the incident and the language from; for JupyterLab.

        Returns
        -------
        ipywidgets.VBox
        """
        from crisislib.workbench.controls import controls

        return controls(self.context)

    def section(self, name: str) -> Fragment:
        """Heading and one line on how to read a section.

        Parameters
        ----------
        name : str
            Key of the section, such as `volume` (:data:`crisislib.workbench.page_text.SECTIONS`), or a title of your
            own.

        Returns
        -------
        Fragment
        """
        return page_frame.section(self.context, name)

    def health(self) -> Fragment:
        """Data health; stands before every number."""
        return health_lines.health(self.context)

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

    def findings(self, room: str) -> Fragment:
        """Findings of a room, each with the posts behind it.

        Parameters
        ----------
        room : str
            Key of :data:`crisislib.workbench.finding_cards.ROOMS`, such as `spread`.

        Returns
        -------
        Fragment

        Raises
        ------
        InputError
            There is no such room.
        """
        return finding_cards.findings_fragment(self.context, finding_cards.findings(self.context, room))

    def periods(self, every: str) -> Fragment:
        """The newest periods against the ones before, each with its posts.

        Parameters
        ----------
        every : {"day", "week", "month", "quarter"}
            Length of a period.

        Returns
        -------
        Fragment
        """
        return finding_cards.findings_fragment(self.context, finding_cards.periods(self.context, every))

    def brief(self, incident: str = "") -> Fragment:
        """The sentences of the emergency brief.

        Parameters
        ----------
        incident : str
            Id of the incident; the watch as a whole when empty.

        Returns
        -------
        Fragment
        """
        sentences = finding_cards.findings(self.context, "brief", incident)
        return finding_cards.findings_fragment(self.context, sentences, most=3)

    def incident(self, incident: str = "") -> Fragment:
        """The incidents of the watch as a table, or one of them.

        Parameters
        ----------
        incident : str
            Id of the incident; all when empty.

        Returns
        -------
        Fragment
        """
        rows = incident_tables.present(self.context)
        return page_tables.incidents_table(rows[rows["incident_id"] == incident] if incident else rows, self.context)

    def evidence(self, posts: Sequence[str] = (), *, most: int = 10) -> Fragment:
        """Posts as a table.

        Parameters
        ----------
        posts : sequence of str
            Post ids; those of the newest incident, by reposts, when empty.
        most : int
            Posts at most.

        Returns
        -------
        Fragment
        """
        return evidence(self.context, list(posts) or page_tables.telling_posts(self.context, most=most), most=most)

    def communities(self) -> Fragment:
        """Communities of accounts that pass things on to each other: size, share, key accounts (masked)."""
        return page_tables.communities_table(self.context)

    def alerts(self, most: int = 12) -> Fragment:
        """The newest alerts with the posts behind each.

        Parameters
        ----------
        most : int
            Alerts at most.

        Returns
        -------
        Fragment
        """
        return page_tables.alerts_table(self.context, most=most)

    def plan(self, incident: str = "", most: int = 12) -> Fragment:
        """The next steps of the playbook: what, who, by when.

        Parameters
        ----------
        incident : str
            Id of the incident; the one that matters most when empty.
        most : int
            Steps at most.

        Returns
        -------
        Fragment
        """
        return page_tables.steps_table(self.context, incident, most=most)

    def answers(self) -> Fragment:
        """The response log."""
        return page_tables.answers_table(self.context)

    def standing(self) -> Fragment:
        """How many labels analysts gave, and how many are needed."""
        from crisislib.workbench.labelling import card_frames

        return finding_cards.findings_fragment(self.context, card_frames.standing(self.context))

    def queue(self, who: str = "", n: int = 100) -> Fragment:
        """The queue of posts to label, with buttons; a sentence where nobody can press them.

        Parameters
        ----------
        who : str
            Name of the analyst; that of the system's user when empty.
        n : int
            Posts in the queue.

        Returns
        -------
        Fragment
        """
        from crisislib.workbench.labelling.queue_opening import queue_fragment

        return queue_fragment(self.context, by=who, n=n)

    def card(self) -> Fragment:
        """The report card of the taught model: sentences."""
        from crisislib.workbench.labelling import card_frames

        return finding_cards.findings_fragment(self.context, card_frames.card(self.context))

    def manifest(self) -> Fragment:
        """Foot of a page, and for the machine what the page was made from."""
        return page_frame.manifest(self.context)

    def foot(self) -> Fragment:
        """Foot of a page: what it was made with."""
        return page_frame.foot(self.context)
