"""Where a workbench lives on disk, found from anywhere; the one place that knows."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from crisislib.core.errors import HomeError, WatchError
from crisislib.core.i18n import N_
from crisislib.core.watch import Watch, load_watch
from crisislib.engine.backend import LOCAL, SPARK, open_backend
from crisislib.engine.backend.local_backend import LocalBackend
from crisislib.engine.home_folders import (
    DEMONSTRATION,
    FOLDERS,
    MARKER,
    PACKAGE,
    find_root,
    lake_folder,
    marked_above,
    own_first,
    read_marker,
    shipped_notebooks,
)
from crisislib.lake import Lake
from crisislib.lake.object_store import address_of

_VARIABLES = {"lake": "CRISIS_LAKE", "watches": "CRISIS_WATCHES", "reports": "CRISIS_REPORTS"}


@dataclass(frozen=True)
class Home:
    """Folders of one workbench.

    Attributes
    ----------
    lake_root, watches, reports : Path
        Folder of the tables (or the one that stands for a lake on an object store), of the watch files, of what runs
        leave behind.
    root : Path
        The workbench itself: relative paths in watch files are read from here.
    playbooks, layouts, notebooks : tuple of Path
        Folders that are searched in this order: the user's own where there is one, the package's last.
    indicators, sources : Path
        Folders of the user's own Python files; they need not be there.
    moment : datetime, optional
        Where the clock stands still: in a demonstration, or by `CRISIS_NOW`.
    simulated : bool
        Whether what lies here is a demonstration.
    engine_name : str
        On what the heavy steps run: `local` or `spark`.
    """

    lake_root: Path
    watches: Path
    reports: Path
    root: Path = Path()
    playbooks: tuple[Path, ...] = (PACKAGE / "respond" / "playbooks",)
    layouts: tuple[Path, ...] = (PACKAGE / "collect" / "layouts",)
    notebooks: tuple[Path, ...] = (shipped_notebooks(),)
    indicators: Path = Path("indicators")
    sources: Path = Path("sources")
    moment: datetime | None = None
    simulated: bool = False
    engine_name: str = LOCAL

    @classmethod
    def here(
        cls,
        *,
        lake: str | Path | None = None,
        watches: str | Path | None = None,
        reports: str | Path | None = None,
        root: str | Path | None = None,
    ) -> Home:
        """The workbench of this call: folders that are given, else those of the environment, else of where we are.

        Parameters
        ----------
        lake, watches, reports : str or Path, optional
            `CRISIS_LAKE`, `CRISIS_WATCHES`, `CRISIS_REPORTS`, else the folders of the workbench, when empty. The lake
            may be an address such as `s3://bucket/path`.
        root : str or Path, optional
            When empty: the workbench around `watches` where these are given and have one, else `CRISIS_HOME`, else
            :func:`find_root` from the present folder.

        Raises
        ------
        HomeError
            There is no such folder, or its marker is wrong.
        """
        env = os.environ
        asked = root or (watches and marked_above(Path(watches))) or env.get("CRISIS_HOME")
        if asked and not Path(asked).expanduser().is_dir():
            raise HomeError(N_("there is no such folder"), where=str(asked), do=N_("make it with: crisis init FOLDER"))
        result = cls.at(Path(asked).expanduser().resolve() if asked else find_root(Path.cwd()))
        given = {"lake": lake, "watches": watches, "reports": reports}
        paths = {k: given[k] or env.get(v) or None for k, v in _VARIABLES.items()}
        if own := env.get("CRISIS_NOTEBOOKS"):
            result = replace(result, notebooks=(Path(own), *result.notebooks))
        if still := env.get("CRISIS_NOW"):
            result = replace(result, moment=datetime.fromisoformat(still))
        return replace(
            result,
            lake_root=lake_folder(result.root, paths["lake"] or result.lake_root),
            watches=Path(paths["watches"] or result.watches),
            reports=Path(paths["reports"] or result.reports),
        )

    @classmethod
    def at(cls, root: Path) -> Home:
        """The workbench in a folder, as its marker says; the default folders where it has none.

        `SPARK_REMOTE` in the environment names the engine, whatever the marker says.

        Parameters
        ----------
        root : Path
            The folder.

        Returns
        -------
        Home
            Its folders need not exist yet.

        Raises
        ------
        HomeError
            The marker is wrong.
        """
        folders, demonstration, engine = read_marker(root / MARKER)
        path = {name: Path(os.path.normpath(root / folders.get(name, usual))) for name, usual in FOLDERS.items()}
        if address_of(folders.get("lake", "")):
            path["lake"] = lake_folder(root, folders["lake"])
        shelf = {n: own_first(path[n], getattr(cls, n)) for n in ("playbooks", "layouts", "notebooks")}
        if (root / MARKER).is_file() and any((*path["indicators"].glob("*.py"), *path["sources"].glob("*.py"))):
            # Only in a marked folder, since it runs what lies there; imported here: signals and warn are heavy.
            from crisislib.engine.user_code import load_user_code

            load_user_code(path["indicators"], path["sources"])
        beside = path["watches"].parent / "playbooks"
        if (root / MARKER).is_file() and any((*path["playbooks"].glob("*.yml"), *beside.glob("*.yml"))):
            from crisislib.engine.user_code import load_kind_titles

            load_kind_titles([path["playbooks"], beside])
        return cls(
            path["lake"], path["watches"], path["reports"], root, **shelf,
            indicators=path["indicators"], sources=path["sources"],
            moment=demonstration.get("at"), simulated=bool(demonstration),
            engine_name=SPARK if os.environ.get("SPARK_REMOTE") else engine,
        )  # fmt: skip

    # -- what lies here ---------------------------------------------------------------------------

    @cached_property
    def lake(self) -> Lake:
        """The lake; one connection a home."""
        return Lake(self.lake_root)

    @cached_property
    def backend(self) -> LocalBackend:
        """On what the heavy steps run; one connection a home."""
        return open_backend(self.engine_name)

    def now(self) -> datetime:
        """The clock, or the moment at which it stands still."""
        return self.moment or datetime.now(UTC)

    def watch(self, name: str) -> Watch:
        """One checked watch by name.

        Parameters
        ----------
        name : str
            Name of the watch, which is that of its file.

        Returns
        -------
        Watch
            Validated.

        Raises
        ------
        WatchError
            There is no such file, it is wrong, or it is a watch of another name.
        """
        path = self.watches / f"{name}.yml"
        result = load_watch(path)
        if result.watch != name:
            raise WatchError(
                N_("the file is called {name}, the watch in it {watch}"),
                where=str(path),
                do=N_("give both one name"),
                facts={"name": name, "watch": result.watch},
            )
        return result

    def names(self) -> list[str]:
        """Names of the watch files."""
        return sorted(path.stem for path in self.watches.glob("*.yml"))

    def all_watches(self) -> list[Watch]:
        """Every checked watch of the folder, by name; a wrong file is an error, not a gap."""
        if not self.names():
            raise WatchError(
                N_("there are no watch files"),
                where=str(self.watches),
                do=N_("write one with crisis new watch NAME, or run crisis demo"),
            )
        return [self.watch(name) for name in self.names()]

    def filled(self) -> list[str]:
        """Names of the watches of which the lake holds posts."""
        if self.lake.version("POSTS") < 0:
            return []
        watched = {name for (name,) in self.lake.sql("POSTS", present=False).project("watch").distinct().fetchall()}
        return [name for name in self.names() if name in watched]

    # -- the demonstration ------------------------------------------------------------------------

    @property
    def demonstration(self) -> Home | None:
        """The demonstration beside the lake; None where `crisis demo` has not been run."""
        folder = self.lake_root.parent / DEMONSTRATION
        return Home.at(folder) if (folder / MARKER).is_file() and not self.simulated else None

    def holding(self, watch: str) -> Home:
        """The workbench that has a watch of this name: this one, or the demonstration where only that has it.

        Parameters
        ----------
        watch : str
            Name of the watch.

        Returns
        -------
        Home
            This workbench where neither has it.
        """
        other = None if watch in self.names() else self.demonstration
        return other if other is not None and watch in other.names() else self

    def shown(self, watch: str = "") -> Home:
        """The workbench that a page shows: the one with the watch asked for, else this one if it has posts, else the
        demonstration.

        Parameters
        ----------
        watch : str, default ""
            Name of the watch; empty asks for none.

        Returns
        -------
        Home
            This workbench where there is no demonstration.
        """
        place = self.holding(watch)
        if watch in place.names() or self.filled():
            return place
        return self.demonstration or self
