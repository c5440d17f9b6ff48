"""Which folder is a workbench, and where its parts lie."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import crisislib
from crisislib.core.errors import HomeError
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.engine.backend import LOCAL, NAMES
from crisislib.lake.object_store import address_of, point_to

MARKER = "crisis.toml"
"""A folder with this file is a workbench; the file may be empty."""
DEMONSTRATION = "demo"
"""Folder beside the lake in which the demonstration lies: a workbench of its own, never part of the user's lake."""
FOLDERS = {
    "lake": "data/lake",
    "watches": "data/watches",
    "reports": "reports",
    "playbooks": "playbooks",
    "layouts": "layouts",
    "indicators": "indicators",
    "sources": "sources",
    "notebooks": "notebooks",
}
"""Key under `[folders]` of the marker -> folder where it is left out, both relative to the workbench."""
PACKAGE = Path(crisislib.__file__).parent


def shipped_notebooks() -> Path:
    """The package's notebooks: in an installed wheel inside the package, in a checkout beside it."""
    inside = PACKAGE / "notebooks"
    return inside if inside.is_dir() else PACKAGE.parent / "notebooks"


def find_root(start: Path) -> Path:
    """The nearest workbench upwards from a folder; else the checkout that the program runs from; else the folder.

    Parameters
    ----------
    start : Path
        Where to begin.

    Returns
    -------
    Path
        The folder.
    """
    return next((folder for folder in (start, *start.parents, PACKAGE.parent) if _is_home(folder)), start)


def marked_above(folder: Path) -> Path | None:
    """The nearest marked folder above a folder.

    Parameters
    ----------
    folder : Path
        Where to begin; itself it does not count.

    Returns
    -------
    Path or None
        The folder; None where no marker lies above.
    """
    return next((parent for parent in folder.resolve().parents if (parent / MARKER).is_file()), None)


def _is_home(folder: Path) -> bool:
    signs = (MARKER, FOLDERS["watches"], f"data/{DEMONSTRATION}/{MARKER}")
    return any((folder / sign).exists() for sign in signs)


def lake_folder(root: Path, place: str | Path) -> Path:
    """The folder of a lake; for one on an object store, the folder of this machine that stands for it.

    Parameters
    ----------
    root : Path
        The workbench.
    place : str or Path
        Folder or address.

    Returns
    -------
    Path
        Beside the usual lake for an address: locks, caches and logs lie in it, and which address it stands for.
    """
    address = address_of(place)
    if not address:
        return Path(place)
    folder = (root / FOLDERS["lake"]).with_name(f"lake-{short_hash(address)[:8]}")
    point_to(folder, address)
    return folder


def own_first(own: Path, shipped: tuple[Path, ...]) -> tuple[Path, ...]:
    """The user's folder before the package's; once where they are the same.

    Parameters
    ----------
    own : Path
        The user's; left out where it is not there.
    shipped : tuple of Path
        The package's.

    Returns
    -------
    tuple of Path
        In the order in which they are searched.
    """
    return (own, *shipped) if own.is_dir() and own.resolve() not in {p.resolve() for p in shipped} else shipped


def read_marker(marker: Path) -> tuple[Mapping[str, str], Mapping[str, Any], str]:
    """The `[folders]`, the `[demonstration]` and the `engine` of a marker; empty where there is none.

    Parameters
    ----------
    marker : Path
        A `crisis.toml`.

    Returns
    -------
    tuple of Mapping, Mapping and str
        Key -> value; and on what the heavy steps run, `local` where it is left out.

    Raises
    ------
    HomeError
        It is not readable, has unknown keys, or a value of a wrong type.
    """
    if not marker.is_file():
        return {}, {}, LOCAL
    try:
        data = tomllib.loads(marker.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise HomeError(
            N_("not readable as TOML: {fault}"),
            where=str(marker),
            do=N_("correct the line named"),
            facts={"fault": fault},
        ) from fault
    folders, demonstration = data.pop("folders", {}), data.pop("demonstration", {})
    engine = data.pop("engine", LOCAL)
    if engine not in NAMES:
        raise HomeError(
            N_("{engine} is no engine"),
            where=str(marker),
            do=N_("write one of {names}"),
            facts={"engine": repr(engine), "names": ", ".join(NAMES)},
        )
    unknown = [*data, *(f"folders.{k}" for k in folders if k not in FOLDERS), *(k for k in demonstration if k != "at")]
    wrong = [f"folders.{k}" for k, v in folders.items() if not isinstance(v, str)]
    if unknown or wrong or not isinstance(demonstration.get("at", datetime.now(UTC)), datetime):
        raise HomeError(
            N_("unknown keys {unknown}") if unknown else N_("{wrong} is of a wrong type"),
            where=str(marker),
            do=N_("under [folders] there may be {folders}, each a path"),
            facts={
                "folders": ", ".join(FOLDERS),
                "unknown": unknown,
                "wrong": ", ".join(wrong) or "demonstration.at",
            },
        )
    return folders, demonstration, engine
