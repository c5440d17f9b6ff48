"""What labels made anew change: some are taken back; those that say the same are not stored again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from crisislib.core.memory_database import session
from crisislib.core.table_definitions import TIME
from crisislib.core.tables import conform, empty
from crisislib.core.watch import Watch
from crisislib.lake import Lake

TICK = timedelta(microseconds=1)
"""The least time after an instant: spans are half open."""
CONTENT = ("post_id", "label", "model", "value", "p", "score", "evidence")
"""What a label says, whenever it was made."""
CLAIM_ID = "claim_id."
"""Beginning of the label that says which claim of an incident a post tells; the id of the incident follows, since one
post may count to two. Its value is the id of the claim, and null once the post counts to none."""


def withdrawn(lake: Lake, watch: Watch, posts: pa.Table, made: pa.Table, now: datetime) -> pa.Table:
    """Rows that take back what models had labelled in an earlier text of these posts and do not label any more.

    Parameters
    ----------
    lake : Lake
        Holds the earlier labels.
    watch : Watch
        Whose posts.
    posts : pyarrow.Table
        POSTS that were labelled.
    made : pyarrow.Table
        Their LABELS.
    now : datetime
        Written to `at`.

    Returns
    -------
    pyarrow.Table
        LABELS without a value.
    """
    first = pc.min(posts["created_at"]).as_py() if posts.num_rows else None
    if first is None:
        return empty("LABELS")
    held = lake.sql("LABELS", watch=watch.watch, since=first, until=pc.max(posts["created_at"]).as_py() + TICK)
    db = session()
    # Labels that a text gives by itself; which story or claim it belongs to, other texts decide, too.
    texts = f"label NOT IN ('narrative', 'deleted') AND NOT starts_with(label, '{CLAIM_ID}')"
    db.register("held", held.filter(f"value IS NOT NULL AND {texts}").to_arrow_table())
    db.register("posts", posts.select(["post_id"]))
    db.register("made", made.select(["post_id", "label"]))
    rows = db.sql(
        "SELECT h.* FROM held h SEMI JOIN posts p USING (post_id) ANTI JOIN made m USING (post_id, label) "
        "WHERE h.model <> 'analyst'"
    ).to_arrow_table()
    found = conform(rows, "LABELS")
    n = found.num_rows
    blank = {"value": pa.nulls(n, pa.string()), "p": pa.nulls(n, pa.float64()), "score": pa.nulls(n, pa.float64()),
             "evidence": pa.nulls(n, pa.string()), "run_id": pa.nulls(n, pa.string()),
             "at": pa.repeat(pa.scalar(now, TIME), n)}  # fmt: skip
    for name, values in blank.items():
        found = found.set_column(found.column_names.index(name), name, values)
    return conform(found, "LABELS")


def changed_labels(lake: Lake, watch: Watch, labels: pa.Table) -> pa.Table:
    """Labels that say something else than what is stored: a taught model changes the mood, not the language of a post.

    Parameters
    ----------
    lake : Lake
        Holds the earlier labels.
    watch : Watch
        Whose posts.
    labels : pyarrow.Table
        LABELS, made anew.

    Returns
    -------
    pyarrow.Table
        A part of them.
    """
    if not labels.num_rows:
        return labels
    span = pc.min_max(labels["created_at"])
    held = lake.sql("LABELS", watch=watch.watch, since=span["min"].as_py(), until=span["max"].as_py() + TICK)
    db = session()
    db.register("held", held.select(*CONTENT).to_arrow_table())
    db.register("made", labels.append_column("row", pa.array(range(labels.num_rows), pa.int64())))
    alike = " AND ".join(f"h.{c} IS NOT DISTINCT FROM m.{c}" for c in CONTENT)
    rows = db.sql(f'SELECT m."row" FROM made m ANTI JOIN held h ON {alike} ORDER BY 1').to_arrow_table()
    return labels.take(rows["row"].combine_chunks())
