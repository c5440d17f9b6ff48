"""Erased is erased: nothing of the person in any byte, everybody else as before, also after kills and beside others."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from crisislib import engine, services
from crisislib.core.errors import LakeError
from crisislib.core.tables import TABLES
from crisislib.engine import Home, personal_data
from crisislib.lake import Lake, rewriting
from crisislib.lake.personal_data import STORES, Place, identify, person_tables, rows
from tests.lake.erasing import ACCOUNT, NAME, NATIVE, NEEDLES, NOW, OLD_TEXT, POSTS, START, TEXT, build, hits, page


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    root = tmp_path_factory.mktemp("person")
    return root, build(root)[1]


@pytest.fixture(scope="module")
def built(world: tuple[Path, list[str]]) -> Path:
    return world[0]


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    return copy(built, tmp_path / "copy")


def copy(built: Path, to: Path) -> Home:
    shutil.copytree(built, to)
    return Home.here(lake=to / "lake", watches=to / "watches", reports=to / "reports")


def traces(home: Home, needles: tuple[str, ...] = NEEDLES) -> list[tuple[str, str]]:
    return hits([home.lake_root, home.reports], needles)


def erase(home: Home, *, quotes: bool = True) -> list[personal_data.Removal]:
    return personal_data.erase(home, ACCOUNT, quotes=quotes, wait_s=0)


def counts(home: Home) -> dict[str, int]:
    return {name: len(home.lake.read(name, present=False)) for name in TABLES}


def test_the_search_itself_finds_the_person_everywhere(home: Home) -> None:
    """Else the proof below proves nothing."""
    found = traces(home)
    assert {needle for _, needle in found} == set(NEEDLES)
    places = {Path(file).relative_to(home.lake_root.parent).parts[1] for file, _ in found}
    assert {"posts", "accounts", "labels", "edges", "cascades", "alerts", "findings", "rejects", "artifacts"} <= places


def test_nothing_is_left_in_any_byte(home: Home) -> None:
    _, listed = personal_data.find_person(home, ACCOUNT)
    assert erase(home) == listed, "what is shown before is what is done"
    assert traces(home) == []
    assert personal_data.find_person(home, ACCOUNT)[1] == [] == erase(home)


def test_everybody_else_is_as_before(home: Home) -> None:
    lake, before = home.lake, counts(home)
    others = lake.read("POSTS").query("account_id != @ACCOUNT").set_index("post_id").sort_index()
    erase(home)
    after, lake = counts(home), Lake(home.lake_root)
    gone = {name: before[name] - after[name] for name in TABLES if before[name] != after[name]}
    assert gone.pop("POSTS") == 2 == 2 * gone.pop("ACCOUNTS") == 2 * gone.pop("GROUPS")
    assert gone.pop("EDGES", 0) == 0 and set(gone) == {"LABELS"}
    left = lake.read("POSTS").set_index("post_id").sort_index()
    assert list(left.index) == list(others.index)
    named = others["text"].str.contains(NAME)
    pd.testing.assert_frame_equal(left[~named].dropna(axis=1), others[~named].dropna(axis=1))
    assert left[named]["text"].str.contains("@[erased]", regex=False).all()
    texts = left[named]["text"].tolist()
    assert sum(t == "Acme真的吗//@[erased]" for t in texts) == 4 and sum("说得对" in t for t in texts) == 4
    assert "user1" in (home.reports / "acme" / "20260319T000000Z" / "brief.html").read_text()
    assert "all is well" in (home.lake_root / "artifacts" / "monitor" / "brief.log").read_text()
    assert "somebody else" in next((home.lake_root / "rejects").glob("*.csv")).read_text(encoding="utf-8-sig")


def test_the_story_keeps_its_shape_with_placeholders(home: Home) -> None:
    parents = home.lake.read("POSTS")["parent_id"].value_counts()
    erase(home)
    lake = Lake(home.lake_root)
    posts, edges = lake.read("POSTS"), lake.read("EDGES")
    placed = posts["parent_id"][posts["parent_id"].fillna("").str.startswith("web:erased-")]
    assert sorted(placed.value_counts()) == sorted(parents[[f"web:{p}" for p in POSTS]])
    assert set(placed) == set(edges["src"]) & set(placed), "one placeholder a post, in every table"


def test_words_of_others_are_left_and_listed_unless_agreed(home: Home) -> None:
    done = erase(home, quotes=False)
    asked = {(one.store, one.where) for one in done if one.quotes}
    assert asked == {("tables", "POSTS"), ("tables", "RESPONSES"), ("reports", "acme/20260320T000000Z")}
    left = {Path(file).relative_to(home.lake_root.parent).parts[1] for file, _ in traces(home)}
    assert left == {"posts", "responses", "acme"}
    lake = Lake(home.lake_root)
    assert not lake.read("POSTS", present=False)["account_id"].eq(ACCOUNT).any()
    assert lake.read("POSTS")["text"].str.contains(NAME).sum() == 8


def test_a_lake_goes_on_after_an_erasure(home: Home, built: Path) -> None:
    """Versions go on; older ones are an error and not empty."""
    before = home.lake.versions()
    erase(home)
    again = Home.here(lake=home.lake_root, watches=home.watches, reports=home.reports)
    assert all(again.lake.version(name) > version for name, version in before.items())
    with pytest.raises(LakeError, match="cannot read version"):
        again.lake.read("POSTS", as_of=before)
    with pytest.raises(LakeError, match="its log begins later"):
        again.lake.read("POSTS", as_of=START)


def test_whoever_read_before_cannot_write_it_back(home: Home) -> None:
    stale = Lake(home.lake_root)
    rows = stale.arrow("POSTS")
    erase(home)
    with pytest.raises(LakeError, match="start it again"):
        stale.append("POSTS", rows)
    assert traces(home) == []
    with stale.session("import"):
        assert stale.append("POSTS", rows.slice(0, 0)) == 0
    assert home.lake.append("POSTS", home.lake.arrow("POSTS")) == 0, "the one that erased goes on"


@pytest.mark.parametrize("lock", ["monitor.lock", "brief-1.lock", "acme-daily.lock"])
def test_beside_a_monitor_a_brief_or_a_job_it_refuses(home: Home, lock: str) -> None:
    before = snapshot(home)
    with FileLock(home.lake.artifact("locks", lock)), pytest.raises(LakeError, match=lock.removesuffix(".lock")):
        erase(home)
    assert snapshot(home) == before


def test_beside_a_run_it_refuses_and_names_it(world: tuple[Path, list[str]]) -> None:
    """A run is a session from its first reading to its last writing; an erasure was tried at each of its stages."""
    answers = world[1]
    assert len(answers) > 3
    assert all(f"run (process {os.getpid()})" in line and "nothing was changed" in line for line in answers)


def test_an_import_waits_for_an_erasure_and_an_erasure_for_an_import(home: Home) -> None:
    other = Lake(home.lake_root)
    ended = threading.Event()

    def work() -> None:
        with other.session("import"):
            pass
        ended.set()

    with home.lake.locks.alone(wait_s=0):
        thread = threading.Thread(target=work)
        thread.start()
        assert not ended.wait(0.3)
    thread.join()
    assert ended.is_set()
    with other.session("import"):
        thread = threading.Thread(target=lambda: personal_data.erase(home, ACCOUNT, quotes=True, wait_s=30))
        thread.start()
        assert traces(home), "it waits"
    thread.join()
    assert traces(home) == []


# -- kills -----------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for a SIGKILL."""


