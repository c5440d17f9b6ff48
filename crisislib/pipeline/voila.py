"""The command that serves the dashboards: Voila over the notebooks, read-only, no network for the browser."""

from __future__ import annotations

import sys
from pathlib import Path

import crisislib
from crisislib.core.errors import ReportError

TEMPLATE = "crisis"


def dashboards_folder() -> Path:
    """Where the dashboard notebooks lie: below this folder, or in the checkout that the package is installed from."""
    for folder in (Path("notebooks/dashboards"), Path(crisislib.__file__).parents[1] / "notebooks" / "dashboards"):
        if folder.is_dir():
            return folder.resolve()
    raise ReportError("the dashboard notebooks are not here", where="notebooks/dashboards", do="run it in the checkout")


def voila_command(*, host: str, port: int, pool: int) -> list[str]:
    """The Voila command line; `pool` kernels are kept warm."""
    return [
        sys.executable, "-m", "voila", str(dashboards_folder()), "--no-browser", f"--Voila.ip={host}", f"--port={port}",
        f"--template={TEMPLATE}", "--strip_sources=True", f"--preheat_kernel={pool > 0}", f"--pool_size={max(pool, 1)}",
    ]  # fmt: skip
