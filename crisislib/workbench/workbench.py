"""The workbench: what a notebook may ask. Everything shown is in the reader's language and escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crisislib.workbench import (
    finding_cards,
    health_lines,
    incident_tables,
    page_frame,
    page_tables,
)
from crisislib.workbench.display import Fragment
from crisislib.workbench.evidence_table import evidence
from crisislib.workbench.opened_cases import OpenedCases


class Workbench(OpenedCases):
    """One watch, opened for reading: every method that ends in a :class:`Fragment` draws one piece of a page.

    Parameters
    ----------
    context : ReportContext
        Tables, window, version and language of the watch; :meth:`open` makes it.
    """

    def heading(self, title: str, every: str = "") -> Fragment:
        """Head of a page: title, watch, level, moment of reading; and its styles.

        Parameters
        ----------
        title : str
            Key of the page, such as `brief` (:data:`crisislib.workbench.page_text.TITLES`), or a title of your own.
        every : {"", "day", "week", "month", "quarter"}
            Of a report of a period: its length, by which it is called.

        Returns
        -------
        Fragment
        """
        return page_frame.heading(self.context, title, every)

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

    def path(self, post: str = "", root: str = "") -> Fragment:
        """How a story came to a post, step by step, with how each step is known.

        Parameters
        ----------
        post : str
            Post id; the one through which most of the story came when empty.
        root : str
            Post id of the story's root; the largest story when empty.

        Returns
        -------
        Fragment
        """
        from crisislib.workbench.story_paths import path_table

        return path_table(self.context, post, root)

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

    def notices(self, incident: str = "") -> Fragment:
        """How far the people affected by a data breach have been notified: counts, no names.

        Parameters
        ----------
        incident : str
            Id of the incident; the latest when empty.

        Returns
        -------
        Fragment
            Nothing where nobody is on a list.
        """
        return page_tables.notices_line(self.context, incident)

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
