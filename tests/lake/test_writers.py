"""One import, one truth: whoever writes beside it, and wherever it is killed."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import writers
from crisislib import engine
from crisislib.core.errors import LakeError
from crisislib.engine import Home, ingest
from crisislib.lake import Lake, compact
from crisislib.lake.locks import Locks
from tests.lake.helpers import posts

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def together(*jobs: Callable[[], None]) -> None:
    """Run jobs at the same time; a fault of any is raised."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        start.wait()
        job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for future in [pool.submit(run, job) for job in jobs]:
            future.result()


def write_all(root: Path, batches: list[pd.DataFrame]) -> None:
    lake = Lake(root)
    for rows in batches:
        lake.append("POSTS", rows)


def exactly_once(root: Path, n: int) -> None:
    held = Lake(root).read("POSTS", present=False)
    assert sorted(held["post_id"]) == sorted(f"x:{i}" for i in range(n))


def test_appends_of_the_same_rows_at_once_add_them_once(tmp_path: Path) -> None:
    """Also where the table does not exist yet: three writers find none."""
    batches = [posts(3, start=3 * i) for i in range(6)]
    together(*(lambda k=k: write_all(tmp_path, batches[k:] + batches[:k]) for k in (0, 2, 4)))
    exactly_once(tmp_path, 18)


def test_the_store_itself_refuses_what_was_checked_against_an_older_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines on one folder do not see each other's locks."""
    monkeypatch.setattr(Locks, "table", lambda self, name: nullcontext())
    write_all(tmp_path, [posts(1)])
    batches = [posts(3, start=3 * i) for i in range(6)]
    together(*(lambda k=k: write_all(tmp_path, batches[k:] + batches[:k]) for k in (0, 2, 4)))
    exactly_once(tmp_path, 18)


def test_the_log_keeps_one_entry_however_many_appends(lake: Lake) -> None:
    for i in range(12):
        lake.append("POSTS", posts(1, start=i))
    delta = DeltaTable(lake.root / "posts")
    delta.create_checkpoint()
    checkpoint = next((lake.root / "posts" / "_delta_log").glob("*.checkpoint.parquet"))
    assert sum(row["txn"] is not None for row in pq.read_table(checkpoint).to_pylist()) == 1


def test_appends_beside_compaction(tmp_path: Path) -> None:
    write_all(tmp_path, [posts(1, start=i) for i in range(6)])
    batches = [posts(2, start=i) for i in range(0, 20, 2)]

    def tidy() -> None:
        for _ in range(6):
            compact(Lake(tmp_path), keep_days=0)

    together(tidy, lambda: write_all(tmp_path, batches), lambda: write_all(tmp_path, batches[::-1]))
    exactly_once(tmp_path, 20)


def test_a_table_that_stays_locked_is_named(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crisislib.lake.locks.PATIENCE_S", 0.05)
    other = Lake(lake.root)
    with other.locks.table("POSTS"), pytest.raises(LakeError, match="POSTS"):
        lake.append("POSTS", posts())
    assert lake.append("POSTS", posts()) == 3


# -- imports ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for a SIGKILL: nothing below the command line catches it."""


def files_in(folder: Path) -> list[Path]:
    """Two exports that tell of the same posts, the second later; each has a row that cannot be imported."""
    head = "id,created_at,author_id,author,text,likes\n"
    (folder / "a.csv").write_text(
        head + "".join(f"{i},2026-01-0{i % 5 + 1} 10:00,{i % 2},u{i % 2},Acme {i},{i}\n" for i in range(6))
        + "9,0000-00-00,1,u1,Acme broken,1\n", encoding="utf-8"
    )  # fmt: skip
    (folder / "b.csv").write_text(
        head + "".join(f"{i},2026-01-0{i % 5 + 1} 10:00,{i % 2},u{i % 2},Acme {i},{i + 50}\n" for i in range(3, 8))
        + "8,never,1,u1,Acme worse,1\n", encoding="utf-8"
    )  # fmt: skip
    (folder / "w.yml").write_text(writers.WATCH, encoding="utf-8")
    return [folder / "a.csv", folder / "b.csv"]


def bring(folder: Path, file: Path, minutes: int) -> None:
    home = Home.here(lake=folder / "lake", watches=file.parent, reports=folder)
    engine.import_files(home, home.watch("w"), [file], now=NOW + timedelta(minutes=minutes))


@contextmanager
def kill_at(step: int, *, after: bool) -> Iterator[None]:
    """The process dies before or after its step-th write."""
    count = 0
    append, rejects = Lake.append, ingest.write_rejects

    def dying(work: Callable[..., object]) -> Callable[..., object]:
        def run(*args: object, **more: object) -> object:
            nonlocal count
            count += 1
            if count == step and not after:
                raise Killed
            done = work(*args, **more)
            if count == step:
                raise Killed
            return done

        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lake, "append", dying(append))
        patch.setattr(ingest, "write_rejects", dying(rejects))
        yield


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> dict[int, writers.Rows]:
    """What undisturbed imports leave, by the file that comes first."""
    found = {}
    for first in (0, 1):
        folder = tmp_path_factory.mktemp("calm")
        files = files_in(folder)
        for minute, which in enumerate((first, 1 - first)):
            bring(folder, files[which], minute)
        found[first] = writers.all_rows(folder, folder / "lake")
    return found


