"""A folder for a user: marker, an example watch, places for own playbooks and layouts, copies of the notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from crisislib.core.errors import HomeError
from crisislib.core.i18n import N_
from crisislib.engine.home_folders import MARKER, shipped_notebooks

TEMPLATES = {
    "crisis.toml": MARKER,
    "gitignore": ".gitignore",
    "watches/example.yml": "watches/example.yml",
    "playbooks/README.md": "playbooks/README.md",
    "layouts/README.md": "layouts/README.md",
    "inbox/README.md": "data/inbox/README.md",
}
"""File of `share/workbench` -> where it goes."""
EMPTY = ("reports",)
"""Folders that begin empty."""


@dataclass(frozen=True)
class WorkspaceFile:
    """What became of one file.

    Attributes
    ----------
    path : str
        Below the folder.
    state : str
        `new`; `same` where it was there already; `kept` where a file of the user's stands in its place.
    """

    path: str
    state: str


def create_workspace(folder: Path) -> list[WorkspaceFile]:
    """Lay out a user's folder; nothing that is there is changed, so that it can be done again after an upgrade.

    Parameters
    ----------
    folder : Path
        Where; made if missing.

    Returns
    -------
    list of WorkspaceFile
        One a file, with whether it was written, was there, or differs from the template.

    Raises
    ------
    HomeError
        The folder cannot be made or written.
    """
    templates = resources.files("crisislib") / "share" / "workbench"
    files = {target: (templates / source).read_bytes() for source, target in TEMPLATES.items()}
    shipped = shipped_notebooks()
    notebooks = sorted([*shipped.glob("*.ipynb"), *shipped.glob("tutorial/*.ipynb")])
    files |= {f"notebooks/{path.relative_to(shipped).as_posix()}": path.read_bytes() for path in notebooks}
    try:
        for name in EMPTY:
            (folder / name).mkdir(parents=True, exist_ok=True)
        return [_write_new(folder, name, content) for name, content in files.items()]
    except OSError as fault:
        raise HomeError(
            N_("cannot be laid out: {fault}"),
            where=str(folder),
            do=N_("choose a folder that you may write"),
            facts={"fault": fault.strerror or fault},
        ) from fault


def _write_new(folder: Path, name: str, content: bytes) -> WorkspaceFile:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:  # only where nothing is: a file of the user's is never overwritten
            file.write(content)
    except FileExistsError:
        return WorkspaceFile(name, "same" if path.is_file() and path.read_bytes() == content else "kept")
    return WorkspaceFile(name, "new")
