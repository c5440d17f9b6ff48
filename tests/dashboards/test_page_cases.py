"""On the response page and in notebooks: what was done last time, and a language model that cites what bears it out."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from threading import Event, local

import pandas as pd
import pytest

from crisislib.core.errors import ModelError
from crisislib.core.tables import conform
from crisislib.engine import Home
from crisislib.engine.findings import revived
from crisislib.engine.incident_records import begun_at
from crisislib.engine.rendering import incident_title
from crisislib.engine.team_change import TeamChange
from crisislib.workbench import Workbench
from crisislib.workbench.pages.address import Address
from crisislib.workbench.pages.page_actions import act
from crisislib.workbench.pages.page_models import incident_choice
from crisislib.workbench.pages.page_views import Pages
from crisislib.workbench.pages.posts_model import rows_of
from crisislib.workbench.pages.snapshot import Snapshot
from crisislib.workbench.pages.visitor import ANYBODY, Visitor
from tests.support.filled import NOW
from tests.support.language_model import Server, items, server

__all__ = ["server"]
QUERY = {"watch": "example", "language": "en"}
RESPONDER = Visitor("responder", named=True)
LIE = "The founder has fled abroad with nine hundred million."


@pytest.fixture
def place(home, tmp_path):
    shutil.copytree(home, tmp_path / "home", ignore=shutil.ignore_patterns("voila.log", "logs"))
    root = tmp_path / "home"
    return Home(root / "lake", root / "watches", root / "reports", moment=NOW)


@pytest.fixture
def liar(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Repeats one post, invents a claim, and cites a post that was never shown."""
    monkeypatch.setenv("CRISIS_LLM_URL", server.endpoint.url)
    monkeypatch.setenv("CRISIS_LLM_MODEL", "tiny")

    def reply(request: dict) -> dict:
        first = items(request)[0]
        honest = {"text": first["text"], "ids": [first["id"]]}
        return {
            "sentences": [honest, {"text": LIE, "ids": [first["id"]]}, {"text": first["text"], "ids": ["weibo:999"]}]
        }

    server.reply = reply
    return server


def shown(place, visitor: Visitor = RESPONDER, **query: str) -> str:
    return Pages(lambda: place).view(Address.parse("response", {**QUERY, **query}), visitor=visitor).html


def explain(place) -> None:
    incident = re.findall(r'name="incident" value="([^"]+)"', shown(place))[0]
    change = TeamChange(place, place.watch("example"), "Li", NOW)
    act(change, "incident", {"how": "explain", "incident": incident})


@pytest.mark.long
def test_past_cases_stand_on_the_page_and_in_the_notebook_with_their_reasons(place) -> None:
    html = shown(place)
    assert "What was done last time" in html and "likeness" in html and "same kind of crisis" in html
    assert "上次是怎么做的" in shown(place, language="zh") and "相似度" in shown(place, language="zh")
    bench = Workbench.open("example", lake=str(place.lake_root), watches=str(place.watches), now=NOW.isoformat())
    made = bench.cases(most=2)
    assert made.html.count("<details") == 2 and "<summary>" in made.html


