"""Work on the lake of a home: what reads and then writes, as one; joining small files; copying a whole lake."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from crisislib import lake
from crisislib.core.errors import LakeError
from crisislib.core.i18n import N_
from crisislib.engine.home import Home
from crisislib.engine.home_folders import lake_folder
from crisislib.lake.copying import TableCopy, copy

P = ParamSpec("P")
T = TypeVar("T")


def in_session(job: str) -> Callable[[Callable[Concatenate[Home, P], T]], Callable[Concatenate[Home, P], T]]:
    """Let work be a session of the lake: no erasure of personal data comes between its reading and its writing.

    Parameters
    ----------
    job : str
        What an erasure that is refused meanwhile says is at work.

    Returns
    -------
    callable
        Decorator of a function whose first argument is the home.
    """

    def around(work: Callable[Concatenate[Home, P], T]) -> Callable[Concatenate[Home, P], T]:
        @wraps(work)
        def one(home: Home, /, *args: P.args, **options: P.kwargs) -> T:
            with home.lake.session(job):
                return work(home, *args, **options)

        return one

    return around


def copy_lake(home: Home, source: str, target: str, done: Callable[[TableCopy], None]) -> list[TableCopy]:
    """Copy a lake into an empty one, and compare both.

    Parameters
    ----------
    home : Home
        Workbench in which the folders lie that stand for lakes on an object store.
    source, target : str
        Folder or address.
    done : callable
        Gets each table once it is compared.

    Returns
    -------
    list of TableCopy
        One a table.

    Raises
    ------
    LakeError
        There is no lake, or the other has rows of its own.
    """
    here, there = (lake.Lake(lake_folder(home.root, place)) for place in (source, target))
    if not here.versions():
        raise LakeError(N_("there is no lake"), where=source, do=N_("name the folder or the address that --lake has"))
    return copy(here, there, done)


def compact(home: Home, *, keep_days: int = 30) -> dict[str, int]:
    """Join small files of the lake.

    Parameters
    ----------
    home : Home
        Whose lake.
    keep_days : int
        Versions younger than this stay readable.

    Returns
    -------
    dict of str to int
        Table -> files that were joined.
    """
    return lake.compact(home.lake, keep_days=keep_days)
