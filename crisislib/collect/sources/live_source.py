"""What all live sources share: their description, and items turned into a batch by the same validate as files."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pyarrow as pa

from crisislib.collect.import_batch import Batch, Message, batch_id, record, rejected
from crisislib.collect.importing.layout import Layout
from crisislib.collect.importing.tabular_reader import Raw
from crisislib.collect.importing.validate_rows import ValidatedTable, validate
from crisislib.collect.sources.format_change import check_format
from crisislib.collect.sources.observed_counters import engagement, has_moved
from crisislib.collect.sources.source_options import Option
from crisislib.collect.sources.source_pace import Pace
from crisislib.core.credentials import mask_known
from crisislib.core.i18n import N_
from crisislib.core.ids import short_hash
from crisislib.core.isolation import Failure, run_isolated
from crisislib.core.memory_database import session
from crisislib.core.sanitize import mask_secrets
from crisislib.core.tables import conform
from crisislib.core.watch import Watch
from crisislib.core.watch_sections import SourceUse

logger = logging.getLogger(__name__)

T = TypeVar("T")
Item = dict[str, object]
State = dict[str, Any]
"""What a source remembers between fetches, as JSON; the caller keeps it."""

REMEMBERED_IDS = 5000
"""Items known again at the next answer: more than any source shows at once."""
EXTRA_CELLS = 5000
"""Characters of an unreadable item that go into the rejects file: enough to see what is wrong with it."""
EARLIEST, AHEAD = datetime(1990, 1, 1, tzinfo=UTC), timedelta(days=1)
"""Times outside, up to AHEAD of now, are a mistake or a trick: they must not say how far a source was read."""
UNREADABLE = N_(
    "{n} {n:item|items} of {source} {n:does|do} not have the format that this source documents; see the rejected rows"
)
EMPTY = N_("{source} answers with an empty page, although it always shows its newest items; it may be blocked or moved")
GAP = N_("{source} moves faster than it is read: items between {since} and {until} may be missing; read it more often")

FIELDS = ("id", "account", "name", "followers", "verified", "text", "title", "url", "created", "likes", "reposts",
          "replies", "views", "lang", "sentiment", "place", "parent", "root", "kind", "platform", "more")  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One kind of live source.

    Attributes
    ----------
    name : str
        Key in :data:`SOURCES`.
    title : Mapping[str, str]
        What people call it, zh and en.
    fetch : callable
        `(use, watch, *, state, now) -> (Batch, state)`; raises SourceError.
    options : Mapping[str, Option]
        What it takes; an option that is not listed is refused.
    required : tuple of str
        Options without which it cannot run.
    either : tuple of str
        Options of which it needs exactly one.
    paths : tuple of str
        Options that are paths; a relative one is read from the workbench, wherever the command was typed.
    secrets : tuple of str
        Options that are passwords, tokens or keys: a watch file may give them as `${NAME}` only.
    terms : Mapping[str, str]
        What the provider's terms of use ask of whoever reads it, zh and en.
    pace : Pace or None
        What the provider allows; None where it does not say.
    rhythm_minutes : float
        How often something new is expected: a longer silence is reported until its own history is known. 0 for
        sources of which nothing can be expected.
    unconfirmed : Mapping[str, str]
        What of the published interface could not be confirmed, zh and en; empty where everything was.
    """

    name: str
    title: Mapping[str, str]
    fetch: Callable[..., tuple[Batch, State]]
    options: Mapping[str, Option]
    required: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    terms: Mapping[str, str] = field(default_factory=dict)
    pace: Pace | None = None
    rhythm_minutes: float = 0
    unconfirmed: Mapping[str, str] = field(default_factory=dict)


ITEMS = Layout.model_validate(
    {
        "layout": "items",
        "title": {"en": "Items of a live source", "zh": "实时来源条目"},
        "about": "What a live source hands to the validate.",
        "fingerprint": [list(FIELDS)],
        "platform": {"columns": ["platform"], "default": "web"},
        "kind": {"columns": ["kind"], "default": "post"},
        "timezone": "UTC",
        "columns": {f: f for f in FIELDS if f not in ("parent", "root", "kind", "platform", "more")},
        "parents": [{"columns": ["parent"]}],
        "root": "root",
    }
)


@dataclass(frozen=True)
class Unread:
    """An item that could not be read: the item as JSON, and the class of the error."""

    cells: str
    kind: str


def read_items(entries: Iterable[T], read: Callable[[T], Item], *, source: str) -> tuple[list[Item], list[Unread]]:
    """Each entry of an answer as an item; one that cannot be read costs itself only.

    Parameters
    ----------
    entries : iterable
        What the source sent.
    read : callable
        Turns one entry into an item with the keys of :data:`FIELDS`; may raise anything over a strange one.
    source : str
        Name of the source, for the log.
    """
    items: list[Item] = []
    unread: list[Unread] = []

    def one(entry: T) -> None:
        items.append(read(entry))

    def bad(failure: Failure, entry: T) -> None:
        unread.append(Unread(json.dumps(entry, ensure_ascii=False, default=str)[:EXTRA_CELLS], failure.kind))

    for entry in entries:
        run_isolated("item", partial(one, entry), on_error=partial(bad, entry=entry), logger=logger, level=logging.INFO)
    if unread:
        kinds = ", ".join(sorted({u.kind for u in unread}))
        logger.warning(
            "%d of %d items of %s could not be read: %s", len(unread), len(items) + len(unread), source, kinds
        )
    return items, unread


