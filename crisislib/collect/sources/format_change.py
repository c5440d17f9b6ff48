"""A source of whose new items none can be read: its format has changed, and what it posts is not collected."""

from __future__ import annotations

from crisislib.core.errors import SourceError
from crisislib.core.i18n import N_

FEW = 5
"""New items below which all may be strange by themselves: each costs itself, and the source counts as read."""


def check_format(new: int, rejected: int, *, name: str, where: str) -> None:
    """Raise where every one of a source's new items is rejected: nothing of it may be taken for collected.

    The source is then not read further than it was, so that its items come again once they can be read.

    Parameters
    ----------
    new : int
        Items that were not there the last time.
    rejected : int
        Of them, those that cannot be read.
    name : str
        The source.
    where : str
        The address asked.

    Raises
    ------
    SourceError
        All of :data:`FEW` or more items are rejected.
    """
    if new >= FEW and rejected >= new:
        raise SourceError(
            N_("none of {new:,} new items of {name} can be read: what it sends has another format than it documents"),
            where=where,
            do=N_(
                "look whether there is a newer version of crisislib, and import an export of the "
                "time meanwhile; the items are asked for again"
            ),
            facts={"new": new, "name": name},
        )
