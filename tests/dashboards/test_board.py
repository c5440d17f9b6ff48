"""The dashboards' logic without a browser: choices, pages, and what hostile addresses can do."""

from __future__ import annotations

import pytest

from crisislib.workbench import CHART_MIME, dashboards
from tests.support.filled import NOW, write_watch

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
    monkeypatch.setenv("QUERY_STRING", "watch=%3Cscript%3E&incident=%27%3B--&platform=%22%3E&days=x&language=en")
    whole = dashboards.incident()
    assert "<script" not in said(whole) and fitting(whole) == 1200


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
