"""One watch laid out on the desk: its window, its tables pinned to one version, and SQL over them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from crisislib.core.errors import InputError
from crisislib.core.tables import TABLES
from crisislib.core.watch import Watch
from crisislib.engine.home import Home
from crisislib.lake import AsOf, Lake

_SLIM = {
    "POSTS": "post_id platform kind account_id created_at parent_id root_id n_likes n_reposts n_replies n_views source",
    "EDGES": "src dst kind made_at post_id at lag_s confidence method",
}
"""Columns without the long texts: a watch of a million posts fits in memory, its texts need not."""

_IN_WINDOW = {"POSTS", "LABELS", "EDGES", "SIGNALS"}
"""Tables that the window cuts; what was decided (incidents, risks, responses) is read whole."""

SPAN = timedelta(days=35)  # window of a desk that was opened without `since`


def instant(said: str | datetime | None, *, what: str = "time") -> datetime | None:
    """An instant from ISO 8601, UTC where no zone is said; nothing from nothing."""
    if said is None or said == "":
        return None
    try:
        found = said if isinstance(said, datetime) else datetime.fromisoformat(said)
    except ValueError as fault:
        raise InputError(
            f"{said!r} is not a time", where=what, do="write it like 2026-03-01 or 2026-03-01T12:00Z"
        ) from fault
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def moment(said: AsOf | str | Path) -> AsOf:
    """What `as_of` means: nothing, an instant, versions per table, or the manifest that names them."""
    if said is None or said == "":
        return None
    if isinstance(said, datetime):
        return said
    if isinstance(said, str | Path):
        text = str(said).strip()
        if text.startswith("{"):
            return versions(json.loads(text))
        if Path(text).is_file():
            return versions(json.loads(Path(text).read_text(encoding="utf-8")))
        return instant(text, what="as_of: neither a time nor a manifest file")
    return dict(said)


def versions(manifest: dict[str, object]) -> dict[str, int]:
    """Versions per table out of a manifest (its `data` entry) or as they stand."""
    held = manifest.get("data", manifest)
    if not isinstance(held, dict) or not all(k in TABLES and isinstance(v, int) for k, v in held.items()):
        raise InputError("no table versions in it", where="as_of", do="give a manifest.json that a report has written")
    return dict(held)


@dataclass
class Desk:
    """Tables of one watch, in one window, at one version; reads nothing until asked.

    Attributes
    ----------
    watch : Watch
        Whose rows.
    home : Home
        The workbench that they belong to.
    as_of : mapping or datetime
        Version per table, or an instant.
    since, until : datetime
        Half-open window over when posts were created; `since` None until the data say it.
    now : datetime
        Moment of the reading.
    language : str
        Of the reader.
    past : bool
        Whether an older state of the data was asked for.
    """

    watch: Watch
    home: Home
    as_of: AsOf
    since: datetime | None
    until: datetime
    now: datetime
    language: str
    past: bool = False
    _db: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect, init=False)
    _held: set[str] = field(default_factory=set, init=False)
    kept: dict[str, Any] = field(default_factory=dict, init=False)
    """What was computed once for this desk and is asked for again."""

    def __post_init__(self) -> None:
        self._db.execute("SET TimeZone='UTC'")
        if self.since is None:
            last = self._last_post()
            self.since = last - SPAN if last else None

    def _last_post(self) -> datetime | None:
        posts = self.lake.sql("POSTS", watch=self.watch.watch, until=self.until, as_of=self.as_of, present=False)
        last: datetime | None = posts.aggregate("max(created_at)").fetchall()[0][0]
        return last

    @property
    def lake(self) -> Lake:
        """Where the rows lie."""
        return self.home.lake

    @property
    def zone(self) -> str:
        """Time zone of the watch."""
        return self.watch.timezone

    def lay(self, name: str) -> str:
        """Make one table ready for :meth:`sql`, under its name in small letters; returns that name."""
        view = name.lower()
        if view not in self._held:
            window = {"since": self.since, "until": self.until} if name in _IN_WINDOW else {}
            rows = self.lake.sql(name, watch=self.watch.watch, as_of=self.as_of, **window)  # type: ignore[arg-type]
            columns = ", ".join(f'"{c}"' for c in _SLIM.get(name, " ".join(TABLES[name].columns)).split())
            self._db.register(view, rows.project(columns).to_arrow_table())
            self._held.add(view)
        return view

    def arrow(self, name: str) -> pa.Table:
        """One table whole, all columns, cut to the window where the window cuts it."""
        window = {"since": self.since, "until": self.until} if name in _IN_WINDOW else {}
        return self.lake.arrow(name, watch=self.watch.watch, as_of=self.as_of, **window)

    def label(self, name: str) -> str:
        """Make the rows of one label ready (`post_id`, `created_at`, `value`, `p`, `score`, `model`)."""
        view = "label_" + name.replace(".", "_")
        if view not in self._held:
            rows = self.lake.sql("LABELS", watch=self.watch.watch, as_of=self.as_of, since=self.since, until=self.until)
            mine = rows.filter(f"label = '{name}'").project('post_id, created_at, "value", p, score, model')
            self._db.register(view, mine.to_arrow_table())
            self._held.add(view)
        return view

    def sql(self, query: str, *tables: str, **values: object) -> pd.DataFrame:
        """A small pandas frame; `tables` are laid first, `$name` places are filled from `values`."""
        for name in tables:
            self.lay(name)
        relation = self._db.sql(query, params=values) if values else self._db.sql(query)
        found: pd.DataFrame = relation.to_arrow_table().to_pandas()
        return found

    def whole(self, posts: Sequence[str]) -> pd.DataFrame:
        """The chosen posts with all columns and `name_masked`, in the order asked for; each is looked up once."""
        ids = list(dict.fromkeys(posts))
        known: pd.DataFrame | None = self.kept.get("posts")
        asked: set[str] = self.kept.setdefault("asked", set())
        new = [i for i in ids if i not in asked]
        if known is None or new:
            fresh = self._looked_up(new)
            known = fresh if known is None or known.empty else pd.concat([known, fresh], ignore_index=True)
            self.kept["posts"] = known
            asked.update(new)
        place = pd.Index(known["post_id"]).get_indexer(pd.Index(ids, dtype="object"))
        found: pd.DataFrame = known.iloc[place[place >= 0]].reset_index(drop=True)
        return found

    def _looked_up(self, ids: Sequence[str]) -> pd.DataFrame:
        quoted = ", ".join("'" + i.replace("'", "''") + "'" for i in ids) or "NULL"
        rows = self.lake.sql("POSTS", watch=self.watch.watch, as_of=self.as_of).filter(f"post_id IN ({quoted})").df()
        names = self.sql("SELECT account_id, name_masked FROM accounts", "ACCOUNTS").drop_duplicates("account_id")
        found: pd.DataFrame = rows.merge(names, on="account_id", how="left")
        return found

    def relation(self, name: str) -> duckdb.DuckDBPyRelation:
        """One table on the desk for the engine to read, without copying it."""
        return self._db.table(self.lay(name))

    def counted(self, name: str) -> int:
        """Rows of one table on the desk."""
        view = self.lay(name)
        return int(self._db.sql(f"SELECT count(*) FROM {view}").fetchall()[0][0])

    def data(self) -> dict[str, int]:
        """The version of every table that was read from, for the manifest."""
        held = self.lake.versions(self.as_of) if isinstance(self.as_of, datetime) else self.as_of or {}
        return {name: held[name] for name in TABLES if name in held}