@contextmanager
def kill_at(step: int) -> Iterator[list[int]]:
    """The process dies at its step-th change of a file or table."""
    done = [0]
    with pytest.MonkeyPatch.context() as patch:

        def dying(target: object, name: str) -> None:
            real = getattr(target, name)

            def run(*args: object, **more: object) -> object:
                done[0] += 1
                if done[0] == step:
                    raise Killed
                return real(*args, **more)

            patch.setattr(target, name, run)

        dying(Path, "unlink")
        dying(os, "replace")
        dying(shutil, "rmtree")
        dying(rewriting, "write_deltalake")
        dying(DeltaTable, "create_checkpoint")
        dying(DeltaTable, "create_write_transaction")
        yield done


def whole(home: Home) -> None:
    """Every table can be read."""
    for name in TABLES:
        Lake(home.lake_root).read(name)


def killed_and_finished(built: Path, factory: pytest.TempPathFactory, share: float) -> None:
    home = copy(built, factory.mktemp("kill") / "copy")
    with kill_at(1 + int(share * (_steps(built, factory) - 1))), pytest.raises(Killed):
        erase(home)
    whole(home)
    again = Home.here(lake=home.lake_root, watches=home.watches, reports=home.reports)
    erase(again)
    assert traces(again) == []
    assert len(again.lake.read("POSTS")) == 68