@pytest.mark.long
def test_no_model_is_offered_where_none_is_set(place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRISIS_LLM_URL", raising=False)
    assert 'value="explain"' not in shown(place)
    with pytest.raises(ModelError, match="off by default"):
        explain(place)
    bench = Workbench.open("example", lake=str(place.lake_root), watches=str(place.watches), now=NOW.isoformat())
    assert "默认关闭" in bench.explain().text


@pytest.mark.long
def test_a_model_that_lies_is_cut_to_what_its_posts_bear_out(place, liar: Server) -> None:
    html = shown(place)
    assert 'value="explain"' in html and 'value="explain"' not in shown(place, ANYBODY)
    explain(place)
    html = shown(place)
    section = re.findall(r'<section class="card" id="summary">.*?</section>', html, re.S)[0]
    assert "fled" not in section and "weibo:999" not in section and "[1]" in section
    assert "Written by a language model" in section and len(liar.requests) == 1
    rows = place.lake.read("FINDINGS", watch="example").query("key == 'llm.summary'")
    assert len(rows) == 1
    bench = Workbench.open("example", lake=str(place.lake_root), watches=str(place.watches), now=NOW.isoformat())
    found = bench.explain()
    assert found.text.count("已剔除") == 2 and "未引用任何已提供的帖子" in found.text


@pytest.mark.long
def test_the_newest_answer_is_shown_where_the_clock_stands_still(place, liar: Server) -> None:
    explain(place)
    old = re.findall(r'<section class="card" id="summary">.*?</section>', shown(place), re.S)[0]

    def other(request: dict) -> dict:
        last = next(one for one in reversed(items(request)) if one["text"] != items(request)[0]["text"])
        return {"sentences": [{"text": last["text"], "ids": [last["id"]]}]}

    liar.reply = other
    explain(place)
    new = re.findall(r'<section class="card" id="summary">.*?</section>', shown(place), re.S)[0]
    assert len(place.lake.read("FINDINGS", watch="example").query("key == 'llm.summary'")) == 2
    assert new != old


def test_a_closed_incident_ends_when_it_was_closed_on_the_page_in_the_list_and_in_the_file(place):
    lake = place.lake
    row = lake.read("INCIDENTS", watch="example").sort_values("at").iloc[-1]
    over = row["opened_at"] + pd.Timedelta(hours=20)
    lake.append("INCIDENTS", pd.DataFrame([{**row, "at": NOW, "status": "closed", "closed_at": over}]))
    lake.append("INCIDENTS", pd.DataFrame([{**row, "incident_id": "later", "opened_at": over, "at": NOW}]))
    pages = Pages(lambda: place)
    asked = {**QUERY, "incident": str(row["incident_id"])}
    at = lake.read("POSTS", watch="example")["created_at"]
    begin = begun_at(place, place.watch("example"), row)
    n = int(((at >= begin) & (at < over)).sum())
    assert 0 < n < int((at >= begin).sum())
    html = pages.view(Address.parse("incident", asked)).html
    assert ">Closed</b>" in html
    assert "level-orange" not in html and "at worst: red" in html and f">{n:,} posts</a>" in html
    assert ", now " not in html and "Posts, last hour" not in html and "until it was closed" in html
    chinese = pages.view(Address.parse("incident", {**asked, "language": "zh"})).html
    assert "已结案" in chinese and "最高级别：红色" in chinese
    listed = pages.view(Address.parse("posts", asked))
    assert listed.title.startswith(f"{n:,} posts")
    reading = pages.reading(Address.parse("posts", asked))
    assert sum(1 for _ in rows_of(reading, incident_choice(reading))) == n + 1
    filtered = pages.view(Address.parse("incident", {**asked, "sentiment": "negative"})).html
    assert f"of {n:,} in the incident" in filtered
    late = {"response_id": "r9", "watch": "example", "incident_id": "later", "kind": "statement",
            "at": over + pd.Timedelta(hours=2), "text": "Of the later crisis"}  # fmt: skip
    lake.append("RESPONSES", conform(pd.DataFrame([late]), "RESPONSES"))
    pages = Pages(lambda: place)
    for page in ("spread", "response"):
        assert pages.view(Address.parse(page, asked)).status == 200
    assert "Of the later crisis" not in pages.view(Address.parse("response", asked)).html
    assert "Of the later crisis" in pages.view(Address.parse("response", {**QUERY, "incident": "later"})).html


def findings(place, key: str) -> dict:
    rows = place.lake.read("FINDINGS", watch="example").query("key == @key").sort_values("made_at")
    return revived(rows.to_dict("records")[-1]).facts


def test_an_incident_begins_with_the_first_post_that_tells_its_claim_and_all_numbers_count_from_there(place):
    row = place.lake.read("INCIDENTS", watch="example").sort_values("at").iloc[-1]
    at = place.lake.read("POSTS", watch="example")["created_at"]
    begin = pd.Timestamp(findings(place, "brief.what")["begins_at"])
    told = pd.Timestamp(findings(place, "brief.claim")["first_at"])
    assert row["opened_at"] - pd.Timedelta(hours=6) <= begin == min(told, row["opened_at"])
    n = int((at >= begin).sum())
    assert n < int((at >= row["opened_at"] - pd.Timedelta(hours=6)).sum()), "there is ordinary talk in the lead-in"
    assert findings(place, "brief.size")["posts"] == findings(place, "brief.goes")["n"] == n
    html = Pages(lambda: place).view(Address.parse("incident", {**QUERY, "tz": "UTC"})).html
    assert f"first seen {told:%m-%d %H:%M}" in html and f"{n:,} posts in " in html and f">{n:,} posts</a>" in html
    assert Pages(lambda: place).view(Address.parse("posts", QUERY)).title.startswith(f"{n:,} posts")


def test_a_filtered_page_says_of_which_posts_each_figure_is(place):
    pages = Pages(lambda: place)
    posts = place.lake.read("POSTS", watch="example")
    begin = pd.Timestamp(findings(place, "brief.what")["begins_at"])
    mine = posts[(posts["platform"] == "x") & (posts["created_at"] >= begin.floor("h"))]["created_at"]
    hourly = mine.dt.floor("h").value_counts()
    html = pages.view(Address.parse("incident", {**QUERY, "platform": "x", "tz": "UTC"})).html
    head = re.findall(r'<div class="claim">.*?</div>', html, re.S)[0]
    peak, now = re.search(r"(?:peak |peak \()([\d,]+) in an hour", head), re.search(r"now ([\d,]+)", head)
    last = max(place.lake.read("SIGNALS", watch="example").query("signal == 'volume' and step_s == 3600")["at"])
    assert now and int(now[1]) == int(hourly.get(last, 0)), head
    assert peak is None or int(peak[1]) == int(hourly.max())
    for label in ("Could have seen it", "Acting together", "Next 24 h", "Possible loss"):
        assert f"{label} (all posts)" in html
    assert "selected posts in" in head and "cover the whole incident" in html and ">all posts</span>" in html
    whole = pages.view(Address.parse("incident", {**QUERY, "tz": "UTC"})).html
    assert "(all posts)" not in whole and "selected post" not in whole


@pytest.mark.parametrize("page", ["situation", "spread", "response"])
def test_a_page_without_filters_shows_the_same_whatever_filters_its_address_carries(place, page):
    def figures(**query: str) -> list[str]:
        html = pages.view(Address.parse(page, {**QUERY, **query})).html
        assert (said in html) == bool(query)
        main = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html.split('<main id="content">')[1], flags=re.S)
        return main.split()

    pages, said = Pages(lambda: place), "This page covers all posts"
    assert figures() == figures(platform="x", sentiment="negative")


