"""Files for other tools: the graph of who passed on what from whom."""

from __future__ import annotations

from datetime import datetime

from crisislib import spread
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.engine.trace import accounts_of


def export_graph(
    home: Home,
    watch: Watch,
    form: str,
    *,
    root_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> str:
    """The stories of a watch, or one of them, for Gephi, a spreadsheet or CooRTweet; names masked.

    Parameters
    ----------
    home : Home
        Where the lake lies.
    watch : Watch
        Whose posts.
    form : str
        One of :data:`crisislib.spread.EXPORTS`.
    root_id : str, optional
        Root of the one story that is wanted.
    since, until : datetime, optional
        Posts created in [since, until); all when left out.

    Returns
    -------
    str
        The whole file.

    Raises
    ------
    InputError
        There is no such format.
    NotEnoughData
        No run has found a story yet, there is no such story, or it is too large for the format.
    """
    scope = {"watch": watch.watch, "since": since, "until": until}
    posts = home.lake.arrow("POSTS", **scope)
    edges = home.lake.arrow("EDGES", **scope)
    return spread.export_graph(form, posts, edges, accounts_of(home.lake, posts), root_id=root_id)
