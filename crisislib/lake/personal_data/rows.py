"""What becomes of the rows of a table when a person is erased."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.tables import Table
from crisislib.lake.personal_data.person import Person

OWN = ("account_id", "post_id")
"""A row with the account, or with a post of it, in one of these is about the person and goes."""
OWN_IN = {"EDGES": (*OWN, "dst")}
"""Of a link the post that passed something on; the post that it came from is a reference."""
REFERENCES = ("account_id", "post_id", "parent_id", "root_id", "src", "dst")
"""Rows of others that point to the person's posts stay, for the shape of the story; the id becomes a placeholder."""
OTHERS_WORDS = {"POSTS": ("text", "title", "url", "extra"), "RESPONSES": ("text", "url")}
"""What other people wrote, or we published: changed only when that was agreed to."""
WHOLE = {"ACCOUNTS"}
"""Rows that speak of one account only: others' may bear the same name."""
UNTOUCHED = frozenset(
    {
        *("watch", "platform", "kind", "lang", "place", "source", "layout", "sha256", "sentiment_given", "versions"),
        *(
            "batch_id",
            "run_id",
            "alert_id",
            "incident_id",
            "action_id",
            "response_id",
            "item_id",
            "topic_id",
            "group_id",
        ),
        *("model", "label", "signal", "method", "reach_method", "forecast_method", "code", "key", "job", "channel"),
        *("status", "level", "currency", "playbook", "strategy", "by", "owner", "acknowledged_by"),
    }
)
"""Closed words, ids of our own, and names of our own people. Every other text column is searched, also a new one."""


@dataclass(frozen=True)
class Change:
    """A part of a table after an erasure.

    Attributes
    ----------
    rows : pyarrow.Table
        What stays.
    deleted, redacted, quoted : int
        Rows that went, rows that lost a reference or a quotation, and rows in which others speak of
        the person (changed when that was agreed to).
    """

    rows: pa.Table
    deleted: int
    redacted: int
    quoted: int


def own(spec: Table, rows: pa.Table, person: Person) -> pa.ChunkedArray:
    """Which rows are the person's or about one of their posts."""
    ids = pa.array([person.account_id, *sorted(person.posts)], pa.string())
    mine = pa.chunked_array([pa.repeat(False, rows.num_rows)])
    for column in OWN_IN.get(spec.name, OWN):
        if column in spec.schema.names:
            mine = pc.or_(mine, pc.is_in(rows[column], value_set=ids))
    return mine


def erased(spec: Table, rows: pa.Table, person: Person, *, quotes: bool) -> Change:
    """Some rows of a table without a person.

    Parameters
    ----------
    spec : Table
        The table.
    rows : pyarrow.Table
        Some of its rows.
    person : Person
        Who is erased.
    quotes : bool
        Whether to change what others wrote, too.
    """
    kept = rows.filter(pc.invert(own(spec, rows, person)))
    deleted = rows.num_rows - kept.num_rows
    touched = {True: pa.repeat(False, kept.num_rows), False: pa.repeat(False, kept.num_rows)}
    for column in () if spec.name in WHOLE else searched(spec):
        asked = column in OTHERS_WORDS.get(spec.name, ())
        clean = _clean(kept[column], person, reference=column in REFERENCES, words=asked)
        if clean is None:
            continue
        values, changed = clean
        touched[asked] = pc.or_(touched[asked], changed)
        if quotes or not asked:
            field = spec.schema.field(column)
            kept = kept.set_column(kept.schema.get_field_index(column), field, values)
    return Change(kept, deleted, _count(touched[False]), _count(touched[True]))


def searched(spec: Table) -> list[str]:
    """Columns of a table that can hold a person's traces."""
    texts = [f.name for f in spec.schema if f.type == pa.string()]
    return [c for c in texts if c in REFERENCES or c not in UNTOUCHED]


def _clean(
    column: pa.ChunkedArray, person: Person, *, reference: bool, words: bool
) -> tuple[pa.Array, pa.Array] | None:
    """The column without the person, and which rows changed; None where none did. Each distinct value once."""
    coded = column.combine_chunks().dictionary_encode()
    traces, ids = person.traces, person.placeholders
    before = coded.dictionary.to_pylist()
    if reference:
        clean = [ids.get(v, v) for v in before]
    else:
        clean = [traces.redact(v) if words else traces.scrub(v) for v in before]
    moved = pa.array([a != b for a, b in zip(before, clean, strict=True)], pa.bool_())
    if not pc.any(moved).as_py():
        return None
    values = pa.array(clean, pa.string()).take(coded.indices)
    return values, pc.fill_null(moved.take(coded.indices), False)


def _count(mask: pa.Array) -> int:
    return int(pc.sum(mask).as_py() or 0)
