"""Addresses to pages: the one place where a model, its frame and its template meet."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import jinja2

from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.watch import Watch
from crisislib.design import component
from crisislib.engine.home import Home
from crisislib.engine.reader_language import reader_language
from crisislib.workbench.pages import bare_pages, page_assets, refusals, situation_model
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.frame_model import FILTERED, Field, Frame, frame, version_of
from crisislib.workbench.pages.incident_model import chosen_incident
from crisislib.workbench.pages.page_forms import forms_for
from crisislib.workbench.pages.page_models import MODELS, incidents_of
from crisislib.workbench.pages.page_words import page_words
from crisislib.workbench.pages.reading import Reading, Typed
from crisislib.workbench.pages.refusals import Fault, Refusal
from crisislib.workbench.pages.snapshot_store import SnapshotStore
from crisislib.workbench.pages.visitor import ANYBODY, Visitor
from crisislib.workbench.selection import Selection, list_watches

logger = logging.getLogger(__name__)
LISTED_S = 10.0
"""Seconds after which a new watch file, or a first post, is known to the pages."""
MOST_PAGES, SETTLED_S = 300, 30
"""Rendered pages that are kept, 60 kB each; and seconds for which "2 min ago" on one may stand."""
BARE: dict[str, Callable[..., dict[str, Any]]] = {"you": bare_pages.you, "login": bare_pages.login}
"""Template of a page without a watch, to what it shows."""


@dataclass(frozen=True)
class View:
    """A rendered page.

    Attributes
    ----------
    status : int
        Of HTTP.
    html : str
        What stands inside the document's page.
    title, language, version : str
        Of the document; of the data.
    fields : sequence of Field
        The filters, for whoever shows them beside the page.
    """

    status: int
    html: str
    title: str
    language: str
    version: str = ""
    fields: Sequence[Field] = ()


class Pages:
    """All pages of one workbench.

    Parameters
    ----------
    home : callable
        Gives the workbench; asked at every page, since a watch file may have been added.
    forms : bool, default True
        Whether the filters stand in the page; a notebook shows them as controls of its own.
    """

    def __init__(self, home: Callable[[], Home] = Home.here, *, forms: bool = True) -> None:
        self._home, self._forms, self.store = home, forms, SnapshotStore()
        self._selections: dict[str, tuple[float, Selection]] = {}
        self._kept: OrderedDict[object, View] = OrderedDict()
        self._lock = Lock()

    @cached_property
    def _templates(self) -> jinja2.Environment:
        from crisislib.design import template_environment

        return template_environment(jinja2.PackageLoader("crisislib.workbench.pages", "templates"))

    def document(self, view: View) -> str:
        """A view as a whole document.

        Parameters
        ----------
        view : View
            What :meth:`view` gave.

        Returns
        -------
        str
            HTML.
        """
        from markupsafe import Markup

        return self._templates.get_template("document.html.j2").render(
            frame={"title": view.title, "language": view.language, "version": view.version},
            view=Markup(view.html), assets=page_assets.version(),
        )  # fmt: skip

    def view(
        self, address: Address, *, accepted: str = "", screen: str = "", visitor: Visitor = ANYBODY, typed: Typed = ()
    ) -> View:
        """The page of an address.

        Parameters
        ----------
        address : Address
            What was asked for.
        accepted : str
            `Accept-Language` of the browser.
        screen : {"", "wide", "narrow"}
            Width of the reader's screen, where the browser reports it.
        visitor : Visitor
            Whose page.
        typed : tuple of (str, str)
            What they sent in a form and was refused.

        Returns
        -------
        View
            With status 404 where what it names is not there, 400 for values that cannot be read, 500 where it broke.
        """

        def broken(failure: Failure) -> View:
            language = address.language or "en"
            w = page_words(language)
            fault = Fault(w["broken"], w["broken_do"].format(error_id=failure.error_id))
            return self.refused(address, language, Refusal(500, [fault]))

        asked = (address, accepted, screen, visitor, typed)
        return run_isolated("page", lambda: self._view(*asked), on_error=broken, logger=logger)

    def reading(self, address: Address, *, accepted: str = "") -> Reading | Selection:
        """What a page reads from.

        Parameters
        ----------
        address : Address
            What was asked for.
        accepted : str
            `Accept-Language` of the browser.

        Returns
        -------
        Reading or Selection
            The watches that there are, where the one asked for is not.
        """
        selection = self._selection(address.watch)
        watch = selection.named(address.watch) if address.watch else selection.first()
        if watch is None:
            return selection
        zone = ZoneInfo(address.tz) if address.tz else watch.zone
        language, home = self._language(address, selection, watch, accepted), selection.home
        return Reading(self.store.get(home, watch), address, language, zone, home.now())

    def _selection(self, watch: str) -> Selection:
        """The watches that there are; asked anew after :data:`LISTED_S`, since a list opens every watch's file."""
        now = time.monotonic()
        at, known = self._selections.get(watch, (float("-inf"), None))
        if known is None or now - at > LISTED_S:
            known = list_watches(self._home(), watch)
            with self._lock:
                if len(self._selections) > MOST_PAGES:  # names that were typed by hand
                    self._selections.clear()
                self._selections[watch] = (now, known)
        return known

    @staticmethod
    def _language(address: Address, selection: Selection, watch: Watch | None, accepted: str) -> str:
        usual = watch.language if watch else "en"
        own = usual if watch and watch.watch in selection.filled and not selection.home.simulated else ""
        return address.language or reader_language(watch=own, browser=accepted, usual=usual)

    def _view(self, address: Address, accepted: str, screen: str, visitor: Visitor, typed: Typed) -> View:
        reading = self.reading(address, accepted=accepted)
        if isinstance(reading, Selection):
            language = self._language(address, reading, None, accepted)
            return self.refused(address, language, refusals.no_watch(address, reading, language))
        reading = replace(reading, screen=screen, visitor=visitor, typed=typed)
        settled = int(reading.now.timestamp() // SETTLED_S)
        versions, where = tuple(reading.snapshot.versions.items()), str(reading.snapshot.home.lake_root)
        key = (address, screen, visitor, typed, reading.language, settled, versions, where)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = self._made(reading)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > MOST_PAGES:
                self._kept.popitem(last=False)
        return made

    def _made(self, reading: Reading) -> View:
        address, selection = reading.address, self._selection(reading.address.watch)
        if address.page == "situation" and not address.wrong:
            return self._situation(reading, selection)
        rows = incidents_of(reading)
        if (refusal := refusals.refused(reading, rows)) is not None:
            return self.refused(address, reading.language, refusal)
        make, headline = MODELS[address.page]
        page = make(reading if address.page in FILTERED else replace(reading, address=address.unfiltered()))
        around = frame(reading, headline(page), watches=selection.watches, incidents=rows)
        return self._render(address.page, reading, around, page)

    def _situation(self, reading: Reading, selection: Selection) -> View:
        every = [replace(reading, snapshot=self.store.get(selection.home, one)) for one in selection.watches]
        zones = {one.watch.zone for one in (r.snapshot for r in every)} if not reading.address.tz else {reading.zone}
        zone = zones.pop() if len(zones) == 1 else ZoneInfo("UTC")  # one clock for all watches
        every = [replace(one, zone=zone, address=reading.address.unfiltered()) for one in every]
        page = situation_model.situation_page(every, selection.faults)
        around = frame(replace(reading, zone=zone), page.headline, several=True)
        return self._render("situation", reading, around, page)

    def _render(self, template: str, reading: Reading, around: Frame, page: object) -> View:
        w, shown = page_words(reading.language), around if self._forms else replace(around, filters=())
        html = self._templates.get_template(f"{template}.html.j2").render(
            frame=shown,
            w=w,
            page=page,
            to=reading.address.to,
            component=component,
            forms=forms_for(reading, None if template in {"situation", "posts"} else chosen_incident(reading)),
        )
        return View(200, html, around.title, reading.language, version_of(reading), around.filters)

    def version(self, address: Address) -> str:
        """The version of the data of a page; empty where there is no such watch.

        Parameters
        ----------
        address : Address
            What was asked for.

        Returns
        -------
        str
        """
        reading = self.reading(address)
        return version_of(reading) if isinstance(reading, Reading) else ""

    def prepare(self) -> None:
        """Read and draw once what every reader needs, so that the first one does not wait for it."""

        def work() -> None:
            self.view(Address("situation"))
            self.view(Address("incident"))

        run_isolated("prepare", work, on_error=lambda _: None, logger=logger)

    def bare_document(self, template: str, language: str, **shown: Any) -> str:
        """A page that shows no watch; what is its reader's own is put in when it is sent.

        Parameters
        ----------
        template : {"you", "login"}
            Which; see :mod:`crisislib.workbench.pages.bare_pages`.
        language : {"zh", "en"}
            Of the page.
        **shown : Any
            What its function there takes.

        Returns
        -------
        str
            A document.
        """
        made = BARE[template](language, **shown)
        html = self._templates.get_template(f"{template}.html.j2").render(**made)
        return self.document(View(200, html, made["frame"].title, language))

    def refused(self, address: Address, language: str, refusal: Refusal) -> View:
        """A page that says what is not there, and what is; with the status of the refusal.

        Parameters
        ----------
        address, language, refusal : Address, {"zh", "en"}, Refusal
            What was asked for; of the page; why it is not shown.

        Returns
        -------
        View
        """
        title = refusal.faults[0].title
        html = self._templates.get_template("missing.html.j2").render(
            frame=bare_pages.bare(address, language, title), w=page_words(language), faults=refusal.faults
        )
        return View(refusal.status, html, title, language)
