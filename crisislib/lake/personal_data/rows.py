"""What becomes of the rows of a table when a person is erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.table_definitions import Table
from crisislib.lake.personal_data.person import Person
from crisislib.lake.personal_data.traces import Traces

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
        *(
            "status",
            "level",
            "currency",
            "playbook",
            "strategy",
            "by",
            "owner",
            "person",
            "entry_id",
            "acknowledged_by",
        ),
    }
)
"""Closed words, ids of our own, and names of our own people. Every other text column is searched, also a new one."""


@dataclass(frozen=True)
class ErasedRows:
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
    """Which rows are the person's or about one of their posts.

    Parameters
    ----------
    spec : Table
        Definition of the table.
    rows : pyarrow.Table
        Rows of it.
    person : Person
        Account, names and posts.

    Returns
    -------
    pyarrow.ChunkedArray of bool, length rows
        True where a column of :data:`OWN` (for EDGES of :data:`OWN_IN`) has the account or one of its posts.
    """
    ids = pa.array([person.account_id, *sorted(person.posts)], pa.string())
    mine = pa.chunked_array([pa.repeat(False, rows.num_rows)])
    for column in OWN_IN.get(spec.name, OWN):
        if column in spec.schema.names:
            mine = pc.or_(mine, pc.is_in(rows[column], value_set=ids))
    return mine


def erased(spec: Table, rows: pa.Table, person: Person, *, quotes: bool) -> ErasedRows:
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
    remaining = rows.filter(pc.invert(own(spec, rows, person)))
    deleted = rows.num_rows - remaining.num_rows
    touched = {True: pa.repeat(False, remaining.num_rows), False: pa.repeat(False, remaining.num_rows)}
    for column in () if spec.name in WHOLE else searched(spec):
        asked = column in OTHERS_WORDS.get(spec.name, ())
        clean = _clean(remaining[column], _cleaner(person, column, asked=asked))
        if clean is None:
            continue
        values, changed = clean
        touched[asked] = pc.or_(touched[asked], changed)
        if quotes or not asked:
            field = spec.schema.field(column)
            remaining = remaining.set_column(remaining.schema.get_field_index(column), field, values)
    return ErasedRows(remaining, deleted, _count(touched[False]), _count(touched[True]))


def searched(spec: Table) -> list[str]:
    """Columns of a table that can hold a person's traces.

    Parameters
    ----------
    spec : Table
        Definition of the table.

    Returns
    -------
    list of str
        References and texts; not ids, codes and hashes.
    """
    texts = [f.name for f in spec.schema if f.type == pa.string()]
    return [c for c in texts if c in REFERENCES or c not in UNTOUCHED]


def without_quotations(spec: Table, rows: pa.Table, traces: Traces) -> tuple[pa.Table, int]:
    """Derived rows without words that are no longer stored, and how many of them quoted such words.

    Parameters
    ----------
    spec : Table
        Definition of the table.
    rows : pyarrow.Table
        Rows of it.
    traces : Traces
        The words.

    Returns
    -------
    tuple of pyarrow.Table and int
        The same number of rows, cleaned, and the number that was changed.
    """
    touched = pa.repeat(False, rows.num_rows)
    for column in [c for c in searched(spec) if c not in REFERENCES]:
        clean = _clean(rows[column], traces.scrub)
        if clean is not None:
            touched = pc.or_(touched, clean[1])
            place = rows.schema.get_field_index(column)
            rows = rows.set_column(place, spec.schema.field(column), clean[0])
    return rows, _count(touched)


def _cleaner(person: Person, column: str, *, asked: bool) -> Callable[[str], str]:
    """What is done with each value of a column."""
    if column in REFERENCES:
        ids = person.placeholders
        return lambda value: ids.get(value, value)
    return person.traces.redact if asked else person.traces.scrub


def _clean(column: pa.ChunkedArray, clean: Callable[[str], str]) -> tuple[pa.Array, pa.Array] | None:
    """The column cleaned, and which rows changed; None where none did. Each distinct value is cleaned once."""
    coded = column.combine_chunks().dictionary_encode()
    before = coded.dictionary.to_pylist()
    after = [clean(value) for value in before]
    changed = pa.array([a != b for a, b in zip(before, after, strict=True)], pa.bool_())
    if not pc.any(changed).as_py():
        return None
    return pa.array(after, pa.string()).take(coded.indices), pc.fill_null(changed.take(coded.indices), False)


def _count(mask: pa.Array) -> int:
    return int(pc.sum(mask).as_py() or 0)