def test_a_number_that_no_run_has_looked_for_is_not_blamed_on_the_watch_file(place):
    row = place.lake.read("INCIDENTS", watch="example").sort_values("at").iloc[-1]
    over = row["opened_at"] - pd.Timedelta(days=1)
    old = {**row, "incident_id": "old", "opened_at": over - pd.Timedelta(hours=9), "at": NOW, "status": "closed"}
    place.lake.append("INCIDENTS", pd.DataFrame([{**old, "closed_at": over}]))
    html = Pages(lambda: place).view(Address.parse("incident", {**QUERY, "incident": "old"})).html
    assert html.count("no run has reported on this incident") == 3
    spread = Pages(lambda: place).view(Address.parse("spread", {**QUERY, "incident": "old"})).html
    assert "No story has an origin yet" not in spread and "no run has reported on this incident" in spread
    assert "unverified" not in html, "without a claim nothing is unverified"
    assert "gives no ranges" not in html and "no followers" not in html and "nothing beyond chance" not in html


def test_an_alert_is_drawn_when_it_was_decided_and_not_before_the_posts_it_rests_on(place):
    alerts = place.lake.read("ALERTS", watch="example").query("incident_id == 'example-1'").sort_values("made_at")
    later = alerts.iloc[[0]].assign(alert_id="moved", made_at=alerts["made_at"].min() - pd.Timedelta(minutes=7))
    place.lake.append("ALERTS", conform(later, "ALERTS"))
    first = later.iloc[0]
    assert first["made_at"] != first["at"]
    html = Pages(lambda: place).view(Address.parse("incident", {**QUERY, "tz": "UTC"}), screen="wide").html
    assert f"{first['level']} {first['made_at']:%H:%M}" in html


