"""The shared pages in a real Chromium: narrow, wide, by keyboard, without a script; hostile text that never runs."""

from __future__ import annotations

import shutil

import httpx
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from benchmarks.hostile_payloads import PAYLOADS
from crisislib.lake import Lake
from crisislib.services.dashboards_access import Access, Token
from tests.dashboards.conftest import voila
from tests.support.browser import seen
from tests.support.filled import NOW, fill, write_watch

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PAGES = ("situation", "incident", "spread", "response", "posts")
PATIENCE_MS = 120_000


def opened(browser, address: str, page: str, *, width: int = 1280, dark: bool = False, query: str = "&language=en"):
    view = seen(browser, width=width)
    view.page.emulate_media(color_scheme="dark" if dark else "light")
    view.page.goto(f"{address}/{page}?watch=example{query}", timeout=PATIENCE_MS)
    view.page.wait_for_selector("main")
    return view


@pytest.mark.parametrize("page", PAGES)
def test_it_fits_a_telephone_and_a_wall_in_both_languages_without_faults(browser, address, page):
    for width, query, dark in ((390, "&language=zh", True), (390, "&language=en", False), (1920, "&language=en", True)):
        view = opened(browser, address, page, width=width, query=query, dark=dark)
        assert view.page.evaluate("document.documentElement.scrollWidth") <= width, (page, width)
        faults = Axe().run(view.page).response["violations"]
        assert faults == [], (page, width, query)
        assert view.errors == [] and view.outside == []
        view.page.close()


def test_a_filter_changes_the_page_and_the_address_without_a_reload(browser, address):
    view = opened(browser, address, "incident")
    view.page.evaluate("window.still = 1")
    before = view.page.locator(".tile .value").first.inner_text()
    view.page.select_option("#filter-sentiment", "negative")
    view.page.wait_for_function("b => document.querySelector('.tile .value').innerText !== b", arg=before)
    assert "sentiment=negative" in view.page.url and view.page.evaluate("window.still") == 1
    view.page.go_back()
    view.page.wait_for_function("b => document.querySelector('.tile .value').innerText === b", arg=before)
    assert "sentiment" not in view.page.url and view.errors == []


def test_a_refresh_does_not_take_the_place_of_a_filter_that_was_just_chosen(browser, address):
    view, waiting = seen(browser), []
    view.page.clock.install()
    view.page.goto(f"{address}/incident?watch=example&language=en", timeout=PATIENCE_MS)
    before = view.page.locator(".tile .value").first.inner_text()
    view.page.route(lambda url: "/version" in url, lambda route: route.fulfill(body="newer data"))
    view.page.route(lambda url: "/incident" in url and "sentiment=negative" in url, lambda route: waiting.append(route))
    view.page.select_option("#filter-sentiment", "negative")
    view.page.evaluate("document.activeElement.blur()")
    with view.page.expect_response(lambda answer: "/version" in answer.url):
        view.page.clock.run_for(16_000)
    view.page.wait_for_timeout(1000)  # in which the page would fetch its old address
    waiting[0].continue_()
    view.page.wait_for_function("b => document.querySelector('.tile .value').innerText !== b", arg=before)
    assert "sentiment=negative" in view.page.url and view.errors == []


def test_a_click_settles_a_step_without_a_reload_and_by_keyboard_a_note_is_written(browser, home, tmp_path):
    place = tmp_path / "acting"
    shutil.copytree(home, place, ignore=shutil.ignore_patterns("voila.log", "logs"))
    with voila(place) as where:
        view = opened(browser, where, "incident")
        view.page.evaluate("window.still = 1")
        steps = view.page.locator(".steps .step")
        before, first = steps.count(), steps.first.locator("span").inner_text()
        steps.first.get_by_role("button").first.click()
        view.page.wait_for_function("n => document.querySelectorAll('.steps .step').length < n", arg=before)
        assert view.page.evaluate("window.still") == 1
        view.page.get_by_role("link", name="All steps").click()
        view.page.wait_for_selector("text=by Li")
        assert view.page.locator(".step-done", has_text=first).count() == 1
        view.page.locator(".step-done summary").first.press("Enter")
        view.page.locator(".step-done input[name=note]").first.fill("report filed")
        view.page.keyboard.press("Enter")
        view.page.wait_for_selector("text=report filed (Li,")
        assert view.errors == []


