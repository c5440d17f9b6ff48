"""Voila as we serve it: known hosts only, kernels that end with their page, and a polite page when it is full.

The faces put their shared pages before it (`crisislib.workbench.pages.pages_app`), which `crisis dashboards` starts.
"""

from __future__ import annotations

import inspect
import ipaddress
import logging
import os
import re
import time
from typing import Any, cast

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado import web
from traitlets import Int, List, Unicode
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

from crisislib.core.i18n import N_, tr
from crisislib.services.dashboards_access import Access
from crisislib.services.dashboards_identity import ReaderIdentity
from crisislib.services.dashboards_server import ACCESS, MOST_PAGES

GRACE_S = 60.0
"""How long a page may be without a connection before its kernel counts as abandoned: a slow browser has connected by
then, a laptop that slept for a moment is back."""
CULL_AFTER_S = 300
"""A kernel that nobody is connected to and that has done nothing for five minutes ends by itself."""
CULL_EVERY_S = 30
"""How often that is looked after; a pass over a few dozen kernels costs nothing."""
PING_MS = 30_000
"""How long a browser may leave a ping without an answer: one interval."""
RETRY_S = 15
"""When a browser that was turned away tries again: about as long as a reader needs to close a page elsewhere."""
POLICY = "; ".join(
    (
        "default-src 'self'",
        # The page's widgets are started by inline scripts of Voila, and Vega compiles its expressions.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline' data:",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
"""Content security policy: nothing is fetched from, framed by or sent to another site."""
FULL = N_("All places ({n}) are taken at the moment. This page tries again by itself in a few seconds.")
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="{retry}">
<meta name="viewport" content="width=device-width"><title>…</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1rem">
<p lang="zh">{zh}</p><p lang="en">{en}</p></body></html>"""
logger = logging.getLogger(__name__)
_RUNS = re.compile(r"^/(voila/(?!static|templates|api/themes|labextensions)|api/|$)")
"""Addresses behind which a kernel runs or files lie: who holds a kernel's address can have it run anything."""


class NoViewers:
    """Refuses readers whose role is only to read: notebooks run code."""

    async def prepare(self, *args: Any, **options: Any) -> Any:
        """Ask who it is, and turn viewers away.

        Parameters
        ----------
        *args, **options : Any
            Of the handler itself.

        Returns
        -------
        object
            What the handler itself makes of the request.

        Raises
        ------
        tornado.web.HTTPError
            The reader is a viewer.
        """
        answer = super().prepare(*args, **options)  # type: ignore[misc]
        answer = await answer if inspect.isawaitable(answer) else answer
        user = self.current_user  # type: ignore[attr-defined]
        if user is not None and user.username == "viewer":
            raise web.HTTPError(403, "notebooks are for analysts and responders")
        return answer


class KnownHost:
    """Refuses requests that name a host this server is not known by.

    A page of another site can make its own name lead to this machine (DNS rebinding), and would then count as this
    server's own. An address in numbers cannot be rebound, so every such one is accepted.
    """

    def check_host(self) -> bool:
        """Whether the request asks for an address in numbers, for localhost, or for a name that we were given.

        Returns
        -------
        bool
            False for anybody else's name.
        """
        request, settings = self.request, self.settings  # type: ignore[attr-defined]
        host = re.sub(r":\d+$", "", request.host).strip("[]").lower()
        try:
            ipaddress.ip_address(host)
        except ValueError:
            known = host in settings["crisis_hosts"]
            if not known:
                logger.warning("refused a request for host %r: crisis dashboards --name HOST makes it known", host)
            return known
        return True


class PageKernels(AsyncMappingKernelManager):
    """Kernels of open pages; those that nobody is connected to can be distinguished from those in use."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._unused_since: dict[str, float] = {}

    def notify_connect(self, kernel_id: str) -> None:
        """A browser has connected to a kernel.

        Parameters
        ----------
        kernel_id : str
            Which.
        """
        super().notify_connect(kernel_id)  # type: ignore[no-untyped-call]
        self._unused_since.pop(kernel_id, None)

    def in_use(self, now: float) -> tuple[list[str], list[str]]:
        """Kernels of pages, without the warm ones that wait for a reader.

        Parameters
        ----------
        now : float
            Monotonic clock, in seconds.

        Returns
        -------
        used, abandoned : list of str
            Ids: connected or young, and without a connection for :data:`GRACE_S`.
        """
        waiting = self._warm()
        used: list[str] = []
        abandoned: list[str] = []
        for kernel_id in self.list_kernel_ids():
            if kernel_id in waiting:
                continue
            if self._kernel_connections.get(kernel_id, 0):
                self._unused_since.pop(kernel_id, None)
                used.append(kernel_id)
            else:
                since = self._unused_since.setdefault(kernel_id, now)
                (abandoned if now - since > GRACE_S else used).append(kernel_id)
        return used, abandoned

    def _warm(self) -> set[str]:
        pools = getattr(self, "_pools", {})
        done = [f.result() for pool in pools.values() for f in pool if f.done() and not f.exception()]
        return {str(one.get("kernel_id")) for one in done}


class KernelPageHandler(TornadoVoilaHandler):  # type: ignore[misc]
    """A dashboard page, unless the server is full."""

    async def get(self, path: str | None = None) -> None:
        """Serve a page, or say that there is no place.

        Parameters
        ----------
        path : str, optional
            Notebook below the served folder.
        """
        kernels, most = cast(PageKernels, self.kernel_manager), self.settings["crisis_most_pages"]
        used, abandoned = kernels.in_use(time.monotonic())
        for kernel_id in abandoned:
            logger.info("kernel %s belongs to no page any more: it is ended", kernel_id)
            await kernels.shutdown_kernel(kernel_id)  # type: ignore[no-untyped-call]
        if len(used) >= most:
            logger.warning("a reader was turned away: %d pages are open, of at most %d", len(used), most)
            self.set_status(503)
            self.set_header("Retry-After", str(RETRY_S))
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(_PAGE.format(retry=RETRY_S, zh=tr(FULL, "zh", n=most), en=tr(FULL, "en", n=most)))
            return
        await super().get(path)


class ShutdownHandler(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """A page that closes ends its kernel.

    The browser sends this by a beacon, which can carry no token of ours; so it counts that the request comes from a
    page of this server. Who knows the kernel's random id may talk to it anyway.
    """

    def check_xsrf_cookie(self) -> None:
        """Accept a request whose origin is this server.

        Raises
        ------
        tornado.web.HTTPError
            It comes from another site.
        """
        origin = self.request.headers.get("Origin", "")
        if origin.split("://")[-1] != self.request.host:
            raise web.HTTPError(403, "a kernel is ended by its own page only")


class DashboardsApp(Voila):  # type: ignore[misc]
    """Voila with a check of hosts, a policy for browsers, and an upper bound of open pages."""

    name = "crisis-dashboards"
    hosts = List(Unicode(), help="Names that this server may be asked by, beside loopback.").tag(config=True)
    most_pages = Int(MOST_PAGES, help="How many pages may be open at once.").tag(config=True)

    def initialize(self, argv: list[str] | None = None) -> None:
        """Read the options, and what pages need beyond Voila's own defaults.

        Parameters
        ----------
        argv : list of str, optional
            Options; those of the process when left out.
        """
        defaults = Config()
        defaults.MappingKernelManager.cull_idle_timeout = CULL_AFTER_S
        defaults.MappingKernelManager.cull_interval = CULL_EVERY_S
        defaults.Voila.log_level = logging.WARNING  # where files lie is no news to whoever starts the server
        if os.name == "posix":
            defaults.KernelManager.transport = "ipc"  # a file, which other users of this machine cannot connect to
        self.update_config(defaults)
        super().initialize(argv)
        self.log.addFilter(lambda record: "is not trusted" not in record.getMessage())  # ours come with the package
        self.access = Access.from_text(os.environ.pop(ACCESS, ""))
        self.identity_provider_class = ReaderIdentity
        self.voila_configuration.multi_kernel_manager_class = PageKernels

    def init_settings(self) -> dict[str, Any]:
        """Settings of the server.

        Returns
        -------
        dict
            Voila's, with the check of hosts and the policy.
        """
        settings: dict[str, Any] = super().init_settings()
        settings["identity_provider"].access = self.access
        return {
            **settings,
            "crisis_hosts": {"localhost", *(host.lower() for host in self.hosts)},
            "headers": {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"},
            "crisis_most_pages": self.most_pages,
            "ws_ping_timeout": PING_MS,  # Jupyter's own, three times its interval, is refused with a warning
        }

    def init_handlers(self) -> list[Any]:
        """Handlers of the server.

        Returns
        -------
        list
            Voila's, with ours in the place of two.
        """
        ours = {TornadoVoilaHandler: KernelPageHandler, VoilaShutdownKernelHandler: ShutdownHandler}
        before, after = ([(one[0], _known_host(one[1]), *one[2:]) for one in many] for many in self.page_handlers())
        theirs = [(one[0], _known_host(ours.get(one[1], one[1])), *one[2:]) for one in super().init_handlers()]
        theirs = [(one[0], _no_viewers(one[1]) if _RUNS.match(one[0]) else one[1], *one[2:]) for one in theirs]
        return [*before, *theirs, *after]

    def page_handlers(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Handlers that go before Voila's, and after them; the faces put their pages here.

        Returns
        -------
        tuple of list of tuple
            None in the server alone.
        """
        return [], []


def _known_host(handler: type) -> type:
    """A handler that checks the host, where it is one that can."""
    return type(handler.__name__, (KnownHost, handler), {}) if issubclass(handler, JupyterHandler) else handler


def _no_viewers(handler: type) -> type:
    """A handler that turns viewers away, where it is one that knows who asks."""
    return type(handler.__name__, (NoViewers, handler), {}) if issubclass(handler, JupyterHandler) else handler
