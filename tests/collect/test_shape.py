"""The short way of reading a column gives what the long way gives, and is taken only where it may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.collect import read_export
from crisislib.collect.importing import cells
from crisislib.collect.importing.column_profile import Shape, ragged
from crisislib.collect.importing.tabular_reader import OUTER
from crisislib.core.memory_database import session

from .helpers import NOW, rows, watch

DB = duckdb.connect()
DB.execute("SET TimeZone='UTC'")
WRITTEN = [
    "", "7", "007", "123456789012345678", "9999999999999999999", "1.2万", "12%", "-1", "nan", "None", "abcdef",
    "2026-08-01 10:00:00", "2026-02-30 10:00:00", "2026-08-01 10:00", "20260801-10:00:00:0", "a&amp;b", "'=x", "12.0",
    '"1"', "4.9E+18", "星河", "𝟙",
]  # fmt: skip
COLUMNS = st.one_of(
    st.lists(st.sampled_from(WRITTEN), max_size=6),
    st.lists(st.integers(0, 10**17).map(str), max_size=6),
    st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.strftime("%F %T")), max_size=6),
)


def said(expression: str, column: pa.ChunkedArray) -> list[Any]:
    with DB.cursor() as db:
        db.register("cells", pa.table({"n": list(range(len(column))), "v": column}))
        return [v for (v,) in db.sql(f"SELECT {expression} FROM cells ORDER BY n").fetchall()]


@settings(max_examples=12)
@given(some=COLUMNS, more=COLUMNS)
def test_short_and_long_expressions_agree(some: list[str], more: list[str]) -> None:
    column = pa.chunked_array([pa.array(["left out", *some], pa.string())[1:], pa.array(more, pa.string())])
    shape = Shape(column)
    clean = cells.plain("v")
    for short, long in [
        (cells.plain("v", shape), clean),
        (cells.ident("v", shape), cells.ident("v")),
    ]:
        assert said(short, column) == said(long, column)
    cleaned = pa.chunked_array([pa.array(said(clean, column), pa.string())])
    for short, long in [
        ("false" if shape.bare else cells.rounded_id("v"), cells.rounded_id("v")),
    ]:
        assert said(short, cleaned) == said(long, cleaned)
    assert shape.filled == any([*some, *more])
    assert shape.full == all([*some, *more])


@settings(max_examples=40)
@given(st.lists(st.text(st.sampled_from([*OUTER, "a", "。", "ã", "Â", "中"]), max_size=4), max_size=5))
def test_no_cell_with_outer_space_is_missed(some: list[str]) -> None:
    column = pa.array(some, pa.string())
    if not ragged(column):
        assert pc.utf8_trim(column, characters=OUTER).equals(column)


def test_a_column_that_is_stored_otherwise_is_read_the_long_way() -> None:
    for column in (pa.array(["1", None], pa.string()), pa.array(["1"], pa.large_string())):
        shape = Shape(pa.chunked_array([column]))
        assert shape.filled
        assert not (shape.full or shape.digits or shape.bare or shape.jsonable)
        assert ragged(column)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai"])
@pytest.mark.parametrize("doubtful", ["2026-02-30 10:00:00", "2025-11-02 01:30:00", "2026-03-08 02:30:00"])
def test_a_doubtful_time_changes_no_other(tmp_path: Path, zone: str, doubtful: str) -> None:
    text = "id,created_at,text\n" + "".join(f"{i},2026-0{i}-09 12:30:07,x\n" for i in range(1, 8))
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.csv").write_text(text + f"8,{doubtful},x\n")
    one, two = (read_export(tmp_path / name, watch(timezone=zone), now=NOW) for name in ("a.csv", "b.csv"))
    assert two.posts["created_at"][:7].equals(one.posts["created_at"])
    assert [p["created_precision_s"] for p in rows(two.posts)[:7]] == [1] * 7
    assert two.rejects.num_rows == (doubtful == "2026-02-30 10:00:00")


def test_sessions_do_not_see_each_other() -> None:
    one, two = session(), session()
    one.execute("CREATE TEMP TABLE t AS SELECT 1 AS a")
    one.register("r", pa.table({"a": [1]}))
    for name in ("t", "r"):
        with pytest.raises(duckdb.CatalogException):
            two.sql(f"SELECT * FROM {name}")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert two.sql("SELECT TIMESTAMPTZ '2026-01-01 00:00:00'").fetchall()[0][0] - at == timedelta(0)
    one.close()
    two.close()
