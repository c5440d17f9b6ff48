"""The whole way over a lake on an object store, beside the same over a folder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.lake_differences import differences
from crisislib import services
from crisislib.engine import Home

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.slow
def test_the_demonstration_is_equal_in_every_table(tmp_path: Path, s3_lake: str) -> None:
    lakes = []
    for name, lake in (("near", None), ("far", Path(s3_lake))):
        services.demo(tmp_path / name, posts=2000, now=NOW, lake=lake)
        lakes.append(Home.at(tmp_path / name).lake)
    assert [bool(lake.address) for lake in lakes] == [False, True]
    assert not differences(*lakes)
    assert len(lakes[1].read("POSTS")) == 2000
