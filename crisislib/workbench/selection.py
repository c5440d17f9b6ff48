"""What a reader can choose from: their own watches, or the demonstration where their lake holds nothing yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from crisislib.core.errors import WatchError
from crisislib.core.i18n import N_, tr
from crisislib.core.levels import rank
from crisislib.core.watch import Watch
from crisislib.core.zone_names import zone_name
from crisislib.engine.home import Home

SIMULATED = N_(
    "This is the demonstration: a simulated incident; the brand and all people are made up. Its clock stands at {at}. "
    "As soon as your own lake holds posts (crisis import FILE --watch NAME), they are shown first."
)
NOTHING = N_(
    "No watch of this workbench holds posts yet. A simulated incident to explore: crisis demo. Your own: "
    "crisis import FILE --watch NAME."
)


@dataclass(frozen=True)
class Selection:
    """The watches of one workbench.

    Attributes
    ----------
    home : Home
        Where they lie.
    watches : list of Watch
        By name.
    filled : list of str
        Names of those of which posts are stored.
    faults : list of str
        What is wrong with the files that are no watch: one wrong file must not blind a room to all others.
    """

    home: Home
    watches: list[Watch]
    filled: list[str]
    faults: list[str]

    def first(self) -> Watch | None:
        """The watch that matters most: of the worst open incident, else one that holds posts, else any."""
        filled = [w for w in self.watches if w.watch in self.filled]
        worst = _urgent(self.home, [w.watch for w in filled])
        return next((w for w in filled if w.watch == worst), next(iter([*filled, *self.watches]), None))

    def named(self, name: str) -> Watch | None:
        """The watch of that name.

        Parameters
        ----------
        name : str
            Name of a watch.

        Returns
        -------
        Watch or None
            None where there is none.
        """
        return next((w for w in self.watches if w.watch == name), None)

    def newest(self, names: list[str]) -> datetime | None:
        """When the newest post of some watches was created; None where they hold none.

        Parameters
        ----------
        names : list of str
            Names of watches.

        Returns
        -------
        datetime or None
            UTC.
        """
        filled = [name for name in names if name in self.filled]
        if not filled:
            return None
        quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in filled)
        rows = self.home.lake.sql("POSTS", present=False).filter(f"watch IN ({quoted})")
        newest: datetime | None = rows.aggregate("max(created_at)").fetchall()[0][0]
        return newest


def list_watches(home: Home, watch: str = "") -> Selection:
    """What there is to see in a workbench.

    Parameters
    ----------
    home : Home
        The workbench.
    watch : str
        The watch that was asked for, which only the demonstration may have.

    Returns
    -------
    Selection
        Of the demonstration where the own lake holds no posts.
    """
    chosen = home.shown(watch)
    watches, faults = [], []
    for name in chosen.names():
        try:
            watches.append(chosen.watch(name))
        except WatchError as fault:
            faults.append(str(fault))
    return Selection(chosen, watches, chosen.filled(), faults)


def note_on(home: Home, language: str, *, zone: tzinfo = UTC, empty: bool = False) -> str:
    """What a reader must know of the whole workbench, in words: that it is simulated, or that it holds nothing.

    Parameters
    ----------
    home : Home
        The workbench.
    language : {"zh", "en"}
        Of the reader.
    zone : tzinfo
        In which the clock of the demonstration is shown.
    empty : bool
        Whether no watch has posts.

    Returns
    -------
    str
        Plain text; empty where there is nothing to say.
    """
    if home.simulated:
        return tr(
            SIMULATED, language, at=f"{home.now().astimezone(zone):%Y-%m-%d %H:%M} ({zone_name(str(zone), language)})"
        )
    return tr(NOTHING, language) if empty else ""


def _urgent(home: Home, names: list[str]) -> str:
    """The watch whose open incident is the most urgent; empty where none is open."""
    rows = home.lake.sql("INCIDENTS").filter("closed_at IS NULL").project("watch, level").fetchall()
    live = sorted(((rank(level), watch) for watch, level in rows if watch in names), key=lambda r: (-r[0], r[1]))
    return live[0][1] if live else ""
