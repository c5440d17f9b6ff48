"""The first page of a report: what the incident page of the dashboards shows, at the version of the report's data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from html import escape
from importlib import resources
from typing import Any

import duckdb
import jinja2

from crisislib.core.i18n import N_, tr
from crisislib.design.design_tokens import DARK, LIGHT, SIZES
from crisislib.lake import AsOf, Lake
from crisislib.workbench.display import Fragment
from crisislib.workbench.mail_page import as_text, mail
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.incident_model import IncidentPage, incident_page
from crisislib.workbench.pages.page_words import page_words
from crisislib.workbench.pages.post_index import PostIndex
from crisislib.workbench.pages.reading import Reading
from crisislib.workbench.pages.snapshot import Snapshot
from crisislib.workbench.report_context import ReportContext

MAIL_MIME = "application/vnd.crisis.mail+json"
NO_SUCH = N_("There is no incident {name}")


class PinnedLake(Lake):
    """A lake whose readings are of one data version, whoever asks.

    Parameters
    ----------
    lake : Lake
        The lake.
    as_of : datetime or mapping, optional
        The version.
    """

    def __init__(self, lake: Lake, as_of: AsOf) -> None:
        super().__init__(lake.root)
        self._as_of = as_of

    def sql(self, name: str, *, as_of: AsOf = None, **scope: Any) -> duckdb.DuckDBPyRelation:
        """Like :meth:`Lake.sql`, at the pinned version where none is named.

        Parameters
        ----------
        name : str
            Name of the table.
        as_of : None, datetime or mapping
            Another version.
        **scope : Any
            As :meth:`Lake.sql` takes them.
        """
        return super().sql(name, as_of=self._as_of if as_of is None else as_of, **scope)


@dataclass
class PinnedSnapshot(Snapshot):
    """A snapshot that reads a lake of one version."""

    pinned: PinnedLake | None = None

    @property
    def lake(self) -> Lake:
        """The lake at its version."""
        return self.home.lake if self.pinned is None else self.pinned


def reading_of(context: ReportContext, incident: str = "") -> Reading:
    """What the models of pages need, from what a report reads.

    Parameters
    ----------
    context : ReportContext
        The report.
    incident : str
        Id of the incident; the most urgent one when empty.
    """
    lake = PinnedLake(context.lake, context.as_of)
    index: list[PostIndex] = []

    def posts() -> PostIndex:
        if not index:
            index.append(PostIndex(lake, context.watch.watch))
        return index[0]

    versions = context.table_versions()
    snapshot = PinnedSnapshot(context.home, context.watch, versions, posts, pinned=lake)
    address = Address(page="incident", watch=context.watch.watch, incident=incident)
    moment: datetime = min(context.now, context.until)
    return Reading(snapshot, address, context.language, context.watch.zone, moment)


def page_of(reading: Reading) -> IncidentPage | None:
    """The incident page as typed values, without addresses, for nothing can be opened from paper.

    Parameters
    ----------
    reading : Reading
        From :func:`reading_of`.

    Returns
    -------
    IncidentPage or None
        None where the named incident is not there.
    """
    wanted = reading.address.incident
    if wanted and wanted not in set(reading.snapshot.table("INCIDENTS")["incident_id"]):
        return None
    made = incident_page(reading)
    named = next((i for i, _, shown in made.incidents if shown), "")
    return replace(
        made,
        tiles=[replace(tile, href="") for tile in made.tiles],
        sayings=[replace(one, href="") for one in made.sayings],
        steps=[replace(one, action_id="") for one in made.steps],
        course=replace(made.course, rows=()),
        places=[[_plain(cell) for cell in row] for row in made.places],
        changes=_changes(reading, named) or made.changes,
    )


def _plain(cell: object) -> object:
    return cell["text"] if isinstance(cell, dict) else cell


def _changes(reading: Reading, incident: str) -> list[str]:
    """What has changed, what was answered, and what would bring the level down."""
    known = [reading.finding(key, incident) for key in ("brief.changed", "brief.answered", "brief.down")]
    return [one.render(reading.language) for one in known if one is not None]


def executive(context: ReportContext, incident: str = "") -> Fragment:
    """The first page of a report: level, claim, six numbers, the course, what to do, what people say, where, changes.

    Parameters
    ----------
    context : ReportContext
        The report.
    incident : str
        Id of the incident; the most urgent one when empty.
    """
    reading = reading_of(context, incident)
    page = page_of(reading)
    if page is None:
        return Fragment(f'<p class="cw-none">{escape(tr(NO_SUCH, context.language, name=incident))}</p>')
    html = f"<style>{design_css()}</style>" + _template().render(page=page, w=page_words(context.language))
    return Fragment(html, as_text(page, page_words(reading.language)), {MAIL_MIME: mail(reading, page)})


@cache
def design_css(*, dark: bool = False) -> str:
    """The design for a part of a page that has other styles (a notebook, a report): everything below `.cw-design`.

    Parameters
    ----------
    dark : bool
        Whether it turns dark where the reader's system asks for it; beside charts and tables that are drawn for paper
        it must not.
    """
    declared = "".join(f"--{name}:{value};" for name, value in {**LIGHT, **SIZES, "bg": "#ffffff"}.items())
    style = resources.files("crisislib.design").joinpath("assets/components.css").read_text(encoding="utf-8")
    base = (
        "color:var(--ink);font:var(--text)/1.5 var(--font);font-variant-numeric:tabular-nums;container-type:inline-size"
    )
    night = "".join(f"--{name}:{value};" for name, value in DARK.items())
    by_night = f"@media (prefers-color-scheme:dark){{.cw-design{{{night}}}}}\n" if dark else ""
    return f".cw-design{{{declared}{base}}}\n{by_night}.cw-design{{{style}\n>.card{{margin-bottom:16px}}}}"


@cache
def _template() -> jinja2.Template:
    from crisislib.design import template_environment

    return template_environment(jinja2.PackageLoader("crisislib.workbench", "templates")).get_template(
        "executive.html.j2"
    )
