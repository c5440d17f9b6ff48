"""The dashboards' server: shared pages for readers, and Voila beside them for notebooks.

Started as `python -m crisislib.workbench.pages.pages_app` with Voila's own options; `crisis dashboards` does so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from tornado import web
from tornado.ioloop import IOLoop

from crisislib.services.dashboards_app import DashboardsApp
from crisislib.workbench.pages.act_handlers import acting_handlers
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.page_handlers import PageHandler, handlers
from crisislib.workbench.pages.page_views import Pages
from crisislib.workbench.pages.refusals import no_page
from crisislib.workbench.pages.visitor import personal

_READY = "ready"
"""Printed below the address once a browser is answered."""


class NoPageHandler(PageHandler):
    """Any address that nothing else answers."""

    @web.authenticated
    async def get(self) -> None:
        """Say so, with the pages that there are."""
        refusal = no_page(self.language)
        view = self.pages.refused(Address("", language=self.language), self.language, refusal)
        self.set_status(view.status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(personal(self.pages.document(view)))


class PagesApp(DashboardsApp):
    """The server with our pages before Voila's."""

    def listen(self) -> None:
        """Listen until it is stopped; print once a reader is answered, since to load it all takes seconds."""
        IOLoop.current().add_callback(print, _READY, flush=True)
        super().listen()

    def page_handlers(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Handlers of the shared pages, and what answers where neither we nor Voila know the address.

        Returns
        -------
        tuple of list of tuple
        """
        pages = Pages()
        made = handlers(pages)
        given = made[0][2]
        made += acting_handlers(given)
        given["pool"].submit(pages.prepare)  # the first reader should not wait for what all need
        return made, [(r"/.*", NoPageHandler, given)]


main = cast(Callable[..., Awaitable[None] | None], PagesApp.launch_instance)

if __name__ == "__main__":
    main()