def test_the_subject_and_the_kind_stand_in_one_order_wherever_an_incident_is_named(place):
    row = place.lake.read("INCIDENTS", watch="example").sort_values("at").iloc[-1]
    rumour = {**row, "kind": "rumour", "subject": "product_harm", "title": None, "at": NOW}
    place.lake.append("INCIDENTS", pd.DataFrame([rumour]))
    place.lake.append("INCIDENTS", pd.DataFrame([{**rumour, "incident_id": "other"}]))
    pages = Pages(lambda: place)
    for page in ("incident", "situation"):
        html = pages.view(Address.parse(page, {**QUERY, "incident": str(row["incident_id"])})).html
        assert "product harm (rumour) ·" in html, page
    assert ": product harm (rumour), since" in pages.view(Address.parse("incident", QUERY)).html, "the picker"
    chinese = pages.view(Address.parse("incident", {**QUERY, "language": "zh"})).html
    assert "产品伤害（谣言） ·" in chinese and "：产品伤害（谣言），始于" in chinese
    assert "product harm (rumour)" in str(incident_title(rumour, place.watch("example")).render("en"))


def test_a_filtered_course_counts_the_posts_of_every_window_that_it_draws(place):
    pages = Pages(lambda: place)
    posts = place.lake.read("POSTS", watch="example")
    windows = place.lake.read("SIGNALS", watch="example").query("signal == 'volume' and step_s == 3600")
    for platform in sorted(posts["platform"].dropna().unique()):
        html = pages.view(Address.parse("incident", {**QUERY, "platform": platform, "tz": "UTC"}), screen="wide").html
        shown = re.findall(r"<title>(\d\d-\d\d \d\d:\d\d): ([\d,]+)</title>", html)
        mine = (
            posts[posts["platform"] == platform]["created_at"].dt.floor("h").dt.strftime("%m-%d %H:%M").value_counts()
        )
        known = set(windows["at"].dt.strftime("%m-%d %H:%M"))
        assert len(shown) > 24
        assert {at: int(n.replace(",", "")) for at, n in shown} == {at: int(mine.get(at, 0)) for at, _ in shown}
        assert {at for at, _ in shown} <= known


def test_two_pages_never_wait_for_each_other(place, monkeypatch):
    pages = Pages(lambda: place)
    one, other = (pages.reading(Address.parse("incident", {**QUERY, "tz": zone})) for zone in ("UTC", "Asia/Shanghai"))
    asked, kept = Event(), Snapshot.status

    def status(self, now):
        if not hasattr(mine, "makes"):
            asked.set()
        return kept(self, now)

    def make():
        mine.makes = True
        started.set()
        assert asked.wait(30), "the other page asks for the level meanwhile"
        return one.status.level

    started, mine = Event(), local()
    monkeypatch.setattr(Snapshot, "status", status)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(one.steady, "slow", make)
        assert started.wait(30)
        second = pool.submit(lambda: other.status.level)
        assert first.result(timeout=30) == second.result(timeout=30) == "orange"
