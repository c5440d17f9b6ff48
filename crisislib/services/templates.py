"""Commented templates of what a user may add, written into their folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

from crisislib.core.errors import HomeError, InputError
from crisislib.core.i18n import N_
from crisislib.engine.home import Home
from crisislib.engine.home_folders import FOLDERS, MARKER
from crisislib.engine.response_plan import playbook_folders

TEMPLATES: Mapping[str, tuple[str, Callable[[Home], Path]]] = {
    "layout": ("layout.yml", lambda home: home.root / FOLDERS["layouts"]),
    "playbook": ("playbook.yml", lambda home: playbook_folders(home)[0]),
    "watch": ("watch.yml", lambda home: home.watches),
    "indicator": ("indicator.py.txt", lambda home: home.indicators),
    "source": ("source.py.txt", lambda home: home.sources),
    "notebook": ("notebook.ipynb", lambda home: home.root / FOLDERS["notebooks"]),
}
"""Kind -> template, and the folder that it goes to."""
WITH_HYPHENS = ("layout", "watch", "notebook")
"""Kinds whose names may have hyphens; the others are names in Python or keys in tables."""


def write_template(home: Home, kind: str, name: str) -> Path:
    """Write the template of a kind under a name into the workbench.

    Parameters
    ----------
    home : Home
        Whose folders.
    kind : str
        One of :data:`TEMPLATES`.
    name : str
        Lower case, digits and underscores; the file's name.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    InputError
        There is no such kind, the name will not do, or the file is there already.
    HomeError
        There is no workbench here, or its folder cannot be written.
    """
    if kind not in TEMPLATES:
        raise InputError(
            N_("there is no template for {kind}"),
            where="crisis new",
            do=N_("use {templates}"),
            facts={"kind": repr(kind), "templates": ", ".join(TEMPLATES)},
        )
    form = r"[a-z][a-z0-9_-]{0,63}" if kind in WITH_HYPHENS else r"[a-z][a-z0-9_]{0,63}"
    if not re.fullmatch(form, name):
        raise InputError(
            N_("{name} will not do as the name of a {kind}"),
            where="crisis new",
            do=N_("use a-z, 0-9, - and _, a letter first")
            if kind in WITH_HYPHENS
            else N_("use a-z, 0-9 and _, a letter first"),
            facts={"name": repr(name), "kind": kind},
        )
    if kind in ("indicator", "source") and not (home.root / MARKER).is_file():
        raise HomeError(
            N_("there is no workbench here"), where=str(home.root), do=N_("make one with: crisis init FOLDER")
        )
    source, folder = TEMPLATES[kind]
    ending = source.split(".")[1]
    text = (resources.files("crisislib") / "share" / "templates" / source).read_text(encoding="utf-8")
    path = folder(home) / f"{name}.{ending}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text.replace("NAME", name))
    except FileExistsError:
        raise InputError(
            N_("the file exists already"), where=str(path), do=N_("choose another name, or change that file")
        ) from None
    except OSError as fault:
        raise HomeError(
            N_("cannot be written: {fault}"),
            where=str(path),
            do=N_("choose another folder"),
            facts={"fault": fault.strerror or fault},
        ) from fault
    return path