def instant(text: object, now: datetime) -> str:
    """A plausible time as ISO in UTC, so that texts compare as times do; empty for anything else.

    Parameters
    ----------
    text : object
        A time as the source writes it.
    now : datetime
        UTC.
    """
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return ""
    if not EARLIEST.year <= at.year <= now.year + 1:  # the ends of the calendar have no other time zones
        return ""
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.isoformat() if EARLIEST <= at <= now + AHEAD else ""


def items_batch(
    items: Sequence[Mapping[str, object]],
    use: SourceUse,
    watch: Watch,
    *,
    state: State,
    now: datetime,
    messages: Sequence[Message] = (),
    where: str,
    unread: Sequence[Unread] = (),
    whole: bool = False,
) -> tuple[Batch, State]:
    """Judge a source's items; those handed on before count as duplicates unless their text or counters have moved.

    A source that keeps only its newest items and shows none that was seen before has lost some in
    between: the batch records that gap; and one that shows nothing at all is not well. Not so where the answer is
    `whole`: all that came since the last one.

    Parameters
    ----------
    items : sequence of Mapping
        One a post, by :data:`FIELDS`.
    use : SourceUse
        The entry of the watch file.
    watch : Watch
        Whose posts they are.
    state : State
        What was seen before; the new state comes back.
    now : datetime
        UTC.
    messages : sequence of Message
        What a reader should know.
    where : str
        The address asked.
    unread : sequence of Unread
        Items that could not be read.
    whole : bool
        All that came since the last answer is in it.
    """
    name = use.name or use.source
    rows = [{f: _text(item.get(f)) for f in FIELDS} for item in items]
    marks = [short_hash(r["platform"], r["id"] or r["url"], r["text"], r["title"], length=12) for r in rows]
    strange = {short_hash(u.cells, length=12): u for u in unread}
    seen, counters = set(state.get("seen", [])), dict(state.get("counters", {}))
    totals = [engagement(item) for item in items]
    fresh = [
        row
        for row, mark, total in zip(rows, marks, totals, strict=True)
        if mark not in seen or has_moved(counters.get(mark), total)
    ]
    digest = short_hash(name, *sorted([*marks, *strange]), length=64)
    batch = batch_id(watch.watch, digest, use.source, now.isoformat())  # every poll is on record
    result, kept = _validated(fresh, use, watch, batch=batch, now=now, where=where)
    new = [u for mark, u in strange.items() if mark not in seen]
    rejects = [*result.rejects, *((len(fresh) + n, None, "unreadable", u.cells) for n, u in enumerate(new, 1))]
    check_format(len(fresh) + len(new), len(rejects), name=name, where=mask_secrets(where))
    messages = [*messages, *([(UNREADABLE, {"n": len(unread), "source": name})] if unread else [])]
    # An item without a time has that of the fetch, which does not say how far the source was read.
    times = sorted({instant(r["created"], now) for r in rows} - {"", instant(now.isoformat(), now)})
    gaps = []
    if not whole and seen and times and seen.isdisjoint(marks) and state.get("newest", "") < times[0]:
        gaps.append((state["newest"], times[0]))
        messages = [*messages, (GAP, {"source": name, "since": state["newest"], "until": times[0]})]
    empty = bool(seen) and not (whole or rows or unread)
    if empty:
        messages = [*messages, (EMPTY, {"source": name})]
    counts = {
        **result.counts,
        "n_read": len(rows) + len(unread),
        "n_rejected": len(rejects),
        "n_duplicate": result.counts["n_duplicate"] + len(rows) - len(fresh) + len(unread) - len(new),
    }
    if rejects:
        logger.info("%d of %d items of %s rejected", len(rejects), counts["n_read"], name)
    learnt = [m for m in (*marks, *strange) if m not in seen]
    after = {**state, "seen": [*state.get("seen", []), *learnt][-REMEMBERED_IDS:]}
    for mark, total in zip(marks, totals, strict=True):
        if total is not None and (mark not in counters or has_moved(counters[mark], total)):
            counters[mark] = total
    after["counters"] = dict(list(counters.items())[-REMEMBERED_IDS:])
    after["newest"] = max([state.get("newest", ""), *times[-1:]])
    row = record(
        batch=batch, now=now, watch=watch.watch, language=watch.language, source=name, file=mask_secrets(where),
        sha256=digest, layout=use.source, counts=counts, span=result.span,
        messages=[*messages, *result.messages], ok=not empty,
        gaps=gaps, state="empty" if empty else None,
    )  # fmt: skip
    return Batch(conform(kept, "POSTS"), result.accounts, rejected(rejects, watch.language), row), after


def _validated(
    fresh: Sequence[Mapping[str, str]], use: SourceUse, watch: Watch, *, batch: str, now: datetime, where: str
) -> tuple[ValidatedTable, pa.Table]:
    """Items by the validate of files, and its posts with `extra` as the source gave it."""
    columns = [pa.array([r[f] for r in fresh], pa.string()) for f in FIELDS]
    table = pa.table(
        [pa.array(range(1, len(fresh) + 1), pa.int64()), *columns],
        names=["row_no", *(f"c{i}" for i in range(len(FIELDS)))],
    )
    with closing(session()) as db:
        layout = ITEMS.model_copy(update={"layout": use.name or use.source})
        result = validate(layout, Raw(where, list(FIELDS), table), watch, batch=batch, now=now, db=db)
        db.register("kept", result.posts)
        more = "coalesce(json_extract_string(extra, '$.more'), '{}')"
        kept = db.sql(f"SELECT * REPLACE ({more} AS extra) FROM kept ORDER BY row_no").to_arrow_table()
    return result, kept


def _text(value: object) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    # JSON can spell halves of characters (`\ud83d`), which no table can hold.
    return mask_known(text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8"))
