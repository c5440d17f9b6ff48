"""What the tests of this room share: a watch, a clock, and where the made-up samples are."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from crisislib.collect import Batch, read_export
from crisislib.core.watch import Watch

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"


def watch(**changes: Any) -> Watch:
    """A watch with some keys changed."""
    title = {"en": "Aurora Tea", "zh": "星河奶茶"}
    base = {"watch": "tea", "title": title, "brand": {"names": ["Aurora Tea", "星河奶茶"]}}
    return Watch.model_validate({**base, **changes})


def sample(layout: str) -> Path:
    """The one made-up sample of a layout: a file, or a folder of the files that belong together."""
    found = [p for p in SAMPLES.iterdir() if p.name.split(".")[0] == layout]
    assert len(found) == 1, f"one made-up sample for {layout}, found {found}"
    return found[0]


@cache
def read_sample(layout: str) -> Batch:
    """The sample as read for a watch without a query."""
    return read_export(sample(layout), watch(), now=NOW)


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    return list(table.to_pylist())


def record(batch: Batch) -> dict[str, Any]:
    """The BATCHES row."""
    return rows(batch.record)[0]
