"""A lake on an object store: the same rows as in a folder, whoever writes at the same time."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.lake_differences import differences
from crisislib import engine
from crisislib.cli.app import app
from crisislib.core.errors import LakeError
from crisislib.core.tables import table
from crisislib.engine import Home
from crisislib.lake import Lake, compact
from crisislib.lake.object_store import ObjectFiles, address_of
from crisislib.services.validation import check
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.page_views import Pages
from tests.lake.helpers import T0, any_rows, posts

WRITE = """
import sys
from pathlib import Path
from crisislib.engine import Home
from tests.lake.helpers import posts
address, root, first = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
lake = Home.here(lake=address, root=root).lake
sys.stdin.readline()
added = 0
for turn in range(6):
    k = (turn + first) % 6
    added += lake.append("POSTS", posts(3, start=3 * k))
print(added)
"""


def machine(folder: Path, address: str) -> Lake:
    """The lake as a machine of its own sees it: it has its own folder for locks and caches."""
    folder.mkdir(exist_ok=True)
    return Home.here(lake=address, root=folder).lake


def test_addresses_are_known_and_written_one_way() -> None:
    assert address_of("s3://bucket/a/b/") == address_of(Path("s3://bucket/a/b")) == "s3://bucket/a/b"
    assert address_of("abfss://box@account.dfs.core.windows.net/x").startswith("abfss://box@account")
    assert address_of("gs://bucket/x") == "gs://bucket/x"
    assert not any(map(address_of, ("data/lake", "/srv/lake", "s3/lake", "C:/lake", "")))


def test_what_is_appended_is_read_like_from_a_folder(tmp_path: Path, s3_lake: str) -> None:
    far, near = machine(tmp_path / "a", s3_lake), Lake(tmp_path / "near")
    assert far.version("POSTS") == -1 and far.read("POSTS").empty
    for lake in (far, near):
        assert lake.append("POSTS", posts(5)) == 5
        assert lake.append("POSTS", posts(5)) == 0
        assert lake.append("POSTS", posts(5, likes=2, seen=1)) == 5
        assert lake.append("SIGNALS", any_rows(table("SIGNALS"), [1, 2, 3])) == 3
    since = (T0 + timedelta(hours=2)).to_pydatetime()
    for choice in ({}, {"present": False}, {"watch": "w", "since": since}, {"watch": "none"}):
        rows = [lake.arrow("POSTS", **choice).sort_by([("post_id", "ascending"), ("collected_at", "ascending")])
                for lake in (far, near)]  # fmt: skip
        assert rows[0].equals(rows[1]), choice
    assert far.arrow("SIGNALS").sort_by("at").equals(near.arrow("SIGNALS").sort_by("at"))
    assert far.scan("POSTS").collect().shape == (5, len(far.arrow("POSTS").column_names))
    assert not [p for p in (tmp_path / "a").rglob("*.parquet")], "tables are on the store and nowhere else"


def test_older_versions_are_read_again(tmp_path: Path, s3_lake: str) -> None:
    lake = machine(tmp_path / "a", s3_lake)
    lake.append("POSTS", posts(2))
    versions = lake.versions()
    lake.append("POSTS", posts(3, start=10))
    assert len(lake.read("POSTS", as_of=versions)) == 2 and len(lake.read("POSTS")) == 5
    assert lake.changes("POSTS", versions["POSTS"]) == 1


def test_two_machines_lose_nothing_and_double_nothing(tmp_path: Path, s3_lake: str) -> None:
    """Not even where neither finds the table and both make it."""
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, s3_lake, str(tmp_path / name), str(first)],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name, first in (("one", 0), ("two", 2), ("three", 4))
    ]  # fmt: skip
    answers = [writer.communicate("go\n", timeout=120)[0] for writer in writers]
    assert [w.returncode for w in writers] == [0, 0, 0]
    assert sum(map(int, answers)) == 18
    held = machine(tmp_path / "reader", s3_lake).read("POSTS", present=False)
    assert sorted(held["post_id"]) == sorted(f"x:{i}" for i in range(18))


def test_small_files_are_joined_and_older_versions_stay(tmp_path: Path, s3_lake: str) -> None:
    lake, other = machine(tmp_path / "a", s3_lake), machine(tmp_path / "b", s3_lake)
    for i in range(4):
        lake.append("POSTS", posts(1, start=i))
    before = lake.versions()
    assert compact(lake)["POSTS"] == 4
    assert len(other.read("POSTS")) == 4 and len(other.read("POSTS", as_of=before)) == 4
    assert other.append("POSTS", posts(2, start=3)) == 1


def test_small_files_on_the_store(s3_lake: str) -> None:
    files = ObjectFiles(s3_lake)
    assert files.read("state/a.json") is None and files.names("state") == []
    files.write("state/a.json", b"{}")
    files.write("state/热搜/b c.json", "中文".encode())
    files.write("state/a.json", b"[1]")
    assert files.read("state/a.json") == b"[1]" and files.read("state/热搜/b c.json") == "中文".encode()
    assert files.names("state") == ["state/a.json", "state/热搜/b c.json"]
    files.remove("state/a.json")
    files.remove("state/a.json")
    assert files.names("state") == ["state/热搜/b c.json"]


def test_a_store_that_refuses_is_an_error_that_says_so(
    tmp_path: Path, s3_lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = machine(tmp_path / "a", s3_lake.replace("lake-", "missing-"))
    with pytest.raises(LakeError, match="object store") as told:
        nowhere.append("POSTS", posts(1))
    assert "missing-" in told.value.where and "AWS_ENDPOINT_URL" in told.value.do
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(LakeError, match="object store"):
        machine(tmp_path / "b", s3_lake).read("POSTS")


def test_personal_data_is_not_removed_in_place_and_says_how_it_is(tmp_path: Path, s3_lake: str) -> None:
    home = Home.here(lake=s3_lake, root=tmp_path)
    home.lake.append("POSTS", posts(2))
    with pytest.raises(LakeError, match="object store") as told:
        engine.erase(home, "x:a0", quotes=True, wait_s=0)
    assert "crisis lake copy" in told.value.do and len(home.lake.read("POSTS")) == 2


def test_a_laptops_lake_moves_to_a_store_and_back(
    tmp_path: Path, s3_lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the command: all observations, positions, sources, salt; a second call changes nothing."""
    (tmp_path / "wb").mkdir()
    (tmp_path / "wb" / "crisis.toml").touch()
    monkeypatch.setenv("CRISIS_HOME", str(tmp_path / "wb"))
    near = Lake(tmp_path / "near")
    for likes in (1, 2, 1):  # a value that comes back is an observation of its own
        near.append("POSTS", posts(4, likes=likes, seen=near.version("POSTS") + 1))
    near.append("SIGNALS", any_rows(table("SIGNALS"), [1, 2, 3]))
    near.shared.write("monitor/positions.json", b'{"w": "2026-01-01T00:00:00+00:00"}')
    near.shared.write("w/sources/1.json", b"{}")
    salt = near.shared.write_once("privacy/salt", b"salt")
    near.artifact("w", "models", "text.bin").write_bytes(b"model")
    run = CliRunner()
    for source, target in ((str(near.root), s3_lake), (s3_lake, str(tmp_path / "back"))):
        told = run.invoke(app, ["lake", "copy", source, target])
        assert told.exit_code == 0 and "POSTS" in told.output and "12" in told.output, (told.output, told.exception)
    far, back = Home.here(lake=s3_lake).lake, Lake(tmp_path / "back")
    for lake in (far, back):
        assert not differences(near, lake)
        assert lake.shared.write_once("privacy/salt", b"other") == salt
        assert (
            lake.shared.names("monitor") == ["monitor/positions.json"] and lake.shared.read("w/sources/1.json") == b"{}"
        )
    assert back.artifact("w", "models", "text.bin").read_bytes() == b"model"
    assert run.invoke(app, ["lake", "copy", str(near.root), s3_lake]).exit_code == 0
    far.append("POSTS", posts(1, start=50))
    again = run.invoke(app, ["lake", "copy", str(near.root), s3_lake])
    assert isinstance(again.exception, LakeError) and "empty place" in again.exception.do
    nothing = run.invoke(app, ["lake", "copy", str(tmp_path / "none"), s3_lake])
    assert isinstance(nothing.exception, LakeError)