@pytest.mark.long
@settings(max_examples=5)
@given(share=st.floats(0.0, 1.0))
def test_a_killed_erasure_is_finished_by_the_next(
    built: Path, tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    killed_and_finished(built, tmp_path_factory, share)


@pytest.mark.slow
@settings(max_examples=80)
@given(share=st.floats(0.0, 1.0))
def test_an_erasure_killed_eighty_times(built: Path, tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    killed_and_finished(built, tmp_path_factory, share)


_COUNTED: list[int] = []


def _steps(built: Path, factory: pytest.TempPathFactory) -> int:
    """Changes that an undisturbed erasure makes."""
    if not _COUNTED:
        home = copy(built, factory.mktemp("count") / "copy")
        with kill_at(-1) as done:
            erase(home)
        _COUNTED.append(done[0])
    return _COUNTED[0]


# -- retention -------------------------------------------------------------------------------------


def test_retention_leaves_no_byte_of_what_is_old(home: Home) -> None:
    before = START + timedelta(hours=30)  # after the first of the person's posts and what was said of it
    kept = home.lake.read("POSTS").query("created_at >= @before")
    page(home.reports / "acme" / "20260201T000000Z", f"<p>{OLD_TEXT}</p>", before - timedelta(days=28))
    listed = personal_data.expire(home, "acme", before, dry_run=True, wait_s=0)
    done = personal_data.expire(home, "acme", before, dry_run=False, wait_s=0)
    assert [one for one in done if one.what != "files of older versions"] == listed, "a dry run shows what is done"
    assert {"reports", "artifacts", "tables"} <= {one.store for one in done}
    assert any(one.where.endswith("narratives") for one in done), "the model's memory forgets old posts"
    assert traces(home, (OLD_TEXT[:12], "old line", "Acme 3 等了", "Acme 11 等了")) == []
    assert traces(home, ("Acme 12 等了",)), "what is not old stays"
    left = home.lake.read("POSTS")
    assert sorted(left["post_id"]) == sorted(kept["post_id"])
    assert not (home.reports / "acme" / "20260201T000000Z").exists()
    assert (home.reports / "acme" / "20260319T000000Z").exists()
    again = personal_data.expire(home, "acme", before, dry_run=False, wait_s=0)
    assert again == [], "nothing is old twice"


def test_retention_and_erasure_reach_what_was_sent_and_could_not_be_read(home: Home) -> None:
    """Such posts lie beside the lake as they were sent, and do not say for which watch."""
    before = START + timedelta(hours=30)
    old, new = START.isoformat(), (START + timedelta(hours=40)).isoformat()
    by_time, by_age, other = (
        home.lake.artifact(watch, "listen", "unreadable", name)
        for watch, name in (("acme", "group-1.jsonl"), ("acme", "group-2.jsonl"), ("rival", "group-3.jsonl"))
    )
    for path in (by_time, by_age, other):
        lines = [{"at": old, "text": "planted old"}, {"at": new, "text": "planted new", "author": NAME}]
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    os.utime(by_age, (before.timestamp() - 60,) * 2)
    personal_data.expire(home, "acme", before, dry_run=False, wait_s=0)
    assert "planted new" in by_time.read_text("utf-8") and "planted old" not in by_time.read_text("utf-8")
    assert not by_age.exists(), "what was sent before the limit was written before it"
    assert "planted old" in other.read_text("utf-8"), "another watch keeps its own"
    erase(home)
    assert "planted" not in by_time.read_text("utf-8") and NAME not in other.read_text("utf-8")


def test_retention_takes_the_ids_of_old_posts_out_of_newer_topics_and_findings(home: Home) -> None:
    """Evidence of this morning's run that lists a post of last year would keep it for ever."""
    old, stays = POSTS
    lists = {"topics", "findings", "alerts", "incidents"}
    folders = {Path(file).relative_to(home.lake_root).parts[0] for file, _ in hits([home.lake_root], (old,))}
    assert lists <= folders
    personal_data.expire(home, "acme", START + timedelta(hours=30), dry_run=False, wait_s=0)
    assert traces(home, (old,)) == []
    folders = {Path(file).relative_to(home.lake_root).parts[0] for file, _ in hits([home.lake_root], (stays,))}
    assert lists <= folders, "the post that stays is still cited"
    listed = home.lake.read("FINDINGS").query("run_id == 'run-1'")["post_ids"].iloc[0]
    assert [p.split("-")[0] for p in json.loads(listed)] == ["web:erased", f"web:{stays}"]


@pytest.mark.parametrize("killed_at", ["findings", "posts"])
def test_retention_takes_accounts_whose_posts_are_all_gone(home: Home, killed_at: str) -> None:
    """Accounts bear the time of the import, which was after the limit; a kill on the way is made good by the next."""
    before, others = START + timedelta(hours=60), set(home.lake.read("ACCOUNTS")["account_id"]) - {ACCOUNT}
    assert hits([home.lake_root / "accounts"], (NATIVE, NAME))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(person_tables, "purge", dying(person_tables.purge, killed_at))
        personal_data.expire(home, "acme", before, dry_run=False, wait_s=0)
    home = Home.here(lake=home.lake_root, watches=home.watches, reports=home.reports)
    personal_data.expire(home, "acme", before, dry_run=False, wait_s=0)
    assert set(home.lake.read("ACCOUNTS")["account_id"]) == others
    assert hits([home.lake_root / t for t in ("accounts", "posts")], (NATIVE, NAME)) == []
    assert hits([home.lake_root / "findings"], (*POSTS, TEXT[:12])) == []
    assert personal_data.expire(home, "acme", before, dry_run=False, wait_s=0) == []


def dying(real: Callable[[Lake, str], int], table: str) -> Callable[[Lake, str], int]:
    """The process dies after a table was rewritten and before its older files go, with what follows."""

    def run(lake: Lake, name: str) -> int:
        if name == table.upper():
            raise Killed
        return real(lake, name)

    return run


def test_retention_of_all_takes_accounts_rejects_and_reports(home: Home) -> None:
    for undated in ("models/people/names.npz", "sources/0.json"):
        (home.lake_root / "artifacts" / "acme" / undated).unlink()
    personal_data.expire(home, "acme", NOW + timedelta(days=1), dry_run=False, wait_s=0)
    assert {name: n for name, n in counts(home).items() if n} == {}
    assert traces(home) == [] and not list((home.lake_root / "rejects").glob("*"))
    assert not list(home.reports.rglob("*.html"))


def test_retention_of_one_watch_leaves_the_other(home: Home, tmp_path: Path) -> None:
    text = (home.watches / "acme.yml").read_text().replace("watch: acme", "watch: other")
    (home.watches / "other.yml").write_text(text)
    engine.import_files(home, home.watch("other"), [home.lake_root.parent / "export.csv"], now=NOW)
    n = len(home.lake.read("POSTS", watch="other"))
    accounts = set(home.lake.read("ACCOUNTS")["account_id"])
    personal_data.expire(home, "acme", NOW + timedelta(days=1), dry_run=False, wait_s=0)
    assert len(home.lake.read("POSTS", watch="other")) == n and home.lake.read("POSTS", watch="acme").empty
    assert set(home.lake.read("ACCOUNTS")["account_id"]) == accounts, "its posts still name them"
    assert len(list((home.lake_root / "rejects").glob("*.csv"))) == 1


def test_a_dry_run_changes_no_byte(home: Home) -> None:
    before = snapshot(home)
    personal_data.find_person(home, ACCOUNT)
    personal_data.expire(home, "acme", NOW, dry_run=True, wait_s=0)
    assert snapshot(home) == before


def snapshot(home: Home) -> dict[str, bytes]:
    files = (p for folder in (home.lake_root, home.reports) for p in folder.rglob("*") if p.is_file())
    return {str(p): p.read_bytes() for p in files if "locks" not in p.parts}


# -- contracts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES, ids=lambda s: s.name)
def test_each_store_shows_exports_and_erases_by_itself(home: Home, store: object) -> None:
    place = Place(home.lake, home.reports)
    person = identify(home.lake, ACCOUNT)
    assert store.export(place, person)
    shown = store.erase(place, person, quotes=True, dry_run=True)
    assert shown and store.erase(place, person, quotes=True, dry_run=False) == shown
    assert store.erase(place, person, quotes=True, dry_run=True) == [] and store.export(place, person) == {}


def test_no_column_is_left_out_by_a_dead_name() -> None:
    columns = {column for spec in TABLES.values() for column in spec.columns}
    assert columns >= rows.UNTOUCHED and columns >= set(rows.REFERENCES)
    assert {c for words in rows.OTHERS_WORDS.values() for c in words} <= columns


def test_half_files_and_lost_folders_go_too(home: Home) -> None:
    """What kills of other programs leave: half a Parquet file, a generation that nothing points to, a broken report."""
    (home.lake_root / "posts" / "part-x.parquet").write_bytes(b"PAR1" + TEXT.encode())
    state = home.lake_root / "artifacts" / "acme" / "models" / "narratives"
    orphan = state / "narratives-000000000000"
    orphan.mkdir()
    duckdb.sql(f"COPY (SELECT 'web:5550001112221' AS post_id) TO '{orphan / 'posts.parquet'}'")
    state.parents[1].joinpath("sources", "1.json").write_text(f'{{"last": "{NAME}', encoding="utf-8")
    log = home.lake_root / "artifacts" / "monitor" / "monitor.log.1"
    log.write_text(f"2026-03-20 acme {'x' * 200_000}\n2026-03-20 acme {NAME}\n", encoding="utf-8")
    (home.lake_root / "rejects" / "rejects-00.csv").write_text(f"row_no,cells\n1,{'y' * 200_000}\n2,{NAME}\n")
    broken = home.reports / "acme" / ".report-abc"
    broken.mkdir()
    (broken / "brief.ipynb").write_text(f'{{"text": "{NAME}"}}', encoding="utf-8")
    (home.reports / "acme" / "copy.html").write_text(NAME, encoding="utf-8")
    erase(home)
    assert traces(home) == [] and log.stat().st_size > 200_000


def test_reports_beside_the_lake_are_known_by_their_manifest_only(home: Home) -> None:
    """Somebody whose reports folder holds everything else as well loses none of it."""
    everything = home.lake_root.parent
    wide = Home.here(lake=home.lake_root, watches=home.watches, reports=everything)
    erase(wide)
    assert (everything / "export.csv").exists() and (everything / "watches" / "acme.yml").exists()
    assert hits([home.lake_root, everything / "reports"]) == []


def test_an_unknown_account_is_nobody(home: Home) -> None:
    before = counts(home)
    who, found = personal_data.find_person(home, "web:1")
    assert not who.names and found == []
    assert personal_data.erase(home, "web:1", quotes=True, wait_s=0) == [] and counts(home) == before
    empty = Home.here(lake=home.lake_root / "none", watches=home.watches, reports=home.reports / "none")
    assert personal_data.find_person(empty, ACCOUNT)[1] == [] and not empty.lake_root.exists()


def test_columns_of_a_newer_version_are_not_thrown_away(home: Home) -> None:
    lake = home.lake
    delta = DeltaTable(lake.root / "posts")
    write_deltalake(
        delta,
        lake.arrow("POSTS").slice(0, 1).append_column("mood", pa.array(["x"])),
        mode="append",
        schema_mode="merge",
    )
    with pytest.raises(LakeError, match="newer version"):
        erase(home)


@pytest.mark.slow
def test_a_real_report_is_found_and_goes(tmp_path: Path) -> None:
    home, _ = build(tmp_path / "real", report=True)
    assert any("brief" in file for file, _ in hits([home.reports])), "the brief quotes the person"
    erase(home)
    assert traces(home) == []
    again = Home.here(lake=home.lake_root, watches=home.watches, reports=home.reports)
    later = services.run(again, again.watch("acme"), now=NOW + timedelta(minutes=5), notify=False)
    assert later.report is not None and traces(again) == [], "the next run knows nothing of the person"
