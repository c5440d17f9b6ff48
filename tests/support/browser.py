"""A real Chromium without a network, or a skip that says why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
INSIDE = ("data:", "file:", "blob:", "about:", "http://127.0.0.1", "ws://127.0.0.1")


_OPEN: list[object] = []


class Seen:
    """A page and what it did: errors on its console, requests to the outside."""

    def __init__(self, page) -> None:
        self.page, self.errors, self.outside = page, [], []
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        page.route("**/*", self._route)

    def _route(self, route) -> None:
        if route.request.url.startswith(INSIDE):
            route.continue_()
        else:
            # Left hanging, as behind a firewall that drops packets: a page that waits for it stays blank.
            self.outside.append(route.request.url)


@contextmanager
def chromium() -> Iterator[object]:
    """A headless browser of this machine; the one that is open, where one is (a thread can hold only one)."""
    if _OPEN:
        yield _OPEN[0]
        return
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=ARGS)
        _OPEN.append(browser)
        try:
            yield browser
        finally:
            _OPEN.clear()
            browser.close()


def seen(browser, *, width: int = 1280, height: int = 900) -> Seen:
    return Seen(browser.new_page(viewport={"width": width, "height": height}))
