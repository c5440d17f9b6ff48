"""What of a lake on an object store lies on this machine alone, so that nobody takes it for shared."""

from __future__ import annotations

from crisislib.engine.home import Home

PLACES = {
    "*/models/text/**/*": "models taught by crisis teach: give them to the other machines",
    "*/models/rumours/**/*": "rumour models taught by crisis train: give them to the other machines",
    "outlook.npz": "the outlook trained here: give it to the other machines",
    "*/models/narratives/**/*": "the memory of stories: another machine begins with new numbers",
    "*/models/topics/**/*": "the memory of topics: another machine begins with new numbers",
    "breach/**/*": "lists of affected people (crisis breach): work on them here",
    "*/listen/**/*": "what crisis listen has taken and not yet stored: listen here only",
}
"""Files below `artifacts`, and what follows from their lying here."""
APART = "of two changes of one task or incident from two machines in the same second the later one is the newest"


def machine_state(home: Home) -> list[str]:
    """What lies on this machine alone, and what follows from it; nothing where the lake is a folder.

    Parameters
    ----------
    home : Home
        The workbench.

    Returns
    -------
    list of str
        Address of the tables, one line for each kind of file that is there, and how far changes are kept apart.
    """
    if not home.lake.address:
        return []
    folder = home.lake_root / "artifacts"
    counts = {what: sum(path.is_file() for path in folder.glob(place)) for place, what in PLACES.items()}
    lines = [f"on this machine only, files: {n}, {what}" for what, n in counts.items() if n]
    return [f"its tables are at {home.lake.address}", *lines, APART]
