"""What every store of personal data can do, and what it tells of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from crisislib.lake.personal_data.person import Person
from crisislib.lake.store import Lake


@dataclass(frozen=True)
class IncrementalState:
    """A model's memory of posts, kept in a folder of `artifacts/WATCH/models`.

    Attributes
    ----------
    erase : Callable[[Path, str, Collection[str]], int]
        Folder, watch, post ids -> posts forgotten.
    expire : Callable[[Path, str, datetime, bool], int]
        Folder, watch, instant before which posts are forgotten, whether only to count -> posts forgotten.
    """

    erase: Callable[[Path, str, Collection[str]], int]
    expire: Callable[[Path, str, datetime, bool], int]


@dataclass(frozen=True)
class Place:
    """Everything that a workbench writes.

    Attributes
    ----------
    lake : Lake
        Tables, rejected rows, artifacts.
    reports : Path
        Folder of the reports.
    states : Mapping[str, IncrementalState]
        Name of a model's folder -> how it forgets; a folder that is not named here is removed as a whole.
    """

    lake: Lake
    reports: Path
    states: Mapping[str, IncrementalState] = field(default_factory=dict)

    def below(self, path: Path) -> str:
        """A file of the lake as it is named to people.

        Parameters
        ----------
        path : Path
            Below the lake's folder.

        Returns
        -------
        str
            Relative to that folder, with `/`.
        """
        return path.relative_to(self.lake.root).as_posix()


@dataclass(frozen=True)
class Removal:
    """What was, or would be, removed at one place.

    Attributes
    ----------
    store : str
        Name of the store.
    where : str
        Table, or path below the lake or the reports.
    what : str
        What it is.
    n : int
        How many.
    quotes : bool
        Whether it is words of others, or a report: only touched when that was agreed to.
    """

    store: str
    where: str
    what: str
    n: int
    quotes: bool = False


class Store(Protocol):
    """One kind of place that can hold a person."""

    name: str

    def erase(self, place: Place, person: Person, *, quotes: bool, dry_run: bool) -> list[Removal]:
        """Remove a person; what others say of them only with `quotes`.

        Parameters
        ----------
        place : Place
            The workbench.
        person : Person
            Account, names and posts.
        quotes : bool
            Whether what others say of the person goes as well.
        dry_run : bool
            Change nothing and return what would be removed.

        Returns
        -------
        list of Removal
            One for each place and kind of trace.
        """

    def expire(self, place: Place, watch: str, before: datetime, *, dry_run: bool) -> list[Removal]:
        """Remove what a watch holds from before an instant.

        Parameters
        ----------
        place : Place
            The workbench.
        watch : str
            Name of the watch.
        before : datetime
            The instant, with a time zone.
        dry_run : bool
            Change nothing and return what would be removed.

        Returns
        -------
        list of Removal
            One for each place.
        """

    def export(self, place: Place, person: Person) -> dict[str, list[dict[str, Any]]]:
        """What is stored about a person, for them: place -> rows.

        Parameters
        ----------
        place : Place
            The workbench.
        person : Person
            Account, names and posts.

        Returns
        -------
        dict[str, list of dict]
            JSON values only.
        """
