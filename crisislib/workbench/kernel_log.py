"""Logging in a kernel: to the server's standard error and to its file, never into the notebook."""

from __future__ import annotations

import io
import logging

from IPython.core.getipython import get_ipython

from crisislib.core import logs


def log_from_kernel() -> None:
    """Send our log lines where the kernel's own go; outside a kernel, leave logging as it is.

    A kernel turns standard error into output of the cell, which a reader would see. Its own log goes to the stream
    that was standard error before. The file and the level come from the environment of the server (see
    :meth:`crisislib.core.logs.LogSettings.environment`).
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return
    streams = [h.stream for h in kernel.log.handlers if isinstance(h, logging.StreamHandler)]
    logs.set_up(stream=streams[0] if streams else io.StringIO(), only="crisislib")
    logging.getLogger("crisislib").propagate = False
