"""The servers for people: Voila over the dashboards, without a network for the browser; JupyterLab on the notebooks.

Every dashboard is read-only but one: `labelling` writes an analyst's labels. It is served only where it was asked
for; else it is neither listed nor willing to run.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from importlib import resources
from pathlib import Path

from crisislib.core import logs
from crisislib.core.errors import ReportError
from crisislib.core.i18n import N_
from crisislib.engine.home import Home
from crisislib.engine.home_folders import shipped_notebooks
from crisislib.engine.reader_language import ASKED
from crisislib.services.dashboards_access import Access

APPLICATION = "crisislib.workbench.pages.pages_app"
"""The module that is run: a face over this service, so it is named and not imported."""
TEMPLATE = "crisis"
WRITING = "labelling.ipynb"
"""The dashboard that writes."""
OPENED = "CRISIS_LABELS"
"""Environment variable that says whether it may run."""
ACCESS = "CRISIS_DASHBOARDS_ACCESS"
"""Environment variable that says who gets in and as what; with tokens, so it is taken out as soon as it is read."""
MOST_PAGES = 20
"""Pages open at once: a kernel takes some 200 MB, and twenty viewers are what a meeting has."""
FILL_DELAY_S = 6
"""Until a kernel that was taken out of the pool is replaced: its imports would slow the reader who has just come."""


def dashboards_folder(home: Home) -> Path:
    """Where the dashboard notebooks lie: below the workbench's own notebooks, else in the package.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    Path
        Absolute.

    Raises
    ------
    ReportError
        Neither has them.
    """
    named = [folder / "dashboards" for folder in home.notebooks]
    result = next((folder for folder in named if folder.is_dir()), None)
    if result is None:
        raise ReportError(
            N_("the dashboard notebooks are not here"),
            where=str(named[-1]),
            do=N_("install the package again, or its checkout"),
        )
    return result.resolve()


def voila_command(
    home: Home,
    *,
    host: str,
    port: int,
    pool: int,
    labels: bool = False,
    names: Sequence[str] = (),
    most: int = MOST_PAGES,
) -> list[str]:
    """The command line of Voila.

    Parameters
    ----------
    home : Home
        The workbench.
    host : str
        Address to listen on.
    port : int
        Port to listen on.
    pool : int
        Kernels of each dashboard that are kept started; 0 starts one when a page is opened.
    labels : bool, default False
        Whether the page that writes labels is served.
    names : sequence of str
        Host names by which readers may ask for the server, beside localhost and addresses in numbers.
    most : int
        How many pages may be open at once.

    Returns
    -------
    list of str
        Program and arguments.

    Raises
    ------
    ReportError
        The dashboard notebooks are missing.
    """
    command = [
        sys.executable, "-m", APPLICATION, str(dashboards_folder(home)), "--no-browser",
        f"--Voila.ip={host}",
        f"--port={port}", f"--template={TEMPLATE}", "--strip_sources=True", f"--preheat_kernel={pool > 0}",
        f"--pool_size={max(pool, 1)}", f"--VoilaKernelManager.fill_delay={FILL_DELAY_S}",
        "--VoilaConfiguration.http_header_envs=Accept-Language", f"--DashboardsApp.most_pages={most}",
        *(f"--DashboardsApp.hosts={name}" for name in names),
    ]  # fmt: skip
    if not labels:
        command += [f"--ContentsManager.hide_globs={WRITING}", f"--VoilaKernelManager.preheat_denylist={WRITING}"]
    return command


def voila_environment(
    home: Home, *, labels: bool = False, language: str = "", access: Access | None = None
) -> dict[str, str]:
    """The environment of Voila and of its kernels: folders, template, log, language, whether labels may be written.

    Parameters
    ----------
    home : Home
        The workbench.
    labels : bool, default False
        Whether the page that writes labels may run.
    language : str, default ""
        `zh` or `en` for every page; empty leaves it to the browser.
    access : Access, optional
        Who gets in, and as what; everybody who reaches the port may read when left out. It goes through the
        environment, since the list of processes shows arguments to every user of the machine.

    Returns
    -------
    dict[str, str]
        This process's environment with additions.
    """
    own = os.environ.get("JUPYTER_PATH", "")
    share = str(resources.files("crisislib") / "share" / "jupyter")
    log = replace(logs.current(), file=home.lake_root / "artifacts" / "logs" / "dashboards.log")
    return {
        **os.environ,
        **log.environment(),
        **_folders(home),
        OPENED: "1" if labels else "",
        ACCESS: (access or Access()).as_text(),
        **({ASKED: language} if language else {}),
        "JUPYTER_PATH": os.pathsep.join([share, own] if own else [share]),
    }


def lab_command(home: Home, *, port: int, browser: bool) -> list[str]:
    """The JupyterLab command line over the folder of a workbench.

    Parameters
    ----------
    home : Home
        The workbench.
    port : int
        Port to listen on.
    browser : bool
        Whether a browser is opened.

    Returns
    -------
    list of str
        Program and arguments.

    Raises
    ------
    ReportError
        The workbench has no notebooks of its own: those inside an installed package are not for editing.
    """
    inside = [n.resolve() for n in home.notebooks if n.is_dir() and n.resolve().is_relative_to(home.root.resolve())]
    if not inside:
        raise ReportError(
            N_("this folder has no notebooks"),
            where=str(home.root),
            do=N_("make a folder with copies of {shipped_notebooks}: crisis init FOLDER"),
            facts={"shipped_notebooks": shipped_notebooks()},
        )
    where = inside[0].relative_to(home.root.resolve())
    # JupyterLab refuses to run as root; in a container, where root is all there is, that would be a dead door.
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    quiet = [] if browser else ["--no-browser"]
    return [
        sys.executable, "-m", "jupyterlab", f"--notebook-dir={home.root}", f"--port={port}",
        f"--LabApp.default_url=/lab/tree/{where.as_posix()}/brief.ipynb", *root, *quiet,
    ]  # fmt: skip


def lab_environment(home: Home) -> dict[str, str]:
    """Environment of JupyterLab and of its kernels.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    dict[str, str]
        This process's environment with the workbench's folders.
    """
    return {**os.environ, **_folders(home)}


def taken(host: str, port: int) -> bool:
    """Whether a server listens on a port already.

    Parameters
    ----------
    host : str
        Address.
    port : int
        Port.

    Returns
    -------
    bool
        False after a second without an answer.
    """
    with closing(socket.socket()) as tried:
        tried.settimeout(1.0)
        return tried.connect_ex((host, port)) == 0


def _folders(home: Home) -> dict[str, str]:
    return {
        "CRISIS_HOME": str(home.root.resolve()),
        "CRISIS_LAKE": str(home.lake_root.resolve()),
        "CRISIS_WATCHES": str(home.watches.resolve()),
        "CRISIS_REPORTS": str(home.reports.resolve()),
    }
