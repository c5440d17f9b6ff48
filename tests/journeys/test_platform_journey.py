"""From a listening platform to signals: a source of a watch, asked by the command, and no secret in any file."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.engine.home import Home
from tests.collect.loopback import Asked, Reply, Server, server

__all__ = ["server"]

SECRETS = ("planted-token-551", "planted-feed-662", "planted-user-773")
WATCH = """watch: tea
title: {{en: Aurora Tea}}
brand: {{names: [Aurora Tea]}}
sources:
  - source: sprout
    name: Sprout topic
    options: {{url: "{url}", token: "${{VENDOR_TOKEN}}", topic: t9, customer: "1"}}
  - source: rss
    name: Members' feed
    options: {{url: "{feed}/feed?token=planted-feed-662&apikey=${{VENDOR_TOKEN}}"}}
  - source: rss
    name: Broken feed
    options: {{url: "{feed}/gone?token=planted-feed-662"}}
"""
FEED = """<rss version="2.0"><channel><title>Daily</title><item><guid>a1</guid><title>Aurora Tea recalls glass</title>
<link>https://n.example/a?id=1</link><pubDate>{at}</pubDate><description>see ?token={secret}</description></item>
</channel></rss>"""


def answering(asked: Asked) -> Reply:
    now = datetime.now(UTC)
    if asked.path == "/feed":
        assert asked.query["apikey"] == [SECRETS[0]]
        at = f"{now - timedelta(hours=1):%a, %d %b %Y %H:%M:%S} GMT"
        return 200, {"ETag": '"é"'}, FEED.format(at=at, secret=SECRETS[0]).encode()
    if asked.path == "/gone":
        return 404, {}, b"no ?token=planted-feed-662"
    assert asked.headers["authorization"] == f"Bearer {SECRETS[0]}"
    if asked.path.endswith("metrics"):
        return 200, {}, json.dumps({"data": [{"metrics": {"messages_count": 40}}]}).encode()
    rows = [
        {
            "guid": f"g{i}", "network": "INSTAGRAM", "text": f"Aurora Tea has glass in it, refund {i}",
            "created_time": f"{now - timedelta(minutes=20 * i + 5):%Y-%m-%dT%H:%M:%SZ}",
            "from": {"guid": f"u{i}", "name": "Ann"}, "metrics": {"likes": 4.0},
        }
        for i in range(40)
    ]  # fmt: skip
    return 200, {}, json.dumps({"data": rows, "paging": {"current_page": 1, "total_pages": 1}}).encode()


def contents(folder: Path) -> dict[str, str]:
    """Every file of a folder as text: tables unpacked, archives too."""
    found = {}
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        text = data.decode("utf-8", "replace")
        if path.suffix == ".parquet":
            text += json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
        if data[:2] == b"\x1f\x8b":
            text += gzip.decompress(data).decode("utf-8", "replace")
        found[str(path.relative_to(folder))] = text
    return found


@pytest.mark.slow
def test_source_collect_run_signals_and_no_secret_anywhere(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer_any = answering
    (tmp_path / "crisis.toml").touch()
    (tmp_path / "data" / "watches").mkdir(parents=True)
    userinfo = server.url.replace("://", "://ann:planted-user-773@")
    watch = tmp_path / "data" / "watches" / "tea.yml"
    watch.write_text(WATCH.format(url=server.url, feed=userinfo), "utf-8")
    for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES", "CRISIS_REPORTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VENDOR_TOKEN", SECRETS[0])
    monkeypatch.setenv("CRISIS_LOG_FILE", str(tmp_path / "logs" / "crisis.log"))
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path)
    shown = ""
    for words in (["check", "tea"], ["collect", "--watch", "tea"], ["run", "--watch", "tea"]):
        done = CliRunner().invoke(app, ["--log-level", "debug", *words])
        shown += done.output + done.stderr + str(done.exception or "")
    home = Home.here()
    posts, signals = home.lake.arrow("POSTS").to_pylist(), home.lake.arrow("SIGNALS").to_pylist()
    assert {p["source"] for p in posts} == {"Sprout topic", "Members' feed"} and len(posts) == 41, shown[-3000:]
    assert sum(s["value"] or 0 for s in signals if s["signal"] == "volume") >= 40
    records = {r["source"]: r for r in home.lake.arrow("BATCHES").to_pylist()}
    assert records["Broken feed"]["state"] == "failed" and "404" in records["Broken feed"]["warnings"]
    assert "404" in shown
    watch.unlink()  # the user's own file may say ?token=; what the workbench writes may not
    files = contents(tmp_path)
    assert len(files) > 20 and any(name.endswith(".parquet") for name in files)
    leaks = [f"{name}: {secret}" for name, text in files.items() for secret in SECRETS if secret in text]
    assert not leaks and not [secret for secret in SECRETS if secret in shown]


def test_a_source_is_explained_with_an_example() -> None:
    done = CliRunner().invoke(app, ["sources", "sprout"], env={"LANG": "en_GB.UTF-8", "LC_ALL": "en_GB.UTF-8"})
    assert done.exit_code == 0
    for words in ("60/min", "${SPROUT_TOKEN}", "Could not be confirmed", "Terms:", "topic:"):
        assert words in done.output