def test_pages_work_without_a_script_and_by_keyboard(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/incident?watch=example&language=en", timeout=PATIENCE_MS)
    page.select_option("#filter-platform", "x")
    page.get_by_role("button", name="Apply").press("Enter")
    assert "platform=x" in page.url
    page.get_by_role("link", name="Spread").press("Enter")
    assert page.url.split("?")[0].endswith("/spread") and page.locator(".course svg").count()
    context.close()


def test_a_page_follows_the_data_without_a_reload(browser, home, tmp_path):
    place = tmp_path / "live"
    shutil.copytree(home, place, ignore=shutil.ignore_patterns("voila.log", "logs"))
    with voila(place) as where:
        view = opened(browser, where, "posts")
        before = view.page.locator("h1").inner_text()
        rows = Lake(place / "lake").read("POSTS", watch="example").tail(3)
        more = rows.assign(
            post_id=["weibo:new1", "weibo:new2", "weibo:new3"], created_at=pd.Timestamp(NOW) - pd.Timedelta(minutes=1)
        )
        Lake(place / "lake").append("POSTS", more)
        view.page.wait_for_function("b => document.querySelector('h1').innerText !== b", arg=before, timeout=60_000)
        assert view.errors == []


def test_hostile_text_is_words_wherever_it_stands(browser, tmp_path):
    """Every payload as text, platform, source, account and address of posts, in a title and in the page's address."""
    fill(tmp_path / "lake", n=400)
    write_watch(tmp_path / "watches")
    lake = Lake(tmp_path / "lake")
    rows = lake.read("POSTS", watch="example").tail(len(PAYLOADS)).reset_index(drop=True)
    payloads = pd.Series(PAYLOADS)
    hostile = dict.fromkeys(("text", "platform", "url", "source"), payloads)
    ids = {"post_id": "weibo:" + payloads, "account_id": "weibo:" + payloads, "n_reposts": 10_000}
    lake.append("POSTS", rows.assign(**hostile, **ids))
    incidents = lake.read("INCIDENTS", watch="example")
    lake.append("INCIDENTS", incidents.assign(at=NOW, title=PAYLOADS[0] + PAYLOADS[1]))
    with voila(tmp_path) as where:
        for page in PAGES:
            view = opened(browser, where, page, query="&language=en&sort=time")
            assert view.page.evaluate("window.hacked") is None, page
            assert view.page.locator("main script, main img, main iframe, main object").count() == 0
            assert [e for e in view.errors if "Content Security" in e] == [], "nothing even tried"
            view.page.close()
        for payload in PAYLOADS:
            view = seen(browser)
            for page, name in (("incident", "platform"), ("posts", "watch")):
                view.page.goto(str(httpx.URL(f"{where}/{page}", params={name: payload})), timeout=PATIENCE_MS)
                assert view.page.evaluate("window.hacked") is None, payload
            view.page.close()


def test_the_policy_lets_nothing_run_but_our_file_and_strangers_stay_out(address, home):
    answer = httpx.get(f"{address}/incident?watch=example", trust_env=False, timeout=120)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert httpx.get(f"{address}/incident", headers={"Host": "evil.example"}, trust_env=False).status_code == 403
    assert httpx.get(f"{address}/posts.csv", headers={"Host": "evil.example"}, trust_env=False).status_code == 403
    start = httpx.get(f"{address}/", trust_env=False, timeout=60)
    assert start.status_code == 302 and start.headers["Location"] == "/situation"
    assert httpx.get(f"{address}/posts.csv?watch=nonesuch", trust_env=False, timeout=60).status_code == 404
    with voila(home, access=Access(tokens=[Token("open-sesame", "viewer")])) as where:
        for path in ("/incident", "/posts.csv", "/posts.xlsx", "/version"):
            refused = httpx.get(where + path, trust_env=False, timeout=60)
            assert refused.status_code in (302, 403) and "example" not in refused.text, path
        given = httpx.get(f"{where}/incident?token=open-sesame&watch=example", trust_env=False, timeout=120)
        assert given.status_code == 200 and "level-" in given.text
