"""The command that serves the dashboards: Voila over the notebooks, no network for the browser.

Every dashboard is read-only but one: `labelling` writes an analyst's labels. It is served only where it was asked
for; else it is neither listed nor willing to run.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path

import crisislib
from crisislib.core import logs
from crisislib.core.errors import ReportError
from crisislib.engine.home import Home

TEMPLATE = "crisis"
WRITING = "labelling.ipynb"
"""The dashboard that writes."""
OPENED = "CRISIS_LABELS"
"""Environment variable that says whether it may run."""
FILL_DELAY_S = 6
"""Until a kernel that was taken out of the pool is replaced: its imports would slow the reader who has just come."""


def dashboards_folder() -> Path:
    """Where the dashboard notebooks lie: below this folder, or in the checkout that the package is installed from."""
    for folder in (Path("notebooks/dashboards"), Path(crisislib.__file__).parents[1] / "notebooks" / "dashboards"):
        if folder.is_dir():
            return folder.resolve()
    raise ReportError("the dashboard notebooks are not here", where="notebooks/dashboards", do="run it in the checkout")


def voila_command(*, host: str, port: int, pool: int, labels: bool = False) -> list[str]:
    """The Voila command line; `pool` kernels of each dashboard are kept warm."""
    command = [
        sys.executable, "-m", "voila", str(dashboards_folder()), "--no-browser", f"--Voila.ip={host}", f"--port={port}",
        f"--template={TEMPLATE}", "--strip_sources=True", f"--preheat_kernel={pool > 0}", f"--pool_size={max(pool, 1)}",
        f"--VoilaKernelManager.fill_delay={FILL_DELAY_S}",
    ]  # fmt: skip
    if not labels:
        command += [f"--ContentsManager.hide_globs={WRITING}", f"--VoilaKernelManager.preheat_denylist={WRITING}"]
    return command


def voila_environment(home: Home, *, labels: bool = False) -> dict[str, str]:
    """Environment of the server and of its kernels: folders, template, and whether labels may be written."""
    own = os.environ.get("JUPYTER_PATH", "")
    share = str(resources.files("crisislib") / "share" / "jupyter")
    log = replace(logs.current(), file=home.lake_root / "artifacts" / "logs" / "dashboards.log")
    return {
        **os.environ,
        **log.environment(),
        "CRISIS_LAKE": str(home.lake_root.resolve()),
        "CRISIS_WATCHES": str(home.watches.resolve()),
        "CRISIS_REPORTS": str(home.reports.resolve()),
        OPENED: "1" if labels else "",
        "JUPYTER_PATH": os.pathsep.join([share, own] if own else [share]),
    }
