"""Newest first, page by page, down to what was read last; what a burst left unread is read the next times.

A crisis brings more in an hour than the pages of one fetch hold. The newest come first, since decisions wait for them;
what lies between them and the former newest stays on a list in the source's state until it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from crisislib.collect.import_batch import Message
from crisislib.collect.sources.live_source import State
from crisislib.core.errors import SourceError, ThrottledError
from crisislib.core.i18n import N_

BEHIND = N_("{source} has more that is new than was read at once; the rest is read next time")
DROPPED = N_("{source} moves faster than it is read; older posts of a burst were left out; raise max_pages")
THROTTLED = N_("{source} asked to wait in the middle of its pages; the rest is read next time")
PART_FAILED = N_("{part} of {source} could not be read: {why}")
OPEN_PARTS = 5
"""Unread parts that are remembered: at five bursts in a row the limit of pages is the mistake."""


@dataclass(frozen=True)
class Page:
    """One page of a listing, newest first.

    Attributes
    ----------
    entries : sequence
        As the source sent them.
    following : str
        What asks for the next, older page; empty where there is none.
    """

    entries: Sequence[Any]
    following: str = ""


@dataclass
class Reading:
    """What was read.

    Attributes
    ----------
    entries : list
        Of all pages.
    state : dict
        The source's state with `top`, the place of the newest entry, and `open`, the unread parts.
    messages : list of Message
        What a reader should know.
    cut : bool
        Of a listing that was read for the first time older pages were left.
    """

    entries: list[Any]
    state: State
    messages: list[Message] = field(default_factory=list)
    cut: bool = False


def read_back(
    ask: Callable[[str], Page],
    place: Callable[[Any], float | None],
    state: State,
    *,
    pages: int,
    name: str,
    most: float | None = None,
    inclusive: bool = False,
) -> Reading:
    """Read a listing from its newest entry down to the newest of last time, then what earlier fetches left unread.

    Parameters
    ----------
    ask : callable
        Gets the cursor of a page, empty for the newest, and gives the page.
    place : callable
        Place of an entry in the order of the listing: its id or its time as a number; None where it has none.
    state : dict
        The source's state; not changed.
    pages : int
        Pages to ask for at most, and one more where something is owed.
    name : str
        Of the source, for messages.
    most : float, optional
        Places above it are a mistake, such as a time in the future, and do not say how far the listing was read.
    inclusive : bool, default False
        No two entries have one place, so that the newest of last time ends the reading itself.

    Returns
    -------
    Reading
        The first time nothing older than these pages is owed.

    Raises
    ------
    SourceError
        A page did not come: nothing is handed on, so that none is skipped. Where the source asks to wait after the
        first page, what was read is handed on and the rest is owed.
    """
    reader = _PageReader(ask, place, pages, most, inclusive)
    top = state.get("top")
    parts: list[dict[str, Any]] = list(state.get("open", []))
    messages: list[Message] = []
    rest = reader.down("", top)
    reader.pages += bool(parts)  # so that what is owed is read although the newest page takes the only one
    newest = max([p for p in (top, *reader.places) if p is not None], default=None)
    if rest and top is not None:
        parts.insert(0, {"from": rest, "down_to": top})
    unread = []
    for part in parts:
        left = reader.down(part["from"], part["down_to"]) if reader.pages > 0 and part["from"] != rest else part["from"]
        if left:
            unread.append({**part, "from": left})
    if reader.throttled:
        messages.append((THROTTLED, {"source": name}))
    elif unread:
        messages.append((BEHIND, {"source": name}))
    if len(unread) > OPEN_PARTS:
        messages.append((DROPPED, {"source": name}))
    after = {**state, "top": newest, "open": unread[:OPEN_PARTS]}
    return Reading(reader.entries, after, messages, cut=bool(rest) and top is None)


class _PageReader:
    """Pages asked for one after another, as long as there are some left."""

    def __init__(
        self,
        ask: Callable[[str], Page],
        place: Callable[[Any], float | None],
        pages: int,
        most: float | None,
        inclusive: bool,
    ) -> None:
        self.pages, self.entries, self.places, self.throttled = pages, [], [], False  # type: ignore[var-annotated]
        self._ask, self._place, self._most, self._inclusive = ask, place, most, inclusive

    def down(self, cursor: str, floor: float | None) -> str:
        """Read down to a place; the cursor of the page that was not read any more, empty where nothing is left."""
        while self.pages > 0:
            try:
                page = self._ask(cursor)
            except ThrottledError:
                if not self.entries:
                    raise
                self.pages, self.throttled = -1, True
                return cursor
            self.pages -= 1
            found = [p for p in map(self._place, page.entries) if p is not None]
            found = [p for p in found if self._most is None or p <= self._most]
            self.entries += page.entries
            self.places += found
            if not page.entries or not page.following or self._reached(found, floor):
                return ""
            cursor = page.following
        return cursor

    def _reached(self, places: list[float], floor: float | None) -> bool:
        if floor is None or not places:
            return False
        return min(places) < floor or (self._inclusive and min(places) == floor)


def read_each(
    parts: Sequence[str],
    ask: Callable[[str, str], Page],
    place: Callable[[Any], float | None],
    state: State,
    *,
    pages: int,
    name: str,
    most: float | None = None,
) -> Reading:
    """Several listings of one source, each with a place of its own; one that fails costs itself only.

    Parameters
    ----------
    parts : sequence of str
        Names of the listings, such as channels.
    ask : callable
        Gets the name of a listing and the cursor of a page.
    place, state, pages, name, most
        As of :func:`read_back`; the state has `parts`, a state for each listing.

    Raises
    ------
    SourceError
        None of the listings came.
    """
    known: dict[str, State] = dict(state.get("parts", {}))
    whole = Reading([], {}, [])
    faults: list[SourceError] = []
    for part in parts:
        try:
            reading = read_back(partial(ask, part), place, known.get(part, {}), pages=pages, name=part, most=most)
        except SourceError as fault:
            faults.append(fault)
            whole.messages.append((PART_FAILED, {"part": part, "source": name, "why": fault.wrong}))
            continue
        whole.entries += reading.entries
        whole.messages += reading.messages
        known[part] = {"top": reading.state["top"], "open": reading.state["open"]}
    if faults and len(faults) == len(parts):
        raise faults[0]
    whole.state = {**state, "parts": {part: known[part] for part in parts if part in known}}
    return whole
