"""The dashboards' notebooks without a browser: the shared pages' look, controls, and what hostile addresses can do."""

from __future__ import annotations

import re

import pytest

from crisislib.workbench import dashboards
from tests.support.filled import NOW, demonstrate, fill, write_watch

NAMES = ["situation", "incident", "spread", "response"]


@pytest.fixture(autouse=True)
def _here(home, monkeypatch):
    monkeypatch.setenv("CRISIS_LAKE", str(home / "lake"))
    monkeypatch.setenv("CRISIS_WATCHES", str(home / "watches"))
    monkeypatch.setenv("CRISIS_NOW", NOW.isoformat())


def controls(whole) -> dict[str, object]:
    return {row.children[0].value: row.children[1] for row in whole.children[1].children[:-1]}


def said(whole) -> str:
    return whole.children[2].value


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_shows_what_the_server_shows(name, monkeypatch):
    from crisislib.workbench.pages.address import Address
    from crisislib.workbench.pages.page_views import Pages

    monkeypatch.setenv("QUERY_STRING", "watch=example&language=en")
    text = said(getattr(dashboards, name)())
    shared = Pages().view(Address(name, watch="example", language="en")).html
    mine, theirs = (
        re.sub(r"</?a\b[^>]*>", "", one.partition("<main")[2].partition("</main>")[0]) for one in (text, shared)
    )
    assert mine == theirs
    other = next(one for one in NAMES if one != name)
    assert f'href="{other}.ipynb?watch=example' in text and 'href="/posts' not in text, "what JupyterLab does not have"
    assert "<form" not in text and "<script" not in text and "<svg" in text


@pytest.mark.long
def test_another_language_names_the_controls_anew(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&language=zh")
    whole = dashboards.response()
    assert controls(whole)["监测对象"].value == "example"
    controls(whole)["语言"].value = "en"
    assert {"Watch", "Times in", "Language"} <= set(controls(whole)) and "Did it help?" in said(whole)


@pytest.mark.long
def test_filters_narrow_the_posts(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&language=en")
    whole = dashboards.incident()
    before = said(whole)
    controls(whole)["Sentiment"].value = "negative"
    assert said(whole) != before and "sentiment=negative" in said(whole)
    assert controls(whole)["Sentiment"].value == "negative", "the control stays on what was chosen"


@pytest.mark.parametrize("name", NAMES)
def test_an_address_cannot_inject(name, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&incident=%27%3B--%3Cscript%3E&platform=%22%3E&from=x&language=en")
    assert "<script" not in said(getattr(dashboards, name)())


@pytest.mark.parametrize("name", NAMES)
def test_a_watch_that_is_not_there_is_said_and_no_other_shown(monkeypatch, name):
    monkeypatch.setenv("QUERY_STRING", "watch=%3Cscript%3Enonesuch&language=en")
    text = said(getattr(dashboards, name)())
    assert (
        "There is no watch &lt;script&gt;nonesuch" in text
        and "<script" not in text
        and "level-" not in text.partition("<main")[2]
    )


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


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_an_empty_lake_shows_the_demonstration_and_says_so(empty, name):
    text = said(getattr(dashboards, name)())
    assert "This is the demonstration" in text and "Example brand demo" in text and "acme" not in text


def test_the_browser_says_the_language_of_the_demonstration(empty, monkeypatch):
    monkeypatch.setenv("HTTP_ACCEPT_LANGUAGE", "zh-CN,zh;q=0.9,en;q=0.8")
    assert "这是演示" in said(dashboards.situation())
    monkeypatch.setenv("CRISIS_LANGUAGE", "en")
    assert "This is the demonstration" in said(dashboards.situation())


def test_own_posts_are_shown_as_soon_as_there_are_any(empty, monkeypatch):
    monkeypatch.setenv("HTTP_ACCEPT_LANGUAGE", "en-US")
    fill(empty / "data" / "lake", watch="acme", n=90)
    text = said(dashboards.situation())
    assert "示例品牌 acme" in text and "演示" not in text, "in the language that the watch says"


def test_nothing_at_all_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("CRISIS_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path))
    assert all("crisis demo" in said(getattr(dashboards, name)()) for name in NAMES)
