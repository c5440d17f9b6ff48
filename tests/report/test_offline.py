"""The page in a real browser that has no network."""

from __future__ import annotations

import pytest

from tests.support.browser import chromium, seen


@pytest.mark.slow
@pytest.mark.browser
def test_charts_draw_and_nothing_is_fetched(brief):
    with chromium() as browser:
        view = seen(browser)
        view.page.goto(brief.html.as_uri())
        places = view.page.locator("div.chart").count()
        view.page.wait_for_function(f"document.querySelectorAll('div.chart svg.marks').length === {places}")
        assert places >= 3
        assert view.outside == [] and view.errors == []
        assert view.page.evaluate("window.hacked") is None
        assert "声量" in view.page.locator("div.chart").first.inner_text()
