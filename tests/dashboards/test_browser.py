"""The dashboards in a real browser whose requests to the outside hang for ever."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.dashboards.conftest import voila
from tests.support.browser import seen

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PATIENCE_MS = 120_000
CHART = ".course svg, .spark"


def opened(browser, address: str, name: str, asked: str = ""):
    view = seen(browser, width=1300, height=1400)
    view.page.set_default_timeout(PATIENCE_MS)
    view.page.goto(f"{address}/voila/render/{name}.ipynb{asked}", wait_until="commit")
    view.page.wait_for_selector(CHART)
    return view


def choose(view, label: str, value: str) -> None:
    row = view.page.locator(".widget-vbox", has=view.page.get_by_text(label, exact=True)).last
    row.locator("select").select_option(label=value)


@pytest.mark.parametrize(
    ("name", "title"), [("situation", "态势"), ("incident", "事件"), ("spread", "传播"), ("response", "应对")]
)
def test_it_draws_in_chinese_without_code_errors_or_the_internet(browser, address, name, title):
    view = opened(browser, address, name, "?watch=example&language=zh")
    assert view.page.locator("[aria-current]").inner_text() == title
    text = view.page.locator("body").inner_text()
    assert "crisislib.workbench import" not in text and "Traceback" not in text
    assert view.errors == [] and view.outside == []
    assert view.page.evaluate("window.hacked") is None


def test_the_language_and_a_filter_change_the_page(browser, address):
    view = opened(browser, address, "incident", "?watch=example&language=zh")
    choose(view, "语言", "English")
    view.page.wait_for_selector("text=How it went")
    before = view.page.locator(".tile .value").first.inner_text()
    choose(view, "Sentiment", "negative")
    view.page.wait_for_function("b => document.querySelector('.tile .value').innerText !== b", arg=before)
    assert view.errors == []


def test_an_unknown_watch_in_the_address_is_said(browser, address):
    view = seen(browser)
    view.page.set_default_timeout(PATIENCE_MS)
    view.page.goto(f"{address}/voila/render/incident.ipynb?watch=nosuch&language=en", wait_until="commit")
    view.page.wait_for_selector("text=There is no watch nosuch")
    assert view.page.locator(".level").count() == 0 and view.errors == []


def test_the_browsers_language_is_heard_also_in_a_kernel_started_ahead(browser, tmp_path):
    from tests.dashboards.conftest import voila
    from tests.support.filled import demonstrate, write_watch

    write_watch(tmp_path / "watches", "acme", "en")
    demonstrate(tmp_path).rename(tmp_path / "demo")
    with voila(tmp_path, pool=1) as where:
        context = browser.new_context(locale="zh-CN")
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        for _ in range(2):  # the first takes the kernel that was started ahead, the second may have to wait for its own
            page.goto(f"{where}/voila/render/situation.ipynb", wait_until="commit")
            page.wait_for_selector("text=这是演示")
        context.close()


def test_a_kernel_started_ahead_reads_the_data_when_the_reader_comes(browser, home):
    from tests.support.filled import fill

    with voila(home, pool=1) as address:
        opened(browser, address, "incident", "?watch=example&language=en").page.close()
        fill(home / "lake", watch="nothing", n=300, seed=5)
        view = opened(browser, address, "incident", "?watch=nothing&language=en")
        assert "battery fire" in view.page.locator("main").inner_text(), "what was stored after the kernel was started"


def test_a_page_that_breaks_says_so_with_a_number_that_the_log_has(browser, home, tmp_path):
    """One table is damaged on disk: one sentence tells, and the traceback is found by its number."""
    broken = tmp_path / "broken"
    shutil.copytree(home, broken, ignore=shutil.ignore_patterns("voila.log", "logs"))
    for file in (broken / "lake" / "actions").rglob("*.parquet"):
        file.write_bytes(b"no parquet")
    with voila(broken) as address:
        view = seen(browser)
        view.page.set_default_timeout(PATIENCE_MS)
        view.page.goto(f"{address}/voila/render/incident.ipynb?watch=example&language=en", wait_until="commit")
        view.page.wait_for_selector("text=could not be generated")
        text = view.page.locator("body").inner_text()
    assert "Traceback" not in text and "parquet" not in text
    number = re.search(r"error number: ([0-9a-f]{8})\.", text)[1]
    written = (broken / "lake" / "artifacts" / "logs" / "dashboards.log").read_text(encoding="utf-8")
    assert f"error={number}" in written and "Traceback" in written and "parquet" in written
