"""Spans of time read page by page from a platform that searches by time; what is left is read the next times.

Each fetch reads from the end of the last one, a little before it since platforms index late, up to now. From time to
time it goes back further, so that the counters of posts that still move are observed again. Where pages, calls or
patience end first, the rest of the span stays in the state with its cursor; newer posts go before older ones, since
decisions wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crisislib.collect.import_batch import Message
from crisislib.collect.sources.backlog_reader import BEHIND, DROPPED, OPEN_PARTS, THROTTLED
from crisislib.collect.sources.live_source import State
from crisislib.collect.sources.source_options import Option, option
from crisislib.core.errors import ThrottledError
from crisislib.core.i18n import N_
from crisislib.core.watch_sections import SourceUse

COUNTED = N_("{source} counts {total} {total:post|posts} from {since} to {until}; {n} of them were read")
SPAN_OPTIONS: Mapping[str, Option] = {
    "first_hours": Option("hours that the first fetch goes back (24)", 24.0),
    "overlap_minutes": Option("minutes that each fetch goes back, since platforms index late (15)", 15.0),
    "follow_hours": Option("hours for which counters are observed again (24); 0 never", 24.0),
    "follow_minutes": Option("minutes between two such observations (60)", 60.0, least=1),
    "max_pages": Option("pages of one fetch at most (10)", 10, least=1),
}
"""Options of every source that is read by spans."""


@dataclass(frozen=True)
class Span:
    """From when to when."""

    since: datetime
    until: datetime

    @property
    def milliseconds(self) -> tuple[int, int]:
        """Its ends, milliseconds since 1970."""
        return int(self.since.timestamp() * 1000), int(self.until.timestamp() * 1000)


@dataclass(frozen=True)
class SpanPage:
    """One page of a span.

    Attributes
    ----------
    entries : sequence
        As the platform sent them.
    following : object
        What asks for the next page, a JSON value; None where this was the last.
    total : int or None
        How many posts the platform counts in the span, where it says so.
    """

    entries: Sequence[Any]
    following: Any = None
    total: int | None = None


@dataclass
class SpanReading:
    """What was read: entries of all pages, the new state, and what a reader should know."""

    entries: list[Any]
    state: State
    messages: list[Message] = field(default_factory=list)


Ask = Callable[[Span, Any], SpanPage]
"""Gets a span and the cursor of a page, None for the first, and gives the page."""


def read_spans(ask: Ask, use: SourceUse, state: State, now: datetime) -> SpanReading:
    """Read what is new since the last fetch, then what earlier ones left.

    Parameters
    ----------
    ask : callable
        Gives one page.
    use : SourceUse
        With :data:`SPAN_OPTIONS`.
    state : dict
        The source's state; not changed. `until`, `followed`, and `rest`: unread parts with their cursors.
    now : datetime
        UTC.

    Returns
    -------
    SpanReading

    Raises
    ------
    SourceError
        A page did not come: nothing is handed on, so that none is skipped. Where the platform asks to wait after the
        first page, what was read is handed on and the rest is read next time.
    """
    name, pages = use.name or use.source, int(option(use, SPAN_OPTIONS, "max_pages"))
    span, followed = _next_span(use, state, now)
    parts: list[dict[str, Any]] = [
        {"since": span.since.isoformat(), "until": span.until.isoformat(), "at": None},
        *state.get("rest", []),
    ]
    reading = SpanReading([], {**state, "until": now.isoformat(), "followed": followed.isoformat()})
    rest, throttled = [], False
    for number, part in enumerate(parts):
        here = Span(datetime.fromisoformat(part["since"]), datetime.fromisoformat(part["until"]))
        cursor, read, done, total = part["at"], 0, False, None
        while pages > 0 and not throttled and not done:
            try:
                page = ask(here, cursor)
            except ThrottledError:
                if not number and not read:
                    raise
                throttled = True
                continue
            pages, read, total = pages - 1, read + len(page.entries), page.total if total is None else total
            reading.entries += page.entries
            cursor, done = page.following, page.following is None
        if not done:
            rest.append({**part, "at": cursor})
        elif part["at"] is None and total is not None and total > read:
            ends = {"since": f"{here.since:%Y-%m-%d %H:%M}", "until": f"{here.until:%Y-%m-%d %H:%M}"}
            reading.messages.append((COUNTED, {"source": name, "total": total, "n": read, **ends}))
    if rest:
        reading.messages.append((THROTTLED if throttled else BEHIND, {"source": name}))
    if len(rest) > OPEN_PARTS:
        reading.messages.append((DROPPED, {"source": name}))
    reading.state["rest"] = rest[:OPEN_PARTS]
    return reading


def _next_span(use: SourceUse, state: State, now: datetime) -> tuple[Span, datetime]:
    """What to read now, and when counters were last observed again."""

    def length(name: str, **unit: float) -> timedelta:
        return timedelta(**{k: v * float(option(use, SPAN_OPTIONS, name)) for k, v in unit.items()})

    if "until" not in state:
        return Span(now - length("first_hours", hours=1), now), now
    since = datetime.fromisoformat(state["until"]) - length("overlap_minutes", minutes=1)
    followed = datetime.fromisoformat(str(state.get("followed") or state["until"]))
    if length("follow_hours", hours=1) and now - followed >= length("follow_minutes", minutes=1):
        since, followed = min(since, now - length("follow_hours", hours=1)), now
    return Span(min(since, now), now), followed
