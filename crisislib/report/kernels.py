"""Kernels kept warm: a notebook starts in one that has already imported what it needs.

One spare per notebook, thrown away after it, so that no state leaks from one report to the next.
"""

from __future__ import annotations

import atexit
import os

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

ENGINE = "warm"
_IMPORTS = "import crisislib.workbench"
_PATIENCE_S = 60


class Pool:
    """At most one spare kernel.

    Attributes
    ----------
    keep : bool
        Start the next spare as soon as one is taken; for processes that live on.
    """

    def __init__(self) -> None:
        self.keep = False
        self._spare: tuple[AsyncKernelManager, object] | None = None

    def prepare(self) -> None:
        """Start a spare, if there is none, and let it import while others work."""
        if self._spare is not None:
            return
        # Files instead of ports where there are such sockets: nobody else on the machine can listen in.
        manager = AsyncKernelManager(kernel_name="python3", transport="tcp" if os.name == "nt" else "ipc")
        # One thread a kernel: several BLAS pools on few cores slow each other down many times over.
        run_sync(manager.start_kernel)(env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ})
        client = manager.client()
        client.start_channels()
        client.execute(_IMPORTS, silent=True, store_history=False)
        self._spare = (manager, client)

    def take(self) -> tuple[AsyncKernelManager, object]:
        """The spare, ready to run; the caller shuts it down."""
        self.prepare()
        assert self._spare is not None
        (manager, client), self._spare = self._spare, None
        run_sync(client.wait_for_ready)(timeout=_PATIENCE_S)  # type: ignore[attr-defined]
        if self.keep:
            self.prepare()
        return manager, client

    def close(self) -> None:
        """Shut the spare down."""
        if self._spare is not None:
            (manager, client), self._spare = self._spare, None
            client.stop_channels()  # type: ignore[attr-defined]
            run_sync(manager.shutdown_kernel)(now=True)


POOL = Pool()
atexit.register(POOL.close)


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's own engine, in a kernel out of the pool; its plain way where none can be had."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: object, kernel_name: str, **options: object) -> object:
        """Run a notebook; see `papermill.engines.NBClientEngine`."""
        try:
            manager, client = POOL.take()
        except (RuntimeError, NoSuchKernel, OSError):  # no spare to be had: the plain way still works
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        runner = PapermillNotebookClient(nb_man, km=manager, kernel_name=kernel_name, timeout=options.get("timeout"))
        runner.kc = client
        try:
            return runner.execute()
        finally:
            client.stop_channels()  # type: ignore[attr-defined]
            run_sync(manager.shutdown_kernel)(now=True)


papermill_engines.register(ENGINE, WarmEngine)
