"""Requests to pages: readers share one process, and every page is rendered in a few threads of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from crisislib.core.i18n import N_, tr
from crisislib.engine.reader_language import reader_language
from crisislib.workbench.pages import page_assets, posts_model
from crisislib.workbench.pages.address import PAGES, Address
from crisislib.workbench.pages.page_models import incident_choice
from crisislib.workbench.pages.page_views import Pages, View
from crisislib.workbench.pages.reading import Reading, Typed
from crisislib.workbench.pages.visitor import Visitor, personal, visitor_of

T = TypeVar("T")
NO_WATCH = N_("there is no such watch")
THREADS = 4
"""Pages that are rendered at once: twice the cores of a small server, since a page waits for files, too."""
FOREVER = "private, max-age=31536000, immutable"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
"""Nothing runs but our own file: no script, style or address of a post can be more than text."""
DOWNLOADS: dict[str, tuple[str, Callable[..., bytes]]] = {
    "csv": ("text/csv; charset=utf-8", posts_model.as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", posts_model.as_xlsx),
}
"""Ending of a download to its type and what makes it."""


class PageHandler(JupyterHandler):
    """What all handlers of pages share: the pages, the threads, the policy."""

    def initialize(self, pages: Pages, pool: ThreadPoolExecutor) -> None:
        """Set by the table of handlers.

        Parameters
        ----------
        pages : Pages
            All pages of the workbench.
        pool : ThreadPoolExecutor
            Where they are rendered.
        """
        self.pages, self.pool = pages, pool

    @property
    def content_security_policy(self) -> str:
        """Stricter than that of notebooks, which need inline scripts."""
        return POLICY

    def set_default_headers(self) -> None:
        """Headers of every answer."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "private, no-cache")

    def address(self, page: str) -> Address:
        """What the request asks for.

        Parameters
        ----------
        page : str
            Which page.

        Returns
        -------
        Address
        """
        names = self.request.query_arguments
        return Address.parse(page, {name: self.get_query_argument(name) for name in names})

    async def head(self, *names: str) -> None:
        """The headers of a page alone, which checks of availability ask for.

        Parameters
        ----------
        *names : str
            What :meth:`get` takes from the address.
        """
        answer = self.get(*names)
        if answer is not None:
            await answer

    def write_error(self, status_code: int, **fault: Any) -> None:
        """A refused request as plain text: the notebook server's page of errors needs files that are not served here.

        Parameters
        ----------
        status_code : int
            HTTP status.
        **fault : Any
            The exception, where there is one; the log has it.
        """
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}: {tr(self._reason, self.language)}")

    async def run(self, work: Callable[..., T], *values: Any) -> T:
        """Some work in a thread, so that other readers are answered meanwhile.

        Parameters
        ----------
        work : callable
            Does it.
        *values : Any
            What it is given.

        Returns
        -------
        object
            What it gave.
        """
        return await asyncio.get_running_loop().run_in_executor(self.pool, work, *values)

    @property
    def screen(self) -> str:
        """Width of the reader's screen, where our script reports it."""
        given = self.request.headers.get("X-Screen", "")
        return given if given in {"wide", "narrow"} else ""

    @property
    def accepted(self) -> str:
        """Languages that the browser asks for."""
        return str(self.request.headers.get("Accept-Language", ""))

    @property
    def language(self) -> str:
        """Of a page that shows no watch."""
        asked = Address.parse("situation", {"language": self.get_query_argument("language", "")}).language
        return asked or reader_language(browser=self.accepted, usual="en")

    @property
    def visitor(self) -> Visitor:
        """Who asks, as far as pages differ by it."""
        return visitor_of(self.current_user, logged_in=self.identity_provider.logout_available)

    async def show(self, address: Address, *, notice: str = "", status: int = 0, typed: Typed = ()) -> None:
        """Answer with a page, whole or, where our script asks, only what changes in it.

        Parameters
        ----------
        address : Address
            Which.
        notice : str
            An answer to what the reader did.
        status : int
            Of HTTP; that of the page when 0.
        typed : tuple of (str, str)
            What they typed, where it was refused: it stays in its form.
        """
        view: View = await self.run(
            lambda: self.pages.view(
                address, accepted=self.accepted, screen=self.screen, visitor=self.visitor, typed=typed
            )
        )
        self.set_status(status or view.status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Language", view.language)
        self.set_header("Vary", "X-Fragment, X-Screen, Accept-Language, Cookie")
        fragment = self.request.headers.get("X-Fragment")
        if fragment:
            self.set_header("X-Page-Title", quote(view.title))
            self.set_header("X-Page-Version", view.version)
        html = view.html if fragment else self.pages.document(view)
        token = self.xsrf_token.decode() if self.visitor.named else ""  # a cookie, which readers need not have
        self.finish(personal(html, token=token, name=self.current_user.name, notice=notice))


class ViewHandler(PageHandler):
    """A page, whole or only what changes in it."""

    @web.authenticated
    async def get(self, page: str) -> None:
        """Answer with the page.

        Parameters
        ----------
        page : str
            Which page.
        """
        address = self.address(page)
        await self.show(address)


class StartHandler(PageHandler):
    """The address without a page: the situation."""

    @web.authenticated
    async def get(self) -> None:
        """Send the reader on."""
        self.redirect(self.address("situation").to())


class VersionHandler(PageHandler):
    """The version of the data of a page, for browsers that ask whether it has changed."""

    @web.authenticated
    async def get(self) -> None:
        """Answer with the version as text."""
        address = self.address("situation")
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(await self.run(lambda: self.pages.version(address)))


class DownloadHandler(PageHandler):
    """The posts of a page as a table."""

    @web.authenticated
    async def get(self, ending: str) -> None:
        """Answer with the file; with a page that says why where there is none.

        Parameters
        ----------
        ending : str
            Key of :data:`DOWNLOADS`.
        """
        kind, make = DOWNLOADS[ending]
        address = replace(self.address("posts"), number=1)
        view = await self.run(lambda: self.pages.view(address, accepted=self.accepted))
        reading = await self.run(lambda: self.pages.reading(address, accepted=self.accepted))
        if view.status != HTTPStatus.OK or not isinstance(reading, Reading):
            await self.show(address)  # a file of other posts than were asked for would be taken for an answer
            return
        made = await self.run(lambda: make(reading, incident_choice(reading)))
        self.set_header("Content-Type", kind)
        name = f"{reading.snapshot.watch.watch}-posts.{ending}"
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name)}")
        self.finish(made)


