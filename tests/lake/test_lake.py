"""The lake: idempotent, versioned, concurrent, and whole after a crash."""

import multiprocessing as mp
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib.core.errors import LakeError
from crisislib.core.tables import conform
from crisislib.lake import Lake, compact
from tests.lake.helpers import T0, posts


def test_the_same_rows_twice_add_nothing(lake: Lake) -> None:
    assert lake.append("POSTS", posts()) == 3
    assert lake.append("POSTS", posts()) == 0
    assert lake.append("POSTS", pd.concat([posts(), posts()])) == 0
    assert lake.append("POSTS", posts(seen=1)) == 0, "a later look that says nothing new is no observation"


def test_a_changed_count_is_a_new_observation_and_history_stays(lake: Lake) -> None:
    lake.append("POSTS", posts())
    assert lake.append("POSTS", posts(likes=9, seen=2)) == 3
    assert set(lake.read("POSTS")["n_likes"]) == {9}
    assert sorted(lake.read("POSTS", present=False)["n_likes"]) == [1, 1, 1, 9, 9, 9]


def test_windows_watches_and_an_empty_table(lake: Lake) -> None:
    assert lake.read("POSTS").empty and lake.versions() == {}
    lake.append("POSTS", posts(5))
    lake.append("POSTS", posts(2, watch="other's"))
    since, until = T0.to_pydatetime() + timedelta(hours=1), T0.to_pydatetime() + timedelta(hours=3)
    assert sorted(lake.read("POSTS", watch="w", since=since, until=until)["post_id"]) == ["x:1", "x:2"]
    assert len(lake.read("POSTS", watch="other's")) == 2
    with pytest.raises(LakeError, match="no time column"):
        lake.read("ACCOUNTS", since=since)


def test_as_of_gives_what_was(lake: Lake) -> None:
    lake.append("POSTS", posts(2))
    then = lake.versions()
    moment = datetime.now(UTC)
    time.sleep(0.01)
    lake.append("POSTS", posts(2, start=10))
    assert len(lake.read("POSTS", as_of=then)) == 2 == len(lake.read("POSTS", as_of=moment))
    assert lake.read("POSTS", as_of={}).empty and lake.read("POSTS", as_of=datetime(2020, 1, 1, tzinfo=UTC)).empty
    with pytest.raises(LakeError, match="cannot read version"):
        lake.read("POSTS", as_of={"POSTS": 99})


def test_an_analyst_wins_over_every_model(lake: Lake) -> None:
    def label(model: str, value: str, hour: int) -> pd.DataFrame:
        at = T0 + pd.Timedelta(hours=hour)
        row = {"watch": "w", "post_id": "x:1", "label": "sentiment", "model": model, "at": at, "value": value}
        return pd.DataFrame([row])

    lake.append("LABELS", label("s@1", "negative", 0))
    lake.append("LABELS", label("analyst", "neutral", 1))
    lake.append("LABELS", label("s@2", "positive", 2))
    assert lake.read("LABELS")["value"].tolist() == ["neutral"]
    assert len(lake.read("LABELS", present=False)) == 3


def test_a_lazy_frame_reduces_in_the_engine(lake: Lake) -> None:
    lake.append("POSTS", posts(48))
    days = lake.scan("POSTS", watch="w").group_by(nw.col("created_at").dt.truncate("1d")).agg(n=nw.len())
    assert sorted(days.collect("pandas").to_native()["n"]) == [24, 24]


def _write(root: Path, start: int) -> None:
    store = Lake(root)
    for i in range(5):
        store.append("POSTS", posts(10, start=start + i * 10))


@pytest.mark.long
def test_writers_and_readers_at_once(tmp_path: Path) -> None:
    context = mp.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path / "lake", k * 1000)) for k in range(2)]
    for process in writers:
        process.start()
    seen = []
    while any(p.is_alive() for p in writers):
        seen.append(len(Lake(tmp_path / "lake").read("POSTS")))
    for process in writers:
        process.join()
    assert all(p.exitcode == 0 for p in writers)
    assert len(Lake(tmp_path / "lake").read("POSTS")) == 100
    assert all(n % 10 == 0 for n in seen), "a reader saw half a commit"


KILLED = """
import sys, pandas as pd
from pathlib import Path
from tests.lake.test_lake import posts
from crisislib.lake import Lake
store = Lake(Path(sys.argv[1])); print("ready", flush=True)
for i in range(10_000): store.append("POSTS", posts(50, start=i * 50))
"""


def test_kill_in_the_middle_leaves_it_whole(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(root)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None and process.stdout.readline()
    while not any((root / "posts" / "_delta_log").glob("*[0-9].json")):  # until something is in
        time.sleep(0.01)
    time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    store = Lake(root)
    held = len(store.read("POSTS"))
    assert held > 0 and held % 50 == 0
    store.append("POSTS", posts(held + 50))
    assert len(store.read("POSTS")) == held + 50


FULL = """
import resource, sys, signal
from pathlib import Path
from tests.lake.test_lake import posts
from crisislib.lake import Lake
from crisislib.core.errors import LakeError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Lake(Path(sys.argv[1])); store.append("POSTS", posts(5))
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    store.append("POSTS", posts(20000, start=100))
except LakeError as told:
    print(told); sys.exit(7)
"""


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "lake")],
        capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip
    assert run.returncode == 7, run.stderr
    assert "free disk space" in run.stdout
    store = Lake(tmp_path / "lake")
    assert len(store.read("POSTS")) == 5
    assert store.append("POSTS", posts(20, start=100)) == 20


def test_compaction_keeps_every_row_and_old_versions(lake: Lake) -> None:
    for i in range(4):
        lake.append("POSTS", posts(2, start=2 * i))
    before = lake.versions()
    assert compact(lake)["POSTS"] == 4
    assert len(lake.read("POSTS", as_of=before)) == 8, "compaction keeps old versions readable"


def test_a_version_whose_files_are_gone_is_an_error_and_not_empty(lake: Lake) -> None:
    lake.append("POSTS", posts(2))
    lake.append("POSTS", posts(2, start=2))
    then, before = datetime.now(UTC), lake.versions()
    time.sleep(0.01)
    lake.append("POSTS", posts(2, start=4))
    compact(lake, keep_days=0)
    for as_of in (before, then):
        with pytest.raises(LakeError, match="cannot read version"):
            lake.read("POSTS", as_of=as_of)
    assert len(lake.read("POSTS")) == 6


looks = st.dictionaries(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 3)), min_size=1)


@settings(max_examples=15)
@given(st.lists(looks, min_size=1, max_size=4))
def test_present_state_is_the_newest_look(tmp_path_factory: pytest.TempPathFactory, series: list[dict]) -> None:
    """Look after look, the state read back is that of a plain dictionary, and a repeat adds nothing."""
    store = Lake(tmp_path_factory.mktemp("prop") / "lake")
    state: dict[str, int | None] = {}
    for seen, look in enumerate(series):
        rows = pa.concat_tables([conform(posts(1, start=i, likes=n, seen=seen), "POSTS") for i, n in look.items()])
        news = {f"x:{i}": n for i, n in look.items() if state.get(f"x:{i}", "never") != n}
        assert store.append("POSTS", rows) == len(news)
        assert store.append("POSTS", rows) == 0
        state |= news
    held = store.read("POSTS")
    assert {p: None if pd.isna(n) else int(n) for p, n in zip(held["post_id"], held["n_likes"], strict=True)} == state