def test_the_check_says_what_lies_on_this_machine_alone(tmp_path: Path, s3_lake: str) -> None:
    (tmp_path / "crisis.toml").write_text(f'[folders]\nlake = "{s3_lake}"\n', encoding="utf-8")
    lake = Home.at(tmp_path).lake
    taught = lake.artifact("tea", "models", "text", "taught.npz")
    taught.write_bytes(b"model")
    notes = next(one for one in check(Home.at(tmp_path)) if one.kind == "lake").notes
    assert s3_lake in notes[0] and any("files: 1, models taught by crisis teach" in line for line in notes)
    assert any("two machines" in line for line in notes)
    (tmp_path / "crisis.toml").write_text("", encoding="utf-8")
    assert not [one for one in check(Home.at(tmp_path)) if one.kind == "lake"]  # in a folder everything is in one place


def test_the_pages_read_the_store(tmp_path: Path, s3_lake: str) -> None:
    (tmp_path / "crisis.toml").write_text(f'[folders]\nlake = "{s3_lake}"\n', encoding="utf-8")
    home = Home.at(tmp_path)
    home.watches.mkdir(parents=True)
    (home.watches / "w.yml").write_text("watch: w\ntitle: {en: Acme}\nbrand: {names: [Acme]}\n", encoding="utf-8")
    query = {"watch": "w", "language": "en"}
    home.lake.append("POSTS", posts(7))
    shown = Pages(lambda: Home.at(tmp_path))
    for page in ("situation", "incident", "spread", "response", "posts"):
        view = shown.view(Address.parse(page, query))
        assert view.status == 200 and "Acme" in view.html, page
    found = re.sub(r"<[^>]+>", " ", shown.view(Address.parse("posts", query)).html)
    assert re.search(r"\b7\s+posts\b", found), found[:2000]
