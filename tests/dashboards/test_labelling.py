"""Labelling in a real browser: keys and buttons, nothing lost, teaching, and closed unless it was opened."""

from __future__ import annotations

import httpx
import pandas as pd
import pytest

from crisislib.engine import Home
from crisislib.engine.analyst_labels import add_labels
from crisislib.engine.label_counts import count_labels
from crisislib.workbench import dashboards
from tests.dashboards.conftest import voila
from tests.dashboards.test_browser import PATIENCE_MS
from tests.support.browser import seen
from tests.support.filled import NOW, fill, vary, write_watch

SOON_MS = 20_000
CARD = ".vega-embed canvas"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("labelling")
    vary(fill(root / "lake"))
    write_watch(root / "watches", language="en")
    return Home(root / "lake", root / "watches", root / "reports")


@pytest.fixture(scope="module")
def writing(place):
    with voila(place.lake_root.parent, labels=True) as address:
        yield address


def open_page(browser, address: str, asked: str = ""):
    view = seen(browser, width=1200, height=1000)
    view.page.set_default_timeout(PATIENCE_MS)
    view.page.goto(f"{address}/voila/render/labelling.ipynb{asked}", wait_until="commit")
    return view


def start(view, name: str) -> None:
    view.page.wait_for_selector(".cw-queue")
    view.page.locator(".cw-queue input[type=text]").fill(name)
    view.page.get_by_role("button", name="Start").click()
    view.page.wait_for_selector(".cw-post-text")


def step(view, act) -> None:
    before = view.page.locator(".cw-post").inner_text()
    act()
    view.page.wait_for_function("x => document.querySelector('.cw-post').innerText !== x", arg=before)


def until(page, count, wanted: int) -> int:
    for _ in range(SOON_MS // 250):
        if count() >= wanted:
            break
        page.wait_for_timeout(250)
    return count()


@pytest.mark.slow
@pytest.mark.browser
def test_keys_and_buttons_label_and_nothing_is_lost_when_the_page_closes(browser, writing, place):
    watch = place.watch("example")
    before = count_labels(place, watch).n
    assert "labelling.ipynb" in httpx.get(f"{writing}/voila/tree", trust_env=False).text
    view = open_page(browser, writing, "?watch=example&language=en")
    start(view, "Ann <b>")
    for key in "1223":
        step(view, lambda key=key: view.page.keyboard.press(key))
    step(view, lambda: view.page.keyboard.press("Backspace"))
    step(view, lambda: view.page.get_by_role("button", name="negative").click())
    step(view, lambda: view.page.get_by_role("button", name="skip").click())
    step(view, lambda: view.page.keyboard.press("2"))
    step(view, lambda: view.page.keyboard.press("2"))
    assert view.errors == [] and view.outside == [] and view.page.evaluate("window.hacked") is None
    view.page.close()
    outside = browser.new_page()
    assert until(outside, lambda: count_labels(place, watch).n, before + 6) == before + 6
    assert "Ann <b>" in count_labels(place, watch).by


@pytest.mark.slow
@pytest.mark.browser
def test_a_hostile_post_is_shown_as_words(browser, writing):
    view = open_page(browser, writing, "?watch=example&language=en&by=%3Cscript%3Ewindow.hacked%3D1%3C%2Fscript%3E")
    start(view, "<img src=x onerror=window.hacked=1>")
    for _ in range(12):
        step(view, lambda: view.page.keyboard.press("0"))
    assert view.errors == [] and view.page.evaluate("window.hacked") is None
    assert view.page.locator(".cw-post img, .cw-post script").count() == 0


@pytest.mark.slow
@pytest.mark.browser
def test_teaching_draws_the_report_card(browser, writing, place):
    watch = place.watch("example")
    ids = place.lake.read("POSTS", watch="example")["post_id"].tolist()[:60]
    add_labels(place, watch, pd.DataFrame({"post_id": ids, "label": ["negative", "neutral"] * 30}), by="Bo", now=NOW)
    view = open_page(browser, writing, "?watch=example&language=en")
    view.page.wait_for_selector("text=enough to teach the model")
    view.page.get_by_role("button", name="Teach the model").click()
    # Labels by turns teach nothing, so the general model stays, and every sentence of the page says so.
    view.page.wait_for_selector("text=the general model stays in use")
    view.page.wait_for_selector("text=from the next run on")
    text = view.page.locator("body").inner_text()
    assert "macro-F1" in text and "95% interval" in text and " labels (95%" in text
    assert "by the taught model" not in text and "use the taught model" not in text
    assert view.page.locator(CARD).count(), "the report card is drawn"
    assert view.errors == []


@pytest.mark.slow
@pytest.mark.browser
def test_a_read_only_server_neither_lists_nor_opens_it(browser, address):
    page = httpx.get(f"{address}/voila/tree", trust_env=False, follow_redirects=True).text
    assert "态势总览" in page and "incident.ipynb" in page and "labelling" not in page
    assert "labelling" not in httpx.get(f"{address}/situation", trust_env=False, timeout=60).text
    view = open_page(browser, address)
    view.page.wait_for_selector("text=crisis dashboards --labels")
    assert view.page.locator(".cw-queue").count() == 0


def test_it_refuses_without_being_opened(monkeypatch):
    monkeypatch.delenv("CRISIS_LABELS", raising=False)
    whole = dashboards.labelling()
    said = str([o["data"] for o in whole.children[0].outputs])
    assert "read-only" in said and "只读" in said


@pytest.mark.slow
def test_it_says_that_it_writes_in_both_languages(place, monkeypatch):
    monkeypatch.setenv("CRISIS_LABELS", "1")
    monkeypatch.setenv("CRISIS_LAKE", str(place.lake_root))
    monkeypatch.setenv("CRISIS_WATCHES", str(place.watches))
    for language, words in (("zh", "本页会写入数据"), ("en", "This page writes")):
        monkeypatch.setenv("QUERY_STRING", f"watch=example&language={language}")
        whole = dashboards.labelling()
        assert words in str([o["data"] for o in whole.children[1].children[0].outputs])
