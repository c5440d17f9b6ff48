"""The lake promises no order of rows: in whichever they come, the same posts tell the same."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib import spread
from tests.spread.samples import NOW, accounts, posts

RUMOUR = "朋友在门店兼职，说后厨每天晚上把过期牛奶的标签撕了换新的接着用 #过期奶#"
PEOPLE = accounts([(f"u{i}", f"name{i}", 10 * i) for i in range(12)])


def told(held: pa.Table) -> list[list[str]]:
    """Everything that the room says of some posts, without regard to order."""
    edges = spread.infer_edges(held, PEOPLE, watch="w", now=NOW)
    groups = spread.detect_coordination(held, watch="w", now=NOW)
    stories = spread.measure_cascades(held, edges, PEOPLE, watch="w", now=NOW)
    findings = spread.findings(held, edges, PEOPLE, groups, now=NOW)
    tables = [sorted(map(str, t.to_pylist())) for t in (edges, groups, stories)]
    return [*tables, sorted(f.render("en") for f in findings)]


@pytest.mark.long
@settings(max_examples=25)
@given(
    minutes=st.lists(st.integers(0, 3), min_size=12, max_size=40),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_order_of_rows_changes_nothing(minutes: list[int], seed: int) -> None:
    """Times to the minute only, as many sources give them, so that many posts share one."""
    rows = [
        {"id": f"p{i}", "s": 60 * m, "by": f"u{i % 12}", "text": RUMOUR, "created_precision_s": 60}
        for i, m in enumerate(minutes)
    ]
    held = posts(rows)
    mixed = held.take(pa.array(np.random.default_rng(seed).permutation(len(held))))
    assert told(mixed) == told(held)


def test_times_are_told_in_the_watchs_zone() -> None:
    """A page shows posts in the zone of the watch; a sentence beside them that says UTC is another number."""
    held = posts([{"id": f"p{i}", "s": 60 * i, "by": f"u{i % 12}", "text": RUMOUR} for i in range(20)])
    edges = spread.infer_edges(held, PEOPLE, watch="w", now=NOW)
    groups = spread.detect_coordination(held, watch="w", now=NOW)
    found = spread.findings(held, edges, PEOPLE, groups, now=NOW, zone=ZoneInfo("Asia/Shanghai"))
    began = next(f for f in found if f.key == "spread.origin")
    assert "2026-03-01 16:00" in began.render("en") and "2026-03-01 16:00" in began.render("zh")
    assert not [f.render("en") for f in found if "UTC" in f.render("en")]
