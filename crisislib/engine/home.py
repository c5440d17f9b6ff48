"""Where a workbench lives on disk: lake, watches, reports, notebooks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crisislib.core.errors import WatchError
from crisislib.core.watch import Watch, load_watch
from crisislib.lake import Lake


@dataclass(frozen=True)
class Home:
    """Folders of one workbench; read from the environment, else below the present folder.

    Attributes
    ----------
    lake_root : Path
        `CRISIS_LAKE`, else `data/lake`.
    watches : Path
        `CRISIS_WATCHES`, else `data/watches`.
    reports : Path
        `CRISIS_REPORTS`, else `reports`.
    """

    lake_root: Path
    watches: Path
    reports: Path

    @classmethod
    def here(cls, *, lake: Path | None = None, watches: Path | None = None, reports: Path | None = None) -> Home:
        """The folders given, else those of the environment, else the defaults."""
        env = os.environ
        return cls(
            lake or Path(env.get("CRISIS_LAKE", "data/lake")),
            watches or Path(env.get("CRISIS_WATCHES", "data/watches")),
            reports or Path(env.get("CRISIS_REPORTS", "reports")),
        )

    @cached_property
    def lake(self) -> Lake:
        """The lake; one connection a home."""
        return Lake(self.lake_root)

    def watch(self, name: str) -> Watch:
        """One checked watch by name."""
        return load_watch(self.watches / f"{name}.yml")

    def all_watches(self) -> list[Watch]:
        """Every checked watch of the folder, by name; a wrong file is an error, not a gap."""
        files = sorted(self.watches.glob("*.yml"))
        if not files:
            raise WatchError(
                "there are no watch files", where=str(self.watches), do="write one (data/README.md) or run crisis demo"
            )
        return [load_watch(path) for path in files]
