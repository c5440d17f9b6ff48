"""The whole way over a lake on an object store: through the commands, and equal to the same over a folder."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.lake_differences import differences
from crisislib import services
from crisislib.cli.app import app
from crisislib.engine import Home
from tests.support.filled import DEMO_NOW

NOW = DEMO_NOW
pytestmark = pytest.mark.slow


def test_the_demonstration_is_equal_in_every_table(tmp_path: Path, s3_lake: str) -> None:
    lakes = []
    for name, lake in (("near", None), ("far", Path(s3_lake))):
        services.demo(tmp_path / name, posts=2000, now=NOW, lake=lake)
        lakes.append(Home.at(tmp_path / name).lake)
    assert [bool(lake.address) for lake in lakes] == [False, True]
    assert not differences(*lakes)
    assert len(lakes[1].read("POSTS")) == 2000


def test_the_commands_work_over_it(tmp_path: Path, s3_lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Demonstration, run, monitor, report: the report's kernel is a process of its own and finds the lake, too."""
    for name in ("CRISIS_LAKE", "CRISIS_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder, run = tmp_path / "demo", CliRunner()

    def crisis(*words: str) -> str:
        told = run.invoke(app, list(words))
        assert told.exit_code == 0, (words, told.output, told.exception)
        return told.output

    crisis("demo", "--posts", "800", "--folder", str(folder), "--lake", s3_lake)
    monkeypatch.setenv("CRISIS_HOME", str(folder))
    assert s3_lake in (folder / "crisis.toml").read_text(encoding="utf-8")
    home = Home.here()
    assert home.lake.address == s3_lake
    assert not [p for p in folder.rglob("*.parquet") if "models" not in p.parts], "tables are on the store only"
    before = len(home.lake.read("RUNS"))
    crisis("run", "--watch", "demo")
    assert len(Home.here().lake.read("RUNS")) > before
    crisis("monitor", "--ticks", "2", "--port", "0", "--no-briefs", "--every", "0.5")
    beat = json.loads((home.lake_root / "artifacts" / "monitor" / "heartbeat.json").read_text())
    assert beat["ticks"] == 2 and home.lake.shared.names("monitor") == ["monitor/positions.json"]
    crisis("report", "brief", "--watch", "demo")
    pages = list((folder / "reports").rglob("*.html"))
    assert pages and any("demo" in p.as_posix() for p in pages)
    assert "POSTS" in crisis("compact")
