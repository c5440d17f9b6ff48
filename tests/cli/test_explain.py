"""`crisis explain`: off by default, cited when on, silent on what posts do not bear out; a real server on loopback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from crisislib.core.tables import conform
from crisislib.core.watch import load_watch
from crisislib.engine import Home
from crisislib.engine.explanation import incident_began, posts_to_summarize
from crisislib.lake import Lake
from crisislib.nlp import discover_topics
from tests.cli.test_cli import Ran, crisis, place
from tests.nlp.test_topics import planted
from tests.spread.samples import NOW
from tests.support.filled import write_watch
from tests.support.language_model import Server, items, server

__all__ = ["crisis", "place", "server"]

POSTS = [
    "扫地机器人昨晚充电时起火，烧坏了地板，客服拒绝赔偿",
    "扫地机器人昨晚充电时起火，烧坏了地板，客服拒绝赔偿",
    "同款机器人也起火了，已经有3个邻居要求退款",
    "厂家客服说正在调查起火原因，没有承诺召回",
]


def fill(place: Path, texts: list[str]) -> Lake:
    lake = Lake(place / "lake")
    ids = [f"x:{i}" for i in range(len(texts))]
    frame = pd.DataFrame({"watch": "acme", "post_id": ids, "text": texts, "url": [f"https://a.org/{i}" for i in ids]})
    frame["created_at"] = frame["collected_at"] = pd.Timestamp(NOW)
    lake.append("POSTS", conform(frame, "POSTS"))
    return lake


@pytest.fixture
def model(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("CRISIS_LLM_URL", server.endpoint.url)
    monkeypatch.setenv("CRISIS_LLM_MODEL", "tiny")
    monkeypatch.delenv("CRISIS_LLM_KEY", raising=False)
    return server


def test_it_is_off_by_default(crisis: Callable[..., Ran], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(place, POSTS)
    monkeypatch.delenv("CRISIS_LLM_URL", raising=False)
    told = crisis("explain", "--watch", "acme")
    assert told.returncode == 2 and "CRISIS_LLM_URL" in told.stderr and "off by default" in told.stderr


def test_sentences_are_cited_and_invented_ones_dropped(crisis: Callable[..., Ran], place: Path, model: Server) -> None:
    fill(place, POSTS)

    def careless(request: dict) -> dict:
        shown = {item["text"]: item["id"] for item in items(request)}
        assert len(shown) == 3  # a text that was copied is shown once
        fire = next(i for text, i in shown.items() if "拒绝赔偿" in text)
        claims = [("扫地机器人充电时起火，客服拒绝赔偿。", [fire]), ("厂家已经宣布破产。", [fire]),
                  ("有3个邻居要求退款。", ["e77"])]  # fmt: skip
        return {"sentences": [{"text": text, "ids": ids} for text, ids in claims]}

    model.reply = careless
    told = crisis("explain", "--watch", "acme")
    assert told.returncode == 0
    assert "扫地机器人充电时起火，客服拒绝赔偿。 [1]" in told.stdout
    assert "[1] x:0  https://a.org/x:0" in told.stdout
    assert told.stdout.count("dropped, ") == 2 and "cites nothing that was shown" in told.stdout
    assert "Written by a language model" in told.stdout


def test_a_draft_may_cite_what_the_team_confirmed(crisis: Callable[..., Ran], place: Path, model: Server) -> None:
    fill(place, POSTS)
    model.reply = lambda request: {
        "sentences": [{"text": "我们今天起为同款机器人退款。", "ids": [items(request)[0]["id"]]}]
    }
    told = crisis("explain", "--watch", "acme", "--draft", "--fact", "我们今天起为同款机器人退款")
    assert told.returncode == 0 and "我们今天起为同款机器人退款。 [1]" in told.stdout and "fact:1" in told.stdout
    assert "nan" not in told.stdout
    assert "draft" in model.requests[0]["messages"][0]["content"]


def test_topics_keep_a_title_that_their_posts_bear_out(crisis: Callable[..., Ran], place: Path, model: Server) -> None:
    lake = fill(place, planted(300, seed=3)[0])
    watch, state = load_watch(place / "watches" / "acme.yml"), lake.artifact("acme", "models", "topics")
    lake.append("TOPICS", discover_topics(lake.arrow("POSTS"), watch, now=NOW, state=state).topics)

    def titled(request: dict) -> dict:
        first = items(request)[0]
        words = [word for word in first["text"].replace("！", "").replace("!", "").split("，") if len(word) > 1][:3]
        return {"sentences": [{"text": "".join(words) + "。", "ids": [first["id"]]}]}

    model.reply = titled
    told = crisis("explain", "--watch", "acme", "--titles")
    assert told.returncode == 0 and "→" in told.stdout
    shown = lake.read("TOPICS", watch="acme")
    renamed = shown[shown["evidence"].str.contains("title_by", na=False)]
    assert len(renamed) >= 1
    # The next run knows them: titles stay until the topics are found anew.
    again = discover_topics(lake.arrow("POSTS"), watch, now=NOW, state=state).topics.to_pandas().set_index("topic_id")
    for row in renamed.itertuples():
        assert again.at[row.topic_id, "title_zh"] == row.title_zh


def test_the_most_copied_text_is_read_first(place: Path) -> None:
    fill(place, [*POSTS, *["大家都在转发的同一句话在这里"] * 5])
    home = Home.here(lake=place / "lake", watches=place / "watches")
    labels = [("x:0", "a"), ("x:1", "a"), *((f"x:{i}", "b") for i in range(4, 9))]
    frame = pd.DataFrame(labels, columns=["post_id", "value"]).assign(
        watch="acme", label="narrative", model="m@1", at=pd.Timestamp(NOW), created_at=pd.Timestamp(NOW)
    )
    home.lake.append("LABELS", conform(frame, "LABELS"))
    found = posts_to_summarize(home, home.watch("acme"), since=None, until=None)
    assert found["post_id"].to_pylist() == ["x:4", "x:0", "x:2", "x:3"]


def test_it_begins_with_the_incident_and_reads_what_reports_something(tmp_path: Path) -> None:
    """Everyday talk of weeks before is not what an incident is about, and “link?” is copied most."""
    lake = fill(tmp_path, [*POSTS, *["求链接"] * 9])
    watch = load_watch(write_watch(tmp_path / "watches", name="acme"))
    home = Home(tmp_path / "lake", tmp_path / "watches", tmp_path / "reports", moment=NOW)
    assert incident_began(home, watch) is None
    shown = posts_to_summarize(home, watch, since=None, until=None)["text"].to_pylist()
    assert shown[-1] == "求链接" and len(shown) == 4
    row = {"incident_id": "inc-1", "at": NOW, "watch": "acme", "status": "open", "opened_at": NOW, "level": "red"}
    lake.append("INCIDENTS", conform(pd.DataFrame([row]), "INCIDENTS"))
    assert incident_began(home, watch) == NOW
    lake.append(
        "INCIDENTS", conform(pd.DataFrame([{**row, "at": NOW + timedelta(hours=1), "status": "closed"}]), "INCIDENTS")
    )
    assert incident_began(home, watch) is None