class AssetHandler(PageHandler):
    """Style and script of the pages; the same for everybody, so also for the page that asks for a login."""

    @allow_unauthenticated
    def get(self, name: str) -> None:
        """Answer with the file.

        Parameters
        ----------
        name : str
            Which.
        """
        self.set_header("Content-Type", page_assets.KINDS[name])
        self.set_header(
            "Cache-Control", FOREVER if self.get_query_argument("v", "") == page_assets.version() else "no-cache"
        )
        self.finish(page_assets.asset(name))


def handlers(pages: Pages) -> list[tuple[Any, ...]]:
    """The table of handlers.

    Parameters
    ----------
    pages : Pages
        All pages of the workbench.

    Returns
    -------
    list of tuple
        Pattern, handler and what it is initialized with.
    """
    given = {"pages": pages, "pool": ThreadPoolExecutor(THREADS, thread_name_prefix="page")}
    files = "|".join(name.replace(".", r"\.") for name in page_assets.KINDS)
    return [
        (rf"/({'|'.join(PAGES)}|posts)", ViewHandler, given),
        (rf"/posts\.({'|'.join(DOWNLOADS)})", DownloadHandler, given),
        (r"/version", VersionHandler, given),
        (rf"/assets/({files})", AssetHandler, given),
        (r"/", StartHandler, given),
    ]
