"""The dashboards' server: shared pages for readers, and Voila beside them for notebooks.

Started as `python -m crisislib.workbench.pages.pages_app` with Voila's own options; `crisis dashboards` does so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from tornado.ioloop import IOLoop

from crisislib.services.dashboards_app import DashboardsApp
from crisislib.workbench.pages.act_handlers import acting_handlers
from crisislib.workbench.pages.page_handlers import handlers
from crisislib.workbench.pages.page_views import Pages

_READY = "ready"
"""Printed below the address once a browser is answered."""


class PagesApp(DashboardsApp):
    """The server with our pages before Voila's."""

    def listen(self) -> None:
        """Listen until it is stopped; print once a reader is answered, since to load it all takes seconds."""
        IOLoop.current().add_callback(print, _READY, flush=True)
        super().listen()

    def page_handlers(self) -> list[tuple[Any, ...]]:
        """Handlers of the shared pages.

        Returns
        -------
        list of tuple
        """
        pages = Pages()
        made = handlers(pages)
        made += acting_handlers(made[0][2])
        made[0][2]["pool"].submit(pages.prepare)  # the first reader should not wait for what all need
        return made


main = cast(Callable[..., Awaitable[None] | None], PagesApp.launch_instance)

if __name__ == "__main__":
    main()
