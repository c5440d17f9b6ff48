"""A person as the lake knows one: the account, its names, its posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa

from crisislib.core.memory_database import session
from crisislib.core.tables import TABLES
from crisislib.lake.personal_data.passages import own_passages
from crisislib.lake.personal_data.trace_words import WORDS, is_number
from crisislib.lake.personal_data.traces import Traces, placeholder
from crisislib.lake.queries import Bounds, read_sql
from crisislib.lake.store import Lake

OF_ACCOUNT = "SELECT * FROM ({rows}) WHERE account_id = $account"


@dataclass(frozen=True)
class Person:
    """One account and what leads to it.

    Attributes
    ----------
    account_id : str
        `platform:id`.
    names : frozenset of str
        Display names, and masked ones that no other account has.
    posts : frozenset of str
        Ids of its posts.
    addresses, texts : frozenset of str
        Of its posts; texts that nobody else posted, and beginnings of the sentences and clauses in them.
    batches : frozenset of str
        Imports and fetches that brought them.
    """

    account_id: str
    names: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    batches: frozenset[str] = frozenset()

    @cached_property
    def placeholders(self) -> dict[str, str]:
        """Id -> what stands in its place."""
        return {i: placeholder(i) for i in (self.account_id, *sorted(self.posts))}

    @cached_property
    def traces(self) -> Traces:
        """How the person is recognised in text."""
        ids, names = dict(self.placeholders), set(self.names)
        for whole, instead in self.placeholders.items():
            native = whole.split(":", 1)[-1]
            if is_number(native):
                ids[native] = instead.split(":", 1)[-1]
            elif whole == self.account_id and not native.isdigit():
                names.add(native)  # a handle; a short number is known with its platform only
        return Traces(ids, sorted(names), sorted(self.addresses), sorted(self.texts))


def identify(lake: Lake, account_id: str) -> Person:
    """Who an account is, from every file of POSTS and ACCOUNTS, also those of older versions.

    Parameters
    ----------
    lake : Lake
        The lake.
    account_id : str
        `platform:id`.

    Returns
    -------
    Person
        With its id alone where the lake does not know it.
    """
    names: set[str] = set()
    posts, addresses, texts, batches = set[str](), set[str](), set[str](), set[str]()
    for rows in _rows(lake, "ACCOUNTS", account_id):
        names |= {n.strip() for n in rows["name"].to_pylist() if n and n.strip()}
        names |= {m for m in rows["name_masked"].to_pylist() if m and "*" in m}
        batches |= set(rows["batch_id"].drop_null().to_pylist())
    for rows in _rows(lake, "POSTS", account_id):
        posts |= set(rows["post_id"].to_pylist())
        addresses |= set(rows["url"].drop_null().to_pylist())
        texts |= {t for c in ("text", "title") for t in rows[c].drop_null().to_pylist() if len(t) >= WORDS}
        batches |= set(rows["batch_id"].drop_null().to_pylist())
    names -= _of_others(lake, "ACCOUNTS", "name_masked", {n for n in names if "*" in n}, account_id)
    for column in ("text", "title"):
        texts -= _of_others(lake, "POSTS", column, texts, account_id)
    addresses -= _of_others(lake, "POSTS", "url", addresses, account_id) | {""}
    texts |= own_passages(lake, texts, account_id)
    return Person(account_id, *map(frozenset, (names, posts, addresses, texts, batches)))


def data_files(lake: Lake, name: str) -> list[Path]:
    """Every Parquet file of a table, also those that no version reads any more.

    Parameters
    ----------
    lake : Lake
        The lake.
    name : str
        Name of the table.

    Returns
    -------
    list of Path
        Sorted by name; empty where the table does not exist.
    """
    return sorted((lake.root / name.lower()).glob("*.parquet"))


def _rows(lake: Lake, name: str, account_id: str) -> Iterator[pa.Table]:
    with session() as db:
        for path in data_files(lake, name):
            query = OF_ACCOUNT.format(rows=read_sql(TABLES[name], [str(path)]))
            try:
                yield db.sql(query, params={"account": account_id}).to_arrow_table()
            except (duckdb.InvalidInputException, duckdb.IOException):
                continue  # half a file, left by a kill: no version reads it, and it goes with the others


def _of_others(lake: Lake, name: str, column: str, wanted: set[str], account_id: str) -> set[str]:
    """Which of some values other accounts have as well."""
    spec = TABLES[name]
    files = lake.tables.files(spec, lake.tables.present(name), [Bounds()])
    if not wanted or not files:
        return set()
    rows = read_sql(spec, files, ["account_id", column])
    query = f'SELECT DISTINCT r."{column}" FROM ({rows}) r SEMI JOIN wanted w ON r."{column}" = w.value'
    with session() as db:
        db.register("wanted", pa.table({"value": pa.array(sorted(wanted), pa.string())}))
        result = db.execute(f"{query} WHERE r.account_id IS DISTINCT FROM $account", {"account": account_id}).fetchall()
    return {row[0] for row in result}
