"""The dashboards' logic without a browser: choices, pages, and what hostile addresses can do."""

from __future__ import annotations

import pytest

from crisislib.workbench import dashboards
from crisislib.workbench.dashboards import board
from tests.support.filled import NOW

NAMES = ["situation", "incident", "spread", "response"]


@pytest.fixture(autouse=True)
def _here(home, monkeypatch):
    monkeypatch.setenv("CRISIS_LAKE", str(home / "lake"))
    monkeypatch.setenv("CRISIS_WATCHES", str(home / "watches"))
    monkeypatch.setenv("CRISIS_NOW", NOW.isoformat())


def controls(whole) -> dict[str, object]:
    return {row.children[0].value: row.children[1] for row in whole.children[0].children[:-1]}


@pytest.fixture
def drawn(monkeypatch):
    """Pieces that the page displayed, newest drawing last."""
    kept: list[list[object]] = []
    monkeypatch.setattr(board, "clear_output", lambda wait: kept.append([]))
    monkeypatch.setattr(board, "display", lambda piece: kept[-1].append(piece))
    return kept


def said(pieces: list[object]) -> str:
    return "\n".join(getattr(p, "html", "") or str(getattr(p, "value", "")) for p in pieces)


@pytest.mark.parametrize("name", NAMES)
def test_it_draws_charts_and_words(name, drawn, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&language=en")
    getattr(dashboards, name)()
    assert len(drawn) == 1 and any(hasattr(p, "to_dict") for p in drawn[0])
    assert "<script" not in said(drawn[0])


def test_the_most_urgent_watch_is_shown_first(drawn):
    whole = dashboards.incident()
    assert controls(whole)["监测对象"].value == "example"


def test_another_language_names_the_controls_anew(drawn, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&language=zh")
    whole = dashboards.response()
    controls(whole)["语言"].value = "en"
    assert {"Watch", "Incident", "Signal", "Window", "Language"} == set(controls(whole))
    assert len(drawn) == 2 and "What to do" in said(drawn[-1])


def test_filters_narrow_the_posts(drawn, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=example&language=en")
    whole = dashboards.incident()
    controls(whole)["Sentiment"].value = "negative"
    both = [int(said(p).split(" posts fit")[0].rsplit(">", 1)[1].replace(",", "")) for p in drawn]
    assert both[0] == 1200 and 0 < both[1] < 1200


def test_an_address_cannot_inject(drawn, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "watch=%3Cscript%3E&incident=%27%3B--&platform=%22%3E&days=x&language=en")
    dashboards.incident()
    assert "<script" not in said(drawn[0]) and "There is no" not in said(drawn[0])[:200]


def test_no_watch_files_is_said(drawn, monkeypatch, tmp_path):
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path))
    for name in NAMES:
        getattr(dashboards, name)()
    assert all("crisis demo" in said(p) for p in drawn)


def test_a_wrong_watch_file_is_a_sentence_not_a_trace(drawn, monkeypatch, tmp_path):
    (tmp_path / "bad.yml").write_text("watch: bad\n", encoding="utf-8")
    monkeypatch.setenv("CRISIS_WATCHES", str(tmp_path))
    dashboards.situation()
    assert "title" in said(drawn[-1]) and "bad.yml" in said(drawn[-1])
