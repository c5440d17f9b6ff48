"""A second run over the same data: the results of the first stand until anything that they depend on has changed."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from crisislib import engine, services
from crisislib.cli.app import app
from crisislib.core.tables import conform
from crisislib.engine import Home
from crisislib.simulation import simulate

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WATCH = "watch: acme\ntitle: {en: Acme, zh: 艾克美}\nbrand: {names: [鹿芽, Luvaya]}\nlanguage: en\n"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, engine.RunResult]:
    """A workbench in which one run has ended."""
    root = tmp_path_factory.mktemp("bench")
    (root / "crisis.toml").touch()
    (root / "data" / "watches").mkdir(parents=True)
    (root / "data" / "watches" / "acme.yml").write_text(WATCH, "utf-8")
    drill = simulate(0, 700, watch="acme")
    home = Home.here(root=root)
    home.lake.append("POSTS", drill.posts)
    home.lake.append("ACCOUNTS", drill.accounts)
    return root, again(home)


def again(home: Home, *, minutes: int = 0, fresh: bool = False, report: bool = False) -> engine.RunResult:
    """The run of a user who has no page made and nothing sent."""
    now = NOW + timedelta(minutes=minutes)
    return services.run(home, home.watch("acme"), now=now, report=report, notify=False, fresh=fresh)


def told(found: engine.RunResult) -> tuple[object, ...]:
    """All that a reader of the terminal sees."""
    findings = sorted(f.render("en") for f in found.findings)
    return found.level, found.peak, found.peak_at, found.incident, found.next_steps, found.health, findings


@pytest.mark.long
def test_a_run_over_the_same_data_stands_and_tells_the_same(kept: tuple[Path, engine.RunResult]) -> None:
    root, first = kept
    home = Home.here(root=root)
    before = home.lake.versions()
    second = again(home, minutes=10)
    assert first.stands is None and second.stands == NOW
    assert told(second) == told(first) and first.findings
    assert home.lake.versions() == before, "nothing is written where nothing is new"
    assert "Nothing has changed" in second.unchanged() and not first.unchanged()


@pytest.mark.long
def test_the_terminal_says_so_and_fresh_computes(
    kept: tuple[Path, engine.RunResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = kept
    again(Home.here(root=root))
    monkeypatch.chdir(root)
    for word, said in (([], True), (["--fresh"], False)):
        shown = CliRunner().invoke(app, ["run", "--watch", "acme", "--no-report", "--no-notify", *word])
        assert shown.exit_code == 0, shown.output
        assert ("Nothing has changed" in " ".join(shown.output.split())) is said


def new_post(root: Path, home: Home) -> None:
    posts = home.lake.arrow("POSTS", watch="acme")
    one = posts.slice(0, 1).set_column(posts.column_names.index("post_id"), "post_id", pa.array(["x:new"]))
    home.lake.append("POSTS", one)


def a_response(root: Path, home: Home) -> None:
    at = home.lake.read("POSTS", watch="acme")["created_at"].max()
    row = {"response_id": "r1", "at": at, "watch": "acme", "kind": "statement", "text": "We are looking into it."}
    home.lake.append("RESPONSES", conform(pd.DataFrame([row]), "RESPONSES"))


def the_watch(root: Path, home: Home) -> None:
    (root / "data" / "watches" / "acme.yml").write_text(WATCH + "window: {step_minutes: 120}\n", "utf-8")


def a_playbook(root: Path, home: Home) -> None:
    (root / "playbooks").mkdir()
    book = Path(services.__file__).parents[1] / "respond" / "playbooks" / "rumour.yml"
    (root / "playbooks" / "rumour.yml").write_text(book.read_text("utf-8"), "utf-8")


def a_model(root: Path, home: Home) -> None:
    memory = next((home.lake_root / "artifacts" / "acme" / "models").rglob("*.json"))
    os.utime(memory, (1, 1))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(new_post, marks=pytest.mark.long),
        *(pytest.param(f, marks=pytest.mark.slow) for f in (a_response, the_watch, a_playbook, a_model)),
    ],
)
def test_whatever_changes_it_is_computed_again(
    kept: tuple[Path, engine.RunResult], change: Callable[[Path, Home], None]
) -> None:
    root, _ = kept
    again(Home.here(root=root))
    assert again(Home.here(root=root)).stands, "else the change shows nothing"
    change(root, Home.here(root=root))
    assert again(Home.here(root=root), minutes=20).stands is None
    assert again(Home.here(root=root), minutes=30).stands == NOW + timedelta(minutes=20)


@pytest.mark.slow
def test_what_others_write_during_a_run_is_not_taken_for_read(kept: tuple[Path, engine.RunResult]) -> None:
    root, _ = kept
    home = Home.here(root=root)
    posts = home.lake.arrow("POSTS", watch="acme")
    late = posts.slice(0, 1).set_column(posts.column_names.index("post_id"), "post_id", pa.array(["x:late"]))

    def meanwhile(step: str, done: int, total: int) -> None:
        if step == "risk" and not done:
            Home.here(root=root).lake.append("POSTS", late)

    services.run(home, home.watch("acme"), now=NOW, report=False, notify=False, fresh=True, progress=meanwhile)
    assert again(Home.here(root=root), minutes=1).stands is None


@pytest.mark.long
def test_a_page_that_is_gone_is_made_again(
    kept: tuple[Path, engine.RunResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notebook is not run here: only whether it is asked for."""
    root, _ = kept
    page, made = tmp_path / "brief.html", []

    def brief(ctx: object) -> Path:
        made.append(ctx)
        page.write_text("brief", "utf-8")
        return page

    monkeypatch.setattr("crisislib.services.publish.brief_of", brief)
    again(Home.here(root=root), fresh=True, report=True)
    assert again(Home.here(root=root), report=True).report == page and len(made) == 1
    page.unlink()
    found = again(Home.here(root=root), report=True)
    assert found.stands and found.report == page and len(made) == 2


@pytest.mark.slow
def test_a_run_that_was_killed_is_not_taken_for_ended(kept: tuple[Path, engine.RunResult]) -> None:
    root, _ = kept

    def kill(step: str, done: int, total: int) -> None:
        if step == "risk":
            raise KeyboardInterrupt

    home = Home.here(root=root)
    new_post(root, home)
    changed = Path(home.lake_root, "artifacts", "acme", "runs", "run-standing.json")
    before = json.loads(changed.read_text("utf-8"))
    the_watch(root, home)
    with pytest.raises(KeyboardInterrupt):
        services.run(home, home.watch("acme"), now=NOW, report=False, notify=False, fresh=True, progress=kill)
    assert json.loads(changed.read_text("utf-8")) == before
    (root / "data" / "watches" / "acme.yml").write_text(WATCH + "timezone: Europe/Berlin\n", "utf-8")
    assert again(Home.here(root=root)).stands is None
