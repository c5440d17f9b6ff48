"""Tables: conform brings a frame to its schema or names the column that will not come."""

import pandas as pd
import pytest

from crisislib.core.errors import TableError
from crisislib.core.tables import TABLES, conform, empty, table

NOW = pd.Timestamp("2026-01-01", tz="UTC")


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_whole(name: str) -> None:
    spec = table(name)
    assert set(spec.key) <= set(spec.columns) and spec.order in spec.columns
    assert set(spec.identity) <= set(spec.key) and (not spec.time or spec.time in spec.columns)
    assert empty(name).schema == spec.schema
    assert conform(empty(name), name).num_rows == 0


def test_missing_columns_are_null_and_types_are_exact() -> None:
    rows = conform(pd.DataFrame({"watch": ["w"], "post_id": ["x:1"], "collected_at": [NOW], "n_likes": [3]}), "POSTS")
    assert rows.schema == table("POSTS").schema and rows["text"].null_count == 1 and rows["n_likes"][0].as_py() == 3


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ({"watch": ["w"], "post_id": ["x:1"]}, "collected_at"),
        ({"watch": [None], "post_id": ["x:1"], "collected_at": [NOW]}, "watch.*row 0"),
        ({"watch": ["w"], "post_id": ["x:1"], "collected_at": [NOW], "likes": [1]}, "unknown columns"),
        ({"watch": ["w"], "post_id": ["x:1"], "collected_at": [NOW], "n_likes": ["many"]}, "n_likes"),
        ({"watch": ["w"], "post_id": ["x:1"], "collected_at": ["soon"]}, "collected_at"),
    ],
)
def test_what_does_not_fit_is_named(frame: dict, told: str) -> None:
    with pytest.raises(TableError, match=told):
        conform(pd.DataFrame(frame), "POSTS")


def test_unknown_table() -> None:
    with pytest.raises(TableError, match="there is no table"):
        table("TWEETS")
