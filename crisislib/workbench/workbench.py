"""The workbench: what a notebook may ask. Everything shown is in the reader's language and escaped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

import pandas as pd

from crisislib import __version__
from crisislib.charts import LEVEL_COLOURS, level_name
from crisislib.core.finding import Finding
from crisislib.core.i18n import N_, tr
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.reader_language import reader_language
from crisislib.lake import AsOf
from crisislib.workbench import chart_frames, incident_tables, page_tables
from crisislib.workbench import finding_cards as said
from crisislib.workbench import health_lines as data_health
from crisislib.workbench.display import Shown, use_renderer
from crisislib.workbench.evidence_table import evidence
from crisislib.workbench.kernel_log import log_from_kernel
from crisislib.workbench.page_charts import Pictures
from crisislib.workbench.page_text import SECTIONS, TITLES
from crisislib.workbench.report_context import Desk, instant, moment
from crisislib.workbench.selection import note_on, offer

MANIFEST_MIME = "application/vnd.crisis.manifest+json"
READ = N_("Read at {now} ({zone}); the foot of the page names the versions of the data.")
LEVEL = N_("Level: {level}")
MADE = N_(
    "Made with crisislib {version} from these table versions: {versions}. "
    "Texts come from the sources; names are masked."
)


class Workbench:
    """One watch, opened for reading.

    Attributes
    ----------
    desk : Desk
        Its tables, window, version and language.
    charts : Pictures
        Its pictures.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk, self.charts = desk, Pictures(desk)

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
            `zh` or `en`; that of the watch when empty, the reader's own for the demonstration or where nothing is held.

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
            found = offer(home)
            home, chosen = found.home, found.first() or found.home.all_watches()[0]
            own = not home.simulated and chosen.watch in found.filled
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
        """One watch of a workbench that is known; see :meth:`open`."""
        use_renderer()
        log_from_kernel()
        version = moment(as_of)
        read_at = instant(now, what="now") or home.now()
        desk = Desk(
            watch=watch,
            home=home,
            # Pinned at opening: every number of one report comes from the same state of the lake.
            as_of=home.lake.versions() if version is None else version,
            since=instant(since, what="since"),
            until=instant(until, what="until") or read_at,
            now=read_at,
            language=language,
            past=version is not None,
        )
        return cls(desk)

    # -- tables ----------------------------------------------------------------------------------

    def table(self, name: str) -> pd.DataFrame:
        """One table of the watch in the window, as pandas; without long texts for POSTS and EDGES."""
        return self.desk.sql(f"SELECT * FROM {name.lower()}", name)

    def posts(self, ids: Sequence[str] = (), *, most: int = 1000) -> pd.DataFrame:
        """Chosen posts with their texts, or the newest ones."""
        if not ids:
            newest = "SELECT post_id FROM posts ORDER BY created_at DESC, post_id LIMIT $most"
            ids = list(self.desk.sql(newest, "POSTS", most=most)["post_id"])
        return self.desk.whole(ids)

    def labels(self, label: str) -> pd.DataFrame:
        """Rows of one label in the window."""
        return self.desk.sql(f"SELECT * FROM {self.desk.label(label)}")

    def signals(self, *names: str) -> pd.DataFrame:
        """SIGNALS rows in the window."""
        return chart_frames.signals(self.desk, names)

    # -- pieces of a page ------------------------------------------------------------------------

    def heading(self, title: str) -> Shown:
        """Head of a page: title, watch, level, moment of reading; and its styles."""
        language, now = self.desk.language, self.desk.now.astimezone(self.desk.watch.zone)
        read = tr(READ, language, now=now.strftime("%Y-%m-%d %H:%M"), zone=self.desk.zone)
        words = f"{self.desk.watch.name(language)} · {tr(TITLES[title], language)}"
        empty = not self.desk.counted("POSTS") and not self.desk.home.filled()
        note = note_on(self.desk.home, language, zone=self.desk.watch.zone, empty=empty)
        return Shown(
            page_tables.page_head(words, f"{self._badge()}<p>{escape(read)}</p>", note=note), f"{words}\n{note}"
        )

    def _badge(self) -> str:
        level = incident_tables.level(self.desk)
        name = tr(LEVEL, self.desk.language, level=level_name(level, self.desk.language))
        ink = "#fff" if level in {"red", "blue", "orange"} else "#1f2933"
        return f'<span class="cw-badge" style="background:{LEVEL_COLOURS[level]};color:{ink}">{escape(name)}</span>'

    def say(self, section: str) -> Shown:
        """Heading and one line on how to read a section."""
        title, words = (tr(m, self.desk.language) for m in SECTIONS[section])
        return Shown(
            f'<h2 class="cw-h2">{escape(title)}</h2><p class="cw-read">{escape(words)}</p>', f"## {title}\n{words}"
        )

    def health(self) -> Shown:
        """Data health; stands before every number."""
        return data_health.health(self.desk)

    def facts(self, room: str) -> list[Finding]:
        """Findings of a room as objects."""
        return said.findings(self.desk, room)

    def findings(self, room: str) -> Shown:
        """Findings of a room, each with the posts behind it."""
        return said.told(self.desk, self.facts(room))

    def periods(self, every: str) -> Shown:
        """The newest periods (`day`, `week`, `month`, `quarter`) against the ones before, each with its posts."""
        return said.told(self.desk, said.periods(self.desk, every))

    def brief(self, incident: str = "") -> Shown:
        """The sentences of the emergency brief."""
        return said.told(self.desk, said.findings(self.desk, "brief", incident), most=3)

    def incident(self, incident: str = "") -> Shown:
        """The incidents of the watch as a table, or one of them."""
        rows = incident_tables.present(self.desk)
        return page_tables.incidents_table(rows[rows["incident_id"] == incident] if incident else rows, self.desk)

    def evidence(self, posts: Sequence[str] = (), *, most: int = 10) -> Shown:
        """Posts as a table; of the newest incident, by reposts, when none are named."""
        return evidence(self.desk, list(posts) or page_tables.telling(self.desk, most=most), most=most)

    def circles(self) -> Shown:
        """Circles of accounts that pass things on to each other: size, share, key accounts (masked)."""
        return page_tables.circles_table(self.desk)

    def alerts(self, most: int = 12) -> Shown:
        """The newest alerts with the posts behind each."""
        return page_tables.alerts_table(self.desk, most=most)

    def plan(self, incident: str = "", most: int = 12) -> Shown:
        """The next steps of the playbook: what, who, by when."""
        return page_tables.steps_table(self.desk, incident, most=most)

    def answers(self) -> Shown:
        """The response log."""
        return page_tables.answers_table(self.desk)

    def standing(self) -> Shown:
        """How many labels analysts gave, and how many are needed."""
        from crisislib.workbench.labelling import card

        return said.told(self.desk, card.standing(self.desk))

    def queue(self, who: str = "", n: int = 100) -> Shown:
        """The queue of posts to label, with buttons; a sentence where nobody can press them."""
        from crisislib.workbench.labelling.open import queue_shown

        return queue_shown(self, by=who, n=n)

    def card(self) -> Shown:
        """The report card of the taught model: sentences."""
        from crisislib.workbench.labelling import card

        return said.told(self.desk, card.card(self.desk))

    def manifest(self) -> Shown:
        """Foot of a page, and for the machine what the page was made from."""
        data, rows = self.desk.data(), data_health.judged(self.desk).sources
        facts = {
            "watch": self.desk.watch.watch,
            "language": self.desk.language,
            "now": self.desk.now.isoformat(),
            "since": self.desk.since.isoformat() if self.desk.since else None,
            "until": self.desk.until.isoformat(),
            "data": data,
            "code": __version__,
            "rows": {name: self.desk.counted(name) for name in data},
            "sources": [
                {"source": s, "state": v, "posts": int(n)} for s, v, n in rows[["source", "state", "n"]].to_numpy()
            ],
            "level": incident_tables.level(self.desk),
            "findings": [f.render(self.desk.language) for f in said.findings(self.desk, "brief")],
        }
        foot = self.foot()
        return Shown(foot.html, foot.text, {MANIFEST_MIME: facts})

    def foot(self) -> Shown:
        """Foot of a page: what it was made with."""
        listed = ", ".join(f"{k} {v}" for k, v in self.desk.data().items()) or "–"
        words = tr(MADE, self.desk.language, version=__version__, versions=listed)
        return Shown(f'<p class="cw-foot">{escape(words)}</p>', words)
