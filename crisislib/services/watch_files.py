"""The watch files of a home for services: one that is wrong must not blind them to all the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import yaml

from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.watch import Watch
from crisislib.engine.home import Home

logger = logging.getLogger(__name__)


def readable_watches(home: Home, only: Sequence[str] = ()) -> tuple[list[Watch], dict[str, str]]:
    """The watches whose files are right, and what is wrong with the others.

    Parameters
    ----------
    home : Home
        Whose folder of watch files.
    only : sequence of str
        Names that are asked for; all when empty.

    Returns
    -------
    watches : list of Watch
        By name.
    unreadable : dict of str to str
        Name of a file -> what is wrong.
    """
    watches: list[Watch] = []
    wrong: dict[str, str] = {}
    for path in sorted(home.watches.glob("*.yml")):
        if only and path.stem not in only:
            continue

        def load(name: str = path.stem) -> None:
            watches.append(home.watch(name))

        def failed(failure: Failure, name: str = path.stem) -> None:
            wrong[name] = failure.text

        run_isolated(f"watch file {path.name}", load, on_error=failed, logger=logger, watch=path.stem)
    return watches, wrong


def write_watch(watch: Watch, folder: Path) -> None:
    """Write a watch as a file; replaced where it is there.

    Parameters
    ----------
    watch : Watch
        What.
    folder : Path
        Where; made when it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(watch.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
    (folder / f"{watch.watch}.yml").write_text(text, encoding="utf-8")
