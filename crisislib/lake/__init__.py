"""The store between the rooms: append-only Delta tables, read through DuckDB.

An observation is never overwritten; the present state of a row is its newest observation. Many
readers and several writers at once; every table has versions, so a report can be made again.
"""

from typing import TYPE_CHECKING

from crisislib.core.lazy import resolve_lazily

if TYPE_CHECKING:
    from crisislib.lake.maintenance import compact
    from crisislib.lake.snapshots import AsOf
    from crisislib.lake.store import Lake
    from crisislib.lake.table_contents import contents

__all__ = ["AsOf", "Lake", "compact", "contents"]

resolve_lazily(__name__)
