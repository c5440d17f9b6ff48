"""A workbench is found from anywhere, and the demonstration is shown until the user's own lake holds posts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import crisislib
from crisislib.core.errors import HomeError, WatchError
from crisislib.core.watch_sections import SourceUse
from crisislib.engine import Home
from crisislib.engine.home_folders import find_root
from crisislib.engine.source_use import placed
from crisislib.services import create_workspace
from tests.support.filled import NOW, demonstrate, fill, posts, write_watch

NAMES = ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES", "CRISIS_REPORTS", "CRISIS_NOTEBOOKS", "CRISIS_NOW")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    create_workspace(tmp_path / "room")
    return tmp_path / "room"


@pytest.mark.parametrize("below", [".", "notebooks", "data/inbox", "reports/a/b/c"])
def test_it_is_found_from_every_folder_below(room: Path, monkeypatch: pytest.MonkeyPatch, below: str) -> None:
    (room / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(room / below)
    home = Home.here()
    assert (home.root, home.lake_root) == (room, room / "data" / "lake")
    assert home.watches == room / "watches" and home.names() == ["example"]
    assert home.playbooks[0] == room / "playbooks" and home.layouts[0] == room / "layouts"
    assert home.notebooks[0] == room / "notebooks" and len(home.playbooks) == len(home.layouts) == 2


def test_a_folder_of_watch_files_is_a_workbench_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_watch(tmp_path / "data" / "watches")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert Home.here().root == tmp_path and Home.here().names() == ["example"]


def test_elsewhere_it_is_the_checkout(tmp_path: Path) -> None:
    checkout = Path(crisislib.__file__).parents[1]
    assert find_root(tmp_path) == checkout and find_root(checkout / "notebooks" / "dashboards") == checkout


def test_what_is_given_counts_before_the_environment_and_that_before_the_place(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    create_workspace(other)
    monkeypatch.chdir(room)
    monkeypatch.setenv("CRISIS_HOME", str(other))
    monkeypatch.setenv("CRISIS_LAKE", str(tmp_path / "elsewhere"))
    home = Home.here(reports=tmp_path / "mine")
    assert (home.root, home.lake_root, home.reports) == (other, tmp_path / "elsewhere", tmp_path / "mine")
    assert Home.here(root=room, lake=tmp_path / "said").watches == room / "watches"
    assert Home.here(root=room, lake=tmp_path / "said").lake_root == tmp_path / "said"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[folders]\nlakes = 'x'\n", "lakes"),
        ("lake = 'x'\n", "lake"),
        ("[folders]\nlake = 3\n", "lake"),
        ("[fol", "TOML"),
    ],
)
def test_a_wrong_marker_is_an_error_that_names_it(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "crisis.toml").write_text(text, encoding="utf-8")
    with pytest.raises(HomeError, match=named) as fault:
        Home.at(tmp_path)
    assert "crisis.toml" in fault.value.where and fault.value.do


def test_a_home_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRISIS_HOME", str(tmp_path / "gone"))
    with pytest.raises(HomeError, match="no such folder"):
        Home.here()


def test_the_clock_stands_still_where_it_is_told_to(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = datetime.now(UTC)
    assert Home.here(root=room).now() >= before
    monkeypatch.setenv("CRISIS_NOW", NOW.isoformat())
    assert Home.here(root=room).now() == NOW


def test_paths_of_sources_are_read_from_the_workbench(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(room / "notebooks")
    use = placed(Home.here(), SourceUse(source="folder", options={"path": "data/inbox"}))
    assert use.options["path"] == str(room / "data" / "inbox")
    assert use.options["layouts"] == [str(folder) for folder in Home.here().layouts]
    rss = SourceUse(source="rss", options={"url": "http://127.0.0.1/feed"})
    assert placed(Home.here(), rss) == rss


def test_a_watch_in_a_file_of_another_name_is_an_error(room: Path) -> None:
    write_watch(room / "watches", "acme").rename(room / "watches" / "other.yml")
    with pytest.raises(WatchError, match="other"):
        Home.at(room).watch("other")


def test_the_demonstration_is_shown_until_the_own_lake_holds_posts(room: Path) -> None:
    home = Home.at(room)
    assert home.demonstration is None and home.shown() == home
    demo = demonstrate(room)
    shown = home.shown()
    assert (shown.root, shown.simulated, shown.now()) == (demo, True, NOW) and shown.filled() == ["demo"]
    assert shown.demonstration is None, "it has none of its own"
    frame = posts("stranger", 30, 0)
    home.lake.append("POSTS", frame)
    assert home.shown().simulated, "posts of a watch that has no file cannot be shown"
    home.lake.append("POSTS", frame.assign(watch="example"))
    assert home.shown() == home and home.filled() == ["example"]


def test_a_name_leads_to_the_workbench_that_has_it(room: Path) -> None:
    demonstrate(room)
    home = Home.at(room)
    assert home.holding("example") == home and home.holding("nobody") == home
    assert home.holding("demo").simulated and home.shown("demo").simulated
    fill(home.lake_root, watch="example", n=30)
    assert home.shown("demo").simulated, "who asks for it by name sees it"
    write_watch(room / "watches", "demo")
    assert home.holding("demo") == home, "a watch of the user's own comes first"


def test_a_given_folder_of_watches_brings_its_workbench(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report is handed the folders of its run; that they are simulated is known in its kernel."""
    demo = demonstrate(room)
    monkeypatch.chdir(room)
    home = Home.here(lake=demo / "lake", watches=demo / "watches")
    assert home.simulated and home.root == demo
