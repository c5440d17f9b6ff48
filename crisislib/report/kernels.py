"""Kernels kept warm: a notebook starts in one that has already imported what it needs.

One spare per notebook, thrown away after it, so that no state leaks from one report to the next.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from crisislib.core import logs

ENGINE = "warm"
_IMPORTS = "from crisislib.core.lazy import preload; preload('crisislib.workbench', 'crisislib.charts')"
PATIENCE_S = 300
"""Seconds until a kernel must answer: it imports the workbench first, which takes minutes on a machine that is
overloaded; to give up and start another one would take longer still."""


class PrivateKernel(AsyncKernelManager):  # type: ignore[misc]
    """A kernel behind socket files in a folder of its own instead of ports, which is removed with it.

    Nobody else on the machine can listen in; and the default names, relative to the present folder, would be shared
    with every other kernel there. Windows has no such sockets.

    Parameters
    ----------
    **options : Any
        See `jupyter_client.manager.AsyncKernelManager`.
    """

    def __init__(self, **options: Any) -> None:
        folder = Path(tempfile.mkdtemp(prefix="crisis-kernel-"))
        transport = "tcp" if os.name == "nt" else "ipc"
        super().__init__(transport=transport, connection_file=str(folder / "kernel.json"), **options)
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)


@dataclass
class Spare:
    """A started kernel, its client, and the private folder of its sockets.

    Attributes
    ----------
    manager : PrivateKernel
        Manages the process.
    client : Any
        Its blocking client, ready.
    """

    manager: PrivateKernel
    client: Any

    def stop(self) -> None:
        """Shut it down."""
        self.client.stop_channels()
        run_sync(self.manager.shutdown_kernel)(now=True)


def _start() -> Spare:
    manager = PrivateKernel(kernel_name="python3")
    # One thread a kernel: several BLAS pools on few cores slow each other down many times over.
    env = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ, **logs.current().environment()}
    run_sync(manager.start_kernel)(env=env)
    client = manager.client()
    client.start_channels()
    client.execute(_IMPORTS, silent=True, store_history=False)
    return Spare(manager, client)


class Pool:
    """At most one spare kernel.

    Attributes
    ----------
    keep : bool
        Start the next spare as soon as one is taken; for processes that live on.
    """

    def __init__(self) -> None:
        self.keep = False
        self._spare: Spare | None = None

    def prepare(self) -> None:
        """Start a spare, if there is none, and let it import while others work."""
        if self._spare is None:
            self._spare = _start()

    def take(self) -> Spare:
        """The spare, ready to run; the caller stops it."""
        spare, self._spare = self._spare or _start(), None
        try:
            run_sync(spare.client.wait_for_ready)(timeout=PATIENCE_S)
        except RuntimeError:  # dead, or silent for too long
            spare.stop()
            raise
        if self.keep:
            self.prepare()
        return spare

    def close(self) -> None:
        """Stop the spare."""
        if self._spare is not None:
            spare, self._spare = self._spare, None
            spare.stop()


POOL = Pool()
atexit.register(POOL.close)


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's own engine, in a kernel out of the pool; its plain way where none can be had."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: object) -> object:
        """Run a notebook in a spare kernel, or in a fresh one where there is no spare.

        Parameters
        ----------
        nb_man : papermill.execute.NotebookExecutionManager
            The notebook and its progress.
        kernel_name : str
            Name of the kernel specification.
        **options : object
            See `papermill.engines.NBClientEngine`; `execution_timeout` is the limit of a cell in seconds.

        Returns
        -------
        object
            What the client returns: the executed notebook.
        """
        try:
            spare = POOL.take()
        except (RuntimeError, NoSuchKernel, OSError):  # no spare to be had: the plain way still works
            return super().execute_managed_notebook(nb_man, kernel_name, kernel_manager_class=PrivateKernel, **options)
        runner = PapermillNotebookClient(
            nb_man, km=spare.manager, kernel_name=kernel_name, timeout=options.get("execution_timeout")
        )
        runner.kc = spare.client
        # Papermill would write the whole notebook before and after every cell; it is written once, at the end.
        target, nb_man.output_path = nb_man.output_path, None
        try:
            return runner.execute()
        finally:
            nb_man.output_path = target
            spare.stop()


papermill_engines.register(ENGINE, WarmEngine)
