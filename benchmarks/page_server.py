"""What the page benchmarks share: the demonstration with its reports, a server as users start it, a browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.harness import say
from crisislib import engine, services
from crisislib.services.dashboards_access import own_machine
from crisislib.services.dashboards_server import voila_command, voila_environment

PAGES = ("situation", "incident", "spread", "response", "posts")
REPORTS = ("brief", "delta", "period", "incident", "aftermath")
LANGUAGES = ("zh", "en")
PATIENCE_MS = 300_000
"""A page that takes longer than five minutes has failed."""


def demonstration(root: Path, posts: int) -> engine.Home:
    """A workbench as `crisis demo` leaves it, with a simulated incident of so many posts."""
    services.demo(root, posts=posts, reports=root / "reports", now=datetime.now(UTC), progress=engine.silent)
    return engine.Home.at(root)


def written_reports(home: engine.Home, watch: str = "demo") -> dict[str, Path]:
    """Every report of a watch as `crisis report` writes it: name -> its page."""
    made = {}
    for name in REPORTS:
        made[name] = services.report(home, home.watch(watch), name, now=datetime.now(UTC)).html
        say(f"report {name} written")
    return made


@contextmanager
def served(home: engine.Home, now: str = "") -> Iterator[tuple[str, psutil.Process]]:
    """A server as `crisis dashboards` starts it, from the moment that it listens; `now` stops its clock."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = {**voila_environment(home, access=own_machine()), "OMP_NUM_THREADS": "1"} | (
        {"CRISIS_NOW": now} if now else {}
    )
    command = [sys.executable, *voila_command(home, host="127.0.0.1", port=port, pool=0)[1:]]
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=60)


def chromium() -> str:
    """The browser of this machine."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("no Chromium on this machine: install chromium")
    return path


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            yield started
        finally:
            started.close()


def opened(started: Browser, address: str, width: int, *, dark: bool = False) -> Page:
    """A page that stands still: a shared page when its content is there, a report when its charts are drawn."""
    page = started.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    page.goto(address, timeout=PATIENCE_MS)
    if address.startswith("file:"):
        page.wait_for_timeout(3000)  # a report draws its charts after it has loaded, and says nothing when it is done
    else:
        page.wait_for_selector("main", state="attached", timeout=PATIENCE_MS)
    return page
