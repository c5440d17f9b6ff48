"""`search: =query`: one query for files, streams, lake and a source's own search, through check and fetch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crisislib.cli.app import app
from crisislib.collect import SOURCES, fetch
from crisislib.collect.sources.watch_query import DIALECTS
from crisislib.core.errors import SourceError
from crisislib.core.watch_sections import SourceUse

from .helpers import NOW, record, rows, watch
from .loopback import Server, server

__all__ = ["server"]

QUERY = "(星河奶茶 NEAR/5 玻璃) OR refund"


def hit(n: int, text: str) -> dict[str, object]:
    at = int(NOW.timestamp() * 1000) - 60_000 * (n + 1)
    return {"data": {"url": f"https://n.example.test/{n}", "published": at, "content": text, "source_type": ["BLOG"]}}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_TOKEN", "planted-881")


def test_a_source_is_asked_for_the_watchs_query_and_its_posts_are_filtered_by_it(server: Server) -> None:
    texts = ["星河奶茶里有玻璃", "星河奶茶很好喝，今天和朋友们一起去买了两杯，杯子是玻璃的", "refund please"]
    answer = {"status_code": "0", "pagination": {"total": 3},
              "result_content": {"data": [hit(n, text) for n, text in enumerate(texts)]}}  # fmt: skip
    server.answer = lambda *_: (200, {}, json.dumps(answer).encode())
    use = SourceUse(source="talkwalker", options={"url": server.url, "token": "${VENDOR_TOKEN}", "query": "=query"})
    batch, _ = fetch(use, watch(query=QUERY), state={}, now=NOW)
    assert server.asked[0].query["q"][0].startswith("(((星河奶茶 AND 玻璃) OR refund)) AND published:>")
    assert {p["text"] for p in rows(batch.posts)} == {texts[0], texts[2]}
    assert record(batch)["n_read"] == 3 and any("星河奶茶 NEAR/5 玻璃" in line for line in batch.warnings)


@pytest.mark.parametrize(
    ("source", "query", "words"),
    [("talkwalker", "NOT tea", "nothing of the watch's query"), ("talkwalker", "", "nothing of the watch's query"),
     ("x", " OR ".join(f"brandname{n}" for n in range(60)), "characters for X")],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(source: str, query: str, words: str) -> None:
    use = SourceUse(source=source, options={"token": "${VENDOR_TOKEN}", DIALECTS[source].option: "=query"})
    with pytest.raises(SourceError, match=words):
        fetch(use, watch(query=query), state={}, now=NOW)


def test_a_source_without_a_search_names_those_that_have_one() -> None:
    with pytest.raises(SourceError, match=r"x \(search\)"):
        fetch(SourceUse(source="bluesky", options={"search": "=query"}), watch(query="tea"), state={}, now=NOW)


def test_every_dialect_is_of_a_source_and_its_option() -> None:
    assert all(d.option in SOURCES[name].options for name, d in DIALECTS.items())


def test_check_says_how_a_source_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crisis.toml").touch()
    (tmp_path / "data" / "watches").mkdir(parents=True)
    text = (
        f"watch: tea\ntitle: {{en: Tea}}\nbrand: {{names: [tea]}}\nquery: '{QUERY}'\n"
        'sources:\n  - {source: x, options: {search: "=query", token: "${VENDOR_TOKEN}"}}\n'
    )
    (tmp_path / "data" / "watches" / "tea.yml").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("CRISIS_HOME", "CRISIS_LAKE", "CRISIS_WATCHES"):
        monkeypatch.delenv(name, raising=False)
    done = CliRunner().invoke(app, ["check", "tea"])
    assert done.exit_code == 0 and "((星河奶茶 玻璃) OR refund)" in done.output and "NEAR/5" in done.output
