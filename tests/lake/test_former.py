"""A lake that a former version wrote is read and added to; what it did not know is null."""

from datetime import timedelta
from pathlib import Path

import narwhals as nw
import pytest
from deltalake import write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.table_definitions import Table
from crisislib.core.tables import TABLES
from crisislib.lake import Lake, compact
from tests.lake.helpers import T0, any_rows

DERIVED = ("LABELS", "TOPICS", "EDGES", "CASCADES", "GROUPS", "SIGNALS", "ALERTS", "INCIDENTS", "RISKS")
NEW = {
    **dict.fromkeys(DERIVED, frozenset({"run_id"})),
    "ACTIONS": frozenset({"run_id", "facts"}),
    "RUNS": frozenset(TABLES["RUNS"].columns[9:]),
}
"""What version 0.1.0 did not have."""


def write_former(root: Path, spec: Table, numbers: list[int], without: frozenset[str]) -> None:
    write_deltalake(root / spec.name.lower(), any_rows(spec, numbers, without=without), mode="append")


@pytest.mark.parametrize("name", NEW)
def test_files_of_mixed_age_are_one_table(tmp_path: Path, name: str) -> None:
    spec, lake = TABLES[name], Lake(tmp_path)
    write_former(tmp_path, spec, [0, 1], NEW[name])
    new = sorted(NEW[name])
    assert lake.read(name)[new].isna().all().all()
    assert lake.arrow(name, present=False).schema == spec.schema
    former = lake.versions()
    assert lake.append(name, any_rows(spec, [1, 2])) == 1, "the row that is held is known by its key"
    assert lake.append(name, any_rows(spec, [3])) == 1
    compact(lake)
    counts = lake.scan(name).select(nw.col(*new).count()).collect("pandas").to_native()
    assert (counts == 2).all().all() and len(lake.read(name)) == 4
    assert len(lake.read(name, as_of=former)) == 2
    if spec.time:
        old = lake.read(name, since=T0.to_pydatetime(), until=(T0 + timedelta(minutes=30)).to_pydatetime())
        assert len(old) == 1 and old[new].isna().all().all()


@settings(max_examples=10)
@given(data=st.data())
def test_any_column_may_be_younger_than_the_lake(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    root = tmp_path_factory.mktemp("former")
    spec = TABLES[data.draw(st.sampled_from(sorted(TABLES)))]
    young = st.frozensets(st.sampled_from([f.name for f in spec.schema if f.nullable and f.name != spec.order]))
    if spec.name == "POSTS":  # what a post says was always there, and tells whether a look is new
        young = st.frozensets(st.sampled_from(["row_no", "extra", "place", "batch_id", "url", "lang"]))
    ages = data.draw(st.lists(young, min_size=1, max_size=3))
    shrinking = [frozenset.intersection(*ages[: i + 1]) for i in range(len(ages))]
    lake = Lake(root)
    for i, missing in enumerate(shrinking):
        if i == 0:
            write_former(root, spec, [0], missing)
        else:
            assert lake.append(spec.name, any_rows(spec, [0, i])) == 1
    held = lake.arrow(spec.name, present=False).sort_by(spec.order).to_pylist()
    wanted = [{**row, **dict.fromkeys(shrinking[0] & set(row))} if i == 0 else row for i, row in enumerate(
        any_rows(spec, list(range(len(ages)))).to_pylist())]  # fmt: skip
    assert held == wanted
    assert (
        lake.sql(spec.name).columns
        == spec.columns
        == lake.scan(spec.name).collect("pandas").to_native().columns.to_list()
    )
