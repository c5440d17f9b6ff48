"""The dashboards' logic without a browser: choices, pages, and what hostile addresses can do."""

from __future__ import annotations

import pytest

from crisislib.workbench import CHART_MIME, dashboards
from tests.support.filled import NOW, demonstrate, fill, write_watch

NAMES = ["situation", "incident", "spread", "response"]


@pytest.fixture(autouse=True)
def _here(home, monkeypatch):
    monkeypatch.setenv("CRISIS_LAKE", str(home / "lake"))
    monkeypatch.setenv("CRISIS_WATCHES", str(home / "watches"))
    monkeypatch.setenv("CRISIS_NOW", NOW.isoformat())


def controls(whole) -> dict[str, object]:
    return {row.children[0].value: row.children[1] for row in whole.children[0].children[:-1]}


def page(whole) -> list[dict]:
    return [output["data"] for group in whole.children[1].children[0].children for output in group.outputs]


def said(whole) -> str:
    return "\n".join(data.get("text/html", "") for data in page(whole))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_draws_charts_and_words(name, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&language=en")
    whole = getattr(dashboards, name)()
    assert any(CHART_MIME in data for data in page(whole))
    assert "cw-" in said(whole) and "<script" not in said(whole)


@pytest.mark.slow
def test_the_most_urgent_watch_is_shown_first():
    whole = dashboards.incident()
    assert controls(whole)["监测对象"].value == "example"


@pytest.mark.slow
def test_another_language_names_the_controls_anew(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&language=zh")
    whole = dashboards.response()
    before = said(whole)
    controls(whole)["语言"].value = "en"
    assert {"Watch", "Incident", "Signal", "Window", "Language"} == set(controls(whole))
    assert "What to do" not in before and "What to do" in said(whole)


def fitting(whole) -> int:
    return int(said(whole).split(" posts fit")[0].rsplit(">", 1)[1].replace(",", ""))


def test_filters_narrow_the_posts(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&language=en")
    whole = dashboards.incident()
    assert fitting(whole) == 1200
    controls(whole)["Sentiment"].value = "negative"
    assert 0 < fitting(whole) < 1200


@pytest.mark.slow
def test_an_address_cannot_inject(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&incident=%27%3B--&platform=%22%3E&days=x&language=en")
    whole = dashboards.incident()
    assert "<script" not in said(whole) and fitting(whole) == 1200


@pytest.mark.parametrize("name", NAMES)
def test_a_watch_that_is_not_there_is_said_and_no_other_shown(monkeypatch, name):
    monkeypatch.setenv("QUERY_STRING", "watch=%3Cscript%3Enonesuch&language=en")
    whole = getattr(dashboards, name)()
    text = said(whole)
    assert "There is no watch &lt;script&gt;nonesuch. There are: example, nothing" in text and "<script" not in text
    if name != "situation":  # which shows every watch, whichever is asked for
        assert "cw-head" not in text and controls(whole)["Watch"].value is None


@pytest.mark.slow
def test_another_watch_can_be_chosen_then(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=nonesuch&language=en")
    whole = dashboards.incident()
    controls(whole)["Watch"].value = "example"
    assert fitting(whole) == 1200 and "There is no watch" not in said(whole)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A user's folder with watches, with nothing in its lake, and with a demonstration."""
    for name in ("LAKE", "WATCHES", "NOW", "LANGUAGE"):
        monkeypatch.delenv(f"CRISIS_{name}", raising=False)
    write_watch(tmp_path / "data" / "watches", "acme", "zh")
    monkeypatch.setenv("CRISIS_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.delenv("HTTP_ACCEPT_LANGUAGE", raising=False)
    demonstrate(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_lake_shows_the_demonstration_and_says_so(empty, name):
    whole = getattr(dashboards, name)()
    text = said(whole)
    assert "This is the demonstration" in text and "Example brand demo" in text and "acme" not in text
    assert "posts from 1 source," in text and "2026-03-08 20:00" in text, "on the window where the data are"


def test_the_browser_says_the_language_of_the_demonstration(empty, monkeypatch):
    monkeypatch.setenv("HTTP_ACCEPT_LANGUAGE", "zh-CN,zh;q=0.9,en;q=0.8")
    assert "这是演示" in said(dashboards.situation())
    monkeypatch.setenv("CRISIS_LANGUAGE", "en")
    assert "This is the demonstration" in said(dashboards.situation())


def test_own_posts_are_shown_as_soon_as_there_are_any(empty, monkeypatch):
    monkeypatch.setenv("HTTP_ACCEPT_LANGUAGE", "en-US")
    fill(empty / "data" / "lake", watch="acme", n=90)
    whole = dashboards.situation()
    assert "示例品牌 acme" in said(whole) and "演示" not in said(whole), "in the language that the watch says"
    window = controls(whole)["时间范围"]
    assert dict(window.options)["截至最新帖子的 35 天"] == window.value, "posts of months ago are not out of sight"
    assert "90 条" in said(whole)


def test_a_demonstration_is_there_for_who_asks_for_it(empty, monkeypatch):
    fill(empty / "data" / "lake", watch="acme", n=90)
    monkeypatch.setenv("QUERY_STRING", "watch=demo")
    assert "This is the demonstration" in said(dashboards.response())


def test_nothing_at_all_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("CRISIS_LAKE", str(tmp_path / "lake"))
    assert "crisis demo" in said(dashboards.situation())


def test_no_watch_files_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path))
    assert all("crisis demo" in said(getattr(dashboards, name)()) for name in NAMES)


@pytest.mark.slow
def test_a_wrong_watch_file_is_said_and_hides_no_other(monkeypatch, tmp_path):
    (tmp_path / "bad.yml").write_text("watch: bad\n", encoding="utf-8")
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path))
    write_watch(tmp_path)
    for name in NAMES:
        text = said(getattr(dashboards, name)())
        assert "bad.yml" in text and "title" in text and "cw-head" in text