def disturbed(folder: Path, files: list[Path], kills: list[tuple[int, int, bool]]) -> int:
    """Kill imports, then run both again, each under its own clock; the file that came first."""
    order: list[int] = []
    for minute, (which, step, after) in enumerate(kills):
        with kill_at(step, after=after), suppress(Killed):
            bring(folder, files[which], minute)
        if (step, after) != (1, False):
            order.append(which)
    order = list(dict.fromkeys([*order, 0, 1]))
    for minute, which in enumerate(order):
        bring(folder, files[which], 60 + minute)
    return order[0]


steps = st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(1, 4), st.booleans()), max_size=3)
Calm = dict[int, writers.Rows]


@settings(max_examples=6)
@given(kills=steps)
def test_imports_killed_anywhere_and_run_again(
    tmp_path_factory: pytest.TempPathFactory, calm: Calm, kills: list[tuple[int, int, bool]]
) -> None:
    """A file may be killed several times, under another clock each time, and the other may come in between."""
    folder = tmp_path_factory.mktemp("kills")
    first = disturbed(folder, files_in(folder), kills)
    assert writers.all_rows(folder, folder / "lake") == calm[first]


@pytest.mark.slow
@settings(max_examples=100)
@given(kills=steps)
def test_imports_killed_anywhere_a_hundred_times(
    tmp_path_factory: pytest.TempPathFactory, calm: Calm, kills: list[tuple[int, int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("kills")
    first = disturbed(folder, files_in(folder), kills)
    assert writers.all_rows(folder, folder / "lake") == calm[first]


def test_two_imports_of_one_file_at_once_leave_one_record(tmp_path: Path) -> None:
    file = files_in(tmp_path)[0]
    for trial in range(2):
        busy, calm = tmp_path / f"busy{trial}", tmp_path / f"calm{trial}"
        together(*(lambda m=m, b=busy: bring(b, file, m) for m in range(3)))
        bring(calm, file, 0)
        assert writers.all_rows(tmp_path, busy / "lake") == writers.all_rows(tmp_path, calm / "lake")
        assert len(Lake(busy / "lake").read("BATCHES", present=False)) == 1


def test_the_record_comes_last(tmp_path: Path) -> None:
    """A record says that posts, accounts and rejected rows are there."""
    file = files_in(tmp_path)[0]
    with kill_at(5, after=False), pytest.raises(Killed):
        bring(tmp_path, file, 0)
    lake = Lake(tmp_path / "lake")
    assert lake.read("BATCHES").empty and len(lake.read("POSTS")) == 6 and len(lake.read("ACCOUNTS")) == 2
    assert len(list((tmp_path / "lake" / "rejects").glob("rejects-*.csv"))) == 1


@pytest.mark.slow
def test_processes_beside_each_other_and_killed(tmp_path: Path) -> None:
    found = writers.measure(tmp_path, pairs=3, kills=len(writers.TARGETS), rows=5000, seed=1)
    assert [(lost, doubled) for _, _, lost, doubled in found] == [(0, 0)] * (3 + len(writers.TARGETS))
